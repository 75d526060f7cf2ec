"""Plants made by a seeded generator: any size, and as untidy as real ones.

On purpose: nulls in every field that is no key; jobs completed before they were created, and planned for after they
were completed; jobs without a part, operations without a workcenter; names and notes far beyond 255 characters, in
letters of several bytes; codes given twice; instants with seven fraction digits; statuses from a set-up table of the
tenant's own; part numbers that the facilities share, with other ids in each.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import master_data
from sandbox.plex.endpoints.inventory import ITEM_ADJUSTMENTS
from sandbox.plex.endpoints.production import WORKCENTER_SETUPS
from sandbox.plex.endpoints.quality import BOMS, CONTROL_PLAN_LINES
from sandbox.plex.generated.basis import Basis
from sandbox.plex.generated.inventory import Stock
from sandbox.plex.generated.jobs import Job, Routings, Statuses, job_operations
from sandbox.plex.generated.master import MasterData
from sandbox.plex.generated.production import Shop
from sandbox.plex.generated.quality import Quality
from sandbox.plex.generated.size import Size
from sandbox.plex.generated.untidiness import Untidiness, missing
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids, Plant
from sandbox.plex.rows.shopfloor import definitions

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Life, Row

FIRST_PCN = 340884
ENDS = datetime(2026, 1, 1, tzinfo=UTC)

STATUSES = (
    Statuses(opened=("Open", "Started", "On Hold"), closed=("Complete", "Complete", "Closed"), cancelled="Cancelled"),
    Statuses(
        opened=("Geplant", "Läuft", "Gesperrt"), closed=("Fertig", "Fertig", "Abgerechnet"), cancelled="Storniert"
    ),
)
PRIORITIES = ("Low", "Medium", "High")


def generated_plants(
    facilities: int = 1, seed: int = 1, size: Size | None = None, untidy: Untidiness | None = None
) -> list[Plant]:
    """Make plants; the same arguments make the same plants.

    Args:
        facilities: How many; their PCNs count up from 340884.
        seed: What the chance begins with.
        size: What each of them holds.
        untidy: How untidy they are; `TIDY` for not at all.

    Raises:
        ValueError: The size has none of something that other rows refer to.
    """
    size = size or Size()
    due = (
        size.parts, size.operations, size.workcenters, size.buildings, size.production_lines, size.locations, size.days
    )  # fmt: skip
    if min(due) < 1:
        raise ValueError(
            f"At least one of parts, operations, workcenters, buildings, lines, locations and days is due: {size}"
        )
    return [
        _Generator(FIRST_PCN + index, index, seed, size, untidy or Untidiness()).plant() for index in range(facilities)
    ]


class _Generator:
    """Makes one plant."""

    def __init__(self, pcn: int, index: int, seed: int, size: Size, untidy: Untidiness) -> None:
        self._pcn = pcn
        self._seed = f"{seed}-{pcn}"
        self._untidy = untidy
        self._size = size
        self._ids = Ids(pcn)
        self._random = Random(self._seed)
        self._master = MasterData(size, self._ids, self._random, ENDS, untidy.nulls)
        self._statuses = STATUSES[index % len(STATUSES)]
        self._begins = ENDS - timedelta(days=size.days)

    def plant(self) -> Plant:
        """The plant."""
        master = self._master
        jobs = [self._job(number) for number in range(1, self._size.jobs + 1)]
        by_id = {job.id: job for job in jobs}
        codes = {row["id"]: row["code"] for row in master.operations}
        routings = Routings(master.part_operations, codes, master.workcenters, self._ids, self._untidy)
        basis = Basis(self._seed, self._begins, ENDS, self._size, master, jobs, routings, self._ids, self._untidy)
        since = stamp(self._begins)
        shop, stock, quality = Shop(basis), Stock(basis), Quality(basis)

        def operations(job_id: str) -> list[Life]:
            job = by_id.get(job_id)
            return job_operations(job, routings) if job else []

        return Plant(
            pcn=self._pcn,
            code=f"PLANT-{self._pcn}",
            begins=self._begins,
            ends=ENDS,
            tables={
                **definitions(self._ids, since),
                **stock.tables(),
                **quality.tables(),
                WORKCENTER_SETUPS.path: shop.setups(since),
                master_data.PARTS.path: master.parts,
                master_data.OPERATIONS.path: self._lives(master.operations),
                master_data.PART_OPERATIONS.path: self._lives(
                    [r for rows in master.part_operations.values() for r in rows]
                ),
                master_data.BUILDINGS.path: self._lives(master.buildings),
                master_data.WORKCENTERS.path: self._lives(master.workcenters),
                master_data.PRODUCTION_LINES.path: self._lives(master.lines),
                master_data.EQUIPMENT.path: self._lives(master.equipment),
                master_data.SUPPLY_ITEMS.path: self._lives(master.supply_items),
                master_data.APPROVED_WORKCENTERS.path: self._lives(master.approved),
                master_data.JOBS.path: jobs,
            },
            children={
                master_data.JOB_OPERATIONS.path: operations,
                BOMS.path: stock.components,
                ITEM_ADJUSTMENTS.path: stock.item_adjustments,
                CONTROL_PLAN_LINES.path: quality.lines,
            },
            timelines=shop.timelines(),
        )

    def _lives(self, rows: list[Row]) -> list[Life]:
        return [History(stamp(self._begins), row) for row in rows]

    def _job(self, number: int) -> Job:
        chance = self._random.random
        length = timedelta(hours=1 + chance() ** 3 * 480)
        begins = self._begins + (ENDS - self._begins) * chance()
        ends = begins + length
        recorded = begins - length * chance() if chance() < self._untidy.misrecorded else ends
        planned = ends + length if chance() < 0.3 * self._untidy.misplanned else begins - length * chance()
        due = planned + length
        quantity = float(self._random.randint(1, 2000))
        cancelled = chance() < 0.01
        digit = self._random.randint(0, 9)
        return Job(
            id=self._ids("job", number),
            number=f"J{number:06}",
            part=None if chance() < 0.1 * self._untidy.nulls else self._random.choice(self._master.parts).row,
            building=self._random.choice(self._master.buildings),
            begins=stamp(begins, tenths=digit),
            ends=stamp(ends, tenths=digit),
            recorded=None if cancelled else stamp(recorded, tenths=digit),
            planned=stamp(planned, tenths=digit),
            due=stamp(due, tenths=digit),
            quantity=quantity,
            completed=float(int(quantity * chance())),
            opened=self._random.choice(self._statuses.opened),
            closed=self._statuses.cancelled if cancelled else self._random.choice(self._statuses.closed),
            priority=self._random.choice(PRIORITIES),
            missing=missing(self._random, master_data.JOBS.fields, self._untidy.nulls),
        )
