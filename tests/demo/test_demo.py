"""`python -m sandbox demo`, whole: deployed by the real `cdf`, and counted against the log that it was given."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACTORY_LOG = ROOT.parent / "shared" / "data" / "factory_log.csv"
SECONDS = 600
KINDS = ("assets", "events", "timeSeries", "datapoints", "sequences", "relationships", "fingerprints")
NOTHING = dict.fromkeys(KINDS, 0)
FUNCTIONS = {handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py")}


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


def _created(ended: Ended, pcn: int) -> Counter[str]:
    """How much the calls for a facility created, by stream."""
    created: Counter[str] = Counter()
    for call in ended.figures["calls"]:
        if call["facility"] == pcn:
            created.update({name: figures["created"] for name, figures in call["streams"].items()})
    return created


def write_log(path: Path) -> Path:
    """A small log."""
    columns = "work_order,part,order_qty,operation,workcenter,worker,report_type,qty_completed,qty_for_mrb,rework"
    lines, start = [], datetime(2024, 3, 1, 6, tzinfo=UTC)
    for job in range(12):
        part = f"Part {job % 4}"
        for step in range(1 + job % 3):
            operation, workcenter = f"Operation {(job % 4 + step) % 5}", f"Workcenter {step}"
            for kind, pieces, scrapped in (("S", 0, 0), ("D", 5, 0), ("B", 0, 0), ("D", 5, 2)):
                # The two reports of pieces end at the same instant.
                end = start + timedelta(days=job, hours=20 * step + pieces, minutes=30 * len(kind))
                reported = ["W1", kind, pieces, scrapped, "", 45, f"{end:%Y-%m-%dT%H:%M}"]
                lines.append([f"J{job}", part, 10, operation, workcenter, *reported])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns.split(","), "duration_minutes", "completed_at"])
        writer.writerows(lines)
    return path


def expected(log: Path) -> dict[str, float]:
    """What CDF must hold at the end of a log."""
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def distinct(*columns: str) -> int:
        return len({tuple(row[column] for column in columns) for row in rows})

    reports = Counter(row["report_type"] for row in rows)
    made: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["report_type"] == "D":
            made[row["workcenter"], row["completed_at"]] += int(row["qty_completed"])
    return {
        "jobs": distinct("work_order"),
        "jobOperations": distinct("work_order", "operation"),
        "parts": distinct("part"),
        "operations": distinct("operation"),
        "partOperations": distinct("part", "operation"),
        "workcenters": distinct("workcenter"),
        "unlinked": 0,
        "productionEvents": reports["D"],
        "goodPieces": made.total(),
        "goodDatapoints": sum(pieces > 0 for pieces in made.values()),
        "statusEvents": len(rows),
        "breakdowns": len(rows) - reports["D"] - reports["S"],
        "setups": reports["S"],
        "scrapPieces": sum(int(row["qty_for_mrb"]) for row in rows),
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
        (number, function) for number in (1, 2, 3) for function in FUNCTIONS
    }
    assert all(call["status"] in {"success", "partial"} for call in ended.figures["calls"])
    third = ended.figures["thirdPass"]
    assert 0 < third["changedShare"] < 1
    assert 0 < third["writes"]["events"] <= third["changedRows"]
    assert "BROKEN" not in ended.said
    assert f"{counts['workcenters']} workcenters" in ended.said
    assert ended.report.count('class="job') == counts["jobs"]


def test_two_generated_plants_untidy_as_they_are_keep_every_promise(tmp_path: Path) -> None:
    ended = demo(tmp_path)
    assert ended.code == 0, ended.said
    assert ended.figures["counts"]["unlinked"] == 0
    assert ended.figures["secondPass"]["writes"] == NOTHING
    facilities = ended.figures["facilities"]
    assert [one["pcn"] for one in facilities] == [340884, 340885]
    for one in facilities:
        assert all(count > 0 for name, count in one["counts"].items() if name != "unlinked")
        assert one["name"] in ended.report
        assert {call["function"] for call in ended.figures["calls"] if call["facility"] == one["pcn"]} == FUNCTIONS
        # Described in the deployed configs alone.
        created = _created(ended, one["pcn"])
        assert all(created[name] > 0 for name in ("checksheets", "gauges", "daily_performance"))
    for name, count in ended.figures["counts"].items():
        assert count == sum(one["counts"][name] for one in facilities)


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
