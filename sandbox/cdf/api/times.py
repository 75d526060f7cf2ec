"""Times in milliseconds since the epoch, and as the time series API spells them: ``now``, or so long from it."""

from __future__ import annotations

import re
import time

from sandbox.cdf.api.http import ApiError

UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_RELATIVE = re.compile(r"(\d{1,12})(s|m|h|d|w)-(ago|ahead)")
_NUMBER = re.compile(r"-?\d{1,19}")


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def moment(value: object) -> int:
    """Milliseconds since the epoch.

    Raises:
        ApiError: 400 for anything that is no time.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    now = now_ms()
    if value == "now":
        return now
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return int(value)
        found = _RELATIVE.fullmatch(value)
        if found:
            span = int(found[1]) * UNITS[found[2]]
            return now - span if found[3] == "ago" else now + span
    raise ApiError(400, f"{value!r} is no time")
