"""The routes of spaces and containers."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.cdf.classic import get, post
from sandbox.cdf.containers import complete
from sandbox.cdf.http import ApiError, Json, items_of
from sandbox.cdf.instance_constraints import states
from sandbox.cdf.model_names import check_space, check_texts, refuse_unknown
from sandbox.cdf.project import Project

MAX_ITEMS = 100


def routes(project: Project) -> list[Route]:
    """The routes of spaces and containers."""
    return [*_space_routes(project), *_container_routes(project)]


def _space_routes(project: Project) -> list[Route]:
    spaces = project.spaces
    inside = (project.containers, project.views, project.data_models, project.instances)

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        for item in items:
            check_space(spaces.name(item)[0])
            refuse_unknown(item, {"space", "name", "description"})
            check_texts(item)
        return {"items": spaces.upsert(items)}

    def delete(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        for row in spaces.found(items):
            if any(name[0] == row["space"] for store in inside for name in store.rows):
                raise ApiError(400, f"Space {row['space']} is not empty")
        return {"items": spaces.delete(items)}

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
        batch = {containers.name(item) for item in items}
        rows = [complete(item, containers, project.spaces, batch) for item in items]
        return {"items": containers.upsert([states(project.instances, row) for row in rows])}

    def delete(data: Json) -> Json:
        deleted = containers.delete(items_of(data, maximum=MAX_ITEMS, minimum=1))
        for each in deleted:
            project.instances.forget_container((each["space"], each["externalId"]))
        return {"items": deleted}

    def delete_part(data: Json, part: str) -> Json:
        """Remove constraints or indexes."""
        items = items_of(data, maximum=10, minimum=1)
        removed = []
        for item in items:
            row = containers.rows.get((item.get("space", ""), item.get("containerExternalId", "")), {part: {}})
            if row[part].pop(item.get("identifier"), None) is not None:
                removed.append(item)
        return {"items": removed}

    def inspect(data: Json) -> Json:
        """Which views use a container. The Toolkit asks before it deletes one."""
        found = []
        for row in containers.found(items_of(data, maximum=10, minimum=1)):
            name = {"space": row["space"], "externalId": row["externalId"]}
            users = [view for view in project.views.shown() if {"type": "container"} | name in view["mappedContainers"]]
            views = [{"type": "view"} | {part: view[part] for part in project.views.parts} for view in users]
            found.append(name | {"inspectionResults": {"involvedViewCount": len(views), "involvedViews": views}})
        return {"items": found}

    return [
        post("/models/containers", apply),
        post("/models/containers/byids", lambda data: {"items": containers.found(items_of(data, maximum=MAX_ITEMS))}),
        post("/models/containers/delete", delete),
        post("/models/containers/constraints/delete", lambda data: delete_part(data, "constraints")),
        post("/models/containers/indexes/delete", lambda data: delete_part(data, "indexes")),
        post("/models/containers/inspect", inspect),
        get("/models/containers", containers.listed),
    ]
