"""The production history of a log: what each report leaves behind, and how the workcenters are set up meanwhile."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

from sandbox.plex.csv.log import PRODUCTION
from sandbox.plex.endpoints import inventory, production
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids
from sandbox.plex.rows import shopfloor
from sandbox.plex.rows.shopfloor import Block, Present, Work

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.plex.csv.jobs import Routing
    from sandbox.plex.csv.log import Report
    from sandbox.plex.plants.plant import Life, Row

KINDS = {PRODUCTION: shopfloor.PRODUCTION, "S": shopfloor.SETUP}
SCRAP_REASON = "MRB"


class ShopBook:
    """Turns the reports of a log into history.

    Args:
        reports: The log.
        ids: The tenant's ids.
        routing: The log's routing.
        operations: Job id to the job's operations.
        since: When the workcenters first exist.
    """

    def __init__(
        self,
        reports: Sequence[Report],
        ids: Ids,
        routing: Routing,
        operations: Mapping[str, Sequence[History]],
        since: str,
    ) -> None:
        self._reports = reports
        self._ids = ids
        self._routing = routing
        self._since = since
        self._operations = {life.row["jobOperationId"]: life for lives in operations.values() for life in lives}
        self._blocks = [self._block(report) for report in reports]

    def work(self, report: Report) -> Work:
        """Who worked on what."""
        ids = self._ids
        return Work(
            workcenter_id=ids("workcenter", report.workcenter),
            workcenter_code=report.workcenter,
            part_id=ids("part", report.part),
            part_number=report.part,
            part_name=report.part,
            part_operation_id=ids("part-operation", (report.part, report.operation)),
            operation_id=ids("operation", report.operation),
            operation_number=self._routing.numbers[report.part, report.operation],
            operation_code=report.operation,
            job_id=ids("job", report.work_order),
            job_number=report.work_order,
            job_operation_id=ids("job-operation", (report.work_order, report.operation)),
            job_quantity=report.order_quantity,
            employee_id=ids("employee", report.worker) if report.worker else None,
            employee=report.worker,
        )

    def tables(self, workcenters: Sequence[Row]) -> dict[str, list[Life]]:
        """Path to rows.

        Args:
            workcenters: The rows of the workcenters.
        """
        pairs = list(zip(self._reports, self._blocks, strict=True))
        return {
            **shopfloor.definitions(self._ids, self._since),
            inventory.SCRAP_REASONS.path: [History(self._since, inventory.SCRAP_REASONS.row(reason=SCRAP_REASON))],
            production.PRODUCTION_ENTRIES.path: [
                History(ended, shopfloor.production_row(block.work, ended, report.pieces))
                for report, block in pairs
                if report.kind == PRODUCTION
                for ended in [stamp(report.ends)]
            ],
            production.SCRAP_ENTRIES.path: [
                History(ended, shopfloor.scrap_row(block.work, ended, report.for_review, SCRAP_REASON))
                for report, block in pairs
                if report.for_review > 0
                for ended in [stamp(report.ends)]
            ],
            production.STATUS_ENTRIES.path: [shopfloor.status_life(block) for block in self._blocks],
            production.SETUP_ENTRIES.path: [
                shopfloor.setup_life(block) for block in self._blocks if block.kind is shopfloor.SETUP
            ],
            production.LABOR_ENTRIES.path: [shopfloor.labor_life(block) for block in self._blocks],
            production.WORKCENTER_SETUPS.path: self._setups(workcenters),
        }

    def _block(self, report: Report) -> Block:
        return Block(self.work(report), KINDS.get(report.kind, shopfloor.BREAKDOWN), report.begins, report.ends)

    def _setups(self, workcenters: Sequence[Row]) -> list[Life]:
        """Each workcenter at any instant: in the status that began last, and idle between two."""
        by_workcenter: dict[str, list[Block]] = defaultdict(list)
        for block in sorted(self._blocks, key=lambda block: block.begins):
            by_workcenter[block.work.workcenter_id].append(block)
        return [self._present(row, by_workcenter[row["workcenterId"]]) for row in workcenters]

    def _present(self, workcenter: Row, blocks: Sequence[Block]) -> Life:
        begins = [stamp(block.begins) for block in blocks]

        def now(instant: str) -> Row:
            started = blocks[: bisect_right(begins, instant)]
            if not started:
                return shopfloor.present_row(self._ids, workcenter, shopfloor.IDLE, None, None, None)
            lasting = [block for block in started if instant < stamp(block.ends)]
            block = lasting[-1] if lasting else started[-1]
            kind = block.kind if lasting else shopfloor.IDLE
            operation = self._operations[str(block.work.job_operation_id)].at(instant) or {}
            return shopfloor.present_row(
                self._ids,
                workcenter,
                kind,
                block.work,
                operation.get("quantityCompleted"),
                operation.get("jobOperationStatus"),
            )

        return Present(self._since, now)
