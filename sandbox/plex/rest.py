"""The REST API: one handler for every declared endpoint, and the vendor's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from sandbox.plex.access import TooManyCallsError
from sandbox.plex.catalogue import BY_PATH, ENDPOINTS
from sandbox.plex.endpoints.master_data import TENANTS
from sandbox.plex.endpoints.parameters import InvalidError, filters, read_uuid, span, value_of
from sandbox.plex.identity_mappings import ids_to_keys, keys_to_ids
from sandbox.plex.plants.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from sandbox.plex.access import Access, Limiter
    from sandbox.plex.endpoints.endpoint import Endpoint
    from sandbox.plex.endpoints.store import Store, Table
    from sandbox.plex.plants.clock import Clock

Query = list[tuple[str, str]]


class Rest:
    """The routes of the REST API.

    Args:
        stores: The plants by PCN.
        access: Who may ask.
        limiter: How often.
        clock: The plants' time.
        retry_after: Whether a 429 says when to come back.
    """

    def __init__(
        self, stores: Mapping[int, Store], access: Access, limiter: Limiter, clock: Clock, *, retry_after: bool
    ) -> None:
        self._stores = stores
        self._access = access
        self._limiter = limiter
        self._clock = clock
        self._retry_after = retry_after

    def routes(self) -> list[Route]:
        """The routes, paths absolute; the last takes what no endpoint answers."""
        return [
            *(self._route(endpoint) for endpoint in ENDPOINTS if endpoint.method),
            self._mapping("keys-to-ids", keys_to_ids),
            self._mapping("ids-to-keys", ids_to_keys),
            Route("/{path:path}", self.unknown),
        ]

    def _enter(self, request: Request) -> tuple[Store, str]:
        """Check key, limit and tenant, in this order, and give the tenant's rows and time."""
        self._access.plants(request.headers)
        self._limiter.take(request.headers["x-plex-connect-api-key"])
        plant = self._access.plant(request.headers)
        request.state.pcn = plant.pcn
        return self._stores[plant.pcn], stamp(self._clock.now())

    def _route(self, endpoint: Endpoint) -> Route:
        """The route of a declared endpoint."""

        async def search(request: Request) -> Response:
            store, instant = self._enter(request)
            wanted = filters(endpoint.parameters, _as_query(await _object(request)))
            body = store.table(endpoint, instant).body(wanted)
            return Response(status_code=204) if body == b"[]" else _found(body)

        async def item(request: Request) -> Response:
            store, instant = self._enter(request)
            key = endpoint.read_id("id", request.path_params["id"])
            return _found(store.table(BY_PATH[str(endpoint.item_of)], instant).item(key, endpoint.view))

        async def rows(request: Request) -> Response:
            store, instant = self._enter(request)
            query = request.query_params.multi_items()
            wanted = filters(endpoint.parameters, query)
            table = self._table(endpoint, store, instant, request, query)
            return _found(table.body(wanted) if table else None)

        if endpoint.method == "POST":
            return Route(endpoint.path, search, methods=["POST"])
        return Route(endpoint.path, item if endpoint.item_of else rows, methods=["GET"])

    def _table(self, endpoint: Endpoint, store: Store, instant: str, request: Request, query: Query) -> Table | None:
        """The rows that a list may be about, None where the id in its path is nothing's."""
        if endpoint is TENANTS:
            # The tenants are those of the key, whichever of them the request works in.
            plants = self._access.plants(request.headers)
            return store.overlay(TENANTS, [{"id": plant.tenant_id, "code": plant.code} for plant in plants])
        if endpoint.child_of:
            parent = read_uuid("id", request.path_params["id"])
            known = (parent,) in store.table(BY_PATH[endpoint.child_of], instant).by_key
            return store.children(endpoint, parent, instant) if known else None
        if endpoint.child_by:
            return store.children(endpoint, str(value_of(endpoint.child_by, query)).lower(), instant)
        return store.window(endpoint, instant, span(endpoint.parameters, query))

    def _mapping(self, name: str, translate: Callable[[Store, str, dict[str, Any]], dict[str, Any]]) -> Route:
        async def handle(request: Request) -> Response:
            store, instant = self._enter(request)
            return _found(orjson.dumps(translate(store, instant, await _object(request))))

        return Route(f"/platform/identity-mappings/v1/{name}", handle, methods=["POST"])

    async def unknown(self, request: Request) -> Response:
        """What no endpoint answers; without a key that can't be told from the rest."""
        self._enter(request)
        return error(404, "RESOURCE_NOT_FOUND", "The requested resource was not found.")

    async def not_authenticated(self, _request: Request, _cause: Exception) -> Response:
        """Key missing, unknown, or without access."""
        return error(401, "REQUEST_NOT_AUTHENTICATED", "The request could not be authenticated.")

    async def invalid(self, _request: Request, cause: Exception) -> Response:
        """A parameter that can't be read."""
        code = cause.code if isinstance(cause, InvalidError) else "REQUEST_VALIDATION_FAILED"
        return error(400, code, str(cause), errors=[{"code": "ARGUMENT_INVALID", "message": str(cause)}])

    async def too_many(self, _request: Request, cause: Exception) -> Response:
        """The vendor documents a limit but no answer; this is the usual one."""
        response = error(429, "TOO_MANY_REQUESTS", "The number of calls allowed per minute was exceeded.")
        if self._retry_after and isinstance(cause, TooManyCallsError):
            response.headers["Retry-After"] = str(cause.seconds)
        return response


def error(status: int, code: str, message: str, **more: object) -> Response:
    """An error in the vendor's form."""
    body = {"code": code, "message": message, **more}
    return Response(orjson.dumps(body), status, media_type="application/json")


def _found(body: bytes | None) -> Response:
    """The rows, or the empty 404 that Plex documents for an unknown id."""
    return Response(status_code=404) if body is None else Response(body, media_type="application/json")


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        InvalidError: It holds none.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise InvalidError("REQUEST_MALFORMED", "The body must be a JSON object.")
    return body


def _as_query(body: dict[str, Any]) -> Query:
    """A search's lists as the repeated parameters of a query; an empty or null list restricts nothing."""
    query: Query = []
    for name, values in body.items():
        if values is not None and not isinstance(values, list):
            raise InvalidError("REQUEST_VALIDATION_FAILED", f"{name} must be a list.")
        query += [(name, str(value)) for value in values or ()]
    return query
