"""The race is run, every contestant does the same work, and the function keeps to its calls. No time is asserted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
JOBS = 1000


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, str], dict[str, Any]]:
    """What each contestant took in each scenario."""
    command = [sys.executable, "-m", "benchmarks.race", "--jobs", str(JOBS), "--runs", "1"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert printed.returncode == 0, printed.stdout[-4000:] + printed.stderr[-4000:]
    lines = [json.loads(line) for line in printed.stdout.splitlines() if line.startswith("{")]
    return {(line["contestant"], line["scenario"]): line for line in lines if "contestant" in line}


def test_every_contestant_brings_cdf_to_the_same_content(runs: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert len(runs) == 12
    assert {run["wrong"] for run in runs.values()} == {""}


def test_the_function_writes_nothing_for_nothing(runs: dict[tuple[str, str], dict[str, Any]]) -> None:
    ours = {scenario: run for (contestant, scenario), run in runs.items() if contestant == "ours"}
    assert {run["rewritten"] for run in ours.values()} == {0}
    # The watermark's row.
    assert ours["nothing changed"]["state_rows"] == 1
    script = {scenario: run for (contestant, scenario), run in runs.items() if contestant == "sdk_script"}
    assert script["nothing changed"]["rewritten"] == JOBS


def test_the_function_keeps_to_its_calls(runs: dict[tuple[str, str], dict[str, Any]]) -> None:
    calls = {scenario: run["cdf_calls"] for (contestant, scenario), run in runs.items() if contestant == "ours"}
    assert calls["nothing changed"] <= 10
    # One for a thousand jobs, one for a thousand parts that they are linked to.
    assert calls["first load"] <= 10 + 2
    assert {run["plex_calls"] for (contestant, _), run in runs.items() if contestant == "ours"} == {2}
