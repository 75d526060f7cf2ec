"""Ids: every resource of a project takes its own from here."""

from __future__ import annotations

import random
from collections.abc import Iterator

from sandbox.cdf.api.http import Json


class Ids:
    """Positive numbers below 2**53, each larger than all before it (so listings by id are listings by age)."""

    def __init__(self) -> None:
        self._last = random.randrange(2**40, 2**41)

    def new(self) -> int:
        """The next id."""
        self._last += random.randrange(1, 2**20)
        return self._last

    def dump(self) -> Iterator[tuple[str, Json]]:
        """The last id that was given."""
        yield "ids", {"last": self._last}

    def load(self, key: str, value: Json) -> None:  # noqa: ARG002 - there is one thing to keep
        """Take back what `dump` gave."""
        self._last = value["last"]
