"""The benchmarks run. What they measure depends on the machine, so no test asserts it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_event_creates_of_the_local_cdf_are_measured_against_a_bare_server() -> None:
    command = [sys.executable, "benchmarks/cdf_event_creates.py", "--runs", "1", "--requests", "20"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout
    *table, last = printed.splitlines()
    assert [line.split()[0] for line in table[1:3]] == ["cdf", "bare"]
    figures = json.loads(last)
    assert 0 < figures["eventsPerSecond"]["cdf"] < figures["eventsPerSecond"]["bare"]
    assert 0 < figures["ratio"] < 1
