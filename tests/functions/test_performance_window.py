"""How plex_performance reads: Plex's rows go in, a row for each workcenter and bucket comes out."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import yaml
from performance import PERFORMANCE, PerformanceSettings
from performance_window import PerformanceWindow
from plex_cdf.config import read_settings
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.records.base import Instant
from plex_cdf.stream import Sources

Row = dict[str, Any]
CONFIG: Row = {
    "facility": {"pcn": 340884, "tenantId": "97016117-143c-5059-babf-7d1e7b3a8e7e"},
    "startDate": "2024-03-01",
    "statusClasses": {"run": ["Run"], "plannedDown": ["Setup"], "unplannedDown": ["Down"], "off": ["Off"]},
}
LISTS = ("workcenter-status-entries", "production-entries", "scrap-entries")
DAY = 24 * 3600 * 1000
BEGIN = Instant.parse("2024-03-01T00:00Z")


class Plant:
    """Answers like Plex's client; both ends of a window are included, as may be."""

    def __init__(
        self, *statuses: Row, made: tuple[Row, ...] = (), scrap: tuple[Row, ...] = (), rates: Any = ()
    ) -> None:
        self.now = BEGIN + 10 * DAY
        self.calls: list[str] = []
        self.lists: dict[str, Any] = {
            "workcenter-status-entries": list(statuses),
            "production-entries": list(made),
            "scrap-entries": list(scrap),
            "approved-workcenters": list(rates),
        }

    def rows(self, path: str, params: dict[str, str] | None = None) -> list[Row] | None:
        name = urlsplit(path).path.rpartition("/")[2]
        self.calls.append(name)
        rows: list[Row] | None = self.lists[name]
        if rows is None or params is None:
            return rows
        begin, end = (Instant.parse(params[name]) for name in ("beginDate", "endDate"))
        return [row for row in rows if begin <= Instant.parse(row.get("logDate") or row.get("transactionDate")) <= end]


def window(**changes: Any) -> PerformanceWindow:
    text = yaml.safe_dump({**CONFIG, **changes})
    read = PERFORMANCE.streams(read_settings(PerformanceSettings, "plex_340884_performance", text))[0].read
    assert isinstance(read, PerformanceWindow)
    return read


def rows(plant: Plant, begin: int = BEGIN, end: int = BEGIN + DAY, **changes: Any) -> list[Row] | None:
    return window(**changes).rows(Sources(cast("PlexClient", plant)), begin, end)


def day(plant: Plant, **changes: Any) -> Row | None:
    """The first day's row of the only workcenter."""
    found = rows(plant, **changes)
    assert found is not None
    return next((row for row in found if row["bucket"] == "day"), None)


def at(hours: float) -> str:
    return (datetime(2024, 3, 1, tzinfo=UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


def status(name: str | None, begin: float, hours: float | None, place: str | None = "w-1", **more: Any) -> Row:
    duration = None if hours is None else hours * 3600
    more = {"workcenterCode": "MILL-01", **more}
    return {"workcenterId": place, "logDate": at(begin), "workcenterStatus": name, "duration": duration, **more}


def pieces(quantity: Any, when: float, operation: str | None = "po-1", place: str = "w-1", **more: Any) -> Row:
    more = {"workcenterCode": "MILL-01", **more}
    return {
        "workcenterId": place,
        "transactionDate": at(when),
        "partOperationId": operation,
        "quantity": quantity,
        **more,
    }


def rate(operation: str = "po-1", **rates: Any) -> Row:
    return {"workcenterId": "w-1", "workcenterCode": "MILL-01", "partOperationId": operation, **rates}


# Buckets


def test_a_day_and_its_hours_are_rows() -> None:
    plant = Plant(status("Run", 8, 1.5), made=(pieces(50.0, 9.25),), rates=[rate(targetRate=100.0)])
    found = rows(plant)
    assert found is not None
    assert [(row["begin"], row["bucket"]) for row in found] == [
        ("2024-03-01T00:00:00.000Z", "day"),
        ("2024-03-01T08:00:00.000Z", "hour"),
        ("2024-03-01T09:00:00.000Z", "hour"),
    ]
    assert found[0] == {
        "workcenterId": "w-1",
        "workcenterCode": "MILL-01",
        "begin": "2024-03-01T00:00:00.000Z",
        "bucket": "day",
        "availability": 1.0,
        "performance": 0.333333,
        "quality": 1.0,
        "oee": 0.333333,
    }
    assert [row["performance"] for row in found[1:]] == [0.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_a_bucket_is_the_same_whichever_window_it_is_read_with(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    names = ["Run", "Setup", "Down", "Off", "Other", None]
    plant = Plant(
        *(
            status(random.choice(names), random.uniform(-200, 200), random.choice([None, 0.0, 1.0, 20.0, 90.0]), place)
            for place in ("w-1", "w-2")
            for _ in range(60)
        ),
        made=tuple(pieces(float(random.randint(-3, 30)), random.uniform(-50, 200)) for _ in range(80)),
        scrap=tuple(pieces(1.0, random.uniform(-50, 200)) for _ in range(9)),
        rates=[rate(targetRate=17.0)],
    )
    zone = {"timeZone": "America/Detroit", "dayStart": "06:30"}
    whole = rows(plant, BEGIN, BEGIN + 6 * DAY, **zone)
    slices = [rows(plant, BEGIN + n * DAY, BEGIN + (n + 1) * DAY, **zone) for n in range(6)]
    for name in ("workcenter-status-entries", "production-entries", "scrap-entries"):
        random.shuffle(plant.lists[name])
    shuffled = rows(plant, BEGIN, BEGIN + 6 * DAY, **zone)

    def by_bucket(found: list[Row] | None) -> list[Row]:
        return sorted(found or [], key=lambda row: (row["workcenterId"], row["begin"], row["bucket"]))

    assert len(whole or ()) > 200
    assert by_bucket(whole) == by_bucket([row for each in slices for row in each or ()]) == by_bucket(shuffled)


def test_a_status_that_began_before_the_window_counts() -> None:
    plant = Plant(status("Down", -70, 71), status("Run", 1, 3))
    assert (day(plant) or {})["availability"] == 0.75
    assert (day(plant, lookbackHours=24) or {})["availability"] == 1.0


def test_a_status_counts_no_longer_than_the_lookback() -> None:
    plant = Plant(status("Run", -20, 44), status("Down", 10, 1e300))
    assert (day(plant, lookbackHours=22) or {})["availability"] == round(2 / 16, 6)


def test_a_status_without_a_duration_lasts_until_the_next_or_now() -> None:
    plant = Plant(status("Run", 2, None), status("Down", 5, None))
    plant.now = BEGIN + 11 * 3600 * 1000
    assert (day(plant) or {})["availability"] == round(3 / 9, 6)
    # One that nobody classifies ends it, too, and counts for nothing.
    plant.lists["workcenter-status-entries"].append(status("Lunch", 6, None))
    assert (day(plant) or {})["availability"] == 0.75


def test_nothing_counts_that_lies_ahead_of_plexs_clock() -> None:
    plant = Plant(status("Run", 2, 20), made=(pieces(10.0, 3), pieces(10.0, 8)), rates=[rate(targetRate=10.0)])
    plant.now = BEGIN + 7 * 3600 * 1000
    assert (day(plant) or {})["performance"] == 0.2
    assert len(rows(plant) or ()) == 6


def test_a_bucket_of_unclassified_statuses_is_a_row_without_figures() -> None:
    """Its statuses may get a class, and a row that stays is none that vanishes."""
    found = day(Plant(status("Lunch", 2, 1)))
    assert found is not None
    assert [found[name] for name in ("availability", "performance", "quality", "oee")] == [None] * 4
    assert day(Plant()) is None


def test_rows_that_cannot_be_read_or_placed_are_left_out() -> None:
    good = {"statuses": (status("Run", 0, 10),), "made": (pieces(5.0, 1),)}
    plant = Plant(
        *good["statuses"],
        status("Down", 1, 5, None),
        status("Down", 1, 5, " "),
        {**status("Down", 1, 5), "duration": "long"},
        status("Down", 4, -1e303),
        made=(*good["made"], pieces("many", 2), pieces(1e300, 2), pieces(None, 2), pieces(0.0, 2, None)),
        rates=[rate(targetRate=1.0), {"value": "?"}],
    )
    assert rows(plant) == rows(Plant(*good["statuses"], made=good["made"], rates=[rate(targetRate=1.0)]))


# Rates, codes, answers


@pytest.mark.parametrize(
    ("rates", "changes", "expected"),
    [
        ([rate(targetRate=10.0, standardProductionRate=20.0, idealRate=40.0)], {}, 0.4),
        ([rate(targetRate=None, standardProductionRate=20.0, idealRate=40.0)], {}, 0.2),
        ([rate(targetRate=0.0, standardProductionRate=None, idealRate=40.0)], {}, 0.1),
        ([rate(targetRate=10.0, idealRate=40.0)], {"targetRates": ["idealRate"]}, 0.1),
        ([rate(targetRate=10.0)], {"targetRates": ["idealRate", "standardProductionRate"]}, None),
        ([rate(targetRate=10.0), rate(targetRate=20.0)], {}, 0.2),
        ([rate(targetRate=20.0), rate(targetRate=10.0)], {}, 0.2),
        ([rate("po-2", targetRate=10.0)], {}, None),
        ([rate(targetRate=-10.0)], {}, None),
        ([rate(targetRate="fast")], {}, None),
        ([], {}, None),
    ],
)
def test_the_target_is_the_first_rate_that_there_is(rates: list[Row], changes: Row, expected: float | None) -> None:
    plant = Plant(status("Run", 0, 10), made=(pieces(40.0, 1),), rates=rates)
    found = day(plant, **changes)
    assert found is not None
    assert (found["performance"], found["oee"]) == (expected, expected)
    assert (found["availability"], found["quality"]) == (1.0, 1.0)


def test_rates_are_read_once_in_a_run() -> None:
    plant, read = Plant(rates=[rate(targetRate=1.0)]), window()
    for begin in range(3):
        read.rows(Sources(cast("PlexClient", plant)), BEGIN + begin * DAY, BEGIN + (begin + 1) * DAY)
    assert plant.calls.count("approved-workcenters") == 1


@pytest.mark.parametrize("names", [LISTS, ("approved-workcenters",)])
def test_without_the_history_or_the_rates_nothing_is_computed(names: tuple[str, ...]) -> None:
    plant = Plant(status("Run", 0, 10))
    plant.lists |= dict.fromkeys(names)
    assert rows(plant) is None


@pytest.mark.parametrize("silent", [names for number in (1, 2) for names in combinations(LISTS, number)])
def test_a_404_for_some_of_the_history_says_that_there_is_no_data(silent: tuple[str, ...]) -> None:
    empty, absent = (
        Plant(status("Run", 0, 10), made=(pieces(5.0, 1),), scrap=(pieces(1.0, 1),), rates=[rate(targetRate=1.0)])
        for _ in range(2)
    )
    empty.lists |= {name: [] for name in silent}
    absent.lists |= dict.fromkeys(silent)
    assert rows(absent) == rows(empty) != []


def test_a_workcenter_is_chosen_by_its_code_even_where_a_row_lacks_it() -> None:
    plant = Plant(
        status("Run", 0, 1),
        status("Down", 1, 3, workcenterCode=None),
        status("Run", 0, 1, "w-2", workcenterCode="LATHE-1"),
        status("Run", 0, 1, "w-3", workcenterCode=None),
    )

    def chosen(**workcenters: list[str]) -> set[tuple[str, str | None]]:
        return {(row["workcenterId"], row["workcenterCode"]) for row in rows(plant, workcenters=workcenters) or ()}

    assert chosen() == {("w-1", "MILL-01"), ("w-2", "LATHE-1"), ("w-3", None)}
    assert chosen(include=["MILL-*"]) == {("w-1", "MILL-01")}
    assert chosen(exclude=["MILL-*"]) == {("w-2", "LATHE-1"), ("w-3", None)}
    assert (day(plant, workcenters={"include": ["MILL-*"]}) or {})["availability"] == 0.25
    # The approved workcenters have the code that is in use.
    plant.lists["approved-workcenters"] = [rate(workcenterCode="MILL-A")]
    assert chosen(include=["MILL-*"]) == {("w-1", "MILL-A")}
