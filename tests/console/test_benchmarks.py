"""The benchmarks run, and what they promise holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_local_cdf_takes_twenty_thousand_event_creates_a_second() -> None:
    command = [sys.executable, "benchmarks/cdf_event_creates.py", "--runs", "1", "--requests", "20"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout
    *table, last = printed.splitlines()
    assert [line.split()[0] for line in table[1:3]] == ["cdf", "bare"]
    figures = json.loads(last)
    assert figures["eventsPerSecond"]["cdf"] >= 20_000
    assert 0 < figures["ratio"] < 1
