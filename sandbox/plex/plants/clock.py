"""The plants' time: a clock that stands still until it is set or advanced, and instants as text.

Inside this package an instant is a text of one fixed form, `YYYY-MM-DDThh:mm:ss.fffffffZ`: what Plex answers. Its seven
fraction digits are more than a `datetime` can hold, and texts of that form sort as the instants do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MICROSECOND_DIGITS = 26


def stamp(moment: datetime, *, tenths: int = 0) -> str:
    """Write a moment as Plex does.

    Args:
        moment: An aware datetime.
        tenths: The seventh fraction digit, 0 to 9 (tenths of a microsecond).
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}{tenths}Z"


def moment_of(instant: str) -> datetime:
    """Read an instant of the fixed form back, to the microsecond."""
    return datetime.fromisoformat(instant[:MICROSECOND_DIGITS]).replace(tzinfo=UTC)


class Clock:
    """The time at the plants, shared by all plants of a server.

    Args:
        now: An aware datetime.

    Raises:
        ValueError: The datetime has no zone.
    """

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def now(self) -> datetime:
        """The plants' time, in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Put the clock to an instant, earlier or later.

        Raises:
            ValueError: The datetime has no zone.
        """
        if now.tzinfo is None:
            raise ValueError(f"The clock needs a time with a zone, not {now.isoformat()}")
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock on (or back, by a negative time)."""
        self.set(self._now + by)
