"""The streams of plex_quality: what is to be inspected as assets, what may deviate as events."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from plex_cdf.data_source import stream as data_source
from plex_cdf.data_source.config import DataSource, WithDataSources
from plex_cdf.data_source.defaults import completed_by, default_data_sources
from plex_cdf.mapping import label, links
from plex_cdf.naming import Naming, as_text
from plex_cdf.plex.records.quality import ControlPlan, ControlPlanLine, Deviation, PartSpecification
from plex_cdf.resources import Asset, Event, Resource
from plex_cdf.stream import Children, Extractor, Stream, Whole
from pydantic import BeforeValidator, Field

# Checksheets, inspection history, problem logs.
SOURCES = (4142, 5019, 19938)


class QualitySettings(WithDataSources):
    """What plex_quality adds to the config of an extractor of histories.

    Attributes:
        data_sources: The plant's own, and what differs from the defaults, which are switched off until granted.
        call_budget: Calls to Plex that one run may spend on the lines of control plans, one a plan.
        line_refresh_days: How often the lines of every plan are read again.
    """

    data_sources: Annotated[tuple[DataSource, ...], BeforeValidator(completed_by(*SOURCES))] = Field(
        default_factory=partial(default_data_sources, *SOURCES)
    )
    call_budget: int = Field(default=60, ge=0)
    line_refresh_days: float = Field(default=7, gt=0)


def control_plan(row: ControlPlan, naming: Naming) -> Iterator[Resource]:
    """A control plan, named like `1001 82695-AAA Control plan of the bolt`."""
    number = None if row.control_plan_no is None else as_text(row.control_plan_no)
    yield Asset(
        naming.id("CONTROLPLAN", row.id),
        label(number, _revised(row.part_no, row.part_revision), row.description) or row.id,
        naming.branch("CONTROL_PLANS"),
        row.description,
        row.metadata("description"),
    )


def control_plan_line(row: ControlPlanLine, naming: Naming) -> Iterator[Resource]:
    """One inspection, below its control plan; one without a plan is kept beside them."""
    plan = naming.id("CONTROLPLAN", row.control_plan_id) if row.control_plan_id else naming.branch("CONTROL_PLANS")
    number = None if row.sort_order is None else as_text(row.sort_order)
    yield Asset(
        naming.id("CONTROLPLANLINE", row.id),
        label(number, row.description) or row.id,
        plan,
        row.description,
        row.metadata("description"),
    )


def part_specification(row: PartSpecification, naming: Naming) -> Iterator[Resource]:
    """A characteristic of a part as an inspection point, named like `82695-AAA S1 Diameter`."""
    yield Asset(
        naming.id("INSPECTIONPOINT", row.id),
        label(_revised(row.part_number, row.part_revision), row.specification_number, row.description) or row.id,
        naming.branch("INSPECTION_POINTS"),
        row.description,
        row.metadata("description"),
    )


def deviation(row: Deviation, naming: Naming) -> Iterator[Resource]:
    """A deviation while it is effective, linked to its parts and inspection points; its jobs stand in the metadata."""
    parts = row.parts or ()
    jobs = links(naming, *(("JOB", job_id) for job_id in row.job_ids or ()))
    yield Event(
        naming.id("DEVIATION", row.id),
        type="deviation",
        subtype=row.deviation_status,
        start=row.effective_date,
        end=row.expiration_date,
        description=f"Deviation {row.deviation_no or row.id}: {row.reason or 'no reason'}",
        assets=links(
            naming,
            *(("PART", part.part_id) for part in parts),
            *(("INSPECTIONPOINT", part.specification_id) for part in parts),
        ),
        metadata=row.metadata() | ({"jobExternalIds": ", ".join(jobs)} if jobs else {}),
    )


def _revised(number: str | None, revision: str | None) -> str:
    return "-".join(text for text in (number, revision) if text)


PLANS = "/quality/v1/control-plans"


def streams(settings: QualitySettings) -> tuple[Stream[Any], ...]:
    """Definitions and deviations by the REST API; plans before their lines."""
    lines = Children(
        f"{PLANS}/{{key}}/control-plan-lines",
        parent="control_plans",
        budget=settings.call_budget,
        refresh_days=settings.line_refresh_days,
    )
    return (
        Stream("control_plans", Whole(PLANS), "id", "CONTROLPLAN", ControlPlan, control_plan, "quality"),
        Stream("control_plan_lines", lines, "id", "CONTROLPLANLINE", ControlPlanLine, control_plan_line, "quality"),
        Stream(
            "part_specifications",
            Whole("/quality/v1/part-specifications"),
            "id",
            "INSPECTIONPOINT",
            PartSpecification,
            part_specification,
            "quality",
        ),
        Stream("deviations", Whole("/quality/v1/deviations"), "id", "DEVIATION", Deviation, deviation, "quality"),
        # What the REST API does not give: inspections and problems.
        *data_source.streams(settings, "quality"),
    )


QUALITY = Extractor("quality", QualitySettings, streams)
