"""Buckets of time: as long as a granularity says, aligned to its unit, in a time zone where one is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.cdf.api.http import AnyJson, ApiError
from sandbox.cdf.api.times import UNITS

_GRANULARITY = re.compile(r"(\d{0,9})(s|m|h|d|mo|second|minute|hour|day|month)")
_SHORT = {"second": "s", "minute": "m", "hour": "h", "day": "d", "month": "mo"}
_OFFSET = re.compile(r"UTC(?:([+-])(\d{1,2})(?::(\d{2}))?)?")
_MAXIMUM = {"s": 120, "m": 120, "h": 100_000, "d": 100_000, "mo": 12 * 200}
MAX_HOURS_AHEAD = 18  # as the SDK has it, `utils/_time.py`
QUARTER_MS = 15 * 60_000
"""Offsets of time zones are multiples of it (https://docs.cognite.com/dev/concepts/aggregation/calendar)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Buckets:
    """The buckets of one query.

    Attributes:
        first: where the first bucket begins: the query's start, rounded down to the unit.
        bounds: begin and end of the bucket that holds a time.
    """

    first: int
    bounds: Callable[[int], tuple[int, int]]


def buckets(granularity: AnyJson, zone: AnyJson, start: int) -> Buckets:
    """The buckets of a query that begins at ``start``.

    Raises:
        ApiError: 400 for an unknown granularity or time zone.
    """
    found = _GRANULARITY.fullmatch(granularity) if isinstance(granularity, str) else None
    if found is None:
        raise ApiError(400, f"granularity: {granularity!r} must be a number and s, m, h, d or mo (second, minute, …)")
    count, unit = int(found[1] or 1), _SHORT.get(found[2], found[2])
    if not 1 <= count <= _MAXIMUM[unit]:
        raise ApiError(400, f"granularity: {granularity!r} must be from 1{unit} to {_MAXIMUM[unit]}{unit}")
    place = _zone(zone)
    if _offset(place, start) % QUARTER_MS and unit not in {"s", "m"}:
        raise ApiError(
            400, f"timeZone: {zone!r} is {_offset(place, start)} ms ahead of UTC at {start}, no multiple of 15m"
        )
    if unit == "mo" or (unit == "d" and place is not UTC):
        return _calendar(count, unit, place, start)
    shift = _offset(place, start)
    first = start - (start + shift) % UNITS[unit]
    length = count * UNITS[unit]

    def bounds(when: int) -> tuple[int, int]:
        begin = first + (when - first) // length * length
        return begin, begin + length

    return Buckets(first, bounds)


def _calendar(count: int, unit: str, zone: tzinfo, start: int) -> Buckets:
    """Buckets of whole days or months, which are not all of one length."""

    def number(when: int) -> int:
        local = _EPOCH + timedelta(milliseconds=when)
        local = local.astimezone(zone)
        return local.year * 12 + local.month - 1 if unit == "mo" else local.toordinal()

    def begin_of(index: int) -> int:
        day = datetime(index // 12, index % 12 + 1, 1) if unit == "mo" else datetime.fromordinal(index)  # noqa: DTZ001 - next line
        return round((day.replace(tzinfo=zone) - _EPOCH) / timedelta(milliseconds=1))

    origin = number(start)

    def bounds(when: int) -> tuple[int, int]:
        index = origin + (number(when) - origin) // count * count
        return begin_of(index), begin_of(index + count)

    return Buckets(begin_of(origin), bounds)


def _offset(zone: tzinfo, when: int) -> int:
    """Milliseconds by which a zone is ahead of UTC at a time."""
    ahead = (_EPOCH + timedelta(milliseconds=when)).astimezone(zone).utcoffset() or timedelta()
    return round(ahead / timedelta(milliseconds=1))


def _zone(name: AnyJson) -> tzinfo:
    """A time zone by its IANA name or its distance from UTC, such as ``UTC+05:30``.

    Raises:
        ApiError: 400 for an unknown one.
    """
    if name is None:
        return UTC
    found = _OFFSET.fullmatch(name) if isinstance(name, str) else None
    if found is not None:
        hours, minutes = int(found[2] or 0), int(found[3] or 0)
        if hours > MAX_HOURS_AHEAD or minutes > 59:
            raise ApiError(400, f"timeZone: {name!r} must be at most {MAX_HOURS_AHEAD} hours from UTC")
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(-ahead if found[1] == "-" else ahead) if ahead else UTC
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ApiError(400, f"timeZone: {name!r} is neither like Europe/Oslo nor like UTC+05:30") from error
