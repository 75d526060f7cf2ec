"""Points of time series: one value and one status per timestamp, the last ones written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Set

from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.api.times import moment
from sandbox.cdf.classic.identifiers import identifier_of
from sandbox.cdf.classic.store import Store
from sandbox.cdf.points.status import GOOD, category, code_of

Value = float | str | None
Point = tuple[int, float | str]
StatedPoint = tuple[int, Value, int]

EARLIEST, LATEST = -2_208_988_800_000, 4_102_444_799_999  # 1900-01-01 and 2099-12-31 in milliseconds
MAX_POINTS, MAX_SERIES = 100_000, 10_000
MAX_TEXT_BYTES = 1023
MAX_NUMBER = 1e100
UNBOUNDED = ("NaN", "Infinity", "-Infinity")  # as JSON spells what a bad point may hold


class Datapoints:
    """The points of all series of a project, by the series' internal id."""

    def __init__(self, series: Store) -> None:
        self._series = series
        self._values: dict[int, dict[int, Value]] = {}
        self._codes: dict[int, dict[int, int]] = {}
        self._timestamps: dict[tuple[int, int], list[int]] = {}

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
        check_keys(items, {"datapoints"})
        keys = self.known(items)
        checked = []
        for key, sent in zip(keys, points, strict=True):
            if not isinstance(sent, list) or not sent:
                raise ApiError(400, "datapoints: required, must be a list with at least one element")
            is_string = self._series.rows[key]["isString"]
            checked.append((key, [checked_point(point, is_string=is_string) for point in sent]))
        for key, new in checked:
            values, codes = self._values.setdefault(key, {}), self._codes.setdefault(key, {})
            for when, value, code in new:
                values[when] = value
                if code:
                    codes[when] = code
                elif codes:
                    codes.pop(when, None)
            self._forget_order(key)

    def delete(self, items: list[Json]) -> None:
        """Delete ranges ``[inclusiveBegin, exclusiveEnd)``; without an end the single point.

        Raises:
            ApiError: 400 with the series that are ``missing``, or for bounds that are no times.
        """
        check_keys(items, {"inclusiveBegin", "exclusiveEnd"})
        ranges = []
        for key, item in zip(self.known(items), items, strict=True):
            begin = _bound(item, "inclusiveBegin")
            end = begin + 1 if item.get("exclusiveEnd") is None else _bound(item, "exclusiveEnd")
            if end <= begin:
                raise ApiError(400, f"exclusiveEnd: {end} must be after inclusiveBegin {begin}")
            ranges.append((key, begin, end))
        for key, begin, end in ranges:
            times = self.times(key, worst=2)
            for when in times[bisect_left(times, begin) : bisect_left(times, end)]:
                del self._values[key][when]
                self._codes[key].pop(when, None)
            self._forget_order(key)

    def forget(self, keys: Iterable[int]) -> None:
        """Drop all points of series that are deleted."""
        for key in keys:
            self._values.pop(key, None)
            self._codes.pop(key, None)
            self._forget_order(key)

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

    def times(self, key: int, worst: int) -> list[int]:
        """When a series has points whose category of status is at most ``worst``, ascending."""
        if (key, worst) not in self._timestamps:
            codes = self._codes.get(key, {})
            times = self._values.get(key, {})
            kept = times if worst == 2 or not codes else [t for t in times if category(codes.get(t, GOOD)) <= worst]
            self._timestamps[key, worst] = sorted(kept)
        return self._timestamps[key, worst]

    def stated(self, key: int, times: Iterable[int]) -> list[StatedPoint]:
        """Time, value and status code of the points at some times."""
        values, codes = self._values.get(key, {}), self._codes.get(key, {})
        return [(when, values[when], codes.get(when, GOOD)) for when in times]

    def between(self, key: int, start: int, end: int) -> list[Point]:
        """The good points of a series in ``[start, end)``, by time."""
        times = self.times(key, worst=0)
        found = times[bisect_left(times, start) : bisect_left(times, end)]
        return [(when, value) for when, value, _ in self.stated(key, found) if value is not None]

    def before(self, key: int, end: int) -> Point | None:
        """The last good point of a series before a time."""
        times = self.times(key, worst=0)
        position = bisect_left(times, end)
        found = self.between(key, times[position - 1], end) if position else []
        return found[-1] if found else None

    def _forget_order(self, key: int) -> None:
        for worst in range(3):
            self._timestamps.pop((key, worst), None)

    def dump(self) -> Iterator[tuple[str, Json]]:
        """The points of every series."""
        for key, values in self._values.items():
            yield str(key), {"points": self.stated(key, values)}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self._values[int(key)] = {when: number_or_text for when, number_or_text, _ in value["points"]}
        self._codes[int(key)] = {when: code for when, _, code in value["points"] if code}


def _bound(item: Json, name: str) -> int:
    """A bound of a range that is to be deleted.

    Raises:
        ApiError: 400 when it is no time.
    """
    value = item.get(name)
    if type(value) is not int:
        raise ApiError(400, f"{name}: {value!r} must be milliseconds since the epoch")
    return value


def check_keys(items: list[Json], known: Set[str]) -> None:
    """Refuse a parameter that the API does not have.

    Raises:
        ApiError: 400.
    """
    for index, item in enumerate(items):
        if unknown := sorted(item.keys() - known - {"id", "externalId", "instanceId"}):
            raise ApiError(400, f"items[{index}]: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def checked_point(point: AnyJson, *, is_string: bool) -> StatedPoint:
    """Time, value and status code of a point.

    Raises:
        ApiError: 400 when the time is out of range, the status is none, or the value is not of the series' type.
    """
    if not isinstance(point, dict) or not point.keys() <= {"timestamp", "value", "status"}:
        raise ApiError(400, f"datapoints: every element has timestamp, value and maybe status, not {point!r}")
    timestamp, value = point.get("timestamp"), point.get("value")
    if type(timestamp) not in {int, str}:
        raise ApiError(400, "timestamp: required, must be milliseconds since the epoch")
    when = moment(timestamp)
    if not EARLIEST <= when <= LATEST:
        raise ApiError(400, f"timestamp: {when} must be from {EARLIEST} to {LATEST}")
    code = code_of(point.get("status"))
    if value is None and category(code) == 2:
        return when, None, code
    if is_string:
        if type(value) is not str:
            raise ApiError(400, f"Expected string value for datapoint, got {value!r}")
        if len(value.encode()) > MAX_TEXT_BYTES:
            raise ApiError(400, f"value: must have at most {MAX_TEXT_BYTES} bytes")
        return when, value, code
    if category(code) == 2 and value in UNBOUNDED:
        return when, float(value), code
    if type(value) is bool or not isinstance(value, int | float) or not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise ApiError(400, f"Expected numeric value for datapoint, got {value!r}")
    return when, float(value), code
