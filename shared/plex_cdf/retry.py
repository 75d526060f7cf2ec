"""Another try for what may pass, inside the run's deadline."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from plex_cdf.deadline import Deadline
from plex_cdf.errors import ThrottledError, TransientError

T = TypeVar("T")


class Retry:
    """Full-jitter back-off, `uniform(0, min(cap, base * 2**n))`: who failed together does not return together.

    Args:
        deadline: No wait reaches beyond it: then the last error is raised instead.
        attempts: Tries in all.
        base: Seconds that the first wait may take at most.
        cap: Seconds that any computed wait may take at most; an answer's own `Retry-After` may be longer.
        sleep: Takes seconds.
        uniform: Takes a lower and an upper bound.
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        attempts: int = 6,
        base: float = 0.5,
        cap: float = 20.0,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._deadline = deadline
        self._attempts = attempts
        self._base = base
        self._cap = cap
        self._sleep = sleep
        self._uniform = uniform

    def call(self, function: Callable[[], T]) -> T:
        """Calls until it succeeds.

        Raises:
            TransientError: The last one, when the tries or the time are used up. Any other error passes at once.
        """
        for attempt in range(1, self._attempts + 1):
            try:
                return function()
            except TransientError as error:
                wait = self._uniform(0, min(self._cap, self._base * 2 ** (attempt - 1)))
                if isinstance(error, ThrottledError) and error.retry_after is not None:
                    wait += error.retry_after
                if attempt == self._attempts or not self._deadline.allows(wait):
                    raise
                self._sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")
