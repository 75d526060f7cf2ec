"""Data models: collections of views. Kept as schema; there is no GraphQL."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer, body, items_of, objects
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.instances import views
from sandbox.cdf.instances.modeling import MAX_ITEMS, DataModeling
from sandbox.cdf.instances.names import NAME, VERSION, check_texts, refuse_unknown

MAX_VIEWS = 100
_PARTS = ("space", "externalId", "version")


def routes(modeling: DataModeling) -> list[Route]:
    """The routes of data models."""
    models = modeling.data_models

    def shown(row: Json, request: Request) -> Json:
        """A model as answered: with references to its views, or with the views themselves."""
        if request.query_params.get("inlineViews") != "true" or "views" not in row:
            return row
        return row | {"views": modeling.views.shown(modeling.views.found(row["views"]))}

    def apply(data: Json) -> Json:
        items = items_of(data, maximum=MAX_ITEMS, minimum=1)
        for item in items:
            _check(modeling, item)
        # A model may bring its views along.
        new = [view for item in items for view in objects(item.get("views"), "views") if view.get("type") != "view"]
        if new:
            views.write(modeling, new)
        return {"items": models.upsert([_model(modeling, item) for item in items])}

    async def by_ids(request: Request) -> Response:
        rows = models.named(items_of(await body(request), maximum=MAX_ITEMS, minimum=1))
        return answer({"items": [shown(row, request) for row in rows]})

    def listed(request: Request) -> Json:
        page = models.listed(request)
        return page | {"items": [shown(row, request) for row in page["items"]]}

    def delete(data: Json) -> Json:
        return {"items": models.delete(items_of(data, maximum=MAX_ITEMS, minimum=1))}

    return [
        post("/models/datamodels", apply),
        Route("/models/datamodels/byids", by_ids, methods=["POST"]),
        post("/models/datamodels/delete", delete),
        get("/models/datamodels", listed),
    ]


def _check(modeling: DataModeling, item: Json) -> None:
    space, external_id, version = modeling.data_models.name(item)
    modeling.spaces.require_space(space)
    if not NAME.fullmatch(external_id) or not VERSION.fullmatch(version):
        raise ApiError(400, f"externalId and version: {external_id}/{version} names no data model")
    refuse_unknown(item, {*_PARTS, "name", "description", "views"})
    check_texts(item)
    inside = objects(item.get("views"), "views")
    if len(inside) > MAX_VIEWS:
        raise ApiError(400, f"views: must have at most {MAX_VIEWS} elements, has {len(inside)}")
    for view in inside:
        if view.get("type") == "view" and modeling.views.reference(view) not in modeling.views.rows:
            raise ApiError(400, f"One or more views do not exist: {view}")


def _model(modeling: DataModeling, item: Json) -> Json:
    row = {name: value for name, value in item.items() if value is not None}
    if "views" in row:
        names = [modeling.views.reference(view) for view in row["views"]]
        row["views"] = [{"type": "view"} | dict(zip(_PARTS, name, strict=True)) for name in names]
    return row
