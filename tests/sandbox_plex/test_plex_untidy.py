"""What generated plants do to history: each kind of untidiness alone, and none at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_plex_client import EVER, HISTORY, JOBS

from sandbox.plex import TIDY, Size, Untidiness, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

SMALL = Size(jobs=40, days=20)
PRODUCTION, STATUS = f"{HISTORY}/production-entries", f"{HISTORY}/workcenter-status-entries"
NOW = "2025-12-22T12:00Z"
WINDOW = {"beginDate": "2025-12-20T00:00Z", "endDate": NOW}
"""Two days and a half, long before the plant's end."""


@pytest.fixture
def plant(serve: Callable[..., Client]) -> Callable[..., Client]:
    def make(**shares: float) -> Client:
        return serve(generated_plants(1, 11, SMALL, replace(TIDY, **shares))).at(NOW)

    return make


def frozen(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.values())


def seen_later(plex: Client, path: str = PRODUCTION) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    """The rows of the same window, now and two months later."""
    before = Counter(map(frozen, plex.rows(path, **WINDOW)))
    return before, Counter(map(frozen, plex.at("2026-02-25T00:00Z").rows(path, **WINDOW)))


def test_a_tidy_plant_never_changes_its_past(plant: Callable[..., Client]) -> None:
    plex = plant()
    before, after = seen_later(plex)
    assert before == after
    assert set(before.values()) == {1}
    assert all(row["quantity"] >= 0 and None not in (row["partOperationId"], row["jobId"])
               for row in plex.rows(PRODUCTION, **WINDOW) if row["jobId"])  # fmt: skip
    assert not any(
        row["completedDate"] and row["earliestStartDateTime"] > row["completedDate"] for row in plex.rows(JOBS)
    )


def test_late_entries_turn_up_within_thirty_days(plant: Callable[..., Client]) -> None:
    plex = plant(late=0.3)
    before, after = seen_later(plex)
    assert before < after
    plex.at("2026-01-21T13:00Z")
    assert Counter(map(frozen, plex.rows(PRODUCTION, **WINDOW))) == after


def test_corrections_change_a_row_that_stays(plant: Callable[..., Client]) -> None:
    plex = plant(corrected=0.5)
    before, after = seen_later(plex)
    assert before != after
    assert before.total() == after.total()
    before, after = seen_later(plex.at(NOW), STATUS)
    assert before.total() == after.total()


def test_reversals_take_back_at_the_same_instant(plant: Callable[..., Client]) -> None:
    plex = plant(reversed=0.4)
    before, after = seen_later(plex)
    assert before < after
    rows = plex.rows(PRODUCTION, **WINDOW)
    made = {(row["serialNo"], row["transactionDate"], row["quantity"]) for row in rows}
    taken = [row for row in rows if row["quantity"] < 0]
    assert taken
    assert all((row["serialNo"], row["transactionDate"], -row["quantity"]) in made for row in taken)


def test_rows_vanish(plant: Callable[..., Client]) -> None:
    before, after = seen_later(plant(vanishing=0.3))
    assert after < before


def test_containers_vanish_without_a_word(serve: Callable[..., Client]) -> None:
    containers, moves = (
        "/inventory/v1/inventory-tracking/containers",
        "/inventory/v1/inventory-history/container-location-moves",
    )
    plex = serve(generated_plants(1, 11, SMALL, replace(TIDY, vanishing=0.2)))
    before = {row["serialNo"] for row in plex.rows(containers)}
    gone = before - {row["serialNo"] for row in plex.at("2026-02-15T00:00Z").rows(containers)}
    told = {row["serialNo"] for row in plex.rows(moves, **{**EVER, "beginDate": "2026-01-01T00:00Z"})}
    assert gone - told


def test_twins_are_alike_in_every_field(plant: Callable[..., Client]) -> None:
    before, after = seen_later(plant(twins=0.3))
    assert before == after
    assert set(before.values()) == {1, 2}


def test_nulls_spare_what_a_row_hangs_on(plant: Callable[..., Client]) -> None:
    rows = plant(nulls=0.9).rows(PRODUCTION, **WINDOW)
    lacking = {name for row in rows for name, value in row.items() if value is None}
    assert {"quantity", "workcenterCode", "operationCode"} <= lacking
    assert not {"transactionDate", "workcenterId"} & lacking


def test_plans_come_after_the_work(plant: Callable[..., Client]) -> None:
    jobs = plant(misplanned=1.0).at("2026-03-01T00:00Z").rows(JOBS)
    assert any(row["completedDate"] and row["earliestStartDateTime"] > row["completedDate"] for row in jobs)


def test_an_open_status_grows_until_the_next_begins(plant: Callable[..., Client]) -> None:
    plex = plant()
    rows = plex.rows(STATUS, **WINDOW)
    now = datetime.fromisoformat(NOW)
    newest = {row["workcenterId"]: row for row in rows}
    for row in newest.values():
        assert row["duration"] == int((now - datetime.fromisoformat(row["logDate"][:26] + "Z")).total_seconds())
    for row in rows:
        ends = datetime.fromisoformat(row["logDate"][:26] + "Z") + timedelta(seconds=row["duration"])
        assert ends <= now
    later = plex.at("2025-12-22T12:00:30Z").rows(STATUS, **WINDOW)
    assert sum(row["duration"] for row in later) > sum(row["duration"] for row in rows)


def test_a_plant_goes_on_after_its_end_and_is_the_same_each_time(serve: Callable[..., Client]) -> None:
    first, again = (serve(generated_plants(1, 4, SMALL)).at("2026-01-05T10:00Z") for _ in range(2))
    window = {"beginDate": "2026-01-04T00:00Z", "endDate": "2026-01-06T00:00Z"}
    rows = first.rows(PRODUCTION, **window)
    assert rows == again.rows(PRODUCTION, **window)
    assert max(row["transactionDate"] for row in rows) > "2026-01-05"
    assert first.at("2026-02-01T00:00Z").at("2026-01-05T10:00Z").rows(PRODUCTION, **window) == rows


def test_by_default_everything_is_untidy() -> None:
    assert all(share > 0 for share in vars(Untidiness()).values())
