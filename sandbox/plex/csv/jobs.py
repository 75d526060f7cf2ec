"""The jobs of a log: how they and their operations come up and get on, report by report."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import master_data
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.plex.csv.log import Report


class Routing:
    """Which operations a log's parts go through, and where.

    Args:
        reports: The log.

    Attributes:
        numbers: Part and operation to the operation's number: 10, 20, … in the order of the file.
        rates: Part, operation and workcenter to the target rate, the median of the pieces an hour over the production
            reports; None where nothing was produced.
    """

    def __init__(self, reports: Sequence[Report]) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        per_part: dict[str, int] = defaultdict(int)
        hourly: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for report in reports:
            if (report.part, report.operation) not in self.numbers:
                per_part[report.part] += 10
                self.numbers[report.part, report.operation] = per_part[report.part]
            rates = hourly[report.part, report.operation, report.workcenter]
            if report.produced and report.minutes:
                rates.append(report.produced / report.minutes * 60)
        self.rates = {key: median(values) if values else None for key, values in hourly.items()}


class JobBook:
    """Turns the reports of a log into jobs and job operations.

    Args:
        reports: The log.
        ids: The tenant's ids.
        routing: The log's routing.
        building: The fields `buildingId` and `buildingCode`.
    """

    def __init__(self, reports: Sequence[Report], ids: Ids, routing: Routing, building: Mapping[str, str]) -> None:
        self._orders: dict[str, list[Report]] = defaultdict(list)
        for report in reports:
            self._orders[report.work_order].append(report)
        self._ids = ids
        self._routing = routing
        self._building = building

    def jobs(self) -> list[History]:
        """All jobs, in the order of the file."""
        return [self._job(reports) for reports in self._orders.values()]

    def operations(self) -> dict[str, list[History]]:
        """Job id to the job's operations."""
        return {self._ids("job", order): self._operations(reports) for order, reports in self._orders.items()}

    def _operations(self, reports: Iterable[Report]) -> list[History]:
        operations: dict[str, list[Report]] = defaultdict(list)
        for report in reports:
            operations[report.operation].append(report)
        return [self._operation(group) for group in operations.values()]

    def _job(self, reports: Sequence[Report]) -> History:
        """Created when its first report starts, complete when its last one ends.

        Its completed quantity is the largest of its operations', at most what was ordered.
        """
        first = min(reports, key=lambda report: report.begins)
        created = stamp(first.begins)
        row = master_data.JOBS.row(
            id=self._ids("job", first.work_order),
            jobNumber=first.work_order,
            createdDate=created,
            **self._part_of(first),
            quantity=first.order_quantity,
            quantityCompleted=0.0,
            jobStatus="Open",
            **self._building,
        )
        done: dict[str, float] = defaultdict(float)

        def completed(report: Report) -> float:
            done[report.operation] += report.produced
            return min(max(done.values()), first.order_quantity)

        return History(created, row, _progress(reports, completed, "jobStatus"))

    def _operation(self, reports: Sequence[Report]) -> History:
        """Appears when its first report starts, at that report's workcenter."""
        first = min(reports, key=lambda report: report.begins)
        rate = self._routing.rates[first.part, first.operation, first.workcenter]
        began = stamp(first.begins)
        row = master_data.JOB_OPERATIONS.row(
            jobId=self._ids("job", first.work_order),
            jobNumber=first.work_order,
            **self._part_of(first),
            jobOperationId=self._ids("job-operation", (first.work_order, first.operation)),
            jobOperationNumber=self._routing.numbers[first.part, first.operation],
            operationCode=first.operation,
            workcenterId=self._ids("workcenter", first.workcenter),
            workcenterCode=first.workcenter,
            quantity=first.order_quantity,
            quantityCompleted=0.0,
            scheduledStartDate=began,
            jobOperationStatus="Open",
            rate=rate,
            unitOfMeasure=None if rate is None else "pcs/hr",
            runTime=None if rate is None else first.order_quantity / rate,
            partOperationType="Production",
            batchOperation=False,
            preProcessOperation=False,
        )
        done = 0.0

        def completed(report: Report) -> float:
            nonlocal done
            done += report.produced
            return done

        return History(began, row, _progress(reports, completed, "jobOperationStatus"))

    def _part_of(self, report: Report) -> Row:
        return {
            "partId": self._ids("part", report.part),
            "partNumber": report.part,
            "partNumberRevision": report.part,
        }


def _progress(
    reports: Iterable[Report], completed: Callable[[Report], float], status: str
) -> tuple[tuple[str, Row], ...]:
    """What changes as reports end: the quantity each time it grows, and status and date with the last.

    Args:
        reports: Those of the job or operation.
        completed: Takes the reports in order of their ends, and gives the quantity after each.
        status: The name of the status field.
    """
    changes: list[tuple[str, Row]] = []
    for ends, together in groupby(
        sorted(reports, key=lambda report: report.ends), key=lambda report: stamp(report.ends)
    ):
        quantity = [completed(report) for report in together][-1]
        changes.append((ends, {"quantityCompleted": quantity}))
    last, values = changes[-1]
    changes[-1] = (last, {**values, status: "Complete", "completedDate": last})
    return tuple(changes)
