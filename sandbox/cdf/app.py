"""The ASGI application: the gate that every request passes, and the routes behind it."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.cdf import (
    access,
    assets,
    data_sets,
    datapoint_routes,
    events,
    extraction_pipelines,
    files,
    groups,
    instance_routes,
    labels,
    models,
    persist,
    raw_routes,
    relationships,
    sequences,
    sessions,
    time_series,
    views,
)
from sandbox.cdf.functions.service import Functions
from sandbox.cdf.http import ApiError, answer
from sandbox.cdf.identity import Token
from sandbox.cdf.project import Project
from sandbox.cdf.record import RESPONSE_BYTES, Entry, Record

_LOG = logging.getLogger(__name__)
_PROJECT_PATH = re.compile(r"/api/v1/projects/([^/]+)")


def create_app(
    *, project: str, clients: Mapping[str, str], state_file: Path | None = None, environments: Path
) -> Starlette:
    """A CDF with one project.

    Args:
        project: the project's name in the URL.
        clients: client secret by client id; each may log in at ``POST /oauth2/token``.
        state_file: SQLite file; read at the start and written at a clean stop. Without it, all is in memory.
        environments: folder that keeps the Python environments of functions.
    """
    state = Project(project, clients)
    functions = Functions(state, environments)
    record = Record()
    routes = [
        *record.routes(),
        *functions.control_routes(),
        *access.server_routes(state),
        *files.storage_routes(state.files),
        Mount("/api/v1/projects/{project}", routes=_routes(state, functions)),
    ]
    if state_file is not None:
        persist.load(state, state_file)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        functions.start()
        yield
        await functions.stop()
        if state_file is not None:
            persist.save(state, state_file)

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(Gate, project=state, record=record)],
        exception_handlers={ApiError: _refuse, HTTPException: _no_route},
    )
    app.state.project, app.state.functions, app.state.record = state, functions, record
    return app


def _routes(project: Project, functions: Functions) -> list[Route]:
    """What the project offers; the busiest first, as routes are tried in turn."""
    return [
        *events.routes(project.events),
        *assets.routes(project.assets),
        *datapoint_routes.routes(project),
        *time_series.routes(project.time_series),
        *raw_routes.routes(project.raw),
        *instance_routes.routes(project.instances),
        *relationships.routes(project.relationships),
        *labels.routes(project.labels),
        *sequences.routes(project.sequences),
        *extraction_pipelines.routes(project.extraction_pipelines),
        *files.routes(project.files),
        *data_sets.routes(project.data_sets),
        *groups.routes(project.groups),
        *sessions.routes(project.identities),
        *models.routes(project),
        *views.routes(project),
        *access.routes(),
        *functions.routes(),
    ]


class Gate:
    """What stands before all endpoints: the bearer token, the project's name, request ids, the record."""

    def __init__(self, app: ASGIApp, *, project: Project, record: Record) -> None:
        self.app = app
        self.project = project
        self.record = record

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
        refusal = self._refusal(request, token)
        if refusal is not None:
            await answer(refusal.envelope(), refusal.code)(scope, receive, answered.send)
        else:
            try:
                await self.app(scope, _replay(payload, receive), answered.send)
            except Exception as error:  # noqa: BLE001 - whatever breaks is an answer, and stays in the record
                _LOG.exception("%s %s", request.method, request.url.path)
                message = f"{type(error).__name__}: {error}"
                await answer({"error": {"code": 500, "message": message}}, 500)(scope, receive, answered.send)
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

    def _refusal(self, request: Request, token: Token | None) -> ApiError | None:
        path = request.url.path
        if not path.startswith("/api/"):
            return None
        if token is None:
            return ApiError(401, "Unauthorized")
        named = _PROJECT_PATH.match(path)
        if named and named[1] != self.project.name:
            return ApiError(404, f"Project {named[1]} not found")
        return None


class _Answer:
    """Passes an answer on, adds its request id, and remembers what the record needs."""

    def __init__(self, send: Send) -> None:
        self.status = 500
        self._send = send
        self._chunks: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"].append((b"x-request-id", str(uuid4()).encode()))
        elif self._size <= RESPONSE_BYTES:
            self._chunks.append(message.get("body", b""))
            self._size += len(self._chunks[-1])
        await self._send(message)

    def body(self) -> bytes | None:
        return b"".join(self._chunks) if self._size <= RESPONSE_BYTES else None


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


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - Starlette types every handler by Exception
    return answer(error.envelope(), error.code)


async def _no_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return answer({"error": {"code": error.status_code, "message": error.detail}}, error.status_code)
