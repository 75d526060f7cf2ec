"""What a person sees of a batch: counts, and the plan of a dry run."""

from collections.abc import Collection

from plex_cdf.cdf.classic import ASSETS, BY_LETTER, EVENTS, LEVELS, POINTS, READINGS, SERIES
from plex_cdf.cdf.combined import id_of_whole
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.engine.intake import Incoming
from plex_cdf.engine.plan import Plan, explain_update
from plex_cdf.report import PLANNED_EXAMPLES, StreamReport


def count(report: StreamReport, rows: list[Incoming], plan: Plan, done: Collection[str]) -> None:
    """Counts every row once, by what became of it; `done` are the ids of things that CDF has acknowledged."""
    created = {item.id for _, item in plan.creates}
    planned = created | {item.id for _, item in plan.updates}
    for row in rows:
        report.rows += 1
        # A series may be of many rows; a row that stands for nothing of its own is what it adds to.
        ids = [item.id for item in row.items if item.kind is not SERIES] or [id_of_whole(part) for part in row.parts]
        report.truncated += row.truncated
        report.reordered += any(item.reordered for item in row.items)
        if row.problem:
            report.quarantined += 1
        elif any(item in planned and item not in done for item in ids):
            report.pending += 1
        elif ids and ids[0] in created:
            report.created += 1
        elif any(item in planned for item in ids):
            report.updated += 1
        else:
            report.unchanged += 1


def count_retracted(report: StreamReport, item_ids: Collection[str]) -> None:
    """Counts things that were marked as gone, not the links between them."""
    report.retracted += sum(BY_LETTER[item_id[0]] in (ASSETS, EVENTS) for item_id in item_ids)


def describe(report: StreamReport, plan: Plan, upkeep: Upkeep) -> None:
    """What a dry run would do, and why: updates with the values that differ from what CDF holds now."""
    for _, item in plan.creates:
        if item.kind not in (READINGS, LEVELS, POINTS):
            report.planned("create", item.external_id)
    examples = [item for _, item in plan.updates][:PLANNED_EXAMPLES]
    current = upkeep.current(examples)
    for item in examples:
        report.planned("update", explain_update(item, current.get(item.id)))
    for _, item_id in plan.retires:
        report.planned("retract", {"externalId": item_id[2:], "why": "no longer in Plex"})
    count_retracted(report, [item_id for _, item_id in plan.retires])
