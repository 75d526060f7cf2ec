"""The plant of the log as people enter it: rows come up to 30 days late, are corrected, taken back and deleted."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from sandbox.plex import Plant
from sandbox.plex.plants.clock import moment_of, stamp

Row = dict[str, Any]
MADE = "/production/v1/production-history/production-entries"
SCRAPPED = "/production/v1/production-history/scrap-entries"
STATUS = "/production/v1/production-history/workcenter-status-entries"
SETUP = "/production/v1/production-history/workcenter-setup-entries"
MOVED = "/inventory/v1/inventory-history/container-location-moves"
ADJUSTED = "/inventory/v1/inventory-history/container-adjustments"
# Of each history: the field with the instant, the number that a correction changes, whether a row may be taken back.
HISTORIES = {
    MADE: ("transactionDate", "quantity", True),
    SCRAPPED: ("transactionDate", "quantity", True),
    STATUS: ("logDate", "duration", False),
    SETUP: ("setupDateTime", "parentPartOperationNumber", False),
    MOVED: ("adjustmentDate", "quantity", False),
    ADJUSTED: ("adjustmentDate", "quantity", True),
}
LATEST, SETTLED = timedelta(days=30), timedelta(days=34)


@dataclass(frozen=True)
class Entered:
    """A row of a history by the hand of a person.

    Attributes:
        row: As it is entered first.
        since: When.
        corrected: When it changes, and to what.
        until: When it is deleted.
    """

    row: Row
    since: str
    corrected: tuple[str, Row] | None = None
    until: str | None = None

    def at(self, instant: str) -> Row | None:
        """The row as it reads at an instant, None where there is none."""
        if instant < self.since or (self.until and instant >= self.until):
            return None
        return {**self.row, **self.corrected[1]} if self.corrected and instant >= self.corrected[0] else self.row


def untidy(plant: Plant, seed: int = 1) -> Plant:
    """The same plant; of each history every fourth row is entered late, corrected, taken back, deleted or doubled.

    All of it within 34 days after the row's instant, so within what is read again every night.
    """
    tables = dict(plant.tables)
    for path, (instant, number, reversible) in HISTORIES.items():
        random = Random(f"{seed}{path}")  # noqa: S311  # not for secrets
        rows = [row for life in tables[path] if (row := life.at(stamp(plant.ends + LATEST))) is not None]
        tables[path] = [entry for row in rows for entry in _entered(row, row[instant], number, reversible, random)]
    return replace(plant, tables=tables)


def _entered(row: Row, at: str, number: str, reversible: bool, random: Random) -> list[Entered]:
    when, chance = moment_of(at), random.random()
    late, later = stamp(when + LATEST * chance), stamp(when + SETTLED * chance)
    match random.randrange(20):
        case 0:
            return [Entered(row, late)]
        case 1:
            return [Entered(row, at, corrected=(later, {number: row[number] + 1}))]
        case 2 if reversible:
            return [Entered(row, at), Entered({**row, number: -row[number]}, later)]
        case 3:
            return [Entered(row, at, until=later)]
        case 4:  # a twin
            return [Entered(row, at), Entered(row, late)]
    return [Entered(row, at)]
