"""How much time a run has left."""

import time
from collections.abc import Callable

from plex_cdf.errors import OutOfTimeError


class Deadline:
    """A point in time after which nothing new is begun.

    Args:
        seconds: The run's budget from now on.
        clock: Monotonic seconds; the real clock, since a platform kills by it whatever Plex's clock says.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin = clock()
        self._end = self._begin + seconds

    def limit(self, seconds: float) -> None:
        """Changes the budget, counted from the beginning: known once the settings have been read."""
        self._end = self._begin + seconds

    def spent(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._begin

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - self._clock())

    def allows(self, seconds: float = 0.0) -> bool:
        """Whether something that takes so many seconds may still begin."""
        return self.remaining() > seconds

    def check(self) -> None:
        """Raises `OutOfTimeError` once the budget is used up."""
        if not self.allows():
            raise OutOfTimeError("the run's time is used up")
