"""The routes of spaces and containers, and what a definition of theirs may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.routing import Route

from sandbox.cdf.classic import get, post
from sandbox.cdf.http import ApiError, Json, an_object, items_of
from sandbox.cdf.project import Project
from sandbox.cdf.properties import TYPES

MAX_ITEMS = 100
RESERVED_SPACES = frozenset({"space", "cdf", "dms", "pg3", "shared", "system", "node", "edge"})
_SPACE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,41}[a-zA-Z0-9]?")
NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_]{0,253}[a-zA-Z0-9])?")


def routes(project: Project) -> list[Route]:
    """The routes of spaces and containers."""
    return [*_space_routes(project), *_container_routes(project)]


def _space_routes(project: Project) -> list[Route]:
    spaces = project.spaces

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        for item in items:
            (space,) = spaces.name(item)
            if not _SPACE.fullmatch(space) or space in RESERVED_SPACES:
                raise ApiError(400, f"space: {space!r} is no valid identifier of a space")
            refuse_unknown(item, {"space", "name", "description"})
        return {"items": spaces.upsert(items)}

    def delete(data: Json) -> Json:
        found = [row["space"] for row in spaces.found(items_of(data, maximum=MAX_ITEMS, minimum=1))]
        for space in found:
            if any(name[0] == space for name in (*project.containers.rows, *project.instances.rows)):
                raise ApiError(400, f"Space {space} is not empty")
        for space in found:
            spaces.rows.pop((space,), None)
        return {"items": [{"space": space} for space in found]}

    return [
        post("/models/spaces", apply),
        post("/models/spaces/byids", lambda data: {"items": spaces.found(items_of(data, maximum=MAX_ITEMS))}),
        post("/models/spaces/delete", delete),
        get("/models/spaces", spaces.listed),
    ]


def _container_routes(project: Project) -> list[Route]:
    containers = project.containers

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        return {"items": containers.upsert([_container(project, item) for item in items])}

    def delete(data: Json) -> Json:
        found = containers.found(items_of(data, maximum=MAX_ITEMS, minimum=1))
        names = [(row["space"], row["externalId"]) for row in found]
        for name in names:
            del containers.rows[name]
            project.instances.forget_container(name)
        return {"items": [{"space": space, "externalId": external_id} for space, external_id in names]}

    def inspect(data: Json) -> Json:
        """Which views use a container. The Toolkit asks before it deletes one."""
        found = []
        for row in containers.found(items_of(data, maximum=10, minimum=1)):
            name = {"space": row["space"], "externalId": row["externalId"]}
            users = [
                view for view in project.views.rows.values() if {"type": "container"} | name in view["mappedContainers"]
            ]
            views = [{"type": "view"} | {part: view[part] for part in project.views.parts} for view in users]
            found.append(name | {"inspectionResults": {"involvedViewCount": len(views), "involvedViews": views}})
        return {"items": found}

    return [
        post("/models/containers", apply),
        post("/models/containers/byids", lambda data: {"items": containers.found(items_of(data, maximum=MAX_ITEMS))}),
        post("/models/containers/delete", delete),
        post("/models/containers/inspect", inspect),
        get("/models/containers", containers.listed),
    ]


def _container(project: Project, item: Json) -> Json:
    """A container with the API's defaults.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    space, external_id = project.containers.name(item)
    if (space,) not in project.spaces.rows:
        raise ApiError(400, f"Space {space} does not exist")
    if not NAME.fullmatch(external_id):
        raise ApiError(400, f"externalId: {external_id!r} is no valid identifier of a container")
    known = {"space", "externalId", "name", "description", "usedFor", "properties", "constraints", "indexes"}
    refuse_unknown(item, known)
    properties = item.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise ApiError(400, "properties: required, must have at least one")
    old = project.containers.rows.get((space, external_id), {}).get("properties", {})
    item = item | {"properties": {name: _property(name, each, old.get(name)) for name, each in properties.items()}}
    for part in ("constraints", "indexes"):
        parts = an_object(item.get(part), part)
        item[part] = {name: an_object(each, part) | {"state": "current"} for name, each in parts.items()}
    return {"usedFor": "node"} | item


def _property(name: str, definition: Json, old: Json | None) -> Json:
    kind = definition.get("type")
    if not isinstance(kind, dict) or kind.get("type") not in TYPES:
        raise ApiError(400, f"properties.{name}: unknown type {kind}")
    if not NAME.fullmatch(name):
        raise ApiError(400, f"properties.{name}: no valid identifier of a property")
    defaults: Json = {"list": False} | ({"collation": "ucs_basic"} if kind["type"] == "text" else {})
    complete: Json = {"nullable": True, "autoIncrement": False, "immutable": False} | definition
    complete["type"] = defaults | kind
    complete["constraintState"] = {"nullability": "current"}
    if old is not None and old["type"] != complete["type"]:
        raise ApiError(400, f"properties.{name}: the type of an existing property cannot be changed")
    return complete


def refuse_unknown(item: Mapping[str, object], known: set[str]) -> None:
    """Refuse fields that the API does not know.

    Raises:
        ApiError: 400 that names them.
    """
    if unknown := item.keys() - known:
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}")
