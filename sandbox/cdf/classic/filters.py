"""Filters of list requests: the flat ``filter`` of each resource and the nested ``advancedFilter``."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Collection, Iterable, Mapping
from math import inf

from sandbox.cdf.api.fields import Schema
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, objects
from sandbox.cdf.classic.filter_limits import MAX_VALUES, check_advanced
from sandbox.cdf.classic.listing import words_of
from sandbox.cdf.classic.row_values import Several, Value, property_value

Predicate = Callable[[Json], bool]
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
_FLAGS = frozenset({"isString", "isStep", "uploaded", "writeProtected"})


def filter_keys(schema: Schema) -> dict[str, str]:
    """The filter keys that a resource has because of its fields, to the field that they compare."""
    return {key: key.removesuffix("Prefix") for key in schema.filtered}


def predicate(
    flat: object,
    nested: object,
    *,
    fields: Mapping[str, str],
    special: Special,
    properties: Collection[str] = (),
) -> Predicate:
    """What a row must satisfy to be listed.

    Args:
        flat: the request's ``filter``.
        nested: the request's ``advancedFilter``.
        fields: filter keys of the resource, to the field that they compare.
        special: predicates of the keys that compare no field.
        properties: what an ``advancedFilter`` may compare.

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
        check_advanced(nested)
        tests.append(advanced(nested, lambda path: property_value(path, properties)))
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _flat(key: str, field: str, value: AnyJson) -> Predicate:
    if key.endswith("Prefix"):
        _one_of_kind(key, value, str, "a string")
        return lambda row: row.get(field, "").startswith(value)
    if key == "metadata":
        pairs = an_object(value, "filter.metadata")
        for name, each in pairs.items():
            _one_of_kind(f"metadata.{name}", each, str, "a string")
        return lambda row: pairs.items() <= row.get("metadata", {}).items()
    if key == "labels":
        return _labels(value)
    if key in _RANGES:
        return between(key, value, lambda row: row.get(field))
    if key != field:  # a plural: any of some
        return any_of(key, field, value)
    if key in _FLAGS:
        flag_of(key, value)
    else:
        _one_of_kind(key, value, str, "a string")
    return lambda row: row.get(field) == value


def _one_of_kind(key: str, value: AnyJson, kind: type, meaning: str) -> None:
    if type(value) is not kind:
        raise ApiError(400, f"filter.{key}: must be {meaning}, is {value!r}")


def flag_of(key: str, value: AnyJson) -> bool:
    """The value of a filter that is true or false.

    Raises:
        ApiError: 400 when it is neither.
    """
    _one_of_kind(key, value, bool, "true or false")
    return value is True


def any_of(key: str, field: str, value: AnyJson) -> Predicate:
    """Rows whose field has one of some values: whole numbers, or texts where the key speaks of them.

    Raises:
        ApiError: 400 when the value is no list of them.
    """
    kind, meaning = (int, "whole numbers") if key.endswith("Ids") and "External" not in key else (str, "strings")
    if not isinstance(value, list) or any(type(each) is not kind for each in value):
        raise ApiError(400, f"filter.{key}: must be a list of {meaning}, is {value!r}")
    return lambda row: row.get(field) in value


def _labels(value: AnyJson) -> Predicate:
    if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"containsAny", "containsAll"}:
        raise ApiError(400, f"filter.labels: needs either containsAny or containsAll, is {value!r}")
    ((operator, labels),) = value.items()
    wanted = [label.get("externalId") for label in objects(labels, f"filter.labels.{operator}")]
    if not wanted or not all(isinstance(each, str) for each in wanted):
        raise ApiError(400, f"filter.labels.{operator}: must be a list of at least one {{externalId}}")
    combine: Callable[[Iterable[bool]], bool] = any if operator == "containsAny" else all

    def test(row: Json) -> bool:
        has = {label["externalId"] for label in row.get("labels", ())}
        return combine(label in has for label in wanted)

    return test


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
    """``{"min", "max"}``, or ``{"isNull"}`` of the end of an event.

    Raises:
        ApiError: 400 for other keys or bounds that are no numbers.
    """
    if name == "endTime" and isinstance(bounds, dict) and bounds.keys() == {"isNull"}:
        is_null = flag_of("endTime.isNull", bounds["isNull"])
        return lambda row: (value(row) is None) is is_null
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
    value, test = resolve(content.get("property")), compared(operator, content)

    def matches(row: Json) -> bool:
        found = value(row)
        return any(map(test, found)) if isinstance(found, Several) else test(found)

    return matches


def compared(operator: str, content: Json) -> Callable[[AnyJson], bool]:
    """The test that an operator makes of one value.

    Raises:
        ApiError: 400 for an operand that is missing, or of the wrong form.
    """
    operands = [content.get("value"), *(content[name] for name in _BOUNDS if name in content)]
    if any(isinstance(each, dict | list) for each in operands):
        raise ApiError(400, f"filter.{operator}: must compare with a single value")
    values = content.get("values", [])
    if not isinstance(values, list) or ("values" in content and not 1 <= len(values) <= MAX_VALUES):
        raise ApiError(400, f"filter.{operator}: values must be a list of 1 to {MAX_VALUES}")
    if operator == "range" and not content.keys() & _BOUNDS:
        raise ApiError(400, f"filter.range: needs one of {', '.join(sorted(_BOUNDS))}")
    if operator in {"prefix", "search"} and not isinstance(content.get("value"), str):
        raise ApiError(400, f"filter.{operator}: value is required, must be a string")
    test = _TESTS[operator]
    try:
        test(None, content)
    except KeyError as error:
        raise ApiError(400, f"filter.{operator}: {error} is required") from error
    return lambda found: test(found, content)


def _combined(operator: str, tests: list[Predicate]) -> Predicate:
    if not tests:
        raise ApiError(400, f"filter.{operator}: needs at least one filter")
    if operator == "and":
        return lambda row: all(test(row) for test in tests)
    return lambda row: any(test(row) for test in tests)


def _range(found: AnyJson, content: Json) -> bool:
    """Whether a value lies in a range; one of another type does not."""
    if found is None or isinstance(found, dict | list):
        return False
    bounds = {name: content[name] for name in _BOUNDS if name in content}
    if any(isinstance(bound, str) is not isinstance(found, str) or bound is None for bound in bounds.values()):
        return False
    return all(_BOUNDS[name](found, bound) for name, bound in bounds.items())


def _elements(found: AnyJson) -> list[AnyJson]:
    """The elements of a list, labels by their external id; none of anything else."""
    if not isinstance(found, list):
        return []
    return [each.get("externalId", each) if isinstance(each, dict) else each for each in found]


_BOUNDS: Mapping[str, Callable[[AnyJson, AnyJson], bool]] = {
    "gt": operators.gt,
    "gte": operators.ge,
    "lt": operators.lt,
    "lte": operators.le,
}

_TESTS: dict[str, Callable[[AnyJson, Json], bool]] = {
    "exists": lambda found, _: found is not None and found not in ({}, []),
    "equals": lambda found, content: found == content["value"],
    "in": lambda found, content: found in content["values"],
    "prefix": lambda found, content: isinstance(found, str) and found.startswith(content["value"]),
    "containsAny": lambda found, content: any(each in _elements(found) for each in _elements(content["values"])),
    "containsAll": lambda found, content: all(each in _elements(found) for each in _elements(content["values"])),
    "search": lambda found, content: set(words_of(content["value"])) <= set(words_of(found)),
    "range": _range,
}
