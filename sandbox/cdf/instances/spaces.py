"""The routes of spaces, which every definition and instance lies in."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, items_of
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.instances.modeling import MAX_ITEMS, DataModeling
from sandbox.cdf.instances.names import check_space, check_texts, refuse_unknown


def routes(modeling: DataModeling) -> list[Route]:
    """The routes of spaces."""
    spaces = modeling.spaces
    inside = (modeling.containers, modeling.views, modeling.data_models, modeling.instances)

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
