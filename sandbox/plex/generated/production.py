"""The generator's production: made for one day when a window asks for it, from seed, tenant, day and workcenter alone.

So a plant of any size is ready at once, has a history as long as its clock has gone, and is the same each time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import production
from sandbox.plex.generated.untidiness import Clerk
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import Timeline
from sandbox.plex.rows import shopfloor
from sandbox.plex.rows.shopfloor import Block, Growing, Kind, Present, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.plex.generated.basis import Basis
    from sandbox.plex.generated.jobs import Job, Routings
    from sandbox.plex.plants.plant import Life, Row

RECENT = 10
"""How many days a job is worked on."""
EMPLOYEES = 30
REASONS = ("Scratch", "Wrong dimension", "Ausschuss – Lunker")
WITHOUT_JOB = 0.1
SCRAPPED = 0.1
"""Share of production entries that have a scrap entry beside them."""
ENTRY, STATUS = ("transactionDate", "workcenterId"), ("logDate", "workcenterId")


@dataclass
class Day:
    """What happened on one day, all workcenters together."""

    production: list[Life] = field(default_factory=list)
    scrap: list[Life] = field(default_factory=list)
    status: list[Life] = field(default_factory=list)
    setup: list[Life] = field(default_factory=list)
    labor: list[Life] = field(default_factory=list)
    blocks: dict[str, list[Block]] = field(default_factory=dict)


class Shop:
    """Makes the production of one plant.

    Args:
        basis: What it is made from.
    """

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._first = basis.begins.date()
        self._begun: dict[str, list[Job]] = defaultdict(list)
        for job in basis.jobs:
            self._begun[job.begins[:10]].append(job)
        self.day = lru_cache(maxsize=8)(self._day)

    def timelines(self) -> dict[str, Timeline]:
        """Path to the rows of the history endpoints."""
        return {
            production.PRODUCTION_ENTRIES.path: Timeline(self._first, lambda day: self.day(day).production),
            production.SCRAP_ENTRIES.path: Timeline(self._first, lambda day: self.day(day).scrap),
            production.STATUS_ENTRIES.path: Timeline(self._first, lambda day: self.day(day).status),
            production.SETUP_ENTRIES.path: Timeline(self._first, lambda day: self.day(day).setup),
            production.LABOR_ENTRIES.path: Timeline(self._first, lambda day: self.day(day).labor),
        }

    def setups(self, since: str) -> list[Life]:
        """Each workcenter as it is set up at any instant from one on."""

        def present(workcenter: Row) -> Life:
            return Present(since, lambda instant: self._present(workcenter, instant))

        return [present(workcenter) for workcenter in self._basis.routings.workcenters]

    def _present(self, workcenter: Row, instant: str) -> Row:
        now = moment_of(instant)
        blocks = self.day(now.date()).blocks[workcenter["workcenterId"]]
        block = next(block for block in blocks if block.begins <= now < block.ends)
        work = block.work if block.work.job_id else None
        completed = None if work is None or work.job_quantity is None else float(int(work.job_quantity / 2))
        return shopfloor.present_row(self._basis.ids, workcenter, block.kind, work, completed, "Open" if work else None)

    def _day(self, day: date) -> Day:
        made = Day()
        recent = [
            job
            for back in range(1, RECENT + 1)
            for job in self._begun.get((day - timedelta(days=back)).isoformat(), ())
        ]
        for workcenter in self._basis.routings.workcenters:
            random = Random(f"{self._basis.seed}-{day}-{workcenter['workcenterId']}")
            blocks = list(self._blocks(workcenter, day, recent, random))
            made.blocks[workcenter["workcenterId"]] = blocks
            clerk = Clerk(self._basis.untidy, random)
            for block in blocks:
                self._enter(made, block, clerk, random)
        return made

    def _blocks(self, workcenter: Row, day: date, recent: Sequence[Job], random: Random) -> Iterator[Block]:
        """The day of a workcenter, without a gap: set-ups and production with breaks, and off at night."""
        begins = datetime.combine(day, time(), UTC)
        night = begins + timedelta(hours=random.uniform(16, 24))
        work = self._work(workcenter, recent, random)
        kinds = _kinds(random)
        while begins < night:
            kind, hours = next(kinds)
            if kind is shopfloor.SETUP:
                work = self._work(workcenter, recent, random)
            # Whole seconds, for that is what a duration counts.
            ends = min(begins + timedelta(seconds=int(3600 * hours)), night.replace(microsecond=0))
            if ends <= begins:
                break
            yield Block(work, kind, begins, ends)
            begins = ends
        nobody = Work(workcenter["workcenterId"], workcenter["workcenterCode"])
        yield Block(nobody, shopfloor.OFF, begins, datetime.combine(day + timedelta(days=1), time(), UTC))

    def _work(self, workcenter: Row, recent: Sequence[Job], random: Random) -> Work:
        """Somebody's work on a recent job, or on nothing in particular."""
        employee = random.randint(1, EMPLOYEES)
        work = Work(
            workcenter["workcenterId"],
            workcenter["workcenterCode"],
            employee_id=self._basis.ids("employee", employee),
            employee=f"Müller, {employee}",
        )
        if not recent or random.random() < WITHOUT_JOB:
            return work
        return work_on(random.choice(recent), self._basis.routings, work, random)

    def _enter(self, day: Day, block: Block, clerk: Clerk, random: Random) -> None:
        """Enter what a block leaves."""
        status = clerk.enter(
            shopfloor.status_row(block),
            block.begins,
            keep=(*STATUS, "workcenterStatus"),
            correct=lambda _row: {"workcenterStatus": shopfloor.IDLE.name},
        )
        day.status += [Growing(entry, block.begins, stamp(block.ends)) for entry in status]
        if block.kind is shopfloor.SETUP:
            life = shopfloor.setup_life(block)
            keep = ("workcenterId", "setupDateTime")
            day.setup += clerk.enter(life.row, block.begins, keep=keep, changes=life.changes)
        if block.kind in {shopfloor.SETUP, shopfloor.PRODUCTION}:
            life = shopfloor.labor_life(block)
            day.labor += clerk.enter(life.row, block.begins, keep=("beginTime",), changes=life.changes)
        if block.kind is shopfloor.PRODUCTION:
            for _ in range(random.randint(1, 3)):
                self._produce(day, block, clerk, random)

    def _produce(self, day: Day, block: Block, clerk: Clerk, random: Random) -> None:
        """Enter some pieces, and now and then that others were scrapped."""
        when = block.begins + (block.ends - block.begins) * random.random()
        quantity = float(random.randint(0, 60))
        serial = f"SN{random.randrange(10**8):08}" if random.random() < 0.8 else None
        instant = stamp(when, tenths=random.randint(0, 9))
        day.production += clerk.enter(
            shopfloor.production_row(block.work, instant, quantity, serial),
            when + timedelta(microseconds=1),
            keep=ENTRY,
            correct=lambda _row: {"quantity": float(random.randint(0, 60))},
            reverse=taken_back,
        )
        if random.random() < SCRAPPED:
            day.scrap += clerk.enter(
                shopfloor.scrap_row(block.work, instant, float(random.randint(1, 5)), random.choice(REASONS), serial),
                when + timedelta(microseconds=1),
                keep=ENTRY,
                reverse=taken_back,
            )


def taken_back(row: Row) -> Row:
    """A row that reverses another: at the same instant, with the same identity, and the negative quantity."""
    return {**row, "quantity": None if row["quantity"] is None else -row["quantity"]}


def work_on(job: Job, routings: Routings, work: Work, random: Random) -> Work:
    """Work on one of the operations of a job."""
    part: Mapping[str, object] = job.part or {}
    steps = routings.steps[str(part["id"])] if part else []
    index = random.randrange(len(steps)) if steps else 0
    step: Mapping[str, object] = steps[index] if steps else {}
    return Work(
        workcenter_id=work.workcenter_id,
        workcenter_code=work.workcenter_code,
        part_id=_text(part.get("id")),
        part_number=_text(part.get("number")),
        part_name=_text(part.get("name")),
        revision=_text(part.get("revision")),
        part_operation_id=_text(step.get("id")),
        operation_id=_text(step.get("operationId")),
        operation_number=number if isinstance(number := step.get("operationNumber"), int) else None,
        operation_code=routings.codes.get(str(step.get("operationId"))),
        job_id=job.id,
        job_number=job.number,
        job_operation_id=routings.ids("job-operation", (job.id, index)),
        job_quantity=job.quantity,
        employee_id=work.employee_id,
        employee=work.employee,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _kinds(random: Random) -> Iterator[tuple[Kind, float]]:
    """What a workcenter does, one after the other, each for so many hours."""
    while True:
        yield shopfloor.SETUP, random.uniform(0.2, 1)
        yield shopfloor.PRODUCTION, random.uniform(1, 4)
        if random.random() < 0.3:
            yield shopfloor.BREAKDOWN, random.uniform(0.1, 1)
            yield shopfloor.PRODUCTION, random.uniform(0.5, 2)
        yield shopfloor.IDLE, random.uniform(0.1, 1)
