"""The gate that every request passes: faults, the bearer token, limits, access rights, request ids, the record."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.cdf.access.identity import Token
from sandbox.cdf.access.login import groups_of, is_administrator
from sandbox.cdf.access.rights import Rights
from sandbox.cdf.acl import Admitted, Guard, filtered
from sandbox.cdf.api.http import ApiError, Json, answer
from sandbox.cdf.classic.sight import seeing
from sandbox.cdf.faults import Faults
from sandbox.cdf.project import Project
from sandbox.cdf.record import RESPONSE_BYTES, Entry, Record
from sandbox.cdf.strikes import Struck
from sandbox.cdf.throttle import Throttle

_LOG = logging.getLogger(__name__)
_PROJECT_PATH = re.compile(r"/api/v1/projects/([^/]+)(.*)", re.DOTALL)
_EVERYTHING = Admitted()


class Gate:
    """What stands before all endpoints."""

    def __init__(self, app: ASGIApp, *, project: Project, record: Record, faults: Faults, throttle: Throttle) -> None:
        self.app = app
        self.project = project
        self.record = record
        self.faults = faults
        self.throttle = throttle
        self.guard = Guard(project)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/__cdf__/"):
            await self.app(scope, receive, send)
            return
        started, at = time.perf_counter(), datetime.now(UTC)
        request = Request(scope)
        payload = await _read(receive)
        answered = _Answer(send)
        token = self._token(request)
        scope.setdefault("state", {})["token"] = token
        if self.throttle.setting.enabled and token is not None:
            await self._throttled(request, token, payload, receive, answered)
        else:
            await self._struck(request, token, payload, receive, answered)
        self.record.entries.append(
            Entry(
                method=request.method,
                path=request.url.path,
                query=request.url.query,
                status=answered.status,
                client_id=token.identity.client_id if token else None,
                call_id=token.call_id if token else None,
                seconds=round(time.perf_counter() - started, 6),
                at=at.isoformat(),
                body=payload,
                encoding=request.headers.get("content-encoding"),
                response=answered.body(),
            )
        )

    def _token(self, request: Request) -> Token | None:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        return self.project.identities.token(value) if scheme.lower() == "bearer" else None

    async def _throttled(
        self, request: Request, token: Token, payload: bytes, receive: Receive, answered: _Answer
    ) -> None:
        """Serve a request as far as the rate limits allow it."""
        named = _PROJECT_PATH.match(request.url.path)
        asked = (token.identity.client_id, request.method, named[2] if named else "")
        try:
            entered = self.throttle.enter(*asked, len(payload))
        except ApiError as refusal:
            await answer(refusal.envelope(), refusal.code)(request.scope, receive, answered.send)
            return
        try:
            await self._struck(request, token, payload, receive, answered)
        finally:
            self.throttle.leave(entered, *asked, answered.size)

    async def _struck(
        self, request: Request, token: Token | None, payload: bytes, receive: Receive, answered: _Answer
    ) -> None:
        """Serve a request, or let it run into a fault."""
        serve = partial(self._serve, request, token, payload, receive)
        fault = self.faults.due(request.method, request.url.path, payload, request.headers.get("content-encoding"))
        if fault is None:
            await serve(answered.send)
            return
        struck = Struck(request, payload, serve, receive, answered.send, self.project.identities)
        if not await struck.run_into(fault):
            answered.status = 0

    async def _serve(self, request: Request, token: Token | None, payload: bytes, receive: Receive, send: Send) -> None:
        """Serve a request as far as its token reaches."""
        try:
            admitted = self._admit(request, token, payload)
        except ApiError as refusal:
            await answer(refusal.envelope(), refusal.code)(request.scope, receive, send)
            return
        if admitted.keep is not None:
            send = _filtering(send, admitted.keep)
        try:
            with seeing(admitted.sight):
                # A copy: routing writes into the scope, and a fault may have a request served twice.
                await self.app(dict(request.scope), _replay(payload, receive), send)
        except Exception as error:  # noqa: BLE001 - whatever breaks is an answer, and stays in the record
            _LOG.exception("%s %s", request.method, request.url.path)
            message = f"{type(error).__name__}: {error}"
            await answer({"error": {"code": 500, "message": message}}, 500)(request.scope, receive, send)

    def _admit(self, request: Request, token: Token | None, payload: bytes) -> Admitted:
        """Check the token, the project and the caller's rights.

        Raises:
            ApiError: 401 or 403.
        """
        path = request.url.path
        if not path.startswith("/api/"):
            return _EVERYTHING
        named = _PROJECT_PATH.match(path)
        # A project that the token does not open is as if there were no token (cognite-sdk-python, `exceptions.py`).
        if token is None or (named and named[1] != self.project.name):
            raise ApiError(401, "Unauthorized")
        identity = token.identity
        everything = is_administrator(self.project, identity)
        rights = None if everything else Rights.of(groups_of(self.project, identity))
        request.state.rights = rights
        if rights is None or not named:
            return _EVERYTHING
        return self.guard.admit(rights, request.method, named[2], request.url.query, payload, _sent_as(request))


def _sent_as(request: Request) -> Json:
    return {name: request.headers.get(name) for name in ("content-type", "content-encoding")}


class _Answer:
    """Passes an answer on, adds its request id, and remembers what the record needs."""

    def __init__(self, send: Send) -> None:
        self.status = 500
        self.size = 0
        self._send = send
        self._chunks: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"].append((b"x-request-id", str(uuid4()).encode()))
        elif self.size <= RESPONSE_BYTES:
            self._chunks.append(message.get("body", b""))
            self.size += len(self._chunks[-1])
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)

    def body(self) -> bytes | None:
        return b"".join(self._chunks) if self.size <= RESPONSE_BYTES else None


def _filtering(send: Send, keep: Callable[[Json], bool]) -> Send:
    """A sender of answers without the items that the caller may not see."""
    started: list[Message] = []
    chunks: list[bytes] = []

    async def filtering(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        chunks.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = filtered(b"".join(chunks), keep)
        MutableHeaders(raw=started[0]["headers"])["content-length"] = str(len(body))
        await send(started[0])
        await send({"type": "http.response.body", "body": body})

    return filtering


async def _read(receive: Receive) -> bytes:
    chunks = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(payload: bytes, receive: Receive) -> Receive:
    """A receiver that gives the body once more, and then what the server gives."""
    bodies = [payload]

    async def replay() -> Message:
        return {"type": "http.request", "body": bodies.pop(), "more_body": False} if bodies else await receive()

    return replay
