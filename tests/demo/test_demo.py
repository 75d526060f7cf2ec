"""`python -m sandbox demo`, whole: deployed by the real `cdf`, and counted against the log that it was given."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACTORY_LOG = ROOT.parent / "shared" / "data" / "factory_log.csv"
SECONDS = 600
NOTHING = {"assets": 0, "events": 0, "timeSeries": 0, "datapoints": 0, "relationships": 0, "fingerprints": 0}


@dataclass(frozen=True)
class Ended:
    """How a demo ended, and what it left."""

    code: int
    said: str
    figures: dict[str, Any]
    report: str


def demo(folder: Path, *options: str) -> Ended:
    figures, report = folder / "figures.json", folder / "report.html"
    command = [sys.executable, "-m", "sandbox", "demo", *options, "--json", str(figures), "--report", str(report)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert figures.exists(), ended.stderr
    return Ended(ended.returncode, ended.stdout + ended.stderr, json.loads(figures.read_text()), report.read_text())


def write_log(path: Path) -> Path:
    """A small log."""
    columns = "work_order,part,order_qty,operation,workcenter,worker,report_type,qty_completed,qty_for_mrb,rework"
    lines, start = [], datetime(2024, 3, 1, 6, tzinfo=UTC)
    for job in range(12):
        part = f"Part {job % 4}"
        for step in range(1 + job % 3):
            operation, workcenter = f"Operation {(job % 4 + step) % 5}", f"Workcenter {step}"
            for kind, pieces in (("S", 0), ("D", 5), ("D", 5)):
                end = start + timedelta(days=job, hours=20 * step + pieces, minutes=30 * len(kind))
                lines.append(
                    [f"J{job}", part, 10, operation, workcenter, "W1", kind, pieces, 0, "", 45, f"{end:%Y-%m-%dT%H:%M}"]
                )
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns.split(","), "duration_minutes", "completed_at"])
        writer.writerows(lines)
    return path


def expected(log: Path) -> dict[str, int]:
    """What CDF must hold at the end of a log."""
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def distinct(*columns: str) -> int:
        return len({tuple(row[column] for column in columns) for row in rows})

    return {
        "jobs": distinct("work_order"),
        "jobOperations": distinct("work_order", "operation"),
        "parts": distinct("part"),
        "operations": distinct("operation"),
        "partOperations": distinct("part", "operation"),
        "workcenters": distinct("workcenter"),
        "unlinked": 0,
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The real factory's log where it lies beside the repository, else a small one."""
    return FACTORY_LOG if FACTORY_LOG.exists() else write_log(tmp_path / "log.csv")


def test_a_log_stands_in_cdf_linked_and_nothing_is_written_twice(log: Path, tmp_path: Path) -> None:
    counts = expected(log)
    ended = demo(tmp_path, "--plant", str(log))
    assert ended.code == 0, ended.said
    assert ended.figures["counts"] == counts
    assert ended.figures["secondPass"]["writes"] == NOTHING
    assert ended.figures["promises"]
    assert all(promise["held"] for promise in ended.figures["promises"])
    assert {(call["pass"], call["function"]) for call in ended.figures["calls"]} == {
        (number, function) for number in (1, 2, 3) for function in ("plex_master_data", "plex_jobs")
    }
    assert all(call["status"] in {"success", "partial"} for call in ended.figures["calls"])
    third = ended.figures["thirdPass"]
    assert 0 < third["changedShare"] < 1
    assert 0 < third["writes"]["events"] <= third["changedRows"]
    assert third["writes"]["assets"] == 0
    assert "BROKEN" not in ended.said
    assert f"{counts['workcenters']} workcenters" in ended.said
    assert ended.report.count('class="job') == counts["jobs"]


def test_a_generated_plant_untidy_as_it_is_keeps_every_promise(tmp_path: Path) -> None:
    ended = demo(tmp_path)
    assert ended.code == 0, ended.said
    assert ended.figures["counts"]["unlinked"] == 0
    assert ended.figures["counts"]["jobs"] > 0
    assert ended.figures["secondPass"]["writes"] == NOTHING


def test_a_demo_that_is_told_to_stop_ends_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "demo", "--report", str(tmp_path / "report.html")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("with the cdf command line" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == ""
    assert "Traceback" not in stderr
