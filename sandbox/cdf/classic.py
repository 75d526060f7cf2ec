"""The routes that every classic resource has: create, list, byids, update, delete, aggregate, search."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.aggregates import aggregate
from sandbox.cdf.http import ApiError, Json, answer, body, items_of, limit_of
from sandbox.cdf.store import Store

Handler = Callable[[Json], Json]

ALL_ACTIONS = ("create", "list", "byids", "update", "delete", "aggregate", "search")


def classic_routes(store: Store, path: str, *, actions: Iterable[str] = ALL_ACTIONS) -> list[Route]:
    """The routes of a resource below ``path``.

    Args:
        store: the resource's rows.
        path: such as ``/events``.
        actions: what the API offers for it.
    """
    handlers: dict[str, Handler] = {
        "list": lambda data: store.page(data, limit_of(data.get("limit"))).envelope(),
        "byids": lambda data: _by_ids(store, data),
        "update": lambda data: {"items": store.update(items_of(data, minimum=1))},
        "delete": lambda data: _deleted(store, data),
        "aggregate": lambda data: aggregate(store, data),
        "search": lambda data: {"items": store.search(data, limit_of(data.get("limit")))},
    }
    offered = set(actions)
    routes = [post(f"{path}/{name}", handler) for name, handler in handlers.items() if name in offered]
    if "create" in offered:
        routes.append(
            post(
                path,
                lambda data: {"items": store.create(items_of(data, maximum=store.create_limit, minimum=1))},
                status=201,
            )
        )
    if "list" in offered:
        routes.append(_get_list(store, path))
    if "byids" in offered and store.shows_id:
        routes.append(_get_one(store, path))
    return routes


def post(path: str, handler: Handler, *, status: int = 200) -> Route:
    """A route that turns a JSON body into a JSON answer."""

    async def endpoint(request: Request) -> Response:
        return answer(handler(await body(request)), status)

    return Route(path, endpoint, methods=["POST"])


def get(path: str, handler: Callable[[Request], object]) -> Route:
    """A route that answers JSON to a query (a coroutine, as Starlette runs plain functions in threads)."""

    async def endpoint(request: Request) -> Response:
        return answer(handler(request))

    return Route(path, endpoint, methods=["GET"])


def ignores_unknown(data: Json) -> bool:
    """Whether a request asks to pass over what does not exist."""
    return data.get("ignoreUnknownIds") is True


def _by_ids(store: Store, data: Json) -> Json:
    rows = store.by_ids(items_of(data, minimum=1), ignore_unknown=ignores_unknown(data))
    return {"items": store.shown(rows, data)}


def _deleted(store: Store, data: Json) -> Json:
    store.delete(items_of(data, minimum=1), ignore_unknown=ignores_unknown(data))
    return {}


def _get_list(store: Store, path: str) -> Route:
    def handler(request: Request) -> object:
        query = dict(request.query_params)
        limit = limit_of(query.pop("limit", None))
        data: Json = {name: query.pop(name) for name in ("cursor", "partition") if name in query}
        if query:
            data["filter"] = query
        return store.page(data, limit).envelope()

    return get(path, handler)


def _get_one(store: Store, path: str) -> Route:
    def handler(request: Request) -> object:
        row = store.rows.get(request.path_params["id"])
        if row is None or not store.is_seen(row):
            missing = [{"id": request.path_params["id"]}]
            raise ApiError(400, f"{store.kind} id not found: {missing[0]['id']}", missing=missing)
        return row

    return get(f"{path}/{{id:int}}", handler)
