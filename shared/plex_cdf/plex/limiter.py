"""A ceiling on calls to Plex, which allows about 200 a minute per key over everything that uses it."""

import threading
import time
from collections.abc import Callable

from plex_cdf.deadline import Deadline
from plex_cdf.errors import OutOfTimeError

_BURST_SECONDS = 10.0


class RateLimiter:
    """A token bucket: a short burst, then one call per interval, so paced that no minute has more calls than it may.

    Args:
        calls_per_minute: This run's share of the key's limit.
        deadline: A wait that would reach beyond it ends the run in time instead; no answer outlasts it either.
        clock: Monotonic seconds.
        sleep: Takes seconds.
    """

    def __init__(
        self,
        calls_per_minute: int,
        deadline: Deadline,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # What a full bucket holds counts too: a burst and the minute behind it together make the minute's calls.
        self._interval = (60.0 + _BURST_SECONDS) / calls_per_minute
        self.deadline = deadline
        self._clock = clock
        self._sleep = sleep
        self._next = clock() - _BURST_SECONDS
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Returns when the next call may be made.

        Raises:
            OutOfTimeError: The wait would outlast the run.
        """
        with self._lock:
            now = self._clock()
            self._next = max(self._next, now - _BURST_SECONDS)
            wait = self._next - now
            if not self.deadline.allows(max(0.0, wait)):
                raise OutOfTimeError("the run's time, or Plex's rate limit within it, leaves no further call")
            self._next += self._interval
        if wait > 0:
            self._sleep(wait)

    def slow_down(self) -> None:
        """Halves the pace for the rest of the run, after Plex has said that it was too fast."""
        with self._lock:
            self._interval *= 2
            self._next = max(self._next, self._clock())
