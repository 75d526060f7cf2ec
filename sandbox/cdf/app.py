"""The ASGI application: the routes of the project, and the gate before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from sandbox.cdf import persist
from sandbox.cdf.access import groups, login, sessions
from sandbox.cdf.access.identity import TOKEN_SECONDS
from sandbox.cdf.api.http import ApiError, answer
from sandbox.cdf.classic import (
    assets,
    data_sets,
    events,
    extraction_pipelines,
    files,
    labels,
    relationships,
    sequences,
    three_d,
    transformations,
)
from sandbox.cdf.classic.store import Store
from sandbox.cdf.faults import Faults
from sandbox.cdf.functions.service import Functions
from sandbox.cdf.gate import Gate
from sandbox.cdf.instances import containers, data_models, queries, spaces, statistics, sync, views
from sandbox.cdf.instances import routes as instance_routes
from sandbox.cdf.points import routes as point_routes
from sandbox.cdf.points import time_series
from sandbox.cdf.project import Project
from sandbox.cdf.raw import routes as raw_routes
from sandbox.cdf.record import Record
from sandbox.cdf.throttle import Throttle
from sandbox.cdf.workflows import routes as workflow_routes


def create_app(
    *,
    project: str,
    clients: Mapping[str, str],
    state_file: Path | None = None,
    environments: Path,
    cron: bool = True,
    memberships: Mapping[str, Collection[str]] | None = None,
    token_seconds: float = TOKEN_SECONDS,
    rate_limits: bool = False,
) -> Starlette:
    """A CDF with one project.

    Args:
        project: the project's name in the URL.
        clients: client secret by client id; each may log in at ``POST /oauth2/token``.
        state_file: SQLite file; read at the start and written at a clean stop. Without it, all is in memory.
        environments: folder that keeps the Python environments of functions.
        cron: whether schedules of functions fire by themselves; else they run on demand alone.
        memberships: by client id, the identity provider's ids of the groups that it is in (a group's ``sourceId``). A
            client that is named here has the capabilities of its groups and no others; the others may do everything.
        token_seconds: how long a token lives.
        rate_limits: whether the documented rate limits hold from the start.
    """
    state = Project(project, clients)
    state.identities.join(memberships or {})
    state.identities.token_seconds = token_seconds
    functions = Functions(state, environments, cron=cron)
    record, faults, throttle = Record(), Faults(), Throttle(enabled=rate_limits)
    routes = [
        *record.routes(),
        *faults.routes(),
        *throttle.routes(),
        *functions.control_routes(),
        *login.server_routes(state),
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
        middleware=[Middleware(Gate, project=state, record=record, faults=faults, throttle=throttle)],
        exception_handlers={ApiError: _refuse, HTTPException: _no_route},
    )
    app.state.project, app.state.functions, app.state.record = state, functions, record
    return app


def _routes(project: Project, functions: Functions) -> list[Route]:
    """What the project offers; the busiest first, as routes are tried in turn."""
    return [
        *events.routes(project.events),
        *assets.routes(project.assets),
        *point_routes.routes(project.time_series),
        *time_series.routes(project.time_series),
        *raw_routes.routes(project.raw),
        *instance_routes.routes(project.instances),
        *queries.routes(project.instances),
        *sync.routes(project.instances),
        *relationships.routes(project.relationships),
        *labels.routes(project.labels),
        *sequences.routes(project.sequences),
        *extraction_pipelines.routes(project.extraction_pipelines),
        *files.routes(project.files),
        *data_sets.routes(project.data_sets),
        *groups.routes(project.groups),
        *sessions.routes(project.identities),
        *spaces.routes(project),
        *containers.routes(project),
        *statistics.routes(project),
        *views.routes(project),
        *data_models.routes(project),
        *workflow_routes.routes(project),
        *transformations.routes(_tables(project)),
        *three_d.routes(),
        *login.routes(),
        *functions.routes(),
    ]


def _tables(project: Project) -> dict[str, Store]:
    """The resources that SQL can count, by their names there."""
    return {
        "assets": project.assets,
        "events": project.events,
        "files": project.files,
        "labels": project.labels,
        "relationships": project.relationships,
        "sequences": project.sequences,
        "timeseries": project.time_series,
    }


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - Starlette types every handler by Exception
    return answer(error.envelope(), error.code)


async def _no_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    return answer({"error": {"code": error.status_code, "message": error.detail}}, error.status_code)
