"""The generator's quality: control plans of every third part, deviations, inspections and problems."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from sandbox.plex.data_sources.sources import CHECKSHEETS_GET, PROBLEM_LOGS, SPC_HISTORY, path_of
from sandbox.plex.endpoints import quality
from sandbox.plex.generated.production import work_on
from sandbox.plex.generated.untidiness import Clerk
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import Lazy
from sandbox.plex.rows.inspections import (
    CHARACTERISTICS,
    Inspection,
    checksheet,
    measurements,
    problem,
    source_checksheet,
)
from sandbox.plex.rows.quality import Inspected, QualityBook
from sandbox.plex.rows.shopfloor import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.plex.generated.basis import Basis
    from sandbox.plex.plants.plant import History, Life

PLAN_EVERY = 3
"""Every so many parts there is one with a control plan."""
PROBLEMS = ("Breakdown", "Customer complaint", "Reklamation – Maß")


class Quality:
    """Makes the quality of one plant.

    Args:
        basis: What it is made from.
    """

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        building = basis.master.buildings[0]
        self._book = QualityBook(basis.ids, {"buildingId": building["id"], "buildingCode": building["buildingCode"]})

    def tables(self) -> dict[str, Iterable[Life]]:
        """Path to rows."""
        book = self._book
        return {
            quality.CONTROL_PLANS.path: Lazy(lambda: [book.plan(part) for part in self._plans.values()]),
            quality.PART_SPECIFICATIONS.path: Lazy(
                lambda: [life for part in self._plans.values() for life in book.specifications(part)]
            ),
            quality.DEVIATIONS.path: Lazy(self._deviations),
            quality.CHECKSHEETS.path: Lazy(lambda: map(checksheet, self._inspections)),
            path_of(CHECKSHEETS_GET): Lazy(
                lambda: self._entered("Inspection_Date", ("Checksheet_No",), map(source_checksheet, self._inspections))
            ),
            path_of(SPC_HISTORY): Lazy(
                lambda: self._entered(
                    "Inspection_Date",
                    ("Inspection_Key",),
                    (life for each in self._inspections for life in measurements(self._basis.ids, each)),
                )
            ),
            path_of(PROBLEM_LOGS): Lazy(lambda: self._entered("Report_Date", ("Problem_Key",), self._problems())),
        }

    def lines(self, plan: str) -> list[History]:
        """The lines of a control plan."""
        return self._book.lines(self._plans[plan]) if plan in self._plans else []

    @cached_property
    def _plans(self) -> dict[str, Inspected]:
        """Control plan id to the part that it is for."""
        plans, begins = {}, stamp(self._basis.begins)
        for number, part in enumerate(self._basis.master.parts[::PLAN_EVERY], start=1):
            row = part.row
            steps = self._basis.master.part_operations[row["id"]]
            code = self._basis.routings.codes.get(steps[-1]["operationId"])
            plans[self._basis.ids("control-plan", row["id"])] = Inspected(
                row["id"], row["number"], row["revision"], row["name"], steps, code, begins, float(number)
            )
        return plans

    @cached_property
    def _inspections(self) -> list[Inspection]:
        random = Random(f"{self._basis.seed}-inspections")
        moments = sorted(random.random() for _ in range(self._basis.size.inspections))
        return [self._inspection(number, share, random) for number, share in enumerate(moments, start=1)]

    def _inspection(self, number: int, share: float, random: Random) -> Inspection:
        when = stamp(self._basis.moment(share), tenths=random.randint(0, 9))
        # About one value in thirty is out of its tolerance.
        shares = tuple(random.gauss(0, 0.47) for _ in CHARACTERISTICS)
        return Inspection(number, when, self._work(when, random), shares)

    def _work(self, when: str, random: Random) -> Work:
        """Somebody's work on a job that there is by then, or on a part with a plan."""
        workcenter = random.choice(self._basis.routings.workcenters)
        employee = random.randint(1, 5)
        work = Work(
            workcenter["workcenterId"],
            workcenter["workcenterCode"],
            employee_id=self._basis.ids("employee", employee),
            employee=f"Müller, {employee}",
        )
        job = random.choice(self._basis.jobs) if self._basis.jobs else None
        if job and job.begins < when:
            return work_on(job, self._basis.routings, work, random)
        return work

    def _deviations(self) -> Iterator[History]:
        random = Random(f"{self._basis.seed}-deviations")
        parts = list(self._plans.values())
        for number in range(1, self._basis.size.deviations + 1):
            begins = self._basis.moment(random.random())
            expires = begins + timedelta(days=random.randint(1, 60))
            job = random.choice(self._basis.jobs).id if self._basis.jobs and random.random() < 0.5 else None
            yield self._book.deviation(number, random.choice(parts), job, stamp(begins), stamp(expires))

    def _problems(self) -> Iterator[History]:
        random = Random(f"{self._basis.seed}-problems")
        for number in range(1, self._basis.size.problems + 1):
            begins = self._basis.moment(random.random())
            closed = stamp(begins + timedelta(days=random.randint(1, 20)))
            when = stamp(begins)
            yield problem(
                number, random.choice(PROBLEMS), self._work(when, random), when, closed, float(random.randint(0, 50))
            )

    def _entered(self, date: str, key: tuple[str, ...], lives: Iterable[History]) -> Iterator[Life]:
        """Rows as they were entered; each keeps its key and its date."""
        clerk = Clerk(self._basis.untidy, Random(f"{self._basis.seed}-{key}"))
        for life in lives:
            when = moment_of(life.since) + timedelta(microseconds=1)
            yield from clerk.enter(dict(life.row), when, keep=(date, *key), changes=life.changes)
