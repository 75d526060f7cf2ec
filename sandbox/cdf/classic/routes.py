"""The routes that every classic resource has: create, list, byids, update, delete, aggregate, search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, an_object, items_of, limit_of
from sandbox.cdf.api.routing import Handler, get, post
from sandbox.cdf.classic.aggregates import aggregate
from sandbox.cdf.classic.identifiers import identifiers_of
from sandbox.cdf.classic.listing import check_sort
from sandbox.cdf.classic.store import Store

ALL_ACTIONS = ("create", "list", "byids", "update", "delete", "aggregate", "search")

_BODIES: Mapping[str, frozenset[str]] = {
    "create": frozenset({"items"}),
    "list": frozenset({"items", "filter", "limit", "cursor"}),
    "byids": frozenset({"items", "ignoreUnknownIds"}),
    "update": frozenset({"items"}),
    "delete": frozenset({"items", "ignoreUnknownIds"}),
    "aggregate": frozenset({"items", "aggregate", "filter"}),
    "search": frozenset({"search", "filter", "limit"}),
}
"""What the body of every resource's requests may hold; ``items`` say nothing to a request that reads by filter."""

_ORDERED = frozenset({"advancedFilter", "sort", "partition"})
_COUNTED = frozenset({"advancedFilter", "aggregateFilter", "properties", "path", "search", "limit"})
_BODIES_MORE: Mapping[str, frozenset[str]] = {
    "/assets list": _ORDERED | {"aggregatedProperties"},
    "/assets byids": frozenset({"aggregatedProperties"}),
    "/events list": _ORDERED,
    "/timeseries list": _ORDERED,
    "/sequences list": _ORDERED,
    "/files list": frozenset({"partition"}),
    "/relationships list": frozenset({"partition", "fetchResources"}),
    "/relationships byids": frozenset({"fetchResources"}),
    **dict.fromkeys(
        ("/assets aggregate", "/events aggregate", "/timeseries aggregate", "/sequences aggregate"), _COUNTED
    ),
}
"""What some resources' requests may hold besides (SDK and Toolkit: what their clients send)."""

_WITHOUT_QUERY = frozenset({"/events", "/files"})
"""Whose search has no ``query`` over all fields (SDK `_api`)."""


def classic_routes(store: Store, path: str, *, actions: Iterable[str] = ALL_ACTIONS) -> list[Route]:
    """The routes of a resource below ``path``.

    Args:
        store: the resource's rows.
        path: such as ``/events``.
        actions: what the API offers for it.
    """
    handlers: dict[str, Handler] = {
        "list": lambda data: _listed(store, data),
        "byids": lambda data: _by_ids(store, data),
        "update": lambda data: {"items": store.update(identifiers_of(data, "update"))},
        "delete": lambda data: _deleted(store, data),
        "aggregate": lambda data: aggregate(store, data),
        "search": lambda data: _searched(store, data, by_query=path not in _WITHOUT_QUERY),
        "create": lambda data: {"items": store.create(items_of(data, maximum=store.create_limit, minimum=1))},
    }
    offered = set(actions)
    checked = {
        name: only(handler, *_BODIES[name], *_BODIES_MORE.get(f"{path} {name}", ()))
        for name, handler in handlers.items()
        if name in offered
    }
    routes = [post(f"{path}/{name}", handler) for name, handler in checked.items() if name != "create"]
    if "create" in offered:
        routes.append(post(path, checked["create"], status=201))
    if "list" in offered:
        routes.append(_get_list(store, path))
    if "byids" in offered and store.shows_id:
        routes.append(_get_one(store, path))
    return routes


def only(handler: Handler, *names: str) -> Handler:
    """The handler of requests whose body holds nothing but ``names``; what is null or empty asks for nothing."""

    def checked(data: Json) -> Json:
        for name, value in data.items():
            if name not in names and value is not None and value != []:
                raise ApiError(400, f"Unexpected field - {name}, accepted are {', '.join(sorted(names))}")
        return handler(data)

    return checked


def switch(data: Json, name: str) -> bool:
    """What a request says by true or false; false when it says nothing.

    Raises:
        ApiError: 400 when it says anything else.
    """
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ApiError(400, f"{name}: must be true or false, is {value!r}")
    return value is True


def ignores_unknown(data: Json) -> bool:
    """Whether a request asks to pass over what does not exist."""
    return switch(data, "ignoreUnknownIds")


def _listed(store: Store, data: Json) -> Json:
    if data.get("sort") is not None:
        check_sort(data["sort"], store.properties)
    return store.page(data, limit_of(data.get("limit"))).envelope()


def _searched(store: Store, data: Json, *, by_query: bool) -> Json:
    if not by_query and an_object(data.get("search"), "search").get("query") is not None:
        raise ApiError(400, f"search: unknown key query, accepted are {', '.join(store.searchable)}")
    return {"items": store.search(data, limit_of(data.get("limit")))}


def _by_ids(store: Store, data: Json) -> Json:
    rows = store.by_ids(identifiers_of(data), ignore_unknown=ignores_unknown(data))
    return {"items": store.shown(rows, data)}


def _deleted(store: Store, data: Json) -> Json:
    store.delete(identifiers_of(data), ignore_unknown=ignores_unknown(data))
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
