"""Medians, spreads and ratios of a race: a table for people, and JSON lines."""

from __future__ import annotations

import dataclasses
import json
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.race.scenarios import CONTESTANTS, SCENARIOS, Measured

PACKAGES = ("cognite-sdk", "requests", "pydantic", "pydantic_core")
_COLUMNS = (
    ("", 11),
    ("CPU µs/job", 11),
    ("lowest", 8),
    ("highest", 8),
    ("of SDK", 8),
    ("of floor", 9),
    ("wall s", 7),
    ("Plex calls", 11),
    ("CDF calls", 10),
    ("a 1000", 7),
    ("beyond ten", 11),
    ("rewritten", 10),
    ("RAW rows", 9),
    ("kB sent", 8),
    ("kB plain", 9),
    ("peak MB", 8),
)
"""Heading and width."""
_LEGEND = """\
CPU: of the client's process, median of all runs, without imports and the making of the client. Beyond ten: calls
to CDF after the first ten, for each 1000 jobs. Rewritten: events that were sent although they had not changed."""
NOISY = 0.15
"""Above this spread of one contestant's runs, their median says little."""


def table(measured: list[Measured]) -> None:
    """Prints each scenario with its contestants."""
    print(machine())
    for scenario in SCENARIOS:
        runs = [each for each in measured if each.scenario == scenario.name]
        print(f"\n{scenario.name}, {runs[0].records:,} jobs")
        print(_line(heading for heading, _ in _COLUMNS))
        for contestant, name in CONTESTANTS.items():
            own = _of(runs, contestant)
            if own:
                print(_line([name, *_cells(own, runs)]))
                for wrong in sorted({each.wrong for each in own if each.wrong}):
                    print(f"    FAILED, so that its figures do not count: {wrong}")
    print(f"\n{_LEGEND}")
    noisy = [name for name, spread in _spreads(measured) if spread > NOISY]
    if noisy:
        print(f"Spread above {NOISY:.0%}, so measure again on a quieter machine: {', '.join(noisy)}.")


def _cells(own: list[Measured], runs: list[Measured]) -> list[str]:
    first, micros = own[0], [_micros(each) for each in own]
    thousands = first.records / 1000
    return [
        f"{statistics.median(micros):.1f}",
        f"{min(micros):.1f}",
        f"{max(micros):.1f}",
        _ratio(own, _of(runs, "sdk_script")),
        _ratio(own, _of(runs, "floor")),
        f"{_median(own, lambda each: each.wall_seconds):.2f}",
        f"{first.plex_calls}",
        f"{first.cdf_calls}",
        f"{first.cdf_calls / thousands:.2f}",
        f"{max(0, first.cdf_calls - 10) / thousands:.2f}",
        f"{first.rewritten:,}",
        f"{first.state_rows:,}",
        f"{first.sent_bytes / 1000:,.0f}",
        f"{first.plain_bytes / 1000:,.0f}",
        f"{_median(own, lambda each: each.peak_megabytes):.0f}",
    ]


def _line(cells: Iterable[str]) -> str:
    widths = [width for _, width in _COLUMNS]
    first, *rest = zip(cells, widths, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in rest)


def _spreads(measured: list[Measured]) -> Iterator[tuple[str, float]]:
    """How far the runs of each contestant lie apart in each scenario, as a share of their median."""
    for scenario in SCENARIOS:
        for contestant, name in CONTESTANTS.items():
            own = [each for each in _of(measured, contestant) if each.scenario == scenario.name]
            if own:
                micros = [_micros(each) for each in own]
                yield f"{name} ({scenario.name})", (max(micros) - min(micros)) / statistics.median(micros)


def lines(measured: list[Measured]) -> None:
    """Prints every run as JSON, and before them what they were measured on."""
    print(json.dumps({"machine": machine()}))
    for each in measured:
        print(json.dumps(dataclasses.asdict(each)))


def machine() -> str:
    """What this was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{_processor()}, Python {platform.python_version()}, {packages}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.exists() else ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def _of(runs: Iterable[Measured], contestant: str) -> list[Measured]:
    return [each for each in runs if each.contestant == contestant]


def _micros(each: Measured) -> float:
    return each.cpu_seconds / each.records * 1e6


def _median(own: Iterable[Measured], value: Callable[[Measured], float]) -> float:
    return statistics.median(value(each) for each in own)


def _ratio(own: list[Measured], other: list[Measured]) -> str:
    return f"{_median(own, _micros) / _median(other, _micros):.2f}" if other else "-"
