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
WINDOWED = ("production", "inventory", "performance")
BEGINS, ENDS = datetime(2012, 1, 1, 6, tzinfo=UTC), datetime(2012, 3, 31, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@contextmanager
def plant_of_the_log(*, tidy: bool) -> Iterator[Bench]:
    plant = sandbox.plex.csv_plant(LOG)
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), plant if tidy else untidy(plant)) as facility:
        # Where nothing is late, little has to be read again every night.
        start = {"startDate": "2012-01-01", "timeZone": "America/Detroit", "reconcileDays": 2 if tidy else 35}
        for extractor in ("production", "quality"):
            facility.configure(extractor, **start)
        # The last containers of a plant that has stopped leave many at a time.
        facility.configure("inventory", **start, vanishLimit={"share": 1, "number": 1000})
        facility.configure("performance", **start, statusClasses=CLASSES)
        facility.configure("jobs", callBudget=1000)
        yield facility


def run_all(facility: Bench, now: datetime, extractors: tuple[str, ...] = EXTRACTORS) -> None:
    facility.at(now.isoformat())
    for extractor in extractors:
        answer = facility.run(extractor)
        assert answer["status"] == "success"
        assert sum(stream["quarantined"] for stream in answer["streams"].values()) == 0


def day_by_day(until: datetime) -> Iterator[datetime]:
    """Every day of the log, and every fifth after it, when only late entries come."""
    now = BEGINS
    while now < until:
        yield now
        now += DAY if now < ENDS else 5 * DAY
    yield until


def slowly(ends: datetime, *, tidy: bool, twice: bool = False) -> dict[str, Any]:
    """What CDF holds after all extractors have run every day; those that read windows twice, where asked for."""
    with plant_of_the_log(tidy=tidy) as facility:
        for now in day_by_day(ends):
            run_all(facility, now)
            if twice:
                run_all(facility, now, WINDOWED)
        return content(facility)


def at_once(ends: datetime, *, tidy: bool) -> dict[str, Any]:
    """What it holds after one run of each."""
    with plant_of_the_log(tidy=tidy) as facility:
        run_all(facility, ends)
        return content(facility)
