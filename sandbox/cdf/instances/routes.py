"""The routes of nodes and edges: apply, byids, list, delete, aggregate."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, items_of, limit_of, objects
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import post
from sandbox.cdf.instances.aggregates import aggregated
from sandbox.cdf.instances.apply import Options, apply
from sandbox.cdf.instances.filters import Language, Predicate, predicate, shown_by
from sandbox.cdf.instances.names import refuse_unknown
from sandbox.cdf.instances.properties import property_of, refuse_unordered
from sandbox.cdf.instances.sources import Source
from sandbox.cdf.instances.store import Instances, Node, kind_of

MAX_SOURCES = 10
_CREATE = {"autoCreateDirectRelations", "autoCreateStartNodes", "autoCreateEndNodes"}
_WRITE = {"items", "replace", "skipOnVersionConflict"} | _CREATE
_READ = {"sources", "includeTyping"}
_LIST = {"instanceType", "filter", "limit"}
_SEARCH = ("query", "properties", "operator", "includeTyping")


def routes(store: Instances) -> list[Route]:
    """All routes of nodes and edges."""

    def write(data: Json) -> Json:
        refuse_unknown(data, _WRITE)
        options = Options(
            replace=_flag(data, "replace"),
            skip_conflicts=_flag(data, "skipOnVersionConflict"),
            create_targets=_flag(data, "autoCreateDirectRelations", default=True),
            create_starts=_flag(data, "autoCreateStartNodes"),
            create_ends=_flag(data, "autoCreateEndNodes"),
        )
        return {"items": apply(store, items_of(data, minimum=1), options)}

    def by_ids(data: Json) -> Json:
        refuse_unknown(data, _READ | {"items"})
        sources = _sources(store, data)
        found = store.named(items_of(data, minimum=1))
        return {"items": [each.row(sources) for each in found]} | _typing(data, sources)

    def listed(data: Json) -> Json:
        # An empty list of items says nothing.
        refuse_unknown(
            {name: value for name, value in data.items() if (name, value) != ("items", [])},
            _READ | _LIST | {"cursor", "sort"},
        )
        sources = _sources(store, data)
        limit = limit_of(data.get("limit"), default=1000)
        keep = _predicate(store, data, sources)
        cursor = Cursor.of(data)
        order = [_order(store, each, kind_of(data)) for each in objects(data.get("sort"), "sort")]
        if not order:
            found = ((number, each) for number, each in store.ordered.after(cursor.position) if keep(each))
            page = cursor.take(((number, each.row(sources)) for number, each in found), limit)
            return page.envelope() | _typing(data, sources)
        rows = [each for each in store.ordered.rows.values() if keep(each)]
        # Python sorts stably: by the least important property first.
        for sort in reversed(order):
            rows = sort(rows)
        return cursor.slice([each.row(sources) for each in rows], limit).envelope() | _typing(data, sources)

    def aggregate(data: Json) -> Json:
        # The Toolkit sends these as null (`client/api/instances.py`: `aggregate`).
        if asked := [name for name in _SEARCH if data.get(name) is not None]:
            raise ApiError(400, f"{', '.join(asked)}: this stand-in aggregates without a search")
        refuse_unknown(data, _LIST | {"view", "aggregates", "groupBy", "targetUnits", *_SEARCH})
        (source,) = _sources(store, {"sources": [{"source": data.get("view"), "targetUnits": data.get("targetUnits")}]})
        keep = _predicate(store, data, [source])
        rows = [
            each.base() | (source.read(each.properties) or {}) for each in store.ordered.rows.values() if keep(each)
        ]
        return {"items": aggregated(rows, source.types, data, kind_of(data))}

    return [
        post("/models/instances", write),
        post("/models/instances/byids", by_ids),
        post("/models/instances/list", listed),
        post("/models/instances/aggregate", aggregate),
        post("/models/instances/delete", lambda data: {"items": store.delete(items_of(data, minimum=1))}),
    ]


def _sources(store: Instances, data: Json) -> list[Source]:
    """The views that a read names.

    Source: the API reference of instances ("Retrieve properties from the listed - by reference - views").
    """
    sent = objects(data.get("sources"), "sources")
    if len(sent) > MAX_SOURCES:
        raise ApiError(400, f"sources: must have at most {MAX_SOURCES} elements, has {len(sent)}")
    for each in sent:
        refuse_unknown(each, {"source", "targetUnits"})
        if each.get("targetUnits"):
            raise ApiError(400, "targetUnits: this stand-in converts no units")
    references = [each.get("source") for each in sent]
    if any(isinstance(reference, dict) and reference.get("type") != "view" for reference in references):
        raise ApiError(400, "Properties are read through views; a source must have the type view")
    return [store.source(reference) for reference in references]


def _typing(data: Json, sources: list[Source]) -> Json:
    """What the containers say of the properties that an answer has, when the request asks for it."""
    if not _flag(data, "includeTyping"):
        return {}
    typing: Json = {}
    for source in sources:
        types = {
            name: {part: value for part, value in each.items() if part != "constraintState"}
            for name, each in source.types.items()
        }
        typing.setdefault(source.space, {})[source.key] = types
    return {"typing": typing}


def _flag(data: Json, name: str, *, default: bool = False) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ApiError(400, f"{name}: must be true or false")
    return default if value is None else value


def _predicate(store: Instances, data: Json, sources: list[Source]) -> Predicate:
    """What a list shows: instances of one kind, seen by every view that it names, that its filter selects."""
    kind = kind_of(data)
    tests = [shown_by(store, source, kind) for source in sources]
    if data.get("filter") is not None:
        tests.append(predicate(Language(store, kind), data["filter"]))
    return lambda each: each.kind == kind and all(test(each) for test in tests)


def _order(store: Instances, sent: Json, kind: str) -> Callable[[list[Node]], list[Node]]:
    """How to sort instances by one property; without a value come last, unless `nullsFirst`.

    Raises:
        ApiError: 400 for an unknown property or direction.
    """
    refuse_unknown(sent, {"property", "direction", "nullsFirst"})
    found = property_of(store, sent.get("property"), kind)
    refuse_unordered(sent.get("property"), found)
    direction = sent.get("direction") or "ascending"
    if direction not in ("ascending", "descending"):
        raise ApiError(400, f"sort.direction: must be ascending or descending, not {direction}")
    nulls_first = _flag(sent, "nullsFirst")

    def sort(rows: list[Node]) -> list[Node]:
        with_value = [each for each in rows if found.read(each) is not None]
        with_value.sort(key=found.read, reverse=direction == "descending")
        without = [each for each in rows if found.read(each) is None]
        return without + with_value if nulls_first else with_value + without

    return sort
