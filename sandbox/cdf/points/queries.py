"""Reading points: raw with their status, or aggregated."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import islice

from sandbox.cdf.api.http import AnyJson, ApiError, Json, items_of, texts
from sandbox.cdf.api.times import moment
from sandbox.cdf.points.aggregates import COUNTS, DURATIONS, Aggregation, Curve, check_names
from sandbox.cdf.points.datapoints import EARLIEST, LATEST, StatedPoint
from sandbox.cdf.points.granularity import buckets
from sandbox.cdf.points.status import GOOD, category
from sandbox.cdf.points.status import shown as shown_status
from sandbox.cdf.points.time_series import TimeSeries

MAX_RAW, MAX_AGGREGATES = 100_000, 10_000
_NOT_JSON = {math.inf: "Infinity", -math.inf: "-Infinity"}
_CURSOR = re.compile(r"-?\d{1,19}")
_IDENTITY = frozenset({"id", "externalId"})
_FLAGS = frozenset({"ignoreUnknownIds", "includeStatus", "ignoreBadDataPoints", "treatUncertainAsBad"})
_LATEST = _FLAGS | {"before", "targetUnit", "targetUnitSystem"}
_LIST = (_LATEST - {"before"}) | {
    "start",
    "end",
    "limit",
    "aggregates",
    "granularity",
    "timeZone",
    "includeOutsidePoints",
}


@dataclass(frozen=True)
class Series:
    """The answer for one series.

    Attributes:
        row: the series.
        points: as the protobuf message has them.
        aggregates: their names; none for raw points.
        next_cursor: where to go on.
    """

    row: Json
    points: list[Json]
    aggregates: Sequence[str] = ()
    next_cursor: str | None = None

    def json(self) -> Json:
        """The series in a JSON answer."""
        shown = described(self.row) | {"datapoints": [_as_json(point) for point in self.points]}
        return shown if self.next_cursor is None else shown | {"nextCursor": self.next_cursor}


def described(row: Json) -> Json:
    """What a reading tells about the series itself."""
    names = ("id", "externalId", "isString", "isStep", "unit", "unitExternalId", "type")
    return {name: row[name] for name in names if name in row}


def read(time_series: TimeSeries, data: Json) -> list[Series]:
    """The points that a request asks for, one entry per item.

    Raises:
        ApiError: 400 with series that are ``missing``, or for a query that cannot be.
    """
    return [_read_one(time_series, key, query) for key, query in queries(time_series, data, _LIST, {"cursor"})]


def latest(time_series: TimeSeries, data: Json) -> list[Series]:
    """The last point of each series before a time; errors as `read`."""
    found = []
    for key, query in queries(time_series, data, _LATEST, set()):
        times = time_series.points.times(key, _worst(query))
        position = bisect_left(times, moment(query.get("before", "now")))
        points = time_series.points.stated(key, times[max(position - 1, 0) : position])
        found.append(Series(time_series.rows[key], _raw(points, query)))
    return found


def queries(time_series: TimeSeries, data: Json, allowed: Set[str], of_items: Set[str]) -> list[tuple[int, Json]]:
    """Each item's series, and its query completed by what the request says for all; unknown series may be passed over.

    Args:
        time_series: what is read.
        data: the request.
        allowed: what a query may say, for all items or for one.
        of_items: what an item alone may say.

    Raises:
        ApiError: 400 with series that are ``missing``, for an unknown parameter, or for a conversion of units.
    """
    defaults = {name: value for name, value in data.items() if name != "items"}
    _check_parameters("request", defaults, allowed)
    items = items_of(data, maximum=100, minimum=1)
    for index, item in enumerate(items):
        _check_parameters(f"items[{index}]", item, allowed | _IDENTITY | {"instanceId"} | of_items)
    completed = [defaults | item for item in items]
    known = [
        item for item in completed if item.get("ignoreUnknownIds") is not True or time_series.key(item) is not None
    ]
    return list(zip(time_series.points.known(known), known, strict=True))


def _check_parameters(place: str, sent: Json, allowed: Set[str]) -> None:
    """Refuse what a query cannot say.

    Raises:
        ApiError: 400.
    """
    if unknown := sorted(sent.keys() - allowed):
        raise ApiError(400, f"{place}: unknown {', '.join(unknown)}; known are {', '.join(sorted(allowed))}")
    for name in ("targetUnit", "targetUnitSystem"):
        if sent.get(name) is not None:
            raise ApiError(400, f"{place}.{name}: {sent[name]!r} refused, this stand-in does not convert units")
    for name in _FLAGS | {"includeOutsidePoints"}:
        if type(sent.get(name, False)) is not bool:
            raise ApiError(400, f"{place}.{name}: {sent[name]!r} must be true or false")


def _read_one(time_series: TimeSeries, key: int, query: Json) -> Series:
    row = time_series.rows[key]
    start, end = moment(query.get("start", 0)), moment(query.get("end", "now"))
    if end <= start:
        raise ApiError(400, f"start {start} must be before end {end}")
    start = max(start, _position(query.get("cursor"), start))
    # Nothing is stored beyond; without the bounds, buckets would be.
    start, end = max(start, EARLIEST), min(end, LATEST + 1)
    names = texts(query.get("aggregates"), "aggregates")
    maximum = MAX_AGGREGATES if names else MAX_RAW
    limit = query.get("limit", 100)
    if type(limit) is not int or not 0 <= limit <= maximum:
        raise ApiError(400, f"limit: must be a whole number from 0 to {maximum}")
    if not names and query.get("granularity") is not None:
        raise ApiError(400, "aggregates: required together with granularity")
    if query.get("includeOutsidePoints") is True and names:
        raise ApiError(400, "includeOutsidePoints: not together with aggregates")
    if query.get("includeOutsidePoints") is True and query.get("cursor") is not None:
        raise ApiError(400, "includeOutsidePoints: not together with cursor")
    if names:
        points = _aggregates(time_series, key, query, names, start, end, limit + 1)
    else:
        times = time_series.points.times(key, _worst(query))
        low, high = bisect_left(times, start), bisect_left(times, end)
        points = _raw(time_series.points.stated(key, times[low : min(high, low + limit + 1)]), query)
    following = str(points[limit]["timestamp"]) if limit and len(points) > limit else None
    points = points[:limit]
    if query.get("includeOutsidePoints") is True:
        outside = [
            time_series.points.stated(key, part) for part in (times[max(low - 1, 0) : low], times[high : high + 1])
        ]
        # No cursor comes with points from outside (SDK `_api/datapoint_tasks.py`): a client goes on by `start`.
        return Series(row, _raw(outside[0], query) + points + _raw(outside[1], query))
    return Series(row, points, names, following)


def _position(cursor: AnyJson, start: int) -> int:
    """Where a cursor says that a reading goes on; at its start when there is none.

    Raises:
        ApiError: 400 when it is no cursor.
    """
    if cursor is None:
        return start
    if not isinstance(cursor, str) or not _CURSOR.fullmatch(cursor):
        raise ApiError(400, f"cursor: {cursor!r} is not a cursor of this API")
    return int(cursor)


def _worst(query: Json) -> int:
    """The worst category of status that a query wants to see; bad and uncertain points are passed over by default."""
    if query.get("ignoreBadDataPoints", True) is False:
        return 2
    return 1 if query.get("treatUncertainAsBad", True) is False else 0


def _raw(points: list[StatedPoint], query: Json) -> list[Json]:
    with_status = query.get("includeStatus") is True
    shown = []
    for when, value, code in points:
        point: Json = {"timestamp": when}
        point |= {"nullValue": True} if value is None else {"value": value}
        # What is plainly good is not told: https://docs.cognite.com/dev/concepts/reference/status_codes
        if with_status and code != GOOD:
            point["status"] = shown_status(code)
        shown.append(point)
    return shown


def _as_json(point: Json) -> Json:
    """A point as JSON has it: without a value where it has none, and with numbers that JSON lacks as text."""
    value = point.get("value")
    if "nullValue" in point:
        return {name: each for name, each in point.items() if name != "nullValue"}
    if type(value) is float and not math.isfinite(value):
        return point | {"value": _NOT_JSON.get(value, "NaN")}
    return point


def _aggregates(
    time_series: TimeSeries, key: int, query: Json, names: list[str], start: int, end: int, count: int
) -> list[Json]:
    row, store = time_series.rows[key], time_series.points
    if row["isString"]:
        raise ApiError(400, "Aggregates are not supported for string time series")
    check_names(names)
    worst = _worst(query | {"ignoreBadDataPoints": True})
    times, every = store.times(key, worst), store.times(key, 2)
    codes = {when: code for when, _, code in store.stated(key, every) if code != GOOD}
    values: list[AnyJson] = [value for _, value, _ in store.stated(key, times)]
    ignores_bad = query.get("ignoreBadDataPoints", True)
    curve = Curve(
        times,
        values,
        row["isStep"],
        [] if ignores_bad else [when for when in every if category(codes.get(when, GOOD)) > worst],
    )
    of_all = (COUNTS | DURATIONS).keys() & set(names)
    sought = Aggregation(
        curve,
        every if of_all else [],
        codes,
        names,
        buckets(query.get("granularity"), query.get("timeZone"), start),
        query.get("includeStatus") is True,
    )
    return list(islice(sought.points(end), count))
