"""The documented rate limits: how much a project, and each identity in it, may ask for at a time.

Source: https://docs.cognite.com/api-reference/concepts/20230101/rate-limits and, for data modeling, the limits in
https://docs.cognite.com/cdf/dm/dm_reference/dm_limits_and_restrictions. Limits of time series and files are not
modelled. Off until somebody switches them on: `PUT /__cdf__/limits` with `{"enabled": true}`, and `"scale"` to make
them all smaller or larger.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, answer

TEN_MINUTES = 600.0
GIGABYTE = 10**9


@dataclass(frozen=True)
class Budget:
    """What may be asked for within a time, or at once.

    Attributes:
        name: as messages call it.
        method: of HTTP, as a pattern.
        path: below the project, as a pattern.
        measure: ``requests``, ``concurrent requests``, ``bytes sent`` or ``bytes read``.
        seconds: the time; 0 for what runs at once.
        project: how much for all together.
        identity: how much for one identity; None where that is not limited by itself.
    """

    name: str
    method: str
    path: str
    measure: str
    seconds: float
    project: float
    identity: float | None

    def fits(self, method: str, path: str) -> bool:
        """Whether a request draws on it."""
        return re.fullmatch(self.method, method) is not None and re.fullmatch(self.path, path) is not None


def _rate(name: str, path: str, project: float, identity: float, method: str = ".*") -> Budget:
    return Budget(name, method, path, "requests", 1, project, identity)


def _at_once(name: str, path: str, project: float, identity: float | None, method: str = ".*") -> Budget:
    return Budget(name, method, path, "concurrent requests", 0, project, identity)


_ANALYTICAL = "(list|search|filter|aggregate)"
_CRUD = f"(?!.*/{_ANALYTICAL}$).*"

BUDGETS = (
    _rate("assets", "/assets(/.*)?", 200, 150),
    _at_once("assets", "/assets(/.*)?", 40, 30),
    _rate("assets CRUD", f"/assets{_CRUD}", 170, 130),
    _at_once("assets CRUD", f"/assets{_CRUD}", 30, 23),
    _rate("assets analytical", f"/assets/{_ANALYTICAL}", 30, 23),
    _at_once("assets analytical", f"/assets/{_ANALYTICAL}", 15, 12),
    _rate("assets aggregation", "/assets/aggregate", 15, 12),
    _at_once("assets aggregation", "/assets/aggregate", 7, 5),
    _rate("events", "/events(/.*)?", 200, 150),
    _at_once("events", "/events(/.*)?", 50, 40),
    _rate("events CRUD", f"/events{_CRUD}", 170, 130),
    _at_once("events CRUD", f"/events{_CRUD}", 40, 30),
    _rate("events analytical", f"/events/{_ANALYTICAL}", 30, 23),
    _at_once("RAW", "/raw/.*", 64, 48),
    Budget("RAW", "GET", "/raw/.*", "bytes read", TEN_MINUTES, 8.3 * GIGABYTE, 6.6 * GIGABYTE),
    Budget("RAW", "POST", "/raw/.*", "bytes sent", TEN_MINUTES, 1.6 * GIGABYTE, 1.3 * GIGABYTE),
    _at_once("data modeling apply", "/models/instances", 4, None, "POST"),
    _at_once("data modeling delete", "/models/instances/delete", 2, None),
    _at_once("data modeling query", "/models/instances/(?!delete$).*", 8, None),
)

Key = tuple[int, str | None]
"""A budget by its position, and whose: an identity's, or None for the project's."""


class Setting(BaseModel):
    """What the control endpoint takes.

    Attributes:
        enabled: whether requests are limited.
        scale: by which every limit is multiplied; none gets below 1.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    enabled: bool
    scale: float = Field(default=1.0, gt=0)


class _Window:
    """What was spent lately."""

    def __init__(self) -> None:
        self.total = 0.0
        self._spent = deque[tuple[float, float]]()

    def spend(self, amount: float, seconds: float, now: float) -> float:
        """Note an amount, and return what was spent within the last seconds, with it."""
        self._spent.append((now, amount))
        self.total += amount
        while self._spent[0][0] <= now - seconds:
            self.total -= self._spent.popleft()[1]
        return self.total


class Throttle:
    """Counts what is asked for, and refuses what is too much. A refused request has spent its share all the same."""

    def __init__(self, *, enabled: bool) -> None:
        self.setting = Setting(enabled=enabled)
        self._windows: dict[Key, _Window] = {}
        self._running: Counter[Key] = Counter()

    def enter(self, client_id: str, method: str, path: str, size: int) -> list[Key]:
        """Let a request begin.

        Args:
            client_id: whose it is.
            method: of HTTP.
            path: below the project.
            size: bytes that were sent.

        Returns:
            What to give to `leave` at its end.

        Raises:
            ApiError: 429 that names the budget.
        """
        now = time.monotonic()
        entered: list[Key] = []
        refusal: ApiError | None = None
        for key, budget, limit in self._drawn_on(client_id, method, path):
            if budget.seconds:
                amount = {"requests": 1.0, "bytes sent": float(size)}.get(budget.measure, 0.0)
                spent = self._windows.setdefault(key, _Window()).spend(amount, budget.seconds, now)
            else:
                self._running[key] += 1
                entered.append(key)
                spent = self._running[key]
            if spent > limit:
                refusal = refusal or _refusal(budget, limit, whole=key[1] is None)
        if refusal is not None:
            self._end(entered)
            raise refusal
        return entered

    def leave(self, entered: list[Key], client_id: str, method: str, path: str, size: int) -> None:
        """Note that a request has ended, with how many bytes it answered."""
        self._end(entered)
        for key, budget, _ in self._drawn_on(client_id, method, path):
            if budget.measure == "bytes read":
                self._windows.setdefault(key, _Window()).spend(size, budget.seconds, time.monotonic())

    def routes(self) -> list[Route]:
        """The control endpoint."""
        return [Route("/__cdf__/limits", self._serve, methods=["GET", "PUT"])]

    def _end(self, entered: list[Key]) -> None:
        for key in entered:
            self._running[key] -= 1

    def _drawn_on(self, client_id: str, method: str, path: str) -> list[tuple[Key, Budget, float]]:
        found: list[tuple[Key, Budget, float]] = []
        for number, budget in enumerate(BUDGETS):
            if budget.fits(method, path):
                for who, most in ((client_id, budget.identity), (None, budget.project)):
                    if most is not None:
                        found.append(((number, who), budget, max(1.0, most * self.setting.scale)))
        return found

    async def _serve(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self.setting = Setting.model_validate_json(await request.body())
            except ValidationError as error:
                raise ApiError(400, f"enabled and scale are due: {error}") from error
            self._windows.clear()
        return answer(self.setting.model_dump())


def _refusal(budget: Budget, limit: float, *, whole: bool) -> ApiError:
    within = f" per {budget.seconds:g} s" if budget.seconds else ""
    whose = "the project" if whole else "one identity"
    return ApiError(429, f"Rate limit exceeded: {budget.name}, {limit:g} {budget.measure}{within} for {whose}")
