"""The time by which schedules fire: the real time, until somebody moves it."""

from __future__ import annotations

from datetime import UTC, datetime

from croniter import croniter

from sandbox.cdf.api.times import now_ms


class Clock:
    """A clock that runs on from wherever it is set. Milliseconds since the epoch, UTC."""

    def __init__(self) -> None:
        self._ahead = 0

    def now(self) -> int:
        """What it shows."""
        return now_ms() + self._ahead

    def set(self, time: int) -> None:
        """Show another time from now on."""
        self._ahead = time - now_ms()


def next_fire(cron: str, after: int) -> int:
    """The first time after `after` that a cron expression names, in UTC."""
    following: datetime = croniter(cron, datetime.fromtimestamp(after / 1000, UTC)).get_next(datetime)
    return round(following.timestamp() * 1000)


def iso(time: int) -> str:
    """A time as text, such as `2026-01-31T12:05:00+00:00`."""
    return datetime.fromtimestamp(time / 1000, UTC).isoformat()
