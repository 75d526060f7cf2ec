"""Aggregates of numeric points over buckets of time.

A step series holds its value until the next point. Any other is linear between points that are at most an hour apart,
and undefined elsewhere (https://docs.cognite.com/dev/concepts/aggregation; cognite-sdk-python,
`tests_integration/test_api/test_datapoints.py`, the tests of sparse data).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pvariance

from sandbox.cdf.granularity import Buckets
from sandbox.cdf.http import ApiError, Json

HOUR_MS = 3_600_000

Piece = tuple[float, float, float]
"""Length, value at the begin and value at the end of a stretch of the series."""


@dataclass(frozen=True)
class Curve:
    """A numeric series: what aggregates are computed of.

    Attributes:
        times: of its points, ascending, in milliseconds.
        values: of its points.
        is_step: whether it holds its value until the next point.
    """

    times: Sequence[int]
    values: Sequence[float]
    is_step: bool

    def at(self, when: int, *, as_step: bool) -> float | None:
        """The value at a time; None where the series is undefined."""
        after = bisect_right(self.times, when)
        if after == 0:
            return None
        before = after - 1
        if as_step or self.times[before] == when:
            return self.values[before]
        if after == len(self.times) or self.times[after] - self.times[before] > HOUR_MS:
            return None
        share = (when - self.times[before]) / (self.times[after] - self.times[before])
        return self.values[before] + share * (self.values[after] - self.values[before])

    def pieces(self, begin: int, end: int) -> Iterator[Piece]:
        """The stretches between ``begin`` and ``end`` in which the series is defined."""
        inside = self.times[bisect_left(self.times, begin) : bisect_left(self.times, end)]
        edges = list(dict.fromkeys([begin, *inside, end]))
        for left, right in pairwise(edges):
            first = self.at(left, as_step=self.is_step)
            last = first if self.is_step else self._until(left, right)
            if first is not None and last is not None:
                yield right - left, first, last

    def _until(self, left: int, right: int) -> float | None:
        """The value that a linear stretch from ``left`` has just before ``right``."""
        after = bisect_right(self.times, left)
        if after == len(self.times) or after == 0 or self.times[after] - self.times[after - 1] > HOUR_MS:
            return None
        return self.at(right, as_step=False)


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


Aggregate = Callable[[Curve, Sequence[float], int, int], float]

OF_POINTS: dict[str, Aggregate] = {
    "average": average,
    "continuousVariance": continuous_variance,
    "count": lambda _, inside, *__: len(inside),
    "discreteVariance": lambda _, inside, *__: pvariance(inside),
    "max": lambda _, inside, *__: max(inside),
    "min": lambda _, inside, *__: min(inside),
    "sum": lambda _, inside, *__: sum(inside),
    "totalVariation": lambda _, inside, *__: sum(abs(b - a) for a, b in pairwise(inside)),
}
"""Aggregates that exist only where a bucket has points."""

AT_THE_BEGIN = {"interpolation", "stepInterpolation"}
"""Aggregates that are the value at the begin of a bucket, points or none."""

POINTS = {"minDatapoint": min, "maxDatapoint": max}
"""Aggregates that are a point with its time."""

COUNTS = {"countGood": 0, "countUncertain": 1, "countBad": 2}
"""Aggregates that count points of one category of status."""

NOT_MODELLED = frozenset(
    {"durationGood", "durationUncertain", "durationBad", "stateCount", "stateTransitions", "stateDuration"}
)


def check_names(names: Sequence[str]) -> None:
    """Refuse aggregates that the API, or this stand-in, does not have.

    Raises:
        ApiError: 400.
    """
    for name in names:
        if name in NOT_MODELLED:
            raise ApiError(400, f"aggregates: this stand-in does not model {name}")
        if name not in OF_POINTS | POINTS | COUNTS and name not in AT_THE_BEGIN:
            raise ApiError(400, f"Could not recognize aggregation value: {name}")


def aggregated(
    curve: Curve, categories: Sequence[tuple[int, int]], names: Sequence[str], buckets: Buckets, end: int
) -> Iterator[Json]:
    """One aggregate point per bucket that has something to tell, by time.

    Args:
        curve: the points that count.
        categories: time and category of status of every point, also of those that don't count.
        names: the aggregates, checked.
        buckets: from the query's granularity.
        end: exclusive; a bucket that begins before it is whole.
    """
    if end <= buckets.first:
        return
    marks = [when for when, _ in categories] if COUNTS.keys() & set(names) else curve.times
    everywhere = bool(AT_THE_BEGIN & set(names))
    when, stop = buckets.first, buckets.bounds(end - 1)[1]
    while when < stop:
        if not everywhere or not curve.times or when < curve.times[0]:
            position = bisect_left(marks, when)
            if position == len(marks) or marks[position] >= stop:
                return
            when = marks[position]
        begin, when = buckets.bounds(when)
        point = _bucket(curve, categories, names, begin, when)
        if len(point) > 1:
            yield point
            continue
        position = bisect_left(marks, when)
        if position == len(marks):
            return
        when = max(when, buckets.bounds(marks[position])[0])


def _bucket(curve: Curve, categories: Sequence[tuple[int, int]], names: Sequence[str], begin: int, end: int) -> Json:
    low, high = bisect_left(curve.times, begin), bisect_left(curve.times, end)
    inside = curve.values[low:high]
    point: Json = {"timestamp": begin}
    for name in names:
        value: object = None
        if name in AT_THE_BEGIN:
            value = curve.at(begin, as_step=curve.is_step or name == "stepInterpolation")
        elif name in COUNTS:
            of_bucket = categories[bisect_left(categories, (begin, 0)) : bisect_left(categories, (end, 0))]
            value = sum(category == COUNTS[name] for _, category in of_bucket) if of_bucket else None
        elif inside and name in POINTS:
            best = POINTS[name](inside)
            value = {"timestamp": curve.times[low + list(inside).index(best)], "value": best}
        elif inside:
            value = OF_POINTS[name](curve, inside, begin, end)
        if value is not None:
            point[name] = value
    return point
