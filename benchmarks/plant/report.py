"""The calls as a table, one row each, and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.plant.calls import Call
from benchmarks.plant.verdict import IDLE, LOAD, NIGHT

CALLS_PER_MINUTE = 200
"""What Plex allows an API key."""

HEADER = (
    "scenario", "function", "status", "s", "CPU s", "peak MB", "Plex calls", "CDF calls", "rows", "created", "pending",
)  # fmt: skip


def header() -> str:
    """The first two lines of the table, as Markdown."""
    return f"| {' | '.join(HEADER)} |\n|{'---|' * len(HEADER)}"


def line(call: Call) -> str:
    """A call as a line of the table."""
    cpu, peak = ("killed" if value is None else f"{value:.1f}" for value in (call.cpu_seconds, call.peak_mb))
    numbers = (call.plex_calls, call.cdf_calls, call.rows, call.created, call.pending)
    figures = [f"{call.seconds:.1f}", cpu, peak, *(f"{number:,}" for number in numbers)]
    return f"| {' | '.join([call.scenario, f'`{call.function}`', call.status, *figures])} |"


def summary(calls: Sequence[Call]) -> list[str]:
    """What each scenario wrote, and how long it would be at Plex's own pace."""
    lines = []
    for scenario in (LOAD, IDLE, NIGHT):
        chosen = [call for call in calls if call.scenario == scenario]
        if not chosen:
            continue
        plex_calls = sum(call.plex_calls for call in chosen)
        wrote = ", ".join(
            f"{total:,} {kind}" for kind in chosen[0].writes if (total := sum(call.writes[kind] for call in chosen))
        )
        pace = f"{plex_calls / CALLS_PER_MINUTE:.1f} minutes at {CALLS_PER_MINUTE} a minute"
        lines.append(f"{scenario}: {len(chosen)} calls, {plex_calls:,} of Plex ({pace}), wrote {wrote or 'nothing'}")
    return lines


def json_lines(calls: Sequence[Call]) -> list[str]:
    """The calls, one JSON object each."""
    return [json.dumps(call.as_json()) for call in calls]
