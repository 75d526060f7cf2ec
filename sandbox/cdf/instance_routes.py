"""The routes of nodes: apply, byids, list, delete."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import Route

from sandbox.cdf.classic import post
from sandbox.cdf.filters import Predicate, advanced
from sandbox.cdf.http import AnyJson, ApiError, Json, items_of, limit_of, objects, texts
from sandbox.cdf.instances import Instances, Node
from sandbox.cdf.paging import Cursor
from sandbox.cdf.sources import Source


def routes(store: Instances) -> list[Route]:
    """All routes of nodes."""

    def apply(data: Json) -> Json:
        written = store.apply(
            items_of(data, minimum=1),
            replace=data.get("replace") is True,
            skip_conflicts=data.get("skipOnVersionConflict") is True,
            create_targets=data.get("autoCreateDirectRelations", True) is True,
        )
        return {"items": written}

    def by_ids(data: Json) -> Json:
        sources = _sources(store, data)
        nodes = [store.get(store.name(item)) for item in items_of(data, minimum=1)]
        return {"items": [node.row(sources) for node in nodes if node is not None]}

    def listed(data: Json) -> Json:
        if data.get("instanceType", "node") != "node" or data.get("sort"):
            raise ApiError(400, "This stand-in lists nodes in the order of their creation")
        sources = _sources(store, data)
        keep = _predicate(store, data.get("filter"))
        cursor = Cursor.of(data)
        full = ((number, node) for number, node in store.ordered.after(cursor.position) if keep(_whole(node)))
        page = cursor.take(((number, node.row(sources)) for number, node in full), limit_of(data.get("limit")))
        return page.envelope()

    return [
        post("/models/instances", apply),
        post("/models/instances/byids", by_ids),
        post("/models/instances/list", listed),
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


def _predicate(store: Instances, node_filter: object) -> Predicate:
    if node_filter is None:
        return lambda _: True
    return advanced(
        node_filter, lambda path: _property(store, path), {"hasData": lambda content: _has_data(store, content)}
    )


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
