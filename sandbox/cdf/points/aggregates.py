"""Aggregates of numeric points over buckets of time.

A step series holds its value until the next point. Any other is linear between its points; over the edge of a bucket
it goes only between points that are at most an hour apart (https://docs.cognite.com/dev/concepts/aggregation;
cognite-sdk-python, `tests_integration/test_api/test_datapoints.py`, has numbers that CDF computed).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pvariance

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.points.granularity import Buckets
from sandbox.cdf.points.status import GOOD, category, shown

HOUR_MS = 3_600_000

Piece = tuple[float, float, float]
"""Length, value at the begin and value at the end of a stretch of the series."""


@dataclass(frozen=True)
class Curve:
    """A numeric series: what aggregates are computed of.

    Attributes:
        times: of the points that count, ascending, in milliseconds.
        values: of these points.
        is_step: whether it holds its value until the next point.
        breaks: times of bad points that end what went before; none when bad points are ignored.
    """

    times: Sequence[int]
    values: Sequence[float]
    is_step: bool
    breaks: Sequence[int] = ()

    def at(self, when: int, *, as_step: bool) -> float | None:
        """The value at an edge of a bucket; None where the series is undefined."""
        index = bisect_right(self.times, when) - 1
        if index < 0:
            return None
        if as_step:
            is_broken = bisect_right(self.breaks, when) > bisect_right(self.breaks, self.times[index])
            return None if is_broken else self.values[index]
        if self.times[index] == when:
            return self.values[index]
        return self._between(index, when) if index + 1 < len(self.times) and self._reaches_over(index) else None

    def pieces(self, begin: int, end: int) -> Iterator[Piece]:
        """The stretches between ``begin`` and ``end`` in which the series is defined."""
        low, high = bisect_left(self.times, begin), bisect_left(self.times, end)
        for index in range(max(low - 1, 0), high):
            left, first = self.times[index], self.values[index]
            right, last = self._stretch(index, end)
            leaves = left < begin or right >= end
            if right <= max(left, begin) or (leaves and not self.is_step and right - left > HOUR_MS):
                continue
            slope = (last - first) / (right - left)
            start, stop = max(left, begin), min(right, end)
            yield stop - start, first + slope * (start - left), first + slope * (stop - left)

    def _stretch(self, index: int, end: int) -> tuple[int, float]:
        """Until when the series is defined after a point, and its value then; a last step lasts until ``end``."""
        value, following = self.values[index], index + 1
        stop = bisect_right(self.breaks, self.times[index])
        if stop < len(self.breaks) and (following == len(self.times) or self.breaks[stop] < self.times[following]):
            return self.breaks[stop], value
        if following == len(self.times):
            return (end if self.is_step else self.times[index]), value
        return self.times[following], value if self.is_step else self.values[following]

    def _between(self, index: int, when: int) -> float:
        """The value at a time from a point to the next one."""
        if self.is_step:
            return self.values[index + (when >= self.times[index + 1])]
        share = (when - self.times[index]) / (self.times[index + 1] - self.times[index])
        return self.values[index] + share * (self.values[index + 1] - self.values[index])

    def edge_jumps(self, begin: int, end: int) -> float:
        """How far the first and the last point of a bucket are from the values at its begin and end."""
        low, high = bisect_left(self.times, begin), bisect_left(self.times, end)
        jump = 0.0
        if low and self._reaches_over(low - 1):
            jump += abs(self.values[low] - self._between(low - 1, begin))
        if high < len(self.times) and self._reaches_over(high - 1):
            jump += abs(self._between(high - 1, end) - self.values[high - 1])
        return jump

    def _reaches_over(self, index: int) -> bool:
        """Whether the series is defined between a point and the next one that lies in another bucket."""
        return self.is_step or self.times[index + 1] - self.times[index] <= HOUR_MS


def average(curve: Curve, inside: Sequence[float], begin: int, end: int) -> float:
    """The mean of the series over time; of its points where it is nowhere defined between them."""
    pieces = list(curve.pieces(begin, end))
    length = sum(piece[0] for piece in pieces)
    return sum(piece[0] * (piece[1] + piece[2]) / 2 for piece in pieces) / length if length else fmean(inside)


def continuous_variance(curve: Curve, inside: Sequence[float], begin: int, end: int) -> float:
    """The variance of the series over time."""
    middle = average(curve, inside, begin, end)
    pieces = [(length, first - middle, last - middle) for length, first, last in curve.pieces(begin, end)]
    length = sum(piece[0] for piece in pieces)
    return sum(n * (a * a + a * b + b * b) / 3 for n, a, b in pieces) / length if length else 0.0


def total_variation(curve: Curve, inside: Sequence[float], begin: int, end: int) -> float:
    """How far the series moves, its values at the edges of the bucket included."""
    return sum(abs(b - a) for a, b in pairwise(inside)) + curve.edge_jumps(begin, end)


Aggregate = Callable[[Curve, Sequence[float], int, int], float]

OF_POINTS: dict[str, Aggregate] = {
    "average": average,
    "continuousVariance": continuous_variance,
    "count": lambda _, inside, *__: len(inside),
    "discreteVariance": lambda _, inside, *__: pvariance(inside),
    "max": lambda _, inside, *__: max(inside),
    "min": lambda _, inside, *__: min(inside),
    "sum": lambda _, inside, *__: sum(inside),
    "totalVariation": total_variation,
}
"""Aggregates that exist only where a bucket has points."""

AT_THE_BEGIN = {"interpolation", "stepInterpolation"}
"""Aggregates that are the value at the begin of a bucket."""

POINTS = {"minDatapoint": min, "maxDatapoint": max}
"""Aggregates that are a point with its time."""

COUNTS = {"countGood": 0, "countUncertain": 1, "countBad": 2}
"""Aggregates that count points of one category of status."""

DURATIONS = {"durationGood": 0, "durationUncertain": 1, "durationBad": 2}
"""Aggregates that say for how many milliseconds a point of one category of status was the last one."""

NOT_MODELLED = frozenset({"stateCount", "stateTransitions", "stateDuration"})


def check_names(names: Sequence[str]) -> None:
    """Refuse aggregates that the API, or this stand-in, does not have.

    Raises:
        ApiError: 400.
    """
    for name in names:
        if name in NOT_MODELLED:
            raise ApiError(400, f"aggregates: this stand-in does not model {name}, which only state time series have")
        if name not in OF_POINTS | POINTS | COUNTS | DURATIONS and name not in AT_THE_BEGIN:
            raise ApiError(400, f"Could not recognize aggregation value: {name}")


@dataclass(frozen=True)
class Aggregation:
    """What one query aggregates.

    Attributes:
        curve: the points that count.
        every: times of all points, also of those that don't count; empty when no aggregate asks for them.
        codes: status of every point that is not plainly good, by time.
        names: the aggregates, checked.
        buckets: from the query's granularity.
        with_status: whether points in the answer tell their status.
    """

    curve: Curve
    every: Sequence[int]
    codes: Mapping[int, int]
    names: Sequence[str]
    buckets: Buckets
    with_status: bool

    def points(self, end: int) -> Iterator[Json]:
        """One aggregate point per bucket that has points, by time; a bucket that begins before ``end`` is whole.

        What a step has at the begin of a bucket is also given for the first empty bucket after one with points, and for
        the query's first: the tests of the SDK find so many, while the documentation says that empty buckets have none.
        """
        if end <= self.buckets.first:
            return
        marks = self.every or self.curve.times
        lasts = "stepInterpolation" in self.names or (self.curve.is_step and "interpolation" in self.names)
        when, stop, full = self.buckets.first, self.buckets.bounds(end - 1)[1], True
        while when < stop:
            begin, after = self.buckets.bounds(when)
            position = bisect_left(marks, begin)
            preceded, full = full, position < len(marks) and marks[position] < after
            if full or (preceded and lasts):
                point = self._bucket(begin, after)
                if len(point) > 1:
                    yield point
            if full and lasts:
                when = after
            else:
                position = bisect_left(marks, after)
                if position == len(marks):
                    return
                when, full = self.buckets.bounds(marks[position])[0], False

    def _bucket(self, begin: int, end: int) -> Json:
        curve = self.curve
        low, high = bisect_left(curve.times, begin), bisect_left(curve.times, end)
        inside = curve.values[low:high]
        every = self.every[bisect_left(self.every, begin) : bisect_left(self.every, end)]
        point: Json = {"timestamp": begin}
        for name in self.names:
            value: object = None
            if name in AT_THE_BEGIN:
                value = curve.at(begin, as_step=curve.is_step or name == "stepInterpolation")
            elif name in COUNTS:
                value = sum(self._category(when) == COUNTS[name] for when in every) if every else None
            elif name in DURATIONS:
                value = self._duration(DURATIONS[name], begin, end) if every else None
            elif inside and name in POINTS:
                index = low + list(inside).index(POINTS[name](inside))
                value = self._datapoint(curve.times[index], curve.values[index])
            elif inside:
                value = OF_POINTS[name](curve, inside, begin, end)
            if value is not None:
                point[name] = value
        return point

    def _category(self, when: int) -> int:
        return category(self.codes.get(when, GOOD))

    def _duration(self, wanted: int, begin: int, end: int) -> int:
        """Milliseconds of a bucket whose last point before is of a category; nothing comes after the last point."""
        total = 0
        for index in range(max(bisect_left(self.every, begin) - 1, 0), bisect_left(self.every, end)):
            if index + 1 < len(self.every) and self._category(self.every[index]) == wanted:
                total += max(0, min(self.every[index + 1], end) - max(self.every[index], begin))
        return total

    def _datapoint(self, when: int, value: float) -> Json:
        code = self.codes.get(when, GOOD)
        status = {"status": shown(code)} if self.with_status and code != GOOD else {}
        return {"timestamp": when, "value": value} | status
