"""The routes of views, and what a definition of one may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.definitions import Name
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, answer, body, items_of, objects
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.instances.filters import Language, predicate
from sandbox.cdf.instances.modeling import MAX_ITEMS, DataModeling
from sandbox.cdf.instances.names import NAME, VERSION, check_name, check_property, check_texts, refuse_unknown

MAX_PROPERTIES, MAX_PARENTS, MAX_CONTAINERS = 300, 10, 10
CONNECTIONS = {
    "single_edge_connection": ("type", "source"),
    "multi_edge_connection": ("type", "source"),
    "single_reverse_direct_relation": ("source", "through"),
    "multi_reverse_direct_relation": ("source", "through"),
}
"""What a property that is no property of a container must say."""

_PARTS = ("space", "externalId", "version")


def routes(modeling: DataModeling) -> list[Route]:
    """The routes of views."""
    views = modeling.views

    async def by_ids(request: Request) -> Response:
        rows = views.named(items_of(await body(request), maximum=MAX_ITEMS, minimum=1))
        return answer({"items": views.shown(rows, inherited=_inherited(request))})

    def listed(request: Request) -> Json:
        page = views.listed(request)
        return page | {"items": views.shown(page["items"], inherited=_inherited(request))}

    def delete(data: Json) -> Json:
        return {"items": views.delete(items_of(data, maximum=MAX_ITEMS, minimum=1))}

    return [
        post("/models/views", lambda data: {"items": write(modeling, items_of(data, maximum=MAX_ITEMS, minimum=1))}),
        Route("/models/views/byids", by_ids, methods=["POST"]),
        post("/models/views/delete", delete),
        get("/models/views", listed),
    ]


def _inherited(request: Request) -> bool:
    return request.query_params.get("includeInheritedProperties", "true") != "false"


def write(modeling: DataModeling, items: list[Json]) -> list[Json]:
    """Write views, all or none; they may refer to each other.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    names = [modeling.views.name(item) for item in items]
    known = modeling.views.rows.keys() | set(names)
    checked = [_view(modeling, item, known) for item in items]
    parents = {name: row.get("implements", ()) for name, row in zip(names, checked, strict=True)}
    for name in names:
        _refuse_circle(modeling, name, parents, ())
    before = dict(modeling.views.rows)
    written = modeling.views.upsert(checked)
    try:
        for row in checked:
            _check_filter(modeling, row)
    except ApiError:
        modeling.views.rows = before
        raise
    return modeling.views.shown(written)


def _check_filter(modeling: DataModeling, row: Json) -> None:
    """Refuse a filter that selects nothing sensible among the instances that the view is used for."""
    if row.get("filter") is not None:
        (shown,) = modeling.views.shown([row])
        predicate(Language(modeling.instances, "edge" if shown["usedFor"] == "edge" else "node"), row["filter"])


def _view(modeling: DataModeling, item: Json, known: set[Name]) -> Json:
    space, external_id, version = modeling.views.name(item)
    modeling.spaces.require_space(space)
    check_name(external_id, "view")
    if not VERSION.fullmatch(version):
        raise ApiError(400, f"version: {version!r} is no valid version of a view")
    check_texts(item)
    refuse_unknown(item, {*_PARTS, "name", "description", "filter", "implements", "properties", "streamId"})
    an_object(item.get("filter"), "filter")
    for parent in objects(item.get("implements"), "implements"):
        if modeling.views.reference(parent) not in known:
            raise ApiError(400, f"implements: One or more views do not exist: {parent}")
    properties = {
        name: _property(modeling, name, each) for name, each in an_object(item.get("properties"), "properties").items()
    }
    used = {
        (each["container"]["space"], each["container"]["externalId"])
        for each in properties.values()
        if "container" in each
    }
    for what, number, maximum in (
        ("properties", len(properties), MAX_PROPERTIES),
        ("views that it implements", len(item.get("implements") or ()), MAX_PARENTS),
        ("containers", len(used), MAX_CONTAINERS),
    ):
        if number > maximum:
            raise ApiError(400, f"{external_id}: must have at most {maximum} {what}, has {number}")
    return {name: value for name, value in item.items() if value is not None} | {"properties": properties}


def _property(modeling: DataModeling, name: str, definition: AnyJson) -> Json:
    if not isinstance(definition, dict):
        raise ApiError(400, f"properties.{name}: must be an object")
    check_property(name, NAME)
    check_texts(definition)
    sent = {key: value for key, value in definition.items() if value is not None}
    kind = sent.get("connectionType")
    if kind is not None:
        if (
            not isinstance(kind, str)
            or kind not in CONNECTIONS
            or not all(isinstance(sent.get(part), dict) for part in CONNECTIONS[kind])
        ):
            raise ApiError(400, f"properties.{name}: no valid connection")
        return sent
    container = an_object(sent.get("container"), f"properties.{name}.container")
    known = modeling.containers.rows.get((str(container.get("space")), str(container.get("externalId"))))
    if known is None or sent.get("containerPropertyIdentifier") not in known["properties"]:
        raise ApiError(400, f"properties.{name}: container or property does not exist")
    return sent


def _refuse_circle(
    modeling: DataModeling, name: Name, parents: Mapping[Name, Sequence[Json]], path: tuple[Name, ...]
) -> None:
    """Refuse a view that implements itself, by whatever way."""
    if name in path:
        raise ApiError(400, f"implements: view {':'.join(name)} implements itself")
    above = parents[name] if name in parents else modeling.views.rows[name].get("implements", ())
    for parent in above:
        _refuse_circle(modeling, modeling.views.reference(parent), parents, (*path, name))
