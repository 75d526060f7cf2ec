"""The generator's jobs: kept small, for there are many, and turned into rows when they are read.

A job's operations are made each time from the job alone, and come out the same each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sandbox.plex.endpoints import master_data
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import History, Ids, Life, Row, with_revision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.plex.generated.untidiness import Untidiness

WITHOUT_WORKCENTER = 0.05
UNPLANNED: Row = {"operationNumber": 10, "operationId": None}
OPTIONAL = tuple(name for name in master_data.JOB_OPERATIONS.fields if name not in {"jobId", "jobOperationId"})
"""The fields of a job operation that may be null."""


class Statuses(NamedTuple):
    """A tenant's set-up table of job statuses; one named twice is the more frequent."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    cancelled: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job, over its whole time.

    Attributes:
        id: Its UUID.
        number: Its number.
        part: The part's row, None without one.
        building: The building's row.
        begins: When it is created.
        ends: When it really ends.
        recorded: Its completed date, which may be wrong; None for one that was cancelled.
        planned: Its earliest start.
        due: Its due date.
        quantity: What was ordered.
        completed: What is made by its end; half of it by the middle of its time.
        opened: Its status until it ends.
        closed: Its status from then on.
        priority: Its priority.
        missing: The fields that are null whatever they should be.
    """

    id: str
    number: str
    part: Row | None
    building: Row
    begins: str
    ends: str
    recorded: str | None
    planned: str
    due: str
    quantity: float
    completed: float
    opened: str
    closed: str
    priority: str
    missing: tuple[str, ...]

    def at(self, instant: str) -> Row | None:
        """The job's row at an instant, None before it is created."""
        if instant < self.begins:
            return None
        ended = instant >= self.ends
        part = self.part or {}
        row: Row = {
            "id": self.id,
            "externalJobCode": None,
            "jobNumber": self.number,
            "createdDate": self.begins,
            **_part_fields(part),
            "dueDate": self.due,
            "completedDate": self.recorded if ended else None,
            "quantity": self.quantity,
            "quantityCompleted": self.completed if ended else self._made(instant),
            "jobStatus": self.closed if ended else self.opened,
            "buildingId": self.building["id"],
            "buildingCode": self.building["buildingCode"],
            "jobType": "Production",
            "earliestStartDateTime": self.planned,
            "priority": self.priority,
        }
        for name in self.missing:
            if name != "id":
                row[name] = None
        return row

    def _made(self, instant: str) -> float:
        """What is made before the end: nothing in the first half of the time, half in the second."""
        begins, ends = moment_of(self.begins), moment_of(self.ends)
        return float(self.completed // 2) if instant >= stamp(begins + (ends - begins) / 2) else 0.0


def _part_fields(part: Row) -> Row:
    return {
        "partId": part.get("id"),
        "partNumber": part.get("number"),
        "partRevision": part.get("revision"),
        "partNumberRevision": with_revision(part.get("number"), part.get("revision")),
    }


class Routings(NamedTuple):
    """What job operations are made from.

    Attributes:
        steps: Part id to its part-operations.
        codes: Operation id to its code.
        workcenters: The workcenters to choose from.
        ids: The tenant's ids.
        untidy: How untidy the plant is.
    """

    steps: Mapping[str, Sequence[Row]]
    codes: Mapping[str, str | None]
    workcenters: Sequence[Row]
    ids: Ids
    untidy: Untidiness


def job_operations(job: Job, routings: Routings) -> list[Life]:
    """The operations of a job, one after the other between its begin and its end.

    A job without a part has a single operation that no routing knows.
    """
    random = Random(job.id)
    steps = routings.steps[job.part["id"]] if job.part else [UNPLANNED]
    begins = moment_of(job.begins)
    slot = (moment_of(job.ends) - begins) / max(1, len(steps))
    lives: list[Life] = []
    for index, step in enumerate(steps):
        # The first one appears with the job, to the last digit.
        since = stamp(begins + slot * index) if index else job.begins
        until = stamp(begins + slot * (index + 1))
        row = _operation(job, step, random, routings)
        row["jobOperationId"] = routings.ids("job-operation", (job.id, index))
        # Now and then a plan that comes after the work.
        row["scheduledStartDate"] = job.due if random.random() < routings.untidy.misplanned else since
        done = {"quantityCompleted": job.completed, "jobOperationStatus": job.closed, "completedDate": until}
        lacks = random.sample(OPTIONAL, random.choice((0, 0, 1, 2)))
        for name in lacks if routings.untidy.nulls else ():
            row[name] = None
            done.pop(name, None)
        lives.append(History(since, row, ((until, done),)))
    return lives


def _operation(job: Job, step: Row, random: Random, routings: Routings) -> Row:
    """The row of one operation as it appears."""
    lacks = random.random() < WITHOUT_WORKCENTER and routings.untidy.nulls
    workcenter = {} if lacks else random.choice(routings.workcenters)
    return {
        **master_data.JOB_OPERATIONS.row(),
        "jobId": job.id,
        "jobNumber": job.number,
        **_part_fields(job.part or {}),
        "jobOperationNumber": step["operationNumber"],
        "operationCode": routings.codes.get(step["operationId"]),
        "workcenterId": workcenter.get("workcenterId"),
        "workcenterCode": workcenter.get("workcenterCode"),
        "quantity": job.quantity,
        "quantityCompleted": 0.0,
        "dueDate": job.due,
        "jobOperationStatus": job.opened,
        "setupTime": round(random.uniform(0, 4), 2),
        "rate": round(random.uniform(0.1, 300), 2),
        "unitOfMeasure": random.choice(("hrs", "hrs/pc", "pcs/hr")),
        "runTime": round(random.uniform(0, 40), 2),
        "partOperationType": "Production",
        "batchOperation": False,
        "preProcessOperation": False,
    }
