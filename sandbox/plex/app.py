"""The application: one handler for every declared endpoint, the vendor's errors, the plant's time on every answer."""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from sandbox.plex.access import Access, Limiter, NotAuthenticatedError, TooManyCallsError
from sandbox.plex.clock import stamp
from sandbox.plex.control import Control, ControlError
from sandbox.plex.endpoints import BY_PATH, ENDPOINTS, TENANTS, Endpoint
from sandbox.plex.parameters import InvalidError, filters, read_uuid
from sandbox.plex.store import Store, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

    from sandbox.plex.clock import Clock
    from sandbox.plex.plant import Plant

RECORDED = 100_000
"""How many requests the record keeps; the oldest go first."""


def create_app(
    plants: Sequence[Plant],
    *,
    api_keys: Mapping[str, Collection[int]],
    calls_per_minute: int | None = None,
    clock: Clock,
    retry_after: bool = True,
    timer: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The stand-in for Plex.

    Args:
        plants: The tenants.
        api_keys: API key to the PCNs that it may use; the first is its default tenant.
        calls_per_minute: Calls that each key may make in a minute of real time (Plex: 200); None for no limit.
        clock: The plants' time; the caller and the control endpoints may set it.
        retry_after: Whether a 429 says when to come back.
        timer: The limit's time, in seconds.

    Raises:
        ValueError: A key names a PCN that is no plant's.
    """
    return _PlexApp(_Api(plants, Access(plants, api_keys), Limiter(calls_per_minute, timer), clock, retry_after))


class _Api:
    """What the routes share."""

    def __init__(
        self,
        plants: Sequence[Plant],
        access: Access,
        limiter: Limiter,
        clock: Clock,
        retry_after: bool,  # noqa: FBT001 - private, and create_app asks for it by name
    ) -> None:
        self.clock = clock
        self.stores = {plant.pcn: Store(plant) for plant in plants}
        self.requests: deque[dict[str, Any]] = deque(maxlen=RECORDED)
        self._access = access
        self._limiter = limiter
        self._retry_after = retry_after

    def enter(self, request: Request) -> Store:
        """Check key, limit and tenant, in this order, and give the tenant's rows."""
        self._access.plants(request.headers)
        self._limiter.take(request.headers["x-plex-connect-api-key"])
        plant = self._access.plant(request.headers)
        request.state.pcn = plant.pcn
        return self.stores[plant.pcn]

    def route(self, endpoint: Endpoint) -> Route:
        """The route of a declared endpoint."""

        async def handle(request: Request) -> Response:
            store = self.enter(request)
            instant = stamp(self.clock.now())
            wanted = filters(endpoint.parameters, request.query_params.multi_items())
            if endpoint.item_of:
                return _found(store.table(BY_PATH[endpoint.item_of], instant).item(_id_in(request)))
            if endpoint.child_of:
                parent = _id_in(request)
                if (parent,) not in store.table(BY_PATH[endpoint.child_of], instant).by_key:
                    return _found(None)
                return _found(store.children(endpoint, parent, instant).body(wanted))
            table = self._tenants(store, request) if endpoint is TENANTS else store.table(endpoint, instant)
            return _found(table.body(wanted))

        return Route(endpoint.path, handle, methods=["GET"])

    def _tenants(self, store: Store, request: Request) -> Table:
        """The tenants are those of the key, whichever of them the request works in."""
        plants = self._access.plants(request.headers)
        return store.overlay(TENANTS, [{"id": plant.tenant_id, "code": plant.code} for plant in plants])

    async def unknown(self, request: Request) -> Response:
        """What no endpoint answers; without a key that can't be told from the rest."""
        self.enter(request)
        return _error(404, "RESOURCE_NOT_FOUND", "The requested resource was not found.")

    async def too_many(self, _request: Request, error: Exception) -> Response:
        """The vendor documents a limit but no answer; this is the usual one."""
        response = _error(429, "TOO_MANY_REQUESTS", "The number of calls allowed per minute was exceeded.")
        if self._retry_after and isinstance(error, TooManyCallsError):
            response.headers["Retry-After"] = str(error.seconds)
        return response


class _PlexApp(Starlette):
    """Adds the plants' time to every answer, those of error handlers too, and records the API's requests."""

    def __init__(self, api: _Api) -> None:
        self._api = api
        super().__init__(
            routes=[
                *Control(api.clock, api.stores, api.requests).routes(),
                *(api.route(endpoint) for endpoint in ENDPOINTS),
                Route("/{path:path}", api.unknown),
            ],
            exception_handlers={
                NotAuthenticatedError: _not_authenticated,
                InvalidError: _invalid,
                TooManyCallsError: api.too_many,
                ControlError: _bad_control,
                HTTPException: _refused,
                Exception: _failed,
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = self._api.clock.now()
                MutableHeaders(scope=message)["Date"] = format_datetime(now, usegmt=True)
                if not scope["path"].startswith("/__plex__/"):
                    self._api.requests.append(_record(scope, message["status"]))
            await send(message)

        await super().__call__(scope, receive, stamped)


def _id_in(request: Request) -> str:
    """The id in the request's path."""
    return read_uuid("id", request.path_params["id"])


def _record(scope: Scope, status: int) -> dict[str, Any]:
    query = scope["query_string"].decode("latin-1")
    return {
        "method": scope["method"],
        "path": f"{scope['path']}?{query}" if query else scope["path"],
        "status": status,
        "pcn": scope.get("state", {}).get("pcn"),
        "at": stamp(datetime.now(UTC)),
    }


def _found(body: bytes | None) -> Response:
    """The rows, or the empty 404 that Plex documents for an unknown id."""
    return Response(status_code=404) if body is None else Response(body, media_type="application/json")


def _error(status: int, code: str, message: str, *, errors: bool = False) -> Response:
    body: dict[str, Any] = {"code": code, "message": message}
    if errors:
        body["errors"] = [{"code": "ARGUMENT_INVALID", "message": message}]
    return Response(orjson.dumps(body), status, media_type="application/json")


async def _not_authenticated(_request: Request, _cause: Exception) -> Response:
    return _error(401, "REQUEST_NOT_AUTHENTICATED", "The request could not be authenticated.")


async def _invalid(_request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, InvalidError) else "REQUEST_VALIDATION_FAILED"
    return _error(400, code, str(error), errors=True)


async def _bad_control(_request: Request, error: Exception) -> Response:
    return _error(400, "CONTROL_REQUEST_INVALID", str(error))


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _error(status, "METHOD_NOT_ALLOWED" if status == 405 else "REQUEST_MALFORMED", str(error))


async def _failed(_request: Request, _cause: Exception) -> Response:
    return _error(500, "REQUEST_PROCESSING_ERROR", "Request processing error")
