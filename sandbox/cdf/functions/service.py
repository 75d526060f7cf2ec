"""The functions part of a project: its endpoints, and its life with the server."""

import asyncio
from pathlib import Path

from starlette.routing import Route

from sandbox.cdf.functions.calls import Calls
from sandbox.cdf.functions.clock import Clock
from sandbox.cdf.functions.cron import Cron
from sandbox.cdf.functions.deployments import Deployments
from sandbox.cdf.functions.host import Host
from sandbox.cdf.functions.runner import Runner
from sandbox.cdf.functions.schedules import Schedules


class Functions:
    """Cognite Functions of one project.

    Args:
        host: whose functions they are.
        environments: folder that keeps the Python environments of functions.
        cron: whether schedules fire by themselves.

    Attributes:
        runner: Runs them; its `time_limit` may be changed.
    """

    def __init__(self, host: Host, environments: Path, *, cron: bool = True) -> None:
        self.runner = Runner(environments)
        self._calls = Calls(host, self.runner)
        clock = Clock()
        self._schedules = Schedules(host, self._calls, clock)
        self._deployments = Deployments(host, self.runner, self._schedules)
        self._cron = Cron(host.functions, self._schedules, clock, enabled=cron)

    def routes(self) -> list[Route]:
        """The endpoints below the project's path."""
        return [*self._schedules.routes(), *self._deployments.routes(), *self._calls.routes()]

    def control_routes(self) -> list[Route]:
        """The endpoints beside the API."""
        return [*self._calls.control_routes(), *self._schedules.control_routes(), *self._cron.routes()]

    def start(self) -> None:
        """Go on where an earlier run of the server stopped."""
        self._deployments.resume()
        self._cron.start()

    async def stop(self) -> None:
        """Kill everything that runs."""
        self._cron.stop()
        # In a thread: it waits for the threads of the calls that it kills.
        await asyncio.to_thread(self.runner.stop)
