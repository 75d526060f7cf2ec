"""Three months of a real plant, day by day by the plant's clock, or in one reading."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import Bench, bench
from oee_reference import CLASSES
from plant_content import content
from untidy_log import untidy

import sandbox.plex

LOG = Path(__file__).parents[3] / "shared" / "data" / "factory_log.csv"
EXTRACTORS = ("master_data", "jobs", "production", "inventory", "quality", "performance")
BEGINS, ENDS = datetime(2012, 1, 1, 6, tzinfo=UTC), datetime(2012, 3, 31, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@contextmanager
def plant_of_the_log(*, tidy: bool) -> Iterator[Bench]:
    plant = sandbox.plex.csv_plant(LOG)
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), plant if tidy else untidy(plant)) as facility:
        start = {"startDate": "2012-01-01", "timeZone": "America/Detroit"}
        for extractor in ("production", "inventory", "quality"):
            facility.configure(extractor, **start)
        facility.configure("performance", **start, statusClasses=CLASSES)
        facility.configure("jobs", callBudget=1000)
        yield facility


def run_all(facility: Bench, now: datetime) -> None:
    facility.at(now.isoformat())
    for extractor in EXTRACTORS:
        answer = facility.run(extractor)
        assert answer["status"] == "success"
        assert sum(stream["quarantined"] for stream in answer["streams"].values()) == 0


def day_by_day(until: datetime) -> Iterator[datetime]:
    now = BEGINS
    while now < until:
        yield now
        now += DAY
    yield until


def slowly(ends: datetime, *, tidy: bool, times: int = 1) -> dict[str, Any]:
    """What CDF holds after all extractors have run every day, so many times."""
    with plant_of_the_log(tidy=tidy) as facility:
        for now in day_by_day(ends):
            for _ in range(times):
                run_all(facility, now)
        return content(facility)


def at_once(ends: datetime, *, tidy: bool) -> dict[str, Any]:
    """What it holds after one run of each."""
    with plant_of_the_log(tidy=tidy) as facility:
        run_all(facility, ends)
        return content(facility)
