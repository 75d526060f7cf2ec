"""Whose turn it is, where parents are read in a round: a turn that no call was made for is not lost."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from plex_cdf.cdf.entries import digest
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.config import Settings
from plex_cdf.errors import OutOfTimeError
from plex_cdf.naming import Naming
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.records.base import Record
from plex_cdf.reading.base import Reading
from plex_cdf.reading.children import children
from plex_cdf.report import Report
from plex_cdf.stream import Children, Sources, Stream

HOUR = 3600 * 1000
DAY = 24 * HOUR
BEGIN = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)


class Prints:
    """Parents that are in CDF, each with a digest; and of which of them the children are."""

    def __init__(self, parents: list[str]) -> None:
        self.parents = dict.fromkeys(parents, "0" * 16)
        self.marks = {key: str(digest(mark)) for key, mark in self.parents.items()}

    def prints(self, *_: str) -> list[tuple[str, tuple[str, dict[str, str]]]]:
        return [(key, ("", {"a": mark})) for key, mark in self.parents.items()]

    def mark(self, _: str, key: str) -> str:
        return self.marks.get(key, "")


class Plex:
    """A clock, and what is asked; out of time after so many calls."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.asked: list[str] = []
        self.most = 10**9

    def rows(self, path: str) -> list[dict[str, Any]]:
        if self.most == 0:
            raise OutOfTimeError("the run's time is used up")
        self.most -= 1
        self.asked.append(path)
        return []


class Round:
    """A hundred parents, each read once in ten days: ten a day."""

    def __init__(self) -> None:
        self.keys = [f"{number:03}" for number in range(100)]
        self.plex, self.prints, self.states = Plex(), Prints(self.keys), dict[str, dict[str, Any]]()
        self.run()

    def run(self, budget: int = 1000, *, after: int = 0, killed: bool = False) -> list[str]:
        """Who is asked for in a run so long after the one before."""
        self.plex.now += after
        self.plex.asked.clear()
        settings = Settings.model_validate({"facility": {"pcn": 1, "tenantId": str(UUID(int=1))}})
        reading = Reading(
            Sources(cast("PlexClient", self.plex)),
            settings,
            Naming(1),
            cast("Fingerprints", self.prints),
            self.states,
            force_full=False,
            report=Report("master_data", 1, "run", "incremental", dry_run=False),
        )
        read = Children("{key}", "parents", budget, refresh_days=10)
        stream = Stream("children", read, "id", "X", Record, lambda *_: (), "master")
        batches = children(reading, stream, read)
        try:
            for batch in batches:
                if killed:
                    break
                self.prints.marks |= {scope.name: str(scope.mark) for scope in batch}
        except OutOfTimeError:
            pass
        return list(self.plex.asked)


@pytest.fixture
def round_() -> Round:
    made = Round()
    assert made.plex.asked == []
    return made


def test_what_a_pause_has_left_is_made_up_for_as_the_budget_allows(round_: Round) -> None:
    asked = round_.run(12, after=3 * DAY)
    for _ in range(3):
        asked += round_.run(12)
    assert asked == round_.keys[:30]


def test_a_changed_parent_that_needs_the_budget_costs_nobody_a_turn(round_: Round) -> None:
    changed = round_.keys[90:]
    round_.prints.parents |= dict.fromkeys(changed, "1" * 16)
    assert round_.run(10, after=2 * DAY) == changed
    assert round_.run(100) == round_.keys[:18]


@pytest.mark.parametrize("killed", [True, False])
def test_nor_does_a_run_that_was_killed_or_out_of_time(round_: Round, killed: bool) -> None:
    if not killed:
        round_.plex.most = 4
    begun = round_.run(after=DAY, killed=killed)
    round_.plex.most = 1000
    assert round_.run() == (round_.keys[:10] if killed else round_.keys[4:10])
    assert begun == round_.keys[: 10 if killed else 4]


def test_at_the_end_of_a_round_the_next_one_begins_and_nobody_is_left_out(round_: Round) -> None:
    round_.run(after=7 * DAY)
    assert round_.run(after=6 * DAY) == [*round_.keys[70:], *round_.keys[:30]]
    assert round_.run(after=DAY) == round_.keys[30:40]


@pytest.mark.parametrize(("every", "budget"), [(HOUR, 1), (5 * HOUR, 3), (7 * DAY, 70)])
def test_each_is_read_once_in_so_many_days(round_: Round, every: int, budget: int) -> None:
    asked = Counter(key for _ in range(70 * DAY // every) for key in round_.run(budget, after=every))
    assert set(asked) == set(round_.keys)
    assert set(asked.values()) <= {6, 7}


def test_more_than_a_round_is_never_owed(round_: Round) -> None:
    assert round_.run(after=50 * DAY) == round_.keys
    assert round_.run() == []
