"""The console beside a local CDF: a page of plain HTML, style and scripts, and read-only JSON below it.

It reads the project's stores itself instead of calling the API with a token: so nobody has to log in, its requests are
neither in the record that it shows nor hit by limits and faults, and it sees what no single client may see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.cdf.api.http import ApiError, answer
from sandbox.cdf.project import Project
from sandbox.cdf.record import Record
from sandbox.console import assets, events, functions, pipelines, raw, requests, series, tables
from sandbox.console.overview import overview
from sandbox.console.query import get

PATH = "/console/"

PAGE = Path(__file__).with_name("page")

MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

HEADERS = {
    # Nothing from elsewhere, no script or style inside the page: what CDF holds can be shown, never run.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

HOSTS = ["127.0.0.1", "localhost"]
"""Names of this machine: a page elsewhere cannot read the console through a name of its own."""


def with_console(cdf: Starlette) -> ASGIApp:
    """A local CDF with the console at `PATH`.

    Args:
        cdf: What `sandbox.cdf.create_app` made.
    """
    console = _console(cdf.state.project, cdf.state.record)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        beside = scope["type"] == "http" and f"{scope['path']}/".startswith(PATH)
        await (console if beside else cdf)(scope, receive, send)

    return app


def _console(project: Project, record: Record) -> Starlette:
    json_routes = [
        get("/overview", lambda _: overview(project, record)),
        *assets.routes(project),
        *events.routes(project),
        *series.routes(project),
        *functions.routes(project),
        *pipelines.routes(project),
        *raw.routes(project),
        *tables.routes(project),
        *requests.routes(record),
    ]
    pages = [Route(f"{PATH}{file.name}", _file(file)) for file in PAGE.iterdir() if file.suffix in MEDIA_TYPES]
    return Starlette(
        routes=[
            Mount(f"{PATH}api", routes=json_routes),
            Route(PATH, _file(PAGE / "index.html")),
            Route(PATH.rstrip("/"), _to_page),
            *pages,
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        exception_handlers={ApiError: _refuse},
    )


def _file(file: Path) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_: Request) -> Response:
        return Response(_content(file), media_type=MEDIA_TYPES[file.suffix], headers=HEADERS)

    return serve


def _content(file: Path) -> bytes:
    return file.read_bytes()


async def _to_page(_: Request) -> Response:
    return RedirectResponse(PATH)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - Starlette types every handler by Exception
    return answer(error.envelope(), error.code)
