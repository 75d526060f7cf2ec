"""The application: both APIs and the control requests, the plant's time on every answer, faults where they are due."""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from sandbox.plex.access import Access, Limiter, NotAuthenticatedError, TooManyCallsError
from sandbox.plex.control import Control, ControlError
from sandbox.plex.data_sources.api import DataSources, DataSourceSettings
from sandbox.plex.data_sources.inputs import SourceError
from sandbox.plex.endpoints.parameters import InvalidError
from sandbox.plex.endpoints.store import Store
from sandbox.plex.faults import Faults
from sandbox.plex.plants.clock import stamp
from sandbox.plex.rest import Rest, error
from sandbox.plex.wire import strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from sandbox.plex.data_sources.api import Account
    from sandbox.plex.plants.clock import Clock
    from sandbox.plex.plants.plant import Plant

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
    accounts: Mapping[str, Account] | None = None,
    data_sources: DataSourceSettings | None = None,
) -> Starlette:
    """The stand-in for Plex.

    Args:
        plants: The tenants.
        api_keys: API key to the PCNs that it may use; the first is its default tenant.
        calls_per_minute: Calls that each key may make in a minute of real time (Plex: 200); None for no limit.
        clock: The plants' time; the caller and the control endpoints may set it.
        retry_after: Whether a 429 says when to come back.
        timer: The limit's time, in seconds.
        accounts: Web service user to account, for the Data Source API; without any it lets nobody in.
        data_sources: How the Data Source API answers.

    Raises:
        ValueError: A key or an account names a PCN that is no plant's.
    """
    accounts = accounts or {}
    stores = {plant.pcn: Store(plant) for plant in plants}
    if strange := {account.pcn for account in accounts.values()} - set(stores):
        raise ValueError(f"An account needs a PCN among {sorted(stores)}, not {sorted(strange)}")
    access, limiter = Access(plants, api_keys), Limiter(calls_per_minute, timer)
    return _PlexApp(
        stores,
        clock,
        Rest(stores, access, limiter, clock, retry_after=retry_after),
        DataSources(stores, accounts, data_sources or DataSourceSettings(), clock),
    )


class _PlexApp(Starlette):
    """Adds the plants' time to every answer, those of error handlers too, and records the APIs' requests."""

    def __init__(self, stores: Mapping[int, Store], clock: Clock, rest: Rest, data_sources: DataSources) -> None:
        self._clock = clock
        self._requests: deque[dict[str, Any]] = deque(maxlen=RECORDED)
        self._faults = Faults()
        super().__init__(
            routes=[
                *Control(clock, stores, self._requests).routes(),
                *self._faults.routes(),
                *data_sources.routes(),
                *rest.routes(),
            ],
            exception_handlers={
                NotAuthenticatedError: rest.not_authenticated,
                InvalidError: rest.invalid,
                TooManyCallsError: rest.too_many,
                SourceError: data_sources.refuse,
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
        is_control = scope["path"].startswith("/__plex__/")

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Date"] = format_datetime(self._clock.now(), usegmt=True)
                if not is_control:
                    self._record(scope, message["status"], fault.kind if fault else None)
            await send(message)

        fault = None if is_control else self._faults.due(scope["path"])
        if fault is None:
            await super().__call__(scope, receive, stamped)
            return
        answered = await strike(fault, super().__call__, scope, receive, stamped)
        if not answered:
            self._record(scope, None, fault.kind)

    def _record(self, scope: Scope, status: int | None, fault: str | None) -> None:
        """Note a request; one that got no answer has no status."""
        query = scope["query_string"].decode("latin-1")
        self._requests.append(
            {
                "method": scope["method"],
                "path": f"{scope['path']}?{query}" if query else scope["path"],
                "status": status,
                "pcn": scope.get("state", {}).get("pcn"),
                "at": stamp(datetime.now(UTC)),
                "fault": fault,
            }
        )


async def _bad_control(_request: Request, cause: Exception) -> Response:
    return error(400, "CONTROL_REQUEST_INVALID", str(cause))


async def _refused(_request: Request, cause: Exception) -> Response:
    status = cause.status_code if isinstance(cause, HTTPException) else 500
    return error(status, "METHOD_NOT_ALLOWED" if status == 405 else "REQUEST_MALFORMED", str(cause))


async def _failed(_request: Request, _cause: Exception) -> Response:
    return error(500, "REQUEST_PROCESSING_ERROR", "Request processing error")
