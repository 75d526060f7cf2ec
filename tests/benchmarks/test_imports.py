"""What a function imports: nothing that only others need. How long it takes is printed, not asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
WITH_DATA_SOURCES = {"plex_performance", "plex_quality"}


def test_every_function_is_measured() -> None:
    command = [sys.executable, "-m", "benchmarks.imports", "--runs", "1"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True).stdout
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert [line["function"] for line in lines] == FUNCTIONS
    assert all(line["milliseconds"] > 0 for line in lines)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_functions_with_data_sources_import_them(function: str) -> None:
    code = "import json, sys, handler; print(json.dumps([m for m in sys.modules if 'data_source' in m]))"
    path = f"{ROOT / 'functions' / function}:{ROOT / 'shared'}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert bool(json.loads(done.stdout)) == (function in WITH_DATA_SOURCES)
