from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cognite.client import global_config
from cognite.client._http_client import get_global_async_httpx_client
from cognite.client.credentials import Token
from cognite.client.utils._concurrency import _get_event_loop_executor
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, sdk, token
from sandbox_cdf_points import with_series
from sandbox_cdf_pumps import filled, prepared
from sandbox_cdf_rights import administrator
from starlette.applications import Starlette

from sandbox.cdf import create_app
from sandbox.serve import Server

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

global_config.disable_pypi_version_check = True
global_config.max_retries = 0


class Switch:
    """Serves the application of the test that runs: a server's start and stop take longer than most tests."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            assert self.app is not None
            await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def _server() -> Iterator[tuple[Server, Switch]]:
    switch = Switch()
    with Server(switch) as server:
        yield server, switch
    # The SDK keeps one HTTP client for the process; its sockets would warn when the process ends.
    _get_event_loop_executor().run_coro(_close_the_sdk())


async def _close_the_sdk() -> None:
    await get_global_async_httpx_client().aclose()


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    """A new project's application."""
    return create_app(project=PROJECT, clients=CLIENTS, environments=tmp_path / "environments")


@pytest.fixture
def cdf(_server: tuple[Server, Switch], app: Starlette) -> Cdf:
    """A new project, served."""
    server, switch = _server
    switch.app = app
    granted = token(server.url)
    return Cdf(server.url, sdk(server.url, Token(granted)), granted, app.state.project)


@pytest.fixture
def admin(cdf: Cdf) -> Cdf:
    """The same project, seen by somebody who may do everything."""
    return administrator(cdf)


@pytest.fixture
def limited(cdf: Cdf, app: Starlette) -> Cdf:
    """The project as its client `extractor` sees it, which may do nothing yet."""
    app.state.project.identities.join({"extractor": ["its-group"]})
    return cdf


@pytest.fixture
def series(cdf: Cdf) -> Cdf:
    """A project with the series ``linear``, ``step`` and ``text``."""
    return with_series(cdf)


@pytest.fixture
def modeled(cdf: Cdf) -> Cdf:
    """A project with the container ``Pump`` and a view of it."""
    return prepared(cdf)


@pytest.fixture
def pumps(cdf: Cdf) -> Cdf:
    """A project with the pumps ``a``, ``b`` and ``c``."""
    return filled(prepared(cdf))
