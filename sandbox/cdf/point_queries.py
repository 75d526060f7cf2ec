"""Reading points: raw with their status, or aggregated."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice

from sandbox.cdf.datapoints import EARLIEST, LATEST, StatedPoint
from sandbox.cdf.granularity import buckets
from sandbox.cdf.http import AnyJson, ApiError, Json, items_of, texts
from sandbox.cdf.point_aggregates import COUNTS, Curve, aggregated, check_names
from sandbox.cdf.point_status import category
from sandbox.cdf.point_status import shown as shown_status
from sandbox.cdf.project import Project
from sandbox.cdf.times import moment

MAX_RAW, MAX_AGGREGATES = 100_000, 10_000
_NOT_JSON = {math.inf: "Infinity", -math.inf: "-Infinity"}


@dataclass(frozen=True)
class Series:
    """The answer for one series: its row, its points as the protobuf message has them, and where to go on."""

    row: Json
    points: list[Json]
    aggregated: bool
    next_cursor: str | None

    def json(self) -> Json:
        """The series in a JSON answer."""
        shown = described(self.row) | {"datapoints": [_as_json(point) for point in self.points]}
        return shown if self.next_cursor is None else shown | {"nextCursor": self.next_cursor}


def described(row: Json) -> Json:
    """What a reading tells about the series itself."""
    names = ("id", "externalId", "isString", "isStep", "unit", "unitExternalId", "type")
    return {name: row[name] for name in names if name in row}


def read(project: Project, data: Json) -> list[Series]:
    """The points that a request asks for, one entry per item.

    Raises:
        ApiError: 400 with series that are ``missing``, or for a query that cannot be.
    """
    return [_read_one(project, key, query) for key, query in queries(project, data)]


def latest(project: Project, data: Json) -> list[Series]:
    """The last point of each series before a time; errors as `read`."""
    found = []
    for key, query in queries(project, data):
        times = project.datapoints.times(key, _worst(query))
        position = bisect_left(times, moment(query.get("before", "now")))
        points = project.datapoints.stated(key, times[max(position - 1, 0) : position])
        found.append(Series(project.time_series.rows[key], _raw(points, query), aggregated=False, next_cursor=None))
    return found


def queries(project: Project, data: Json) -> list[tuple[int, Json]]:
    """Each item's series, and its query completed by what the request says for all; unknown series may be passed over.

    Raises:
        ApiError: 400 with series that are ``missing``, or for a conversion of units.
    """
    defaults = {name: value for name, value in data.items() if name != "items"}
    items = [defaults | item for item in items_of(data, maximum=100, minimum=1)]
    for item in items:
        if item.get("targetUnit") is not None or item.get("targetUnitSystem") is not None:
            raise ApiError(400, "targetUnit: this stand-in does not convert units")
    known = [
        item for item in items if item.get("ignoreUnknownIds") is not True or project.time_series.key(item) is not None
    ]
    return list(zip(project.datapoints.known(known), known, strict=True))


def _read_one(project: Project, key: int, query: Json) -> Series:
    row = project.time_series.rows[key]
    start = moment(query["cursor"] if query.get("cursor") else query.get("start", 0))
    end = moment(query.get("end", "now"))
    if end <= start and not query.get("cursor"):
        raise ApiError(400, f"start {start} must be before end {end}")
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
    if names:
        points = _aggregates(project, key, query, names, start, end, limit + 1)
    else:
        times = project.datapoints.times(key, _worst(query))
        low, high = bisect_left(times, start), bisect_left(times, end)
        points = _raw(project.datapoints.stated(key, times[low : min(high, low + limit + 1)]), query)
    following = str(points[limit]["timestamp"]) if limit and len(points) > limit else None
    points = points[:limit]
    if query.get("includeOutsidePoints") is True:
        outside = [
            project.datapoints.stated(key, part) for part in (times[max(low - 1, 0) : low], times[high : high + 1])
        ]
        points = _raw(outside[0], query) + points + _raw(outside[1], query)
    return Series(row, points, bool(names), following)


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
        if with_status:
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
    project: Project, key: int, query: Json, names: list[str], start: int, end: int, count: int
) -> list[Json]:
    check_names(names)
    row, store = project.time_series.rows[key], project.datapoints
    if row["isString"] and not set(names) <= {"count", *COUNTS}:
        raise ApiError(400, "aggregates: string time series have counts alone")
    worst = min(_worst(query), 1)
    if _worst(query) == 2 and len(store.times(key, 2)) > len(store.times(key, 1)):
        raise ApiError(400, "ignoreBadDataPoints: this stand-in does not aggregate over bad points")
    points = store.stated(key, store.times(key, worst))
    values: list[AnyJson] = [0.0 if row["isString"] else value for _, value, _ in points]
    curve = Curve(store.times(key, worst), values, row["isStep"])
    every = store.stated(key, store.times(key, 2)) if COUNTS.keys() & set(names) else []
    categories = [(when, category(code)) for when, _, code in every]
    found = aggregated(curve, categories, names, buckets(query.get("granularity"), query.get("timeZone"), start), end)
    return list(islice(found, count))
