"""Fires schedules when they are due.

A schedule that is due while its last call still runs is called all the same. What fell due while the server was stopped
is not made up for.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer, body
from sandbox.cdf.functions.clock import Clock, iso, next_fire
from sandbox.cdf.functions.schedules import Schedules
from sandbox.cdf.functions.store import FunctionStore

POLL_SECONDS = 0.2
MOST_SECONDS = 86_400
"""How far the clock may be advanced at once: more would start more calls than a machine can run."""

_LOG = logging.getLogger(__name__)


class Cron:
    """Fires the schedules of a project, by a clock that can be moved.

    Args:
        store: the schedules.
        schedules: makes their calls.
        clock: the time.
        enabled: whether they fire by themselves; else they only run on demand.
    """

    def __init__(self, store: FunctionStore, schedules: Schedules, clock: Clock, *, enabled: bool) -> None:
        self._store = store
        self._schedules = schedules
        self._clock = clock
        self._enabled = enabled
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[Route]:
        """The endpoint beside the API."""
        return [Route("/__cdf__/clock", self._serve, methods=["GET", "PUT"])]

    def start(self) -> None:
        """Fire from now on."""
        self._from_now()
        self._task = asyncio.create_task(self._tick())

    def stop(self) -> None:
        """Fire no more."""
        if self._task:
            self._task.cancel()

    def fire(self) -> None:
        """Make every call that is due, the earliest first."""
        if not self._store.url:
            # Nobody has reached this server yet, so its calls could not either.
            self._from_now()
        now = self._clock.now()
        while self._enabled:
            due = [each for each in self._store.schedules.values() if each.next_fire and each.next_fire <= now]
            if not due:
                return
            first = min(due, key=lambda each: each.next_fire)
            time = first.next_fire
            first.next_fire = next_fire(first.row["cronExpression"], time)
            self._schedules.fire_on_time(first, time)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                self.fire()
            except Exception:  # noqa: BLE001 - one schedule that cannot be fired must not stop the others for ever
                _LOG.exception("A schedule did not fire")

    def _from_now(self) -> None:
        for schedule in self._store.schedules.values():
            schedule.next_fire = next_fire(schedule.row["cronExpression"], self._clock.now())

    async def _serve(self, request: Request) -> Response:
        """The clock; a PUT sets it (`now`), lives through time (`advanceSeconds`) or switches the firing (`cron`)."""
        if request.method == "PUT":
            self._move(await body(request))
        return answer({"now": iso(self._clock.now()), "cron": self._enabled})

    def _move(self, sent: Json) -> None:
        now, seconds = sent.get("now"), sent.get("advanceSeconds")
        if isinstance(sent.get("cron"), bool) and len(sent) == 1:
            self._enabled = bool(sent["cron"])
            self._from_now()
        elif isinstance(now, str) and seconds is None:
            try:
                time = datetime.fromisoformat(now)
            except ValueError as error:
                raise ApiError(400, f"now: {error}") from error
            self._clock.set(round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000))
            self._from_now()
        elif isinstance(seconds, int | float) and 0 <= seconds <= MOST_SECONDS and now is None:
            self.fire()
            self._clock.set(self._clock.now() + round(seconds * 1000))
            self.fire()
        else:
            raise ApiError(
                400,
                f"now (ISO 8601), advanceSeconds (0 to {MOST_SECONDS}) or cron (true, false): exactly one is needed",
            )
