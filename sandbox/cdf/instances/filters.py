"""The filter language of data modeling: which instances a list, an aggregate or a view shows."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sandbox.cdf.api.fields import InvalidError
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, objects
from sandbox.cdf.instances.properties import Property, property_of
from sandbox.cdf.instances.sources import Source
from sandbox.cdf.instances.store import Instances, Node, name_of, reference_name

Predicate = Callable[[Node], bool]
Value = Callable[[Node], AnyJson]

MAX_VALUES, MAX_DEPTH = 1000, 100
_BOUNDS: Mapping[str, Callable[[AnyJson, AnyJson], bool]] = {
    "gt": operators.gt,
    "gte": operators.ge,
    "lt": operators.lt,
    "lte": operators.le,
}
_UNORDERED = {"boolean", "json", "direct", "enum"}
_TEXTS = {"text", "enum", "timeseries", "file", "sequence"}


@dataclass(frozen=True)
class Language:
    """What a filter is understood with.

    Attributes:
        store: where properties and nodes are looked up.
        kind: whether it selects nodes or edges.
        depth: how deep in a filter it is.
    """

    store: Instances
    kind: str = "node"
    depth: int = 0


def shown_by(store: Instances, source: Source, kind: str) -> Predicate:
    """Which instances a view shows: those that its filter selects; without one, those that have data in it.

    Source: NEAT's documentation of views ("the default filter set by the API"), and the API reference of views.

    Raises:
        ApiError: 400 for a view without a filter that maps no property, or as `predicate`.
    """
    if source.filter is not None:
        return predicate(Language(store, kind), source.filter)
    containers = source.containers()
    if not containers:
        raise ApiError(400, f"View {source.space}:{source.key} is not queryable: it maps no property and has no filter")
    return lambda each: containers <= each.properties.keys()


def predicate(language: Language, sent: AnyJson) -> Predicate:
    """The predicate of a filter.

    Raises:
        ApiError: 400 for an unknown operator or property, or a value that the property cannot have.
    """
    if not isinstance(sent, dict) or len(sent) != 1:
        raise ApiError(400, "filter: must be an object with one operator")
    ((operator, content),) = sent.items()
    if operator not in _OPERATORS:
        raise ApiError(400, f"filter: unknown operator {operator}; must be one of {', '.join(_OPERATORS)}")
    if language.depth > MAX_DEPTH:
        raise ApiError(400, f"filter: must have at most {MAX_DEPTH} levels")
    return _OPERATORS[operator](replace(language, depth=language.depth + 1), content)


def _and(language: Language, content: AnyJson) -> Predicate:
    tests = _all(language, content, "and")
    return lambda each: all(test(each) for test in tests)


def _or(language: Language, content: AnyJson) -> Predicate:
    tests = _all(language, content, "or")
    return lambda each: any(test(each) for test in tests)


def _all(language: Language, content: AnyJson, operator: str) -> list[Predicate]:
    tests = [predicate(language, child) for child in objects(content, f"filter.{operator}")]
    if not tests:
        raise ApiError(400, f"filter.{operator}: needs at least one filter")
    return tests


def _not(language: Language, content: AnyJson) -> Predicate:
    test = predicate(language, content)
    return lambda each: not test(each)


def _match_all(_: Language, content: AnyJson) -> Predicate:
    _fields("matchAll", content, set())
    return lambda _: True


def _has_data(language: Language, content: AnyJson) -> Predicate:
    wanted = [language.store.source(each).containers() for each in objects(content, "filter.hasData")]
    if not wanted:
        raise ApiError(400, "filter.hasData: needs at least one view or container")
    return lambda each: all(containers <= each.properties.keys() for containers in wanted)


def _references(_: Language, content: AnyJson) -> Predicate:
    names = {name_of(each) for each in objects(content, "filter.instanceReferences")}
    return lambda each: each.name in names


def _nested(language: Language, content: AnyJson) -> Predicate:
    content = _fields("nested", content, {"scope", "filter"})
    scope = property_of(language.store, content["scope"], language.kind)
    if scope.type["type"] != "direct":
        raise ApiError(400, f"filter.nested: {content['scope']} is no direct relation")
    test = predicate(replace(language, kind="node"), content["filter"])

    def reaches(each: Node) -> bool:
        found = scope.read(each)
        references = found if isinstance(found, list) else [found] if found else []
        targets = (language.store.get(reference_name(reference)) for reference in references)
        return any(target is not None and test(target) for target in targets)

    return reaches


def _exists(language: Language, content: AnyJson) -> Predicate:
    found = _property(language, "exists", _fields("exists", content, {"property"}))
    return lambda each: found.read(each) is not None


def _equals(language: Language, content: AnyJson) -> Predicate:
    content = _fields("equals", content, {"property", "value"})
    found = _property(language, "equals", content)
    wanted = _value(language, "equals", found, content["value"], whole=True)
    return lambda each: (value := found.read(each)) is not None and value == wanted(each)


def _in(language: Language, content: AnyJson) -> Predicate:
    content = _fields("in", content, {"property", "values"})
    found = _property(language, "in", content)
    wanted = _values(language, "in", found, content["values"], whole=True)
    return lambda each: (value := found.read(each)) is not None and value in wanted(each)


def _contains(operator: str, combine: Callable[..., bool]) -> Callable[[Language, AnyJson], Predicate]:
    def build(language: Language, content: AnyJson) -> Predicate:
        content = _fields(operator, content, {"property", "values"})
        found = _property(language, operator, content)
        if not found.type.get("list"):
            raise ApiError(400, f"filter.{operator}: {content['property']} is no list")
        wanted = _values(language, operator, found, content["values"], whole=False)
        return lambda each: (value := found.read(each)) is not None and combine(one in value for one in wanted(each))

    return build


def _prefix(language: Language, content: AnyJson) -> Predicate:
    content = _fields("prefix", content, {"property", "value"})
    found = _property(language, "prefix", content)
    start = content["value"]
    if found.type["type"] not in _TEXTS or found.type.get("list") or not isinstance(start, str):
        raise ApiError(400, f"filter.prefix: {content['property']} and value must be single texts")
    return lambda each: (value := found.read(each)) is not None and str(value).startswith(start)


def _range(language: Language, content: AnyJson) -> Predicate:
    content = _fields("range", content, {"property"}, _BOUNDS)
    found = _ordered(language, "range", content["property"])
    tests = _bounds(language, "range", found, content)

    def inside(each: Node) -> bool:
        value = found.read(each)
        return value is not None and all(_holds(compare, value, bound(each)) for compare, bound in tests.values())

    return inside


def _overlaps(language: Language, content: AnyJson) -> Predicate:
    content = _fields("overlaps", content, {"startProperty", "endProperty"}, _BOUNDS)
    start = _ordered(language, "overlaps", content["startProperty"])
    end = _ordered(language, "overlaps", content["endProperty"])
    # What ends above the lower bound and begins below the upper one overlaps with what is between them.
    tests = [
        (end if name.startswith("gt") else start, compare, bound)
        for name, (compare, bound) in _bounds(language, "overlaps", start, content).items()
    ]

    def overlap(each: Node) -> bool:
        return all(
            (value := edge.read(each)) is not None and _holds(compare, value, bound(each))
            for edge, compare, bound in tests
        )

    return overlap


def _holds(compare: Callable[[AnyJson, AnyJson], bool], value: AnyJson, bound: AnyJson) -> bool:
    return bound is not None and compare(value, bound)


def _bounds(
    language: Language, operator: str, found: Property, content: Json
) -> dict[str, tuple[Callable[[AnyJson, AnyJson], bool], Value]]:
    names = [name for name in _BOUNDS if content.get(name) is not None]
    if not names or {"gt", "gte"} <= set(names) or {"lt", "lte"} <= set(names):
        raise ApiError(400, f"filter.{operator}: needs gt or gte, lt or lte, or one of each pair")
    return {name: (_BOUNDS[name], _value(language, operator, found, content[name], whole=True)) for name in names}


def _ordered(language: Language, operator: str, path: AnyJson) -> Property:
    found = property_of(language.store, path, language.kind)
    if found.type["type"] in _UNORDERED or found.type.get("list"):
        raise ApiError(400, f"filter.{operator}: {path} has no order")
    return found


def _property(language: Language, operator: str, content: Json) -> Property:
    try:
        return property_of(language.store, content["property"], language.kind)
    except ApiError as error:
        raise ApiError(error.code, f"filter.{operator}: {error.message}") from error


def _value(language: Language, operator: str, found: Property, sent: AnyJson, *, whole: bool) -> Value:
    """What a property is compared with: a value of its type, or another property of the instance."""
    if isinstance(sent, dict) and sent.keys() == {"property"}:
        other = property_of(language.store, sent["property"], language.kind)
        if not other.is_like(found, whole=whole):
            raise ApiError(400, f"filter.{operator}: {sent['property']} is of another type")
        return other.read
    if isinstance(sent, dict) and sent.keys() == {"parameter"}:
        raise ApiError(400, f"filter.{operator}: parameters belong to queries")
    try:
        wanted = found.operand(sent, whole=whole)
    except InvalidError as error:
        raise ApiError(400, f"filter.{operator}: {sent} {error}") from error
    return lambda _: wanted


def _values(language: Language, operator: str, found: Property, sent: AnyJson, *, whole: bool) -> Value:
    if isinstance(sent, dict) and sent.keys() == {"property"}:
        other = property_of(language.store, sent["property"], language.kind)
        if not other.type.get("list") or not other.is_like(found, whole=False):
            raise ApiError(400, f"filter.{operator}: {sent['property']} is no list of such values")
        return lambda each: other.read(each) or []
    if not isinstance(sent, list) or not 1 <= len(sent) <= MAX_VALUES:
        raise ApiError(400, f"filter.{operator}: values must be a list of 1 to {MAX_VALUES}")
    values = [_value(language, operator, found, each, whole=whole) for each in sent]
    return lambda each: [value(each) for value in values]


def _fields(operator: str, content: AnyJson, needed: set[str], more: Collection[str] = ()) -> Json:
    fields = an_object(content, f"filter.{operator}")
    if missing := needed - {name for name, each in fields.items() if each is not None}:
        raise ApiError(400, f"filter.{operator}: {', '.join(sorted(missing))} required")
    if unknown := fields.keys() - needed - set(more):
        raise ApiError(400, f"filter.{operator}: unknown {', '.join(sorted(unknown))}")
    return fields


_OPERATORS: dict[str, Callable[[Language, AnyJson], Predicate]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "matchAll": _match_all,
    "hasData": _has_data,
    "instanceReferences": _references,
    "nested": _nested,
    "exists": _exists,
    "equals": _equals,
    "in": _in,
    "containsAny": _contains("containsAny", any),
    "containsAll": _contains("containsAll", all),
    "prefix": _prefix,
    "range": _range,
    "overlaps": _overlaps,
}
