"""Spares a Plex that is down, and the runs that would wait for it.

Closed, calls pass; after so many failures in a row it opens, and no call passes until it has cooled down; then it is
half open: one call, a run's first, which asks for the tenants, decides. What it knows lies in the state row, so that
the runs of an hour without Plex ask a few times and not thousands.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from plex_cdf.errors import CutError, PlexDownError, ThrottledError, TransientError
from plex_cdf.naming import iso
from plex_cdf.retry import Retry

T = TypeVar("T")
FAILURES = 6
"""In a row; as many as one call may have tries."""
FIRST_COOLDOWN, LONGEST_COOLDOWN = 60.0, 900.0


class Breaker:
    """Stands before Plex, and retries behind it what passes.

    Args:
        retry: Tries again what may pass.
        memory: What it knows, kept between runs: `failures` in a row, `openUntil` in ms, `cooldown` in seconds.
        now: Seconds since 1970, by the real clock.
    """

    def __init__(self, retry: Retry, memory: dict[str, Any], now: Callable[[], float]) -> None:
        self._retry = retry
        self._memory = memory
        self._now = now
        self._lock = threading.Lock()

    def call(self, function: Callable[[], T]) -> T:
        """Calls until it succeeds, or the breaker opens.

        Raises:
            PlexDownError: It is open.
            TransientError: The last one, when the tries or the time are used up. Any other error passes at once.
        """
        return self._retry.call(lambda: self._once(function))

    def _once(self, function: Callable[[], T]) -> T:
        self._check()
        try:
            answer = function()
        except (CutError, ThrottledError):
            # It has begun to answer, or asks for patience: so it is there.
            raise
        except TransientError as error:
            self._failed(error)
            raise
        if self._memory:
            with self._lock:
                self._memory.clear()
        return answer

    def _check(self) -> None:
        until = self._memory.get("openUntil", 0)
        if self._now() * 1000 < until:
            raise PlexDownError(
                f"Plex has failed {self._memory.get('failures')} times in a row, last with: "
                f"{self._memory.get('error')}. It is asked again after {iso(int(until))}"
            )

    def _failed(self, error: TransientError) -> None:
        with self._lock:
            memory = self._memory
            failures = memory.get("failures", 0) + 1
            memory |= {"failures": failures, "error": str(error)[:200]}
            if failures >= FAILURES:
                # Half open, the first failure opens it again, for longer.
                cooldown = min(memory.get("cooldown", FIRST_COOLDOWN / 2) * 2, LONGEST_COOLDOWN)
                memory |= {"cooldown": cooldown, "openUntil": int((self._now() + cooldown) * 1000)}
