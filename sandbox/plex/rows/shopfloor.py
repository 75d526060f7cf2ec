"""What happens at workcenters, as rows: production, scrap, status, set-up and labor entries, and the present set-up.

Both kinds of plants tell what happened as work and blocks of time; only here does it become rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sandbox.plex.endpoints import production
from sandbox.plex.endpoints.endpoint import CONTROL_ONLY
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import History, Ids, with_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.plex.plants.plant import Life, Row


class Kind(NamedTuple):
    """A status of workcenters: one row of the set-up table."""

    name: str
    production: bool = False
    setup: bool = False
    down: bool = False
    idle: bool = False
    off: bool = False


PRODUCTION = Kind("Production", production=True)
SETUP = Kind("Setup", setup=True)
BREAKDOWN = Kind("Breakdown", down=True)
IDLE = Kind("Idle", idle=True)
OFF = Kind("Off", off=True)
KINDS = (PRODUCTION, SETUP, BREAKDOWN, IDLE, OFF)
EVENTS = ("Tool change", "Material shortage", "Maintenance")


@dataclass(frozen=True, slots=True)
class Work:
    """Who works on what, and where. What isn't known is None.

    Attributes:
        job_quantity: What the job has to make.
    """

    workcenter_id: str
    workcenter_code: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    part_name: str | None = None
    revision: str | None = None
    part_operation_id: str | None = None
    operation_id: str | None = None
    operation_number: int | None = None
    operation_code: str | None = None
    job_id: str | None = None
    job_number: str | None = None
    job_operation_id: str | None = None
    job_quantity: float | None = None
    employee_id: str | None = None
    employee: str | None = None

    def where(self) -> Row:
        """The fields that all entries share."""
        return {
            "workcenterId": self.workcenter_id,
            "workcenterCode": self.workcenter_code,
            "jobId": self.job_id,
            "jobCode": self.job_number,
            "partId": self.part_id,
            "partNumber": self.part_number,
            "revision": self.revision,
            "partNumberRevision": with_revision(self.part_number, self.revision),
            "partOperationId": self.part_operation_id,
            "operationNumber": self.operation_number,
            "operationCode": self.operation_code,
        }


@dataclass(frozen=True, slots=True)
class Block:
    """A workcenter in one status, from an instant to another."""

    work: Work
    kind: Kind
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Growing:
    """A status entry, whose duration in seconds grows while the status lasts.

    Attributes:
        entry: The rest of the row.
        begins: When the status began.
        ends: When it ends.
    """

    entry: History
    begins: datetime
    ends: str

    def at(self, instant: str) -> Row | None:
        """The row as it reads at an instant, None where there is none."""
        row = self.entry.at(instant)
        if row is None or row["duration"] is None:
            return row
        return {**row, "duration": int((moment_of(min(instant, self.ends)) - self.begins).total_seconds())}


@dataclass(frozen=True, slots=True)
class Present:
    """A workcenter as it is set up now.

    Attributes:
        since: When the workcenter first exists.
        now: Gives its row at an instant.
    """

    since: str
    now: Callable[[str], Row]

    def at(self, instant: str) -> Row | None:
        """The row at an instant, None before the workcenter exists."""
        return self.now(instant) if instant >= self.since else None


def production_row(work: Work, when: str, quantity: float, serial: str | None = None) -> Row:
    """A production entry."""
    return production.PRODUCTION_ENTRIES.row(
        transactionDate=when,
        serialNo=serial,
        employeeId=work.employee_id,
        employeeName=work.employee,
        quantity=quantity,
        jobNo=work.job_number,
        unit="Ea",
        **work.where(),
    )


def scrap_row(work: Work, when: str, quantity: float, reason: str, serial: str | None = None) -> Row:
    """A scrap entry."""
    return production.SCRAP_ENTRIES.row(
        transactionDate=when,
        scrapReason=reason,
        transactionType="Scrap",
        quantity=quantity,
        serialNo=serial,
        **work.where(),
    )


def status_row(block: Block) -> Row:
    """A status entry as it begins."""
    return production.STATUS_ENTRIES.row(
        logDate=stamp(block.begins), workcenterStatus=block.kind.name, duration=0, **block.work.where()
    )


def status_life(block: Block) -> Life:
    """A status entry from its begin on."""
    return Growing(History(stamp(block.begins), status_row(block)), block.begins, stamp(block.ends))


def setup_life(block: Block) -> History:
    """A set-up entry: there from the begin of the set-up, changed when it is done."""
    work = block.work
    began, ended = stamp(block.begins), stamp(block.ends)
    row = production.SETUP_ENTRIES.row(
        workcenterId=work.workcenter_id,
        workcenterCode=work.workcenter_code,
        setupDateTime=began,
        parentPartId=work.part_id,
        parentPartNumber=work.part_number,
        parentPartRevision=work.revision,
        parentPartNumberRevision=with_revision(work.part_number, work.revision),
        parentPartOperationId=work.part_operation_id,
        parentPartOperationCode=work.operation_code,
        parentPartOperationNumber=work.operation_number,
        parentPartJobId=work.job_id,
        parentPartJobNumber=work.job_number,
        parentPartJobOperationId=work.job_operation_id,
        parentPartJobOperationNumber=None if work.operation_number is None else float(work.operation_number),
        dynamicMultiOut=False,
        traditionalMultiOut=False,
        parent=True,
        companion=False,
    )
    return History(began, row, ((ended, {"setupDateTimeChange": ended}),))


def labor_life(block: Block) -> History:
    """A labor entry: there from clocking in, with end and duration (in minutes) from clocking out."""
    work = block.work
    began, ended = stamp(block.begins), stamp(block.ends)
    row = production.LABOR_ENTRIES.row(
        employee=work.employee,
        employeeId=work.employee_id,
        accountId=work.employee_id,
        costActivity=block.kind.name,
        beginTime=began,
        **work.where(),
    )
    minutes = int((block.ends - block.begins).total_seconds() // 60)
    return History(began, row, ((ended, {"endTime": ended, "duration": minutes}),))


def present_row(
    ids: Ids, workcenter: Row, kind: Kind, work: Work | None, completed: float | None, status: str | None
) -> Row:
    """How a workcenter is set up.

    Args:
        ids: The tenant's ids.
        workcenter: Its row.
        kind: Its status.
        work: What it is set up for, None for nothing.
        completed: What the job's operation has made.
        status: The status of the job's operation.
    """
    work = work or Work(workcenter["workcenterId"])
    balance = None if completed is None or work.job_quantity is None else work.job_quantity - completed
    operators = [{"accountID": work.employee_id, "employeeName": work.employee, "costSubTypeId": None}]
    row = production.WORKCENTER_SETUPS.row(
        id=workcenter["workcenterId"],
        code=workcenter["workcenterCode"],
        name=workcenter["name"],
        type=workcenter["workcenterType"],
        group=workcenter["workcenterGroup"],
        statusId=ids("workcenter-status", kind.name),
        statusDescription=kind.name,
        jobId=work.job_id,
        jobNumber=work.job_number,
        jobOperationId=work.job_operation_id,
        operationNumber=None if work.operation_number is None else float(work.operation_number),
        operationCode=work.operation_code,
        jobOperationQuantity=work.job_quantity,
        partId=work.part_id,
        partNumber=work.part_number,
        partRevision=work.revision,
        partNumberRevision=with_revision(work.part_number, work.revision),
        partName=work.part_name,
        jobOperationStatus=status,
        jobOperationQuantityCompleted=completed,
        jobOperationQuantityBalance=balance,
    )
    only = {"lotId": None, "productionLineId": workcenter["productionLineId"], "batches": []}
    only["operators"] = operators if work.employee_id and kind in {PRODUCTION, SETUP} else []
    return row | {CONTROL_ONLY[name]: value for name, value in only.items()}


def definitions(ids: Ids, since: str) -> dict[str, list[Life]]:
    """The set-up tables of production: statuses and events of workcenters."""
    return {
        production.WORKCENTER_STATUSES.path: [History(since, _status(ids, kind)) for kind in KINDS],
        production.WORKCENTER_EVENTS.path: [
            History(
                since,
                production.WORKCENTER_EVENTS.row(
                    id=ids("workcenter-event", name), code=name.split()[0].upper(), description=name, active=True
                ),
            )
            for name in EVENTS
        ],
    }


def _status(ids: Ids, kind: Kind) -> Row:
    return production.WORKCENTER_STATUSES.row(
        id=ids("workcenter-status", kind.name),
        description=kind.name,
        canRunProduction=kind.production,
        offStatus=kind.off,
        clockoutOperators=kind.off,
        idleStatus=kind.idle,
        defaultAfterJobChange=kind.setup,
        productionStatus=kind.production,
        setupStatus=kind.setup,
        downtimeStatus=kind.down,
        noOperatorRequired=kind.off,
        maintenanceStatus=False,
        active=True,
        excessSetup=False,
        workcenterGroupWorkcenters=[],
        linkedWorkcenterEvents=[],
    )
