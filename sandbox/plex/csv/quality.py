"""The quality of a log, which knows little of it: made up from the reports, and always the same.

Every part has a control plan. Every production report with pieces is inspected, and out of specification where pieces
are held for review; that makes a deviation for the part too. Breakdowns and reviews are problems, closed a day later.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.plex.csv.log import PRODUCTION
from sandbox.plex.data_sources.sources import CHECKSHEETS_GET, PROBLEM_LOGS, SPC_HISTORY, path_of
from sandbox.plex.endpoints import quality
from sandbox.plex.plants.clock import stamp
from sandbox.plex.rows.inspections import (
    CHARACTERISTICS,
    Inspection,
    checksheet,
    measurements,
    problem,
    source_checksheet,
)
from sandbox.plex.rows.quality import Inspected, QualityBook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.plex.csv.log import Report
    from sandbox.plex.plants.plant import Life
    from sandbox.plex.rows.shopfloor import Work

CLOSED, EXPIRED = timedelta(days=1), timedelta(days=30)


def quality_tables(
    book: QualityBook, parts: Sequence[Inspected], reports: Sequence[Report], work: Callable[[Report], Work]
) -> dict[str, list[Life]]:
    """Path to rows.

    Args:
        book: Makes the rows.
        parts: All parts.
        reports: The log.
        work: Gives what a report worked on.
    """
    by_id = {part.id: part for part in parts}
    inspections = [
        _inspection(number, report, work(report))
        for number, report in enumerate((each for each in reports if each.produced), start=1)
    ]
    reviews = [report for report in reports if report.for_review]
    problems = [report for report in reports if report.for_review or report.kind not in {PRODUCTION, "S"}]
    return {
        quality.CONTROL_PLANS.path: [book.plan(part) for part in parts],
        quality.PART_SPECIFICATIONS.path: [life for part in parts for life in book.specifications(part)],
        quality.DEVIATIONS.path: [
            book.deviation(
                number, by_id[str(done.part_id)], done.job_id, stamp(report.ends), stamp(report.ends + EXPIRED)
            )
            for number, report in enumerate(reviews, start=1)
            for done in [work(report)]
        ],
        quality.CHECKSHEETS.path: [checksheet(each) for each in inspections],
        path_of(CHECKSHEETS_GET): [source_checksheet(each) for each in inspections],
        path_of(SPC_HISTORY): [life for each in inspections for life in measurements(book.ids, each)],
        path_of(PROBLEM_LOGS): [
            problem(
                number,
                "Review" if report.for_review else "Breakdown",
                work(report),
                stamp(report.ends),
                stamp(report.ends + CLOSED),
                report.for_review,
            )
            for number, report in enumerate(problems, start=1)
        ],
    }


def _inspection(number: int, report: Report, work: Work) -> Inspection:
    random = Random(f"{number}-{report.work_order}")
    shares = [random.uniform(-1, 1) for _ in CHARACTERISTICS]
    if report.for_review:
        shares[0] = 1.5
    return Inspection(number, stamp(report.ends), work, tuple(shares))
