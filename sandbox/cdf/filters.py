"""Filters of list requests: the flat ``filter`` of each resource and the nested ``advancedFilter``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf

from sandbox.cdf.fields import Schema
from sandbox.cdf.http import AnyJson, ApiError, Json, an_object, objects, texts

Predicate = Callable[[Json], bool]
Value = Callable[[Json], AnyJson]
Operator = Callable[[AnyJson], Predicate]
Special = Callable[[str, AnyJson], Predicate | None]

NO_OPERATORS: Mapping[str, Operator] = {}
_RANGES = frozenset(
    {
        "createdTime",
        "lastUpdatedTime",
        "startTime",
        "endTime",
        "confidence",
        "uploadedTime",
        "sourceCreatedTime",
        "sourceModifiedTime",
    }
)
_TEXTS = frozenset({"name", "source", "type", "subtype", "unit", "description", "mimeType", "directory", "externalId"})


def filter_keys(schema: Schema) -> dict[str, str]:
    """The filter keys that a resource has because of its fields, to the field that they compare."""
    ranges = {"createdTime", "lastUpdatedTime"}
    known = (set(schema.fields) & (_RANGES | _TEXTS | {"metadata", "labels", "isString", "isStep"})) | ranges
    prefix = {"externalIdPrefix": "externalId"} if "externalId" in schema.fields else {}
    return {key: key for key in known} | prefix


def predicate(flat: object, nested: object, *, fields: Mapping[str, str], special: Special) -> Predicate:
    """What a row must satisfy to be listed.

    Args:
        flat: the request's ``filter``.
        nested: the request's ``advancedFilter``.
        fields: filter keys of the resource, to the field that they compare.
        special: predicates of the keys that compare no field.

    Raises:
        ApiError: 400 for a key, an operator or a value that the API does not know.
    """
    tests: list[Predicate] = []
    for key, value in an_object(flat, "filter").items():
        if value is None:
            continue
        test = special(key, value)
        if test is None and key in fields:
            test = _flat(key, fields[key], value)
        if test is None:
            raise ApiError(400, f"filter: unknown key {key}")
        tests.append(test)
    if nested is not None:
        tests.append(advanced(nested, property_value))
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _flat(key: str, field: str, value: AnyJson) -> Predicate:
    if key.endswith("Prefix"):
        if not isinstance(value, str):
            raise ApiError(400, f"filter.{key}: must be a string")
        return lambda row: row.get(field, "").startswith(value)
    if key == "metadata":
        pairs = an_object(value, "filter.metadata")
        return lambda row: pairs.items() <= row.get("metadata", {}).items()
    if key == "labels":
        return _labels(value)
    if key in _RANGES:
        return between(key, value, lambda row: row.get(field))
    if key != field:  # a plural: any of some
        if not isinstance(value, list):
            raise ApiError(400, f"filter.{key}: must be a list")
        return lambda row: row.get(field) in value
    if isinstance(value, dict | list):
        raise ApiError(400, f"filter.{key}: must be a single value")
    return lambda row: row.get(field) == value


def _labels(value: AnyJson) -> Predicate:
    for operator, combine in (("containsAny", any), ("containsAll", all)):
        if isinstance(value, dict) and operator in value:
            wanted = [str(label.get("externalId")) for label in objects(value[operator], f"filter.labels.{operator}")]

            def test(row: Json, combine: Callable[..., bool] = combine, wanted: list[str] = wanted) -> bool:
                has = {label["externalId"] for label in row.get("labels", ())}
                return combine(label in has for label in wanted)

            return test
    raise ApiError(400, "filter.labels: needs containsAny or containsAll")


def bounds_of(name: str, bounds: AnyJson) -> tuple[float | None, float | None]:
    """``{"min", "max"}``, both inclusive and optional.

    Raises:
        ApiError: 400 for other keys or bounds that are no numbers.
    """
    bounds = an_object(bounds, f"filter.{name}")
    if not bounds.keys() <= {"min", "max"} or any(
        type(bound) not in {int, float} for bound in bounds.values() if bound is not None
    ):
        raise ApiError(400, f"filter.{name}: needs min and max")
    return bounds.get("min"), bounds.get("max")


def between(name: str, bounds: AnyJson, value: Value) -> Predicate:
    """``{"min", "max"}`` or ``{"isNull"}``.

    Raises:
        ApiError: 400 for other keys or bounds that are no numbers.
    """
    if isinstance(bounds, dict) and bounds.keys() == {"isNull"}:
        return lambda row: (value(row) is None) is bool(bounds["isNull"])
    low, high = bounds_of(name, bounds)

    def test(row: Json) -> bool:
        found = value(row)
        return found is not None and (low is None or found >= low) and (high is None or found <= high)

    return test


def overlapping(bounds: AnyJson, *, start: float) -> Predicate:
    """``activeAtTime``: rows whose time overlaps ``{"min", "max"}``; one without an end goes on.

    Args:
        bounds: the filter.
        start: what a row without a start counts as.
    """
    low, high = bounds_of("activeAtTime", bounds)
    first, last = (-inf if low is None else low), (inf if high is None else high)
    return lambda row: row.get("startTime", start) <= last and row.get("endTime", inf) >= first


def property_value(path: AnyJson) -> Value:
    """How to read a property such as ``["metadata", "key"]`` of a row.

    Raises:
        ApiError: 400 when it is no list of one or two names.
    """
    names = texts(path, "property")
    if not 1 <= len(names) <= 2:
        raise ApiError(400, "property: must be a list of one or two names")
    outer, inner = names[0], names[-1]
    if len(names) == 1:
        return lambda row: row.get(outer)
    return lambda row: row[outer].get(inner) if isinstance(row.get(outer), dict) else None


def advanced(
    node: object, resolve: Callable[[AnyJson], Value], own: Mapping[str, Operator] = NO_OPERATORS
) -> Predicate:
    """The predicate of a nested filter.

    Args:
        node: an object with one operator.
        resolve: how to read the property that an operator names.
        own: operators that one API has beyond the common ones.

    Raises:
        ApiError: 400 for an unknown operator.
    """
    if not isinstance(node, dict) or len(node) != 1:
        raise ApiError(400, "filter: must be an object with one operator")
    ((operator, content),) = node.items()
    if operator in own:
        return own[operator](content)
    if operator in {"and", "or"}:
        return _combined(operator, [advanced(child, resolve, own) for child in objects(content, operator)])
    if operator == "not":
        inner = advanced(content, resolve, own)
        return lambda row: not inner(row)
    if operator == "matchAll":
        return lambda _: True
    if operator not in _TESTS or not isinstance(content, dict):
        raise ApiError(400, f"filter: unknown operator {operator}")
    value, test = resolve(content.get("property")), _TESTS[operator]
    if not isinstance(content.get("values", []), list):
        raise ApiError(400, f"filter.{operator}: values must be a list")
    try:
        test(None, content)
    except KeyError as error:
        raise ApiError(400, f"filter.{operator}: {error} is required") from error
    return lambda row: test(value(row), content)


def _combined(operator: str, tests: list[Predicate]) -> Predicate:
    if operator == "and":
        return lambda row: all(test(row) for test in tests)
    return lambda row: any(test(row) for test in tests)


def _range(found: AnyJson, content: Json) -> bool:
    return found is not None and (
        ("gte" not in content or found >= content["gte"])
        and ("gt" not in content or found > content["gt"])
        and ("lte" not in content or found <= content["lte"])
        and ("lt" not in content or found < content["lt"])
    )


_TESTS: dict[str, Callable[[AnyJson, Json], bool]] = {
    "exists": lambda found, _: found is not None,
    "equals": lambda found, content: found == content["value"],
    "in": lambda found, content: found in content["values"],
    "prefix": lambda found, content: (
        isinstance(content["value"], str) and str(found or "").startswith(content["value"])
    ),
    "containsAny": lambda found, content: isinstance(found, list) and any(each in found for each in content["values"]),
    "containsAll": lambda found, content: isinstance(found, list) and all(each in found for each in content["values"]),
    "search": lambda found, content: str(content["value"]).lower() in str(found or "").lower(),
    "range": _range,
}
