"""The log of a real plant: three months, day by day by the plant's clock, equal one reading of everything."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench import Bench, bench
from test_history_links import assert_links

import sandbox.plex

LOG = Path(__file__).parents[3] / "shared" / "data" / "factory_log.csv"
pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not ours to ship")
START = {"startDate": "2012-01-01"}
BEGINS, ENDS = datetime(2012, 1, 2, 6, tzinfo=UTC), datetime(2012, 3, 31, 5, 46, tzinfo=UTC)
ALL = ("master_data", "jobs", "production", "inventory", "quality")


@contextmanager
def plant_of_the_log() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), sandbox.plex.csv_plant(LOG)) as facility:
        for extractor in ("production", "inventory", "quality"):
            facility.configure(extractor, **START)
        yield facility


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
