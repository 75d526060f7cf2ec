"""The routes of nodes: apply, byids, list, delete, aggregate."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import Route

from sandbox.cdf.classic import post
from sandbox.cdf.filters import Predicate, advanced
from sandbox.cdf.http import AnyJson, ApiError, Json, items_of, limit_of, objects, texts
from sandbox.cdf.instance_aggregates import aggregated
from sandbox.cdf.instances import Instances, Node
from sandbox.cdf.paging import Cursor
from sandbox.cdf.sources import Source


def routes(store: Instances) -> list[Route]:
    """All routes of nodes."""

    def apply(data: Json) -> Json:
        written = store.apply(
            items_of(data, minimum=1),
            replace=_flag(data, "replace"),
            skip_conflicts=_flag(data, "skipOnVersionConflict"),
            create_targets=_flag(data, "autoCreateDirectRelations", default=True),
        )
        return {"items": written}

    def by_ids(data: Json) -> Json:
        sources = _sources(store, data)
        nodes = [store.get(store.name(item)) for item in items_of(data, minimum=1)]
        return {"items": [node.row(sources) for node in nodes if node is not None]}

    def listed(data: Json) -> Json:
        sources = _sources(store, data)
        limit = limit_of(data.get("limit"), default=1000)
        cursor = Cursor.of(data)
        keep = _predicate(store, data)
        order = [_order(store, each) for each in objects(data.get("sort"), "sort")]
        if not order:
            full = ((number, node) for number, node in store.ordered.after(cursor.position) if keep(_whole(node)))
            return cursor.take(((number, node.row(sources)) for number, node in full), limit).envelope()
        nodes = [node for node in store.ordered.rows.values() if keep(_whole(node))]
        # Python sorts stably: by the least important property first.
        for sort in reversed(order):
            nodes = sort(nodes)
        return cursor.slice([node.row(sources) for node in nodes], limit).envelope()

    def aggregate(data: Json) -> Json:
        source = store.source(data.get("view"))
        keep = _predicate(store, data)
        inside = [_whole(node) for node in store.ordered.rows.values()]
        rows = [source.read(whole["containers"]) for whole in inside if keep(whole)]
        heads = [whole["node"] for whole in inside if keep(whole)]
        found = [head | row for head, row in zip(heads, rows, strict=True) if row is not None]
        return {"items": aggregated(found, source.fields, data)}

    return [
        post("/models/instances", apply),
        post("/models/instances/byids", by_ids),
        post("/models/instances/list", listed),
        post("/models/instances/aggregate", aggregate),
        post("/models/instances/delete", lambda data: {"items": store.delete(items_of(data, minimum=1))}),
    ]


def _sources(store: Instances, data: Json) -> list[Source]:
    """The views that a read names.

    Source: the API reference of instances ("Retrieve properties from the listed - by reference - views").
    """
    references = [each.get("source") for each in objects(data.get("sources"), "sources")]
    if any(isinstance(reference, dict) and reference.get("type") != "view" for reference in references):
        raise ApiError(400, "Properties are read through views; a source must have the type view")
    return [store.source(reference) for reference in references]


def _whole(node: Node) -> Json:
    """A node as filters see it: what it is, and its containers by name."""
    return {"node": node.row(()), "containers": node.properties}


def _flag(data: Json, name: str, *, default: bool = False) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ApiError(400, f"{name}: must be true or false")
    return default if value is None else value


def _predicate(store: Instances, data: Json) -> Predicate:
    kind = data.get("instanceType", "node")
    if kind not in {"node", "edge"}:
        raise ApiError(400, "instanceType: must be node or edge")
    if kind == "edge":
        # There are none: this stand-in refuses to write them.
        return lambda _: False
    if data.get("filter") is None:
        return lambda _: True
    return advanced(
        data["filter"], lambda path: _property(store, path), {"hasData": lambda content: _has_data(store, content)}
    )


def _order(store: Instances, sent: Json) -> Callable[[list[Node]], list[Node]]:
    """How to sort nodes by one property; without a value come last, unless `nullsFirst`.

    Raises:
        ApiError: 400 for an unknown property or direction.
    """
    value = _property(store, sent.get("property"))
    direction = sent.get("direction", "ascending")
    if direction not in {"ascending", "descending"}:
        raise ApiError(400, "sort.direction: must be ascending or descending")

    def sort(nodes: list[Node]) -> list[Node]:
        found = [(value(_whole(node)), node) for node in nodes]
        with_value = [pair for pair in found if pair[0] is not None]
        try:
            with_value.sort(key=lambda pair: pair[0], reverse=direction == "descending")
        except TypeError as error:
            raise ApiError(400, f"sort: {sent.get('property')} has no order") from error
        without = [node for each, node in found if each is None]
        ordered = [node for _, node in with_value]
        return without + ordered if _flag(sent, "nullsFirst") else ordered + without

    return sort


def _has_data(store: Instances, content: AnyJson) -> Predicate:
    wanted = [store.source(reference).containers() for reference in objects(content, "hasData")]
    return lambda whole: all(containers <= whole["containers"].keys() for containers in wanted)


def _property(store: Instances, path: AnyJson) -> Callable[[Json], AnyJson]:
    """How to read ``["node", name]`` or ``[space, container or view, name]``.

    Raises:
        ApiError: 400 for any other path.
    """
    path = texts(path, "property")
    if not (len(path) == 3 or (len(path) == 2 and path[0] == "node")):
        raise ApiError(400, "property: must be [node, name] or [space, container, name]")
    if len(path) == 2:
        return lambda whole: whole["node"].get(path[1])
    space, key, name = path
    external_id, _, version = key.partition("/")
    kind = "view" if version else "container"
    source = store.source({"type": kind, "space": space, "externalId": external_id, "version": version})
    if name not in source.fields:
        raise ApiError(400, f"property: {space}:{key} has no {name}")
    container, field = source.fields[name]
    return lambda whole: whole["containers"].get(container, {}).get(field)
