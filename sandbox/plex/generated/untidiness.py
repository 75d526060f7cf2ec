"""How untidy a generated plant is, and what untidiness does to a history row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from random import Random

    from sandbox.plex.plants.plant import Row

LATEST = timedelta(days=30)
"""How long after its instant the latest entry is made."""
CORRECTED = timedelta(days=20)
"""How long after its entry a row may still be corrected, or go."""


@dataclass(frozen=True)
class Untidiness:
    """Shares of rows, each from 0 to 1.

    Attributes:
        nulls: Lack one to three of their fields.
        late: Are entered up to 30 days after their instant.
        corrected: Change after they were entered.
        reversed: Are followed by one that takes them back.
        vanishing: Are gone later; of containers, those that vanish with no word in the history.
        twins: Are there twice, alike in every field.
        misplanned: Are planned for after they were done.
        misrecorded: Jobs that were completed before they were created.
    """

    nulls: float = 0.3
    late: float = 0.05
    corrected: float = 0.04
    reversed: float = 0.02
    vanishing: float = 0.02
    twins: float = 0.02
    misplanned: float = 0.1
    misrecorded: float = 0.02


TIDY = Untidiness(nulls=0, late=0, corrected=0, reversed=0, vanishing=0, twins=0, misplanned=0, misrecorded=0)
"""A plant in which nothing is amiss."""


def missing(random: Random, fields: Sequence[str], share: float) -> tuple[str, ...]:
    """The fields that a row lacks: mostly none, now and then up to three."""
    if random.random() >= share:
        return ()
    return tuple(random.choices(fields, k=random.randint(1, 3)))


class Clerk:
    """Enters history rows, as untidily as it was told to.

    Args:
        untidy: How untidily.
        random: The chance.
    """

    def __init__(self, untidy: Untidiness, random: Random) -> None:
        self._untidy = untidy
        self._random = random

    def enter(
        self,
        row: Row,
        when: datetime,
        *,
        keep: Sequence[str],
        changes: tuple[tuple[str, Row], ...] = (),
        correct: Callable[[Row], Row] | None = None,
        reverse: Callable[[Row], Row] | None = None,
    ) -> Iterator[History]:
        """The row as it is entered: once, as twins, late, with a correction, a reversal, or not for good.

        Args:
            row: How it should read.
            when: Its instant.
            keep: The fields that are never null.
            changes: What becomes of it anyway.
            correct: Gives the fields that a correction changes.
            reverse: Gives the row that takes it back.
        """
        untidy, chance = self._untidy, self._random.random
        late = chance() < untidy.late
        since = when + LATEST * chance() if late else when
        for name in missing(self._random, tuple(row), untidy.nulls):
            if name not in keep:
                row[name] = None
        # Who enters a row late knows what became of it in the meantime.
        kept = tuple((max(instant, stamp(since)), values) for instant, values in changes)
        if correct and chance() < untidy.corrected:
            kept = tuple(sorted((*kept, (stamp(since + CORRECTED * chance()), correct(row))), key=lambda each: each[0]))
        until = stamp(since + CORRECTED * chance()) if chance() < untidy.vanishing else None
        for _ in range(2 if chance() < untidy.twins else 1):
            yield History(stamp(since), row, kept, until)
        if reverse and chance() < untidy.reversed:
            yield History(stamp(since + CORRECTED * chance()), reverse(row))
