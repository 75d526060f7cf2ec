"""What a function may use, and what an idle run must not do."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.plant.calls import MEGABYTE, Call
from sandbox.cdf.functions.runner import BYTES_PER_GB, TIME_LIMIT_SECONDS
from sandbox.demo.writes import WRITES

MEMORY_GB = 1.5
"""What the smallest of the three clouds gives a call: https://docs.cognite.com/cdf/functions/technical"""

LOAD, IDLE, NIGHT = "load", "idle", "night"


def faults(calls: Iterable[Call]) -> list[str]:
    """What is wrong with the calls, one sentence each; none when all is well.

    Args:
        calls: In order; the last `load` call of a function is the one that must leave nothing to do.
    """
    found = []
    last: dict[str, Call] = {}
    for call in calls:
        name = f"{call.function}, {call.scenario}"
        if not call.is_good:
            found.append(f"{name}: {call.status}: {call.error}")
        if call.seconds > TIME_LIMIT_SECONDS:
            found.append(f"{name}: took {call.seconds:.0f} s, more than {TIME_LIMIT_SECONDS:.0f}")
        if call.peak_mb is not None and call.peak_mb * MEGABYTE > MEMORY_GB * BYTES_PER_GB:
            found.append(f"{name}: held {call.peak_mb:.0f} MB, more than {MEMORY_GB * BYTES_PER_GB / MEGABYTE:.0f}")
        if call.scenario == IDLE:
            wrote = {kind: call.writes[kind] for kind in WRITES if call.writes[kind]}
            if wrote:
                found.append(f"{name}: wrote {wrote} although nothing had changed")
            if not call.is_done:
                found.append(f"{name}: {call.status} with {call.pending} pending, although nothing had changed")
        elif call.scenario == LOAD:
            last[call.function] = call
    found += [
        f"{call.function}, {LOAD}: never ends: {call.status}, {call.pending} pending"
        for call in last.values()
        if call.is_good and not call.is_done
    ]
    return found
