"""How a fault strikes the request that runs into it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Send

from sandbox.cdf.access.identity import Identities
from sandbox.cdf.api.http import ApiError, Json, answer, unzipped
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.classic.sight import seeing
from sandbox.cdf.faults import Fault, items_in
from sandbox.connection import break_off

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Struck:
    """A request that runs into a fault.

    Attributes:
        request: The request.
        body: What was sent with it.
        serve: Works on the request, and gives its answer to a sender.
        receive: Uvicorn's own.
        send: Sends what is said to the client.
        identities: Who has which tokens.
    """

    request: Request
    body: bytes
    serve: Callable[[Send], Awaitable[None]]
    receive: Receive
    send: Send
    identities: Identities

    async def run_into(self, fault: Fault) -> bool:
        """Let the fault strike.

        Returns:
            Whether the client got an answer.
        """
        if fault.kind in CHANGED:
            response = await self._answer()
            await self._respond(CHANGED[fault.kind](self, fault, response))
            return True
        if fault.kind == "lag":
            hidden_after = now_ms() - fault.seconds * 1000
            with seeing(lambda _, row: row.get("createdTime", 0) <= hidden_after):
                await self.serve(self.send)
            return True
        if fault.kind == "stall":
            return await self._stall(fault)
        if fault.after_commit or fault.kind == "conflict":
            await self._answer()
        if fault.kind == "conflict":
            await self.serve(self.send)
            return True
        if fault.kind in {"reset", "close"}:
            await break_off(self.receive, reset=fault.kind == "reset")
            return False
        await self._respond(MADE[fault.kind](self, fault))
        return True

    async def _stall(self, fault: Fault) -> bool:
        """Answer late, or not at all: a client that leaves meanwhile has its request worked on only after a commit."""
        response = await self._answer() if fault.after_commit else None
        try:
            async with asyncio.timeout(fault.seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            await (self.serve(self.send) if response is None else self._respond(response))
            return True
        return False

    async def _answer(self) -> Response:
        """What the API answers, kept from the client."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.serve(keep)
        start, *rest = messages
        response = Response(b"".join(message.get("body", b"") for message in rest), start["status"])
        response.raw_headers = start["headers"]
        return response

    async def _respond(self, response: Response) -> None:
        await response(self.request.scope, self.receive, self.send)


def _status(_: Struck, fault: Fault) -> Response:
    error: Json = {"code": fault.status, "message": fault.message or HTTPStatus(fault.status).phrase}
    if fault.auto_retryable:
        error["isAutoRetryable"] = True
    response = answer({"error": error}, fault.status)
    if fault.auto_retryable:
        # The SDK reads the header, the Toolkit the body.
        response.headers["cdf-is-auto-retryable"] = "true"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _reject_item(struck: Struck, fault: Fault) -> Response:
    items = items_in(struck.body, struck.request.headers.get("content-encoding"))
    return _refused(ApiError(400, f"items[{fault.position(items)}]: {fault.message or 'Invalid value'}"))


def _missing(struck: Struck, fault: Fault) -> Response:
    missing = fault.missing
    if missing is None:
        items = items_in(struck.body, struck.request.headers.get("content-encoding"))[:1]
        missing = [{name: item[name] for name in ("id", "externalId") if name in item} for item in items]
    return _refused(ApiError(400, fault.message or "Ids not found", missing=missing))


def _refused(error: ApiError) -> Response:
    return answer(error.envelope(), error.code)


MADE: dict[str, Callable[[Struck, Fault], Response]] = {
    "status": _status,
    "html": lambda _, __: HTMLResponse(PAGE, 502),
    "noMessage": lambda _, fault: answer({"error": {"code": fault.status}}, fault.status),
    "rejectItem": _reject_item,
    "missing": _missing,
}
"""Faults whose answer is made."""


def _repeat_cursor(struck: Struck, _: Fault, response: Response) -> Response:
    payload = _json(struck.body, struck.request.headers.get("content-encoding"))
    sent = struck.request.query_params.get("cursor") or payload.get("cursor")
    data = _json(bytes(response.body))
    return answer(data | {"nextCursor": sent}, response.status_code) if sent else response


def _expires_in(struck: Struck, fault: Fault, response: Response) -> Response:
    data = _json(bytes(response.body))
    if "access_token" not in data:
        return response
    struck.identities.shorten(data["access_token"], fault.seconds)
    return answer(data | {"expires_in": int(fault.seconds)})


CHANGED: dict[str, Callable[[Struck, Fault, Response], Response]] = {
    "repeatCursor": _repeat_cursor,
    "expiresIn": _expires_in,
}
"""Faults that change the API's own answer."""


def _json(body: bytes, encoding: str | None = None) -> Json:
    try:
        data = orjson.loads(unzipped(body, encoding) or b"{}")
    except (orjson.JSONDecodeError, ApiError):
        return {}
    return data if isinstance(data, dict) else {}
