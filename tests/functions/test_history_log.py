"""The log of a real plant: three months, day by day by the plant's clock, equal one reading of everything."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bench import Bench, Row, bench
from shop import MADE, SCRAPPED, STATUS
from test_history_links import assert_links

import sandbox.plex

LOG = Path(__file__).parents[3] / "shared" / "data" / "factory_log.csv"
pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not ours to ship")
START = {"startDate": "2012-01-01"}
BEGINS, ENDS = datetime(2012, 1, 2, 6, tzinfo=UTC), datetime(2012, 3, 31, 5, 46, tzinfo=UTC)
ALL = ("master_data", "jobs", "production", "inventory", "quality")
KINDS = ("production", "scrap", "workcenter_status", "setup", "container_move", "container_adjustment", "deviation")
# What was seen at some instant, and left no trace in Plex.
SEEN = ("_JOB", "_PROGRESS")


@contextmanager
def plant_of_the_log() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), sandbox.plex.csv_plant(LOG)) as facility:
        for extractor in ("production", "inventory", "quality"):
            facility.configure(extractor, **START)
        yield facility


def content(facility: Bench) -> dict[str, Any]:
    """Everything by its external id, without what CDF adds; what is retracted aside."""
    assets, series = facility.assets(), facility.series()
    names = {row["id"]: name for name, row in assets.items() if not _is_inactive(row)}
    added = ("id", "createdTime", "lastUpdatedTime", "dataSetId", "rootId", "parentId", "assetIds", "assetId")
    held: dict[str, Any] = {}
    events = [row for kind in (*KINDS, "job", "job_operation") for row in facility.events(kind).values()]
    for row in [*assets.values(), *series.values(), *events]:
        if row.get("metadata", {}).get("plexState") is None and not row["externalId"].endswith(SEEN):
            links = [names[each] for each in [*row.get("assetIds", ()), row.get("assetId")] if each in names]
            held[row["externalId"]] = {name: value for name, value in row.items() if name not in added} | {
                "links": sorted(links)
            }
    for name in series:
        points = facility.points(name)
        if "_ONHAND_" not in name and not name.endswith(SEEN):
            held[f"points of {name}"] = points
        elif "_ONHAND_" in name and list(points.values())[-1] == 0:
            # A place that has emptied has read 0 since; who never saw it full knows nothing of it.
            del held[name]
        elif "_ONHAND_" in name:
            held[f"points of {name}"] = list(points.values())[-1]
    return held


def _is_inactive(row: Row) -> bool:
    return bool(row.get("metadata", {}).get("plexState") == "inactive")


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (one.get(name), other.get(name)) for name in one.keys() | other.keys() if one.get(name) != other.get(name)
    }


def days(step: int = 1) -> Iterator[datetime]:
    now = BEGINS
    while now < ENDS:
        yield now
        now += timedelta(days=step)
    yield ENDS


def test_the_figures_of_one_reading_are_those_of_the_log() -> None:
    with plant_of_the_log() as facility:
        facility.at(ENDS.isoformat())
        for extractor in ("master_data", "production"):
            facility.run(extractor)
        statuses = facility.events("workcenter_status").values()
        assert len(facility.events("production")) == 1922
        assert Counter(row["subtype"] for row in statuses) == {"Production": 1922, "Setup": 531, "Breakdown": 36}
        assert len(facility.events("setup")) == 531
        assert sum(float(row["metadata"]["quantity"]) for row in facility.events("scrap").values()) == 86
        names = list(facility.series())
        good = [value for name in names if name.endswith("_GOOD") for value in facility.points(name).values()]
        scrap = [value for name in names if name.endswith("_SCRAP") for value in facility.points(name).values()]
        assert len([value for value in good if float(value) > 0]) == 1386
        assert (sum(map(float, good)), sum(map(float, scrap))) == (46_064, 86)
        assert len([name for name in names if name.endswith("_STATUS")]) == 20
        # Of 2,489 starts at a workcenter, 67 are shared by two or more.
        starts = {(row["metadata"]["workcenterId"], row["startTime"]) for row in statuses}
        held = [name for name in names if name.endswith("_STATUS")]
        assert sum(len(facility.points(name)) for name in held) == len(starts)
        assert all(len(row["assetIds"]) == 3 for row in statuses)


def test_histories_that_come_before_the_master_data_get_every_link_afterwards() -> None:
    with plant_of_the_log() as facility:
        facility.configure("jobs", callBudget=1000)
        for extractor in (*ALL[1:], *ALL):
            facility.run(extractor)
        assert assert_links(facility) > 6000
        for extractor in ALL[1:]:
            answer = facility.run(extractor)
            assert sum(stream["linked"] + stream["updated"] for stream in answer["streams"].values()) == 0


class Clerk:
    """Enters rows of the log late, corrects them and takes them back, each at its time."""

    def __init__(self, facility: Bench) -> None:
        self.facility = facility
        self.tasks: list[tuple[datetime, str, Row, Row]] = []
        facility.at(ENDS.isoformat())
        headers = {"beginDate": "2012-01-01T00:00:00Z", "endDate": "2012-04-01T00:00:00Z"}
        query = "&".join(f"{name}={value}" for name, value in headers.items())
        for path, instant in ((MADE, "transactionDate"), (SCRAPPED, "transactionDate"), (STATUS, "logDate")):
            rows = facility.plex_rows(f"{path}?{query}")
            seen = Counter(repr(row) for row in rows)
            single = [row for row in rows if seen[repr(row)] == 1]
            for number, row in enumerate(single[::45]):
                self._plan(path, row, datetime.fromisoformat(row[instant]), number)

    def _plan(self, path: str, row: Row, when: datetime, number: int) -> None:
        later = when + timedelta(days=1 + number % 20)
        value = "duration" if path == STATUS else "quantity"
        match number % 4:
            case 0:  # late
                self.facility.rows(path, remove=[row])
                self.tasks.append((later, path, {}, row))
            case 1:  # corrected
                self.tasks.append((later, path, row, row | {value: row[value] + 1}))
            case 2:  # reversed
                self.tasks.append((later, path, {}, row | {value: -row[value], "serialNo": "reversal"}))
            case 3:  # deleted
                self.tasks.append((later, path, row, {}))

    def work(self, now: datetime) -> None:
        for task in [task for task in self.tasks if task[0] <= now]:
            _, path, gone, new = task
            self.facility.rows(path, remove=[gone] if gone else [], upsert=[new] if new else [])
            self.tasks.remove(task)


@pytest.mark.parametrize("untidy", [False, True])
def test_production_read_day_by_day_equals_one_reading(untidy: bool) -> None:
    with plant_of_the_log() as facility:
        clerk = Clerk(facility) if untidy else None
        # Where nothing is late, little has to be read again every night.
        facility.configure("production", **START, reconcileDays=35 if untidy else 2)
        facility.at(BEGINS.isoformat())
        facility.run("master_data")
        for now in days(6 if untidy else 1):
            facility.at(now.isoformat())
            if clerk:
                clerk.work(now)
            # Every day is read twice: again by the next run, and now and then by the same.
            for _ in range(2 if now.day % 7 == 0 else 1):
                facility.run("production")
        if clerk:
            clerk.work(ENDS + timedelta(days=99))
        tomorrow = (ENDS + timedelta(days=1)).isoformat()
        facility.at(tomorrow)
        last = facility.run("production")
        assert last["status"] == "success"
        slowly = content(facility)
    with plant_of_the_log() as facility:
        late = Clerk(facility) if untidy else None
        if late:
            late.work(ENDS + timedelta(days=99))
        facility.at(BEGINS.isoformat())
        facility.run("master_data")
        facility.at(tomorrow)
        facility.run("production")
        at_once = content(facility)
    assert differences(slowly, at_once) == {}
    assert len(at_once) > 5000


def test_all_extractors_month_by_month_equal_one_reading() -> None:
    with plant_of_the_log() as facility:
        facility.configure("jobs", callBudget=1000)
        for now in days(29):
            facility.at(now.isoformat())
            for extractor in reversed(ALL):
                facility.run(extractor)
        for extractor in ALL:
            facility.run(extractor)
        slowly = content(facility)
    with plant_of_the_log() as facility:
        facility.configure("jobs", callBudget=1000)
        facility.at(ENDS.isoformat())
        for extractor in ALL:
            facility.run(extractor)
        at_once = content(facility)
    assert differences(slowly, at_once) == {}
    assert len(at_once) > 6000
