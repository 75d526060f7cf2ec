"""How a fault strikes: made answers, changed answers, and a connection that really breaks.

A cut and a reset need the connection itself, so these faults work under uvicorn alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.connection import break_off
from sandbox.plex.data_sources.api import FLAGS
from sandbox.plex.rest import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.plex.faults import Fault

PAGE = "<!DOCTYPE html><html><head><title>Plex</title></head><body><h1>Please sign in</h1></body></html>"


WORDS = {401: ("REQUEST_NOT_AUTHENTICATED", "The request could not be authenticated.")}
"""Status to code and message, where Plex has its own for it: so a key expires."""


async def strike(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, stamped: Send) -> bool:
    """Let a request run into a fault.

    Args:
        fault: What goes wrong.
        app: Works on the request, where the fault lets it.
        scope: The request.
        receive: Uvicorn's own.
        stamped: Sends, with the plant's time and the record.

    Returns:
        Whether the request got an answer, if only a part of one.
    """
    if fault.kind in MADE:
        await MADE[fault.kind](fault)(scope, receive, stamped)
        return True
    if fault.kind == "resetBefore":
        await break_off(receive, reset=True)
        return False
    start, body = await _answer_of(app, scope, receive)
    if fault.kind == "resetAfter":
        await break_off(receive, reset=True)
        return False
    if fault.kind == "empty":
        # The request is worked on, so that a bad one is refused as always.
        body = b"[]" if start["status"] == 200 else body
    elif fault.kind == "rowLimit":
        body = _flagged(body)
    headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    start["headers"] = [*headers, (b"content-length", str(len(body)).encode())]
    await stamped(start)
    if fault.kind == "cut":
        await stamped({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await break_off(receive, reset=False)
        return True
    if fault.kind == "drip":
        await _drip(body, fault.seconds, receive, stamped)
        body = b""
    await stamped({"type": "http.response.body", "body": body})
    return True


def _throttle(fault: Fault) -> Response:
    return _with_retry_after(error(429, "TOO_MANY_REQUESTS", "The number of calls allowed was exceeded."), fault)


def _error(fault: Fault) -> Response:
    status = fault.status or 503
    said = WORDS.get(status, ("REQUEST_PROCESSING_ERROR", "Request processing error"))
    return _with_retry_after(error(status, *said), fault)


def _with_retry_after(response: Response, fault: Fault) -> Response:
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


MADE: dict[str, Callable[[Fault], Response]] = {
    "throttle": _throttle,
    "error": _error,
    "html": lambda _fault: HTMLResponse(PAGE),
    "redirect": lambda fault: RedirectResponse(fault.location, fault.status or 302),
}
"""Faults whose answer is made, and that the request never gets past."""


async def _answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """What the application would have answered."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


def _flagged(body: bytes) -> bytes:
    """An answer of a data source with its row-limit flag set, in a table or beside the tables; others as they are."""
    answer = orjson.loads(body)
    if not isinstance(answer, dict):
        return body
    for part in (answer, *answer.get("tables", ())):
        part.update({name: True for name in FLAGS if name in part})
    return orjson.dumps(answer)


async def _drip(body: bytes, seconds: float, receive: Receive, send: Send) -> None:
    """Send a body byte by byte, until nobody waits for it any more."""
    left = asyncio.ensure_future(_left(receive))
    for at in range(len(body)):
        await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
        if (await asyncio.wait([left], timeout=seconds / len(body)))[0]:
            break
    left.cancel()


async def _left(receive: Receive) -> None:
    """Return when the client has gone, or the connection with it."""
    while (await receive())["type"] != "http.disconnect":
        pass
