"""Time that passes only when somebody sleeps."""

from plex_cdf.deadline import Deadline


class FakeTime:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def deadline(self, seconds: float = 420) -> Deadline:
        return Deadline(seconds, self.clock)
