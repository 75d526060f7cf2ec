"""The functions part of a project: its endpoints, and its life with the server."""

import asyncio
from typing import TYPE_CHECKING

from starlette.routing import Route

from sandbox.cdf.functions.calls import Calls
from sandbox.cdf.functions.deployments import Deployments
from sandbox.cdf.functions.runner import Runner
from sandbox.cdf.functions.schedules import Schedules
from sandbox.cdf.functions.store import FunctionStore

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


class Functions:
    """Cognite Functions of one project; kept as `project.functions`.

    Attributes:
        store: All functions, calls and schedules.
        runner: Runs them; its `time_limit` may be changed.
    """

    def __init__(self, project: "Project") -> None:
        self.store = FunctionStore()
        self.runner = Runner(project.environments)
        self.calls = Calls(project, self.store, self.runner)
        self.deployments = Deployments(project, self.store, self.runner)
        self.schedules = Schedules(project, self.store, self.calls)
        project.persisted["functions"] = self.store
        project.on_start.append(self._start)
        project.on_stop.append(self._stop)

    async def _start(self) -> None:
        self.deployments.resume()

    async def _stop(self) -> None:
        # In a thread: it waits for the threads of the calls that it kills.
        await asyncio.to_thread(self.runner.stop)


def routes(project: "Project") -> list[Route]:
    """The endpoints below the project's path."""
    functions = _part_of(project)
    return [*functions.schedules.routes(), *functions.deployments.routes(), *functions.calls.routes()]


def control_routes(project: "Project") -> list[Route]:
    """The endpoints beside the API."""
    return _part_of(project).schedules.control_routes()


def _part_of(project: "Project") -> Functions:
    if not isinstance(project.functions, Functions):
        project.functions = Functions(project)
    return project.functions
