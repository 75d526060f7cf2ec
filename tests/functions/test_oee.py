"""OEE out of plain values."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oee import DIGITS, HOUR, Bucket, Class, Entry, Figures, Status, buckets, figures, timeline, times

RUN, PLANNED, UNPLANNED, OFF, OTHER = (
    Class.RUN,
    Class.PLANNED_DOWN,
    Class.UNPLANNED_DOWN,
    Class.OFF,
    Class.OTHER,
)
DAY = 24 * HOUR
ZONES = (
    "UTC",
    "America/Detroit",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # puts its clocks on by half an hour
    "Antarctica/Troll",  # by two
    "Pacific/Apia",  # has left out 2011-12-30
)
instants = st.integers(0, 40)
statuses = st.lists(st.builds(Status, instants, instants, st.sampled_from(Class)), max_size=12)
spans = st.lists(instants, min_size=2, max_size=6, unique=True).map(sorted)
amounts = st.one_of(st.just(0.0), st.floats(-1e6, 1e6, allow_subnormal=False))
entries = st.lists(
    st.builds(Entry, st.just(0), amounts, amounts, st.one_of(st.none(), st.floats(0.01, 1e5))), max_size=8
)
days_of_plants = st.dates(date(2009, 1, 1), date(2026, 12, 31))
day_starts = st.times().map(lambda each: each.replace(second=0, microsecond=0))


def bucket(begin: int, end: int) -> Bucket:
    return Bucket(begin, end, "hour")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def spent(run: float = 0, planned: float = 0, unplanned: float = 0, off: float = 0) -> dict[Class, int]:
    """Times in hours."""
    hours = {OTHER: 0.0, OFF: off, RUN: run, PLANNED: planned, UNPLANNED: unplanned}
    return {kind: int(length * HOUR) for kind, length in hours.items()}


# Times


@given(statuses, spans)
def test_every_moment_belongs_to_the_highest_class_that_holds(known: list[Status], span: list[int]) -> None:
    begin, end = span[0], span[-1]
    expected = dict.fromkeys(Class, 0)
    for moment in range(begin, end):
        holding = [each.kind for each in known if each.begin <= moment < each.end]
        if holding:
            expected[max(holding)] += 1

    assert times(timeline(known), bucket(begin, end)) == expected


@given(statuses, spans)
def test_times_fit_into_the_bucket_and_slices_add_up(known: list[Status], span: list[int]) -> None:
    line = timeline(known)
    whole = times(line, bucket(span[0], span[-1]))
    slices = [times(line, bucket(begin, end)) for begin, end in pairwise(span)]

    assert all(length >= 0 for length in whole.values())
    assert sum(whole.values()) <= span[-1] - span[0]
    assert whole == {kind: sum(each[kind] for each in slices) for kind in Class}


@given(statuses.flatmap(lambda known: st.tuples(st.just(known), st.permutations(known))))
def test_the_order_of_statuses_does_not_matter_nor_does_one_that_comes_twice(
    pair: tuple[list[Status], list[Status]],
) -> None:
    known, shuffled = pair
    assert timeline(shuffled) == timeline(known) == timeline(known + known)


def test_a_breakdown_beats_a_set_up_beats_production_beats_off() -> None:
    line = timeline([Status(0, 100, OFF), Status(10, 90, RUN), Status(20, 60, PLANNED), Status(50, 70, UNPLANNED)])
    assert times(line, bucket(0, 100)) == {OTHER: 0, OFF: 20, RUN: 30, PLANNED: 30, UNPLANNED: 20}
    assert times(line, bucket(40, 65)) == {OTHER: 0, OFF: 0, RUN: 0, PLANNED: 10, UNPLANNED: 15}
    assert times(line, bucket(100, 200)) == dict.fromkeys(Class, 0)


# Figures


def test_the_textbook() -> None:
    # Six of eight hours run, 500 pieces at 100 an hour, 50 of them scrapped.
    made = [Entry(0, 450.0, 0.0, 100.0), Entry(0, 0.0, 50.0, 100.0)]
    assert figures(spent(run=6, unplanned=2), made) == Figures(0.75, 0.833333, 0.9, 0.5625)


def test_every_entry_goes_by_its_own_rate() -> None:
    made = [Entry(0, 100.0, 0.0, 100.0), Entry(0, 10.0, 0.0, 5.0)]
    assert figures(spent(run=4), made) == Figures(1.0, 0.75, 1.0, 0.75)


def test_neither_planned_down_nor_off_is_held_against_a_workcenter() -> None:
    made = [Entry(0, 100.0, 0.0, 100.0)]
    assert figures(spent(run=1, planned=3, off=4), made) == figures(spent(run=1), made) == Figures(1.0, 1.0, 1.0, 1.0)


def test_nothing_is_capped() -> None:
    assert figures(spent(run=1), [Entry(0, 250.0, 0.0, 100.0)]) == Figures(1.0, 2.5, 1.0, 2.5)
    taken_back = [Entry(0, -30.0, 0.0, 100.0), Entry(0, 0.0, 40.0, 100.0)]
    assert figures(spent(run=1), taken_back) == Figures(1.0, 0.1, -3.0, -0.3)


@pytest.mark.parametrize(
    ("time_spent", "made", "expected"),
    [
        (spent(), [], Figures(None, None, None, None)),
        (spent(planned=5, off=3), [], Figures(None, None, None, None)),
        # It stood still: available for none of its time.
        (spent(unplanned=1), [], Figures(0.0, None, None, None)),
        # It ran, and nothing came out of it yet.
        (spent(run=1), [], Figures(1.0, 0.0, None, None)),
        # Pieces that were recorded while it did not run.
        (spent(planned=1), [Entry(0, 10.0, 0.0, 10.0)], Figures(None, None, 1.0, None)),
        # One entry without a rate.
        (spent(run=1), [Entry(0, 9.0, 0.0, 10.0), Entry(0, 1.0, 0.0, None)], Figures(1.0, None, 1.0, None)),
        (spent(run=1), [Entry(0, 9.0, 0.0, 10.0), Entry(0, 0.0, 1.0, None)], Figures(1.0, None, 0.9, None)),
        # One without a rate, and without pieces that would need it.
        (spent(run=1), [Entry(0, 9.0, 0.0, 10.0), Entry(0, 0.0, 0.0, None)], Figures(1.0, 0.9, 1.0, 0.9)),
        # As much was taken back as made, or more.
        (spent(run=1), [Entry(0, 9.0, 0.0, 10.0), Entry(0, -9.0, 0.0, 10.0)], Figures(1.0, 0.0, None, None)),
        (spent(run=1), [Entry(0, -9.0, 0.0, 10.0)], Figures(1.0, -0.9, None, None)),
    ],
)
def test_there_is_no_value_without_a_denominator_or_a_rate(
    time_spent: dict[Class, int], made: list[Entry], expected: Figures
) -> None:
    assert figures(time_spent, made) == expected


@given(st.integers(0, HOUR), st.integers(0, HOUR), entries, st.randoms())
def test_the_order_of_entries_does_not_matter(run: int, down: int, made: list[Entry], random: object) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    time_spent = {**spent(), RUN: run, UNPLANNED: down}
    assert figures(time_spent, shuffled) == figures(time_spent, made)


@given(st.integers(1, HOUR), st.integers(0, HOUR), entries)
def test_oee_is_the_time_of_good_pieces_in_the_time_that_was_meant_for_them(
    run: int, down: int, made: list[Entry]
) -> None:
    """With one rate for all, the three factors cancel to what OEE stands for."""
    same = [each._replace(rate=60.0, good=abs(each.good), scrap=abs(each.scrap)) for each in made]
    good = sum(Fraction(each.good) for each in same)
    assume(good + sum(Fraction(each.scrap) for each in same) > 0)
    exact = float(good / 60 * HOUR / (run + down))
    oee = figures({**spent(), RUN: run, UNPLANNED: down}, same).oee
    assert oee == pytest.approx(exact, rel=1e-9, abs=10**-DIGITS)


# Buckets


def listed(begin: int, end: int, zone: str = "UTC", day_start: time = time(0)) -> list[Bucket]:
    return list(buckets(begin, end, ZoneInfo(zone), day_start))


def test_a_day_of_utc_has_its_hours_and_itself() -> None:
    begin = ms("2024-03-01T00:00+00:00")
    found = listed(begin, begin + DAY)
    assert found[0] == Bucket(begin, begin + DAY, "day")
    assert found[1:] == [Bucket(begin + n * HOUR, begin + (n + 1) * HOUR, "hour") for n in range(24)]


def test_what_begins_in_the_range_is_whole_and_what_began_before_is_not_there() -> None:
    begin = ms("2024-03-01T00:00+00:00")
    found = listed(begin, begin + DAY, "America/Detroit", time(6))
    (day,) = [each for each in found if each.kind == "day"]
    assert day == Bucket(begin + 11 * HOUR, begin + 35 * HOUR, "day")
    assert sorted(each.begin for each in found if each.kind == "hour") == [begin + n * HOUR for n in range(24)]


@pytest.mark.parametrize(
    ("zone", "day", "day_start", "hours"),
    [
        ("America/Detroit", "2024-03-10", time(0), [1] * 23),
        ("America/Detroit", "2024-11-03", time(0), [1] * 25),
        # A day that begins after the change is whole; the one before it is not.
        ("America/Detroit", "2024-03-10", time(6), [1] * 24),
        ("America/Detroit", "2024-03-09", time(6), [1] * 23),
        # A time of day that the clocks skip, or show twice.
        ("Europe/Berlin", "2024-03-31", time(2, 30), [1] * 23),
        ("Europe/Berlin", "2024-10-27", time(2, 30), [1] * 25),
        ("Asia/Kolkata", "2024-03-10", time(0), [1] * 24),
        ("Australia/Lord_Howe", "2024-10-06", time(0), [1] * 23 + [0.5]),
        ("Australia/Lord_Howe", "2024-04-07", time(0), [1] * 24 + [0.5]),
    ],
)
def test_days_are_as_long_as_the_plants_clocks_say(zone: str, day: str, day_start: time, hours: list[float]) -> None:
    opens = datetime.combine(date.fromisoformat(day), day_start, ZoneInfo(zone))
    begin = int(opens.timestamp()) * 1000
    found = listed(begin, begin + 26 * HOUR, zone, day_start)
    whole = next(each for each in found if each.kind == "day")
    assert (whole.begin, (whole.end - whole.begin) / HOUR) == (begin, sum(hours))
    inside = [each for each in found if each.kind == "hour" and each.begin < whole.end]
    assert [(each.end - each.begin) / HOUR for each in inside] == hours


def test_a_day_that_a_zone_left_out_is_none() -> None:
    begin = ms("2011-12-29T00:00+00:00")
    found = [each for each in listed(begin, begin + 3 * DAY, "Pacific/Apia") if each.kind == "day"]
    assert found == [Bucket(begin + hours * HOUR, begin + (hours + 24) * HOUR, "day") for hours in (10, 34, 58)]


def test_a_plant_in_a_half_hour_zone_has_its_hours_on_the_half_hour() -> None:
    begin = ms("2024-03-01T00:00+00:00")
    hours = [each for each in listed(begin, begin + DAY, "Asia/Kolkata") if each.kind == "hour"]
    assert [each.begin for each in hours] == [begin + n * HOUR + HOUR // 2 for n in range(24)]


@given(days_of_plants, st.integers(0, 5), st.sampled_from(ZONES), day_starts, st.integers(0, 6 * 24 * 60))
def test_buckets_tile_time_wherever_it_is_cut(day: date, length: int, zone: str, day_start: time, cut: int) -> None:
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    end = begin + length * DAY
    found = listed(begin, end, zone, day_start)

    assert all(begin <= each.begin < end for each in found)
    for kind in ("hour", "day"):
        tiles = [each for each in found if each.kind == kind]
        assert all(before.end == after.begin for before, after in pairwise(tiles))
    days = [each for each in found if each.kind == "day"]
    assert all(21 * HOUR <= each.end - each.begin <= 27 * HOUR for each in days)
    # An hour lies within one production day.
    assert all(each.end - each.begin <= HOUR for each in found if each.kind == "hour")
    opens = {each.begin for each in days}
    assert not any(each.begin < at < each.end for each in found if each.kind == "hour" for at in opens)
    middle = min(begin + cut * 60_000, end)
    assert sorted(found) == sorted(listed(begin, middle, zone, day_start) + listed(middle, end, zone, day_start))


@given(days_of_plants, st.sampled_from(ZONES), day_starts)
def test_a_production_day_begins_at_its_time_of_day(day: date, zone: str, day_start: time) -> None:
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    for each in listed(begin, begin + DAY, zone, day_start):
        if each.kind == "day":
            local = datetime.fromtimestamp(each.begin / 1000, ZoneInfo(zone))
            skipped = timedelta(hours=local.hour - day_start.hour, minutes=local.minute - day_start.minute)
            # Clocks that are put on skip some times of day; the day then begins as much later.
            assert skipped % timedelta(days=1) in {
                timedelta(0),
                timedelta(minutes=30),
                timedelta(hours=1),
                timedelta(hours=2),
            }
