"""Overall equipment effectiveness out of plain values: when a workcenter had which status, and what it made.

    availability = run / (run + unplanned down)
    performance  = time that the pieces are due by their target rates / run
    quality      = good / (good + scrap)
    OEE          = availability * performance * quality

Pieces are good and scrapped ones alike: what was scrapped took its time too, and quality alone answers for it. Nothing
is capped: above 1 a target rate is too low, below 0 more was taken back than made. Where a denominator is not above 0,
or pieces lack a target rate, there is no value.

Instants are ms since 1970 in UTC; a span of time holds its begin and not its end.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from math import fsum
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from plex_cdf.naming import EPOCH

HOUR = 3600 * 1000
# Decimals of a value: far finer than a plant's books, and the same whatever the order of the rows.
DIGITS = 6
_ONE_DAY = timedelta(days=1)


class Class(IntEnum):
    """What a status stands for.

    Where statuses overlap, the highest counts: a breakdown that somebody reports is not undone by a set-up, or by a
    production status that was left open.
    """

    OTHER = 0
    OFF = 1
    RUN = 2
    PLANNED_DOWN = 3
    UNPLANNED_DOWN = 4


class Span(NamedTuple):
    """A time."""

    begin: int
    end: int


class Status(NamedTuple):
    """A time during which a workcenter had a status of this class."""

    begin: int
    end: int
    kind: Class


class Entry(NamedTuple):
    """Pieces made or scrapped; fewer than none is a correction. `rate` is the target in pieces an hour, if any."""

    instant: int
    good: float
    scrap: float
    rate: float | None


class Bucket(NamedTuple):
    """A time that gets one value of each figure, at its begin."""

    begin: int
    end: int
    kind: Literal["hour", "day"]


class Figures(NamedTuple):
    """How a workcenter performed: 1 is 100 %."""

    availability: float | None
    performance: float | None
    quality: float | None
    oee: float | None


Timeline = Mapping[Class, Sequence[Span]]
"""For every class when a workcenter had a status of this or of a higher class: disjoint spans in order."""


def buckets(begin: int, end: int, zone: ZoneInfo, day_start: time) -> Iterator[Bucket]:
    """The production days, and the hours, that begin in a time range, whole even where they end after it.

    A production day lasts from one `day_start` to the next on the zone's clocks, so 23 or 25 hours now and then. Its
    hours are counted from its begin, and so fill it; where clocks change by half an hour, the last one is short.
    """
    day = (EPOCH + timedelta(milliseconds=begin)).astimezone(zone).date() - _ONE_DAY
    closes = _instant(day, day_start, zone)
    while (opens := closes) < end:
        day += _ONE_DAY
        closes = _instant(day, day_start, zone)
        # A zone that has moved across the date line has left a day out.
        if begin <= opens < closes:
            yield Bucket(opens, closes, "day")
        for hour in range(opens, closes, HOUR):
            if begin <= hour < end:
                yield Bucket(hour, min(hour + HOUR, closes), "hour")


def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    return (datetime.combine(day, at, zone) - EPOCH) // timedelta(milliseconds=1)


def timeline(statuses: Iterable[Status]) -> Timeline:
    """A workcenter's statuses, in any order and however they overlap, sorted out."""
    known = list(statuses)
    return {kind: _union(Span(each.begin, each.end) for each in known if each.kind >= kind) for kind in Class}


def _union(spans: Iterable[Span]) -> list[Span]:
    """The time that the spans cover, as disjoint spans in order."""
    disjoint: list[Span] = []
    for span in sorted(span for span in spans if span.begin < span.end):
        if disjoint and span.begin <= disjoint[-1].end:
            disjoint[-1] = Span(disjoint[-1].begin, max(disjoint[-1].end, span.end))
        else:
            disjoint.append(span)
    return disjoint


def times(workcenter: Timeline, bucket: Bucket) -> dict[Class, int]:
    """How long the workcenter was in each class during the bucket, ms; never in two at a time."""
    at_least = [_covered(workcenter[kind], bucket) for kind in Class] + [0]
    return {kind: at_least[kind] - at_least[kind + 1] for kind in Class}


def _covered(disjoint: Sequence[Span], bucket: Bucket) -> int:
    """How much of the bucket the spans cover, ms."""
    covered = 0
    for place in range(bisect_right(disjoint, bucket.begin, key=lambda span: span.end), len(disjoint)):
        span = disjoint[place]
        if span.begin >= bucket.end:
            break
        covered += min(span.end, bucket.end) - max(span.begin, bucket.begin)
    return covered


def figures(spent: Mapping[Class, int], entries: Sequence[Entry]) -> Figures:
    """How the workcenter performed, given its times (ms) in a bucket and the entries in it."""
    run, down = spent[Class.RUN], spent[Class.UNPLANNED_DOWN]
    good, scrap = fsum(each.good for each in entries), fsum(each.scrap for each in entries)
    availability, performance, quality = _ratio(run, run + down), _ratio(_due(entries), run), _ratio(good, good + scrap)
    oee = None
    if availability is not None and performance is not None and quality is not None:
        oee = availability * performance * quality
    return Figures(*(_rounded(value) for value in (availability, performance, quality, oee)))


def _due(entries: Iterable[Entry]) -> float | None:
    """How long the pieces are to take, ms; None where some have no rate. Entries without pieces need none."""
    taken = []
    for each in entries:
        pieces = each.good + each.scrap
        if not pieces:
            continue
        if each.rate is None:
            return None
        taken.append(HOUR * pieces / each.rate)
    return fsum(taken)


def _ratio(part: float | None, whole: float) -> float | None:
    return part / whole if part is not None and whole > 0 else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
