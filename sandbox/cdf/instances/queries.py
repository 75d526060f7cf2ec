"""Queries of instances: named sets of nodes and edges, one reached from another, and what to show of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, limit_of, objects, texts
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import post
from sandbox.cdf.instances.filters import Language, predicate
from sandbox.cdf.instances.names import refuse_unknown
from sandbox.cdf.instances.properties import property_of
from sandbox.cdf.instances.sources import Name, Source
from sandbox.cdf.instances.store import Instances, Node, reference_name

MAX_LIMIT = 10_000
_DIRECTIONS = ("outwards", "inwards")
_TABLES = {
    "nodes": {"from", "through", "chainTo", "direction", "filter"},
    "edges": {"from", "direction", "filter"},
}
"""What selects nodes and edges. Of edges not modelled: paths longer than one edge, `limitEach` and filters of nodes."""


def routes(store: Instances) -> list[Route]:
    """The route of queries."""
    return [post("/models/instances/query", lambda data: _queried(store, data))]


def _queried(store: Instances, data: Json) -> Json:
    """The rows of every selected set, and the cursors to their next ones.

    Raises:
        ApiError: 400 for what is unknown or not modelled.
    """
    refuse_unknown(data, {"with", "select", "cursors", "parameters", "includeTyping"})
    if data.get("parameters") or data.get("includeTyping"):
        raise ApiError(400, "parameters, includeTyping: this stand-in has neither in queries")
    expressions, selects, cursors = parts(data)
    sets: dict[str, list[Node]] = {}
    following: dict[str, str | None] = {}
    for name, expression in expressions.items():
        cursor = Cursor.of(expression | {"cursor": cursors.get(name)})
        sets[name], following[name] = _page(store, members(store, name, expression, sets), expression, cursor)
    items = {name: shown(store, name, sets[name], select) for name, select in selects.items()}
    return {"items": items, "nextCursor": {name: following[name] for name in selects}}


def parts(data: Json) -> tuple[dict[str, Json], dict[str, Json], Json]:
    """The expressions, the selections and the cursors of a query, by the names of the sets.

    Raises:
        ApiError: 400 when there is none, or a name stands for nothing.
    """
    expressions = {name: an_object(each, f"with.{name}") for name, each in an_object(data.get("with"), "with").items()}
    selects = {
        name: an_object(each, f"select.{name}") for name, each in an_object(data.get("select"), "select").items()
    }
    cursors = an_object(data.get("cursors"), "cursors")
    if not expressions or not selects:
        raise ApiError(400, "with, select: each needs at least one name")
    if unknown := (selects.keys() | cursors.keys()) - expressions.keys():
        raise ApiError(400, f"select, cursors: {', '.join(sorted(unknown))} is not in with")
    return expressions, selects, cursors


def members(store: Instances, name: str, expression: Json, sets: dict[str, list[Node]]) -> Iterable[Node]:
    """All that an expression selects, oldest first.

    Args:
        store: where from.
        name: of the expression, for messages.
        expression: of ``with``.
        sets: what the expressions before it selected.

    Raises:
        ApiError: 400 for what is unknown or not modelled.
    """
    refuse_unknown(expression, {"nodes", "edges", "limit"})
    tables = [table for table in _TABLES if expression.get(table) is not None]
    if len(tables) != 1:
        raise ApiError(400, f"with.{name}: needs either nodes or edges")
    table = an_object(expression[tables[0]], f"with.{name}.{tables[0]}")
    refuse_unknown(table, _TABLES[tables[0]])
    kind = tables[0].removesuffix("s")
    direction = table.get("direction") or "outwards"
    if direction not in _DIRECTIONS:
        raise ApiError(400, f"with.{name}.direction: must be one of {', '.join(_DIRECTIONS)}, not {direction}")
    origin = table.get("from")
    if origin is None:
        reached: Iterable[Node] = store.of_kind(kind)
    elif origin not in sets:
        raise ApiError(400, f"with.{name}.from: {origin} is no set that stands before it")
    elif kind == "edge":
        reached = _edges_of(store, sets[origin], outwards=direction == "outwards")
    elif table.get("through") is not None:
        reached = _related(store, sets[origin], table["through"], outwards=direction == "outwards")
    else:
        reached = _ends_of(store, sets[origin], table.get("chainTo"), outwards=direction == "outwards")
    if table.get("filter") is None:
        return reached
    keep = predicate(Language(store, kind), table["filter"])
    return (each for each in reached if keep(each))


def _edges_of(store: Instances, nodes: list[Node], *, outwards: bool) -> Iterable[Node]:
    names = {each.name for each in nodes if not each.ends}
    near = 0 if outwards else 1
    return (each for each in store.of_kind("edge") if each.ends and reference_name(each.ends[near]) in names)


def _ends_of(store: Instances, edges: list[Node], chain_to: AnyJson, *, outwards: bool) -> Iterable[Node]:
    """The nodes at the far ends of edges, or at the near ones where the query is chained to the source."""
    if chain_to not in {None, "destination", "source"}:
        raise ApiError(400, f"chainTo: must be destination or source, not {chain_to}")
    at = 1 if outwards == (chain_to != "source") else 0
    return _nodes(store, (reference_name(each.ends[at]) for each in edges if each.ends))


def _related(store: Instances, nodes: list[Node], through: AnyJson, *, outwards: bool) -> Iterable[Node]:
    """The nodes that a direct relation of the given ones points to, or whose relation points to them."""
    through = an_object(through, "through")
    refuse_unknown(through, {"source", "identifier"})
    source = store.source(through.get("source"))
    found = property_of(store, [source.space, source.key, through.get("identifier")], "node")
    if found.type["type"] != "direct":
        raise ApiError(400, f"through.identifier: {through.get('identifier')} is no direct relation")

    def targets(each: Node) -> list[Name]:
        value = found.read(each)
        return [reference_name(one) for one in (value if isinstance(value, list) else [value] if value else [])]

    if outwards:
        return _nodes(store, (name for each in nodes for name in targets(each)))
    names = {each.name for each in nodes}
    return (each for each in store.of_kind("node") if not names.isdisjoint(targets(each)))


def _nodes(store: Instances, names: Iterable[Name]) -> list[Node]:
    """The nodes that exist of those named, each once, in the order in which they were made."""
    found = (store.get(name) for name in set(names))
    return sorted((each for each in found if each is not None), key=lambda each: store.rows[each.name])


def _page(store: Instances, members: Iterable[Node], expression: Json, cursor: Cursor) -> tuple[list[Node], str | None]:
    """The members behind the cursor, and the cursor to the next ones, which holds while others are deleted."""
    limit = limit_of(expression.get("limit"), default=100, maximum=MAX_LIMIT)
    page: list[Node] = []
    last = cursor.position
    for each in members:
        number = store.rows[each.name]
        if number <= cursor.position:
            continue
        if len(page) == limit:
            return page, cursor.at(last)
        page.append(each)
        last = number
    return page, None


def shown(store: Instances, name: str, rows: list[Node], select: Json) -> list[Json]:
    """What a selection shows of a set.

    Raises:
        ApiError: 400 for an unknown view or property.
    """
    refuse_unknown(select, {"sources", "limit"})
    limit = limit_of(select.get("limit"), default=MAX_LIMIT, maximum=MAX_LIMIT)
    sent = objects(select.get("sources"), f"select.{name}.sources")
    for each in sent:
        refuse_unknown(each, {"source", "properties"})
    sources = [store.source(each.get("source")) for each in sent]
    trims = [_trim(source, each.get("properties")) for source, each in zip(sources, sent, strict=True)]
    answered = [each.row(sources) for each in rows[:limit]]
    for trim in trims:
        for row in answered:
            trim(row["properties"])
    return answered


def _trim(source: Source, wanted: AnyJson) -> Callable[[Json], None]:
    """What drops the properties that a selection does not name; ``*`` names all."""
    names = texts(wanted, "properties")
    if not names:
        raise ApiError(400, "properties: required, [*] for all")
    if unknown := set(names) - source.fields.keys() - {"*"}:
        raise ApiError(400, f"properties: {source.space}:{source.key} has no {', '.join(sorted(unknown))}")

    def trim(properties: Json) -> None:
        kept = properties.get(source.space, {}).get(source.key)
        for name in list(kept or ()) if "*" not in names else ():
            if name not in names:
                del kept[name]

    return trim
