"""Points of time series: one value per timestamp, the last one written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from sandbox.cdf.http import AnyJson, ApiError, Json
from sandbox.cdf.store import Store, identifier_of
from sandbox.cdf.times import moment

Value = float | str
Point = tuple[int, Value]

EARLIEST, LATEST = -2_208_988_800_000, 4_102_444_799_999  # 1900-01-01 and 2099-12-31 in milliseconds
MAX_POINTS, MAX_SERIES = 100_000, 10_000
MAX_TEXT_BYTES = 1023
MAX_NUMBER = 1e100


class Datapoints:
    """The points of all series of a project, by the series' internal id."""

    def __init__(self, series: Store) -> None:
        self._series = series
        self._values: dict[int, dict[int, Value]] = {}
        self._timestamps: dict[int, list[int]] = {}

    def insert(self, items: list[Json]) -> None:
        """Write points; a timestamp that has one gets the new value.

        Raises:
            ApiError: 400 with the series that are ``missing``, or for a point that the series cannot hold. Nothing is
                written then.
        """
        if len(items) > MAX_SERIES:
            raise ApiError(400, f"items: must have at most {MAX_SERIES} elements")
        points = [item.get("datapoints") for item in items]
        if sum(len(each) if isinstance(each, list) else 0 for each in points) > MAX_POINTS:
            raise ApiError(400, f"datapoints: at most {MAX_POINTS} in one request")
        keys = self.known(items)
        checked = []
        for key, sent in zip(keys, points, strict=True):
            if not isinstance(sent, list) or not sent:
                raise ApiError(400, "datapoints: required, must be a list with at least one element")
            is_string = self._series.rows[key]["isString"]
            checked.append((key, dict(checked_point(point, is_string=is_string) for point in sent)))
        for key, values in checked:
            self._values.setdefault(key, {}).update(values)
            self._timestamps.pop(key, None)

    def delete(self, items: list[Json]) -> None:
        """Delete ranges ``[inclusiveBegin, exclusiveEnd)``; without an end the single point.

        Raises:
            ApiError: 400 with the series that are ``missing``, or for bounds that are no times.
        """
        ranges = []
        for key, item in zip(self.known(items), items, strict=True):
            begin, end = item.get("inclusiveBegin"), item.get("exclusiveEnd")
            if type(begin) is not int or type(end) not in {int, type(None)}:
                raise ApiError(400, "inclusiveBegin: required, must be milliseconds since the epoch")
            end = begin + 1 if end is None else end
            if end <= begin:
                raise ApiError(400, "exclusiveEnd must be after inclusiveBegin")
            ranges.append((key, begin, end))
        for key, begin, end in ranges:
            values = self._values.get(key, {})
            for timestamp, _ in self.between(key, begin, end):
                del values[timestamp]
            self._timestamps.pop(key, None)

    def forget(self, keys: Iterable[int]) -> None:
        """Drop all points of series that are deleted."""
        for key in keys:
            self._values.pop(key, None)
            self._timestamps.pop(key, None)

    def known(self, items: list[Json]) -> list[int]:
        """The series that items name; one may be named more than once.

        Raises:
            ApiError: 400 with all that are ``missing``.
        """
        keys = [self._series.key(item) for item in items]
        missing = [identifier_of(item) for item, key in zip(items, keys, strict=True) if key is None]
        if missing:
            raise ApiError(400, "Time series ids not found", missing=missing)
        return [key for key in keys if key is not None]

    def count(self) -> int:
        """How many points there are in all."""
        return sum(map(len, self._values.values()))

    def between(self, key: int, start: int, end: int) -> list[Point]:
        """The points of a series in ``[start, end)``, by time."""
        timestamps, values = self._sorted(key), self._values.get(key, {})
        found = timestamps[bisect_left(timestamps, start) : bisect_left(timestamps, end)]
        return [(timestamp, values[timestamp]) for timestamp in found]

    def before(self, key: int, end: int) -> Point | None:
        """The last point of a series before a time."""
        timestamps = self._sorted(key)
        position = bisect_left(timestamps, end)
        return (timestamps[position - 1], self._values[key][timestamps[position - 1]]) if position else None

    def from_(self, key: int, start: int) -> Point | None:
        """The first point of a series at or after a time."""
        timestamps = self._sorted(key)
        position = bisect_left(timestamps, start)
        return (timestamps[position], self._values[key][timestamps[position]]) if position < len(timestamps) else None

    def _sorted(self, key: int) -> list[int]:
        if key not in self._timestamps:
            self._timestamps[key] = sorted(self._values.get(key, ()))
        return self._timestamps[key]

    def dump(self) -> Iterator[tuple[str, Json]]:
        """The points of every series."""
        for key, values in self._values.items():
            yield str(key), {"points": list(values.items())}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self._values[int(key)] = dict(value["points"])


def checked_point(point: AnyJson, *, is_string: bool) -> Point:
    """Timestamp and value of a point.

    Raises:
        ApiError: 400 when the time is out of range or the value is not of the series' type.
    """
    if not isinstance(point, dict) or not point.keys() <= {"timestamp", "value", "status"}:
        raise ApiError(400, "datapoints: every element needs timestamp and value")
    timestamp, value, status = point.get("timestamp"), point.get("value"), point.get("status")
    if type(timestamp) not in {int, str}:
        raise ApiError(400, "timestamp: required, must be milliseconds since the epoch")
    when = moment(timestamp)
    if not EARLIEST <= when <= LATEST:
        raise ApiError(400, f"timestamp: {when} must be from {EARLIEST} to {LATEST}")
    if status is not None and (status.get("code", 0) != 0 or status.get("symbol", "Good") != "Good"):
        raise ApiError(400, "status: this stand-in keeps good points only")
    if is_string:
        if type(value) is not str:
            raise ApiError(400, f"Expected string value for datapoint, got {value!r}")
        if len(value.encode()) > MAX_TEXT_BYTES:
            raise ApiError(400, f"value: must have at most {MAX_TEXT_BYTES} bytes")
        return when, value
    if type(value) is bool or not isinstance(value, int | float) or not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ApiError(400, f"Expected numeric value for datapoint, got {value!r}")
    return when, float(value)
