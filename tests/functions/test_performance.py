"""OEE in CDF agrees with a plain computation from the log, or from Plex's rows, and follows them."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from bench import PCN, Bench, bench
from oee_reference import (
    CLASSES,
    HISTORY,
    LOG,
    Calendar,
    books_of_log,
    books_of_rows,
    expected,
    held,
    names_of_workcenters,
)

import sandbox.plex

MADE = f"{HISTORY}/production-entries"


def configure(facility: Bench, start: str, zone: str, day_start: time = time(0), **more: object) -> None:
    facility.configure(
        "performance",
        startDate=start,
        statusClasses=CLASSES,
        timeZone=zone,
        dayStart=f"{day_start:%H:%M}",
        **more,
    )


def run(facility: Bench, **payload: object) -> list[str]:
    """A run that ends well; the paths to which it sent something."""
    with facility.requests() as record:
        answer = facility.run("performance", **payload)
    assert (answer["status"], answer["notes"]) == ("success", [])
    assert not answer["streams"]["performance"]["quarantined"]
    return [request["path"] for request in record if request["method"] == "POST"]


def writes(paths: list[str]) -> list[str]:
    return [path for path in paths if "/timeseries" in path or "_performance/rows" in path]


@pytest.mark.skipif(not LOG.exists(), reason="the factory's log is not here")
@pytest.mark.parametrize(
    ("zone", "day_start"), [("UTC", time(0)), ("America/Detroit", time(6)), ("Asia/Kolkata", time(0))]
)
def test_oee_of_the_real_log(tmp_path: Path, zone: str, day_start: time) -> None:
    begin, now = datetime(2012, 1, 1, tzinfo=UTC), datetime(2012, 4, 10, tzinfo=UTC)
    with bench(tmp_path, sandbox.plex.csv_plant(LOG)) as facility:
        configure(facility, "2012-01-01", zone, day_start)
        facility.at(now.isoformat())
        run(facility)

        calendar = Calendar(zone, day_start, begin, now)
        points = held(facility)
        assert points == expected(books_of_log(calendar, names_of_workcenters(facility)), begin, now)
        assert len([name for name in points if name.endswith("_OEE_DAY")]) > 10
        assert sum(len(found) for found in points.values()) > 10_000
        assert writes(run(facility)) == []


@pytest.mark.parametrize(("zone", "day_start"), [("UTC", time(0)), ("America/New_York", time(22))])
def test_oee_of_a_generated_plant_follows_plex(tmp_path: Path, zone: str, day_start: time) -> None:
    """Rows come late, are corrected, vanish; statuses lack their duration. A full run agrees with Plex each time."""
    size = sandbox.plex.Size(jobs=60, workcenters=4, parts=6, days=14)
    (plant,) = sandbox.plex.generated_plants(seed=3, size=size)
    with bench(tmp_path, plant) as facility:
        configure(facility, plant.begins.isoformat(), zone, day_start)
        for now in (plant.ends - timedelta(days=3, hours=2, minutes=13), plant.ends):
            facility.at(now.isoformat())
            run(facility, mode="full")

            calendar = Calendar(zone, day_start, plant.begins, now + timedelta(days=2))
            assert held(facility) == expected(books_of_rows(facility, calendar, plant.begins, now), plant.begins, now)
            assert writes(run(facility)) == []


# The small log: Lathe 1 runs on 1 March from 9:00 to 10:00 and makes 4 shafts, after half an hour of set-up.


def series(facility: Bench, name: str) -> str:
    return f"PCN{PCN}_WORKCENTER_{names_of_workcenters(facility)['Lathe 1']}_{name}"


def entry(facility: Bench, **change: Any) -> dict[str, Any]:
    """The production entry of those four, or one like it."""
    rows = facility.plex_rows(f"{MADE}?beginDate=2024-03-01T00:00Z&endDate=2024-03-01T11:00Z")
    return {**rows[0], **change}


def test_what_is_entered_late_reaches_the_day_that_began_before_the_overlap(facility: Bench) -> None:
    """In Detroit the day of 1 March begins at 5:00 UTC; 23 hours old, the entry changes one that is 46 hours old."""
    configure(facility, "2024-02-28", "America/Detroit", fullReadAt="23:00")
    facility.at("2024-03-03T03:00:00Z")
    run(facility)
    day = datetime(2024, 3, 1, 5, tzinfo=UTC)
    before = held(facility)[series(facility, "PERFORMANCE_DAY")][day]

    late = entry(facility, transactionDate="2024-03-02T04:00:00.0000000Z", quantity=8.0)
    facility.rows(MADE, upsert=[late])
    run(facility)

    assert held(facility)[series(facility, "PERFORMANCE_DAY")][day] == pytest.approx(3 * before)


def test_a_value_goes_with_the_rows_that_it_was_made_of(facility: Bench) -> None:
    configure(facility, "2024-02-28", "UTC")
    facility.at("2024-03-02T03:00:00Z")
    run(facility)
    hour, names = datetime(2024, 3, 1, 10, tzinfo=UTC), ("QUALITY", "QUALITY_DAY", "OEE_DAY")
    before = held(facility)
    assert hour in before[series(facility, "QUALITY")]
    assert {name for name in names if series(facility, name) in before} == set(names)

    facility.rows(MADE, remove=[{"transactionDate": entry(facility)["transactionDate"]}])
    run(facility)

    after = held(facility)
    assert not [name for name in names if series(facility, name) in after]
    assert set(after[series(facility, "AVAILABILITY_DAY")]) == set(before[series(facility, "AVAILABILITY_DAY")])


def test_the_current_bucket_counts_as_far_as_plex_has_come(facility: Bench) -> None:
    classes = {"run": ["Production"], "unplannedDown": ["Setup"]}
    facility.configure("performance", startDate="2024-02-28", statusClasses=classes)
    seen = {}
    for now in ("08:10", "08:20", "08:30", "09:30", "10:30"):
        facility.at(f"2024-03-01T{now}:00Z")
        run(facility)
        points = held(facility)
        seen[now] = points.get(series(facility, "AVAILABILITY_DAY"), {}).get(datetime(2024, 3, 1, tzinfo=UTC))

    # The set-up ends at 8:30; production runs from 9:00 to 10:00.
    assert seen == {"08:10": 0.0, "08:20": 0.0, "08:30": 0.0, "09:30": 0.5, "10:30": 0.666667}


def test_a_backfill_computes_the_days_that_it_is_asked_for(facility: Bench) -> None:
    configure(facility, "2024-02-28", "UTC")
    facility.at("2024-03-31T00:00:00Z")
    run(facility)
    before = held(facility)
    facility.rows(MADE, upsert=[entry(facility, quantity=4.0)])
    run(facility, mode="backfill", since="2024-03-01", until="2024-03-02")

    after = held(facility)
    name, day = series(facility, "PERFORMANCE_DAY"), datetime(2024, 3, 1, tzinfo=UTC)
    assert after[name].pop(day) == pytest.approx(2 * before[name].pop(day))
    assert after[name] == before[name]
