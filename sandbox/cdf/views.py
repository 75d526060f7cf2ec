"""Views: properties of containers under names of their own. Clients read nodes through them."""

from __future__ import annotations

import re

from starlette.routing import Route

from sandbox.cdf.classic import get, post
from sandbox.cdf.http import AnyJson, ApiError, Json, an_object, items_of
from sandbox.cdf.models import MAX_ITEMS, NAME, refuse_unknown
from sandbox.cdf.project import Project

_VERSION = re.compile(r"[a-zA-Z0-9]([.a-zA-Z0-9_-]{0,41}[a-zA-Z0-9])?")
_PARTS = ("space", "externalId", "version")


def routes(project: Project) -> list[Route]:
    """The routes of views."""
    views = project.views

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        return {"items": views.upsert([_view(project, item) for item in items])}

    def by_ids(data: Json) -> Json:
        wanted = items_of(data, maximum=MAX_ITEMS, minimum=1)
        return {"items": [row for row in views.rows.values() if any(_is_named(row, item) for item in wanted)]}

    def delete(data: Json) -> Json:
        names = [views.name(row) for row in views.found(items_of(data, maximum=MAX_ITEMS, minimum=1))]
        for name in names:
            del views.rows[name]
        return {"items": [dict(zip(_PARTS, name, strict=True)) for name in names]}

    return [
        post("/models/views", apply),
        post("/models/views/byids", by_ids),
        post("/models/views/delete", delete),
        get("/models/views", views.listed),
    ]


def _is_named(row: Json, item: Json) -> bool:
    """Whether an item names a view; without a version it names all versions."""
    return all(item.get(part, row[part] if part == "version" else None) == row[part] for part in _PARTS)


def _view(project: Project, item: Json) -> Json:
    """A view as it is kept: each property with what its container says of it.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    space, external_id, version = project.views.name(item)
    if (space,) not in project.spaces.rows:
        raise ApiError(400, f"Space {space} does not exist")
    if not NAME.fullmatch(external_id) or not _VERSION.fullmatch(version):
        raise ApiError(400, f"externalId and version: {external_id}/{version} names no view")
    refuse_unknown(item, {*_PARTS, "name", "description", "filter", "implements", "properties"})
    if item.get("implements"):
        raise ApiError(400, "implements: this stand-in has no views that build on others")
    properties = {
        name: _property(project, name, each) for name, each in an_object(item.get("properties"), "properties").items()
    }
    containers = {(each["container"]["space"], each["container"]["externalId"]) for each in properties.values()}
    return {name: value for name, value in item.items() if value is not None} | {
        "properties": properties,
        "writable": True,
        "queryable": True,
        "usedFor": "node",
        "mappedContainers": [{"type": "container", "space": s, "externalId": e} for s, e in sorted(containers)],
    }


def _property(project: Project, name: str, definition: AnyJson) -> Json:
    container = definition.get("container") if isinstance(definition, dict) else None
    if not isinstance(container, dict):
        raise ApiError(400, f"properties.{name}: this stand-in has properties of containers alone")
    known = project.containers.rows.get((str(container.get("space")), str(container.get("externalId"))))
    identifier = definition.get("containerPropertyIdentifier")
    if known is None or identifier not in known["properties"]:
        raise ApiError(400, f"properties.{name}: container or property does not exist")
    sent = {key: value for key, value in definition.items() if value is not None}
    # Names and descriptions are the view's own.
    kept = {k: v for k, v in known["properties"][identifier].items() if k not in {"name", "description"}}
    return kept | sent
