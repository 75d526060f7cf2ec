"""Facilities in zones of their own, while the clocks change: production days, and the nightly reading."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bench import LOG, PCN, Bench, benches
from facilities import in_zone, twin
from hypothesis import given
from hypothesis import strategies as st
from oee_reference import CLASSES, Calendar, books_of_rows, expected, held
from plex_cdf.reading.base import nightly_due

ZONES = {PCN: "America/Detroit", PCN + 1: "Europe/Berlin", PCN + 2: "Asia/Kolkata"}
MINUTE = timedelta(minutes=1)


def local_day(zone: str, day: str) -> tuple[datetime, datetime]:
    """Beginning and end of a day by the clocks of a zone."""
    first = date.fromisoformat(day)
    begin, end = (datetime.combine(each, time(0), ZoneInfo(zone)) for each in (first, first + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


# Production days


def _busy(day: str) -> Iterator[str]:
    """A day before and one after: one lathe works every hour, another one breaks down now and then."""
    noon = datetime.fromisoformat(f"{day}T12:00")
    for hour in range(-48, 49):
        end = noon + timedelta(hours=hour)
        yield f"W1,Shaft,1000,Turn,Lathe 1,a,D,{5 + hour % 7},{int(hour % 5 == 0)},,60,{end:%Y-%m-%dT%H:%M}"
        if hour % 3 == 0:
            kind = "B" if hour % 2 else "S"
            yield f"W1,Shaft,1000,Turn,Lathe 2,b,{kind},0,0,,45,{end + 20 * MINUTE:%Y-%m-%dT%H:%M}"
            yield f"W1,Shaft,1000,Turn,Lathe 2,b,D,9,0,,70,{end + 100 * MINUTE:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("day", "changed", "hours"),
    [
        ("2024-03-10", "America/Detroit", 23),
        ("2024-03-31", "Europe/Berlin", 23),
        ("2024-10-27", "Europe/Berlin", 25),
        ("2024-11-03", "America/Detroit", 25),
    ],
)
def test_a_production_day_is_as_long_as_the_clocks_of_its_own_facility_say(
    tmp_path: Path, day: str, changed: str, hours: int
) -> None:
    """The three read the same rows; each run comes at another hour around the change, and one at the end."""
    log = LOG.splitlines()[0] + "\n" + "\n".join(_busy(day)) + "\n"
    noon = datetime.fromisoformat(f"{day}T12:00Z")
    begin, end = noon - timedelta(days=3), noon + timedelta(days=3)
    with benches(tmp_path, *(twin(tmp_path, pcn, log) for pcn in ZONES)) as facilities:
        for each in facilities:
            own = {"timeZone": ZONES[each.pcn], "fullReadAt": "02:30"}
            each.configure("performance", startDate=f"{begin:%Y-%m-%d}", statusClasses=CLASSES, **own)
        for now in (*(noon + timedelta(hours=hour) for hour in (-30, -13, -10, -5, 1, 15)), end):
            facilities[0].at(now.isoformat())
            for each in facilities:
                assert each.run("performance")["status"] == "success"

        for each in facilities:
            zone, points = ZONES[each.pcn], held(each)
            calendar = Calendar(zone, time(0), begin, end + timedelta(days=2))
            start = datetime.combine(begin.date(), time(0), UTC)
            assert points == expected(books_of_rows(each, calendar, begin, end), start, end, each.pcn)
            (hourly,) = (found for name, found in points.items() if len(found) > 90 and name.endswith("_AVAILABILITY"))
            opens, closes = local_day(zone, day)
            inside = [instant for instant in hourly if opens <= instant < closes]
            assert len(inside) == (hours if zone == changed else 24)
            assert {instant.minute for instant in inside} == {30 if zone == "Asia/Kolkata" else 0}
            days = {
                instant for name, found in points.items() if name.endswith("_AVAILABILITY_DAY") for instant in found
            }
            assert {opens, closes} <= days


# The nightly reading


def _full_reads(facility: Bench) -> int:
    """How often Plex was asked for all jobs, whatever their status; the record is forgotten."""
    asked = [row["path"] for row in facility.plex_requests()]
    facility.forget_plex_requests()
    return asked.count("/scheduling/v1/jobs")


@pytest.mark.parametrize(
    ("change", "at", "own"),
    [
        ("2024-03-10", "02:30", {"America/Detroit": "07:30", "Europe/Berlin": "01:30"}),
        ("2024-03-31", "02:30", {"America/Detroit": "06:30", "Europe/Berlin": "01:30"}),
        ("2024-11-03", "01:30", {"America/Detroit": "05:30", "Europe/Berlin": "00:30"}),
    ],
)
def test_the_nightly_reading_comes_once_at_its_own_local_time(
    tmp_path: Path, change: str, at: str, own: dict[str, str]
) -> None:
    """Also on the day that has no such time (it comes as long after midnight as ever), and that which has it twice."""
    with benches(tmp_path, *(twin(tmp_path, pcn) for pcn in list(ZONES)[:2])) as facilities:
        for each in facilities:
            in_zone(each, ZONES[each.pcn], fullReadAt=at)
            each.at(f"{change}T00:00:00Z")
            each.run("jobs")
            each.forget_plex_requests()
        seen: dict[str, list[str]] = {zone: [] for zone in own}
        midnight = datetime.fromisoformat(f"{change}T00:00Z")
        for minutes in (*range(10, 8 * 60, 20), 20 * 60):
            now = midnight + minutes * MINUTE
            facilities[0].at(now.isoformat())
            for each in facilities:
                each.run("jobs", streams=["jobs"])
                seen[ZONES[each.pcn]] += [f"{now:%H:%M}"] * _full_reads(each)
        assert seen == {zone: [when] for zone, when in own.items()}


@given(
    st.dates(date(2009, 1, 1), date(2026, 12, 31)),
    st.sampled_from(
        ["UTC", *ZONES.values(), "Australia/Lord_Howe", "Antarctica/Troll", "America/Santiago", "Pacific/Apia"]
    ),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.sampled_from([5, 15, 60]),
)
def test_every_local_day_has_one_night(day: date, zone: str, at: time, minutes: int) -> None:
    here = ZoneInfo(zone)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end, step = begin + timedelta(days=3), minutes * MINUTE
    wanted = {datetime.combine(day + timedelta(days=n), at, here).astimezone(UTC) for n in range(-2, 6)}
    last, found, now = begin, [], begin
    while now < end:
        now += step
        if nightly_due(_ms(last), _ms(now), at, zone):
            found.append(now)
            last = now
    # Two nights fall together where a zone leaves out a day.
    assert found == sorted({begin + -((begin - each) // step) * step for each in wanted if begin < each <= end})
    assert all(before < after for before, after in pairwise(found))


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
