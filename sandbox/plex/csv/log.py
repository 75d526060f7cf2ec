"""The log of a real plant: a CSV with one line per report of work.

Columns: `work_order, part, order_qty, operation, workcenter, worker, report_type, qty_completed, qty_for_mrb, rework,
duration_minutes, completed_at`. Report types are `D` production, `S` setup, `B` breakdown. Times without a zone are
UTC.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTION = "D"


@dataclass(frozen=True, slots=True)
class Report:
    """One line of the log."""

    work_order: str
    part: str
    order_quantity: float
    operation: str
    workcenter: str
    worker: str | None
    kind: str
    pieces: float
    for_review: float
    minutes: float
    begins: datetime
    ends: datetime

    @property
    def produced(self) -> float:
        """The pieces that count: a setup's don't."""
        return self.pieces if self.kind == PRODUCTION else 0.0


def read_log(path: Path) -> list[Report]:
    """Read the reports of a log, in the order of the file.

    Raises:
        OSError: The file can't be read.
        ValueError: It has no lines, or one that is no report (the message names the line).
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reports = [_report(line, number) for number, line in enumerate(csv.DictReader(file), start=2)]
    if not reports:
        raise ValueError(f"{path} holds no report")
    return reports


def _report(line: dict[str, str], number: int) -> Report:
    try:
        ends = datetime.fromisoformat(line["completed_at"])
        ends = ends.astimezone(UTC) if ends.tzinfo else ends.replace(tzinfo=UTC)
        minutes = float(line["duration_minutes"])
        return Report(
            work_order=line["work_order"],
            part=line["part"],
            order_quantity=float(line["order_qty"]),
            operation=line["operation"],
            workcenter=line["workcenter"],
            worker=line.get("worker") or None,
            kind=line["report_type"],
            pieces=float(line["qty_completed"]),
            for_review=float(line.get("qty_for_mrb") or 0),
            minutes=minutes,
            begins=ends - timedelta(minutes=minutes),
            ends=ends,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Line {number} is no report: {error!r}") from error
