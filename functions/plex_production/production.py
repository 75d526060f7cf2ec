"""The streams of plex_production: what every workcenter made, scrapped and did, as events and series."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plex_cdf.config import HistorySettings
from plex_cdf.mapping import job_link, label, lacking, links
from plex_cdf.naming import Naming, as_text
from plex_cdf.patterns import Patterns
from plex_cdf.plex.records.production import ProductionEntry, ScrapEntry, SetupEntry, StatusEntry, WorkcenterSetup
from plex_cdf.resources import Datapoint, Event, Reading, Resource, TimeSeries
from plex_cdf.status_classes import StatusClasses
from plex_cdf.stream import Extractor, Stream, Whole, Windows


class ProductionSettings(HistorySettings):
    """What plex_production adds to the config of an extractor of histories.

    Attributes:
        status_classes: The classes of the workcenter statuses; none is assumed.
        workcenters: Patterns of the codes of the workcenters that are read.
    """

    status_classes: StatusClasses = StatusClasses.model_construct()
    workcenters: Patterns = Patterns.model_construct()


def production_entry(row: ProductionEntry, naming: Naming, workcenters: Patterns) -> Iterator[Resource]:
    """Pieces made, at the instant of their recording, and their part of the workcenter's good quantity."""
    if not workcenters.match(row.workcenter_code):
        return
    yield Event(
        naming.id("PRODUCTION", row.row_key),
        type="production",
        subtype=row.operation_code,
        start=row.transaction_date,
        end=row.transaction_date,
        description=f"{_amount(row.quantity, row.unit)} of {_part(row)} at {_workcenter(row)}",
        assets=_links(row, naming),
        metadata=row.metadata() | job_link(naming, row.job_id),
    )
    yield from _quantity(row, naming, "_GOOD", "good quantity")


def scrap_entry(row: ScrapEntry, naming: Naming, workcenters: Patterns) -> Iterator[Resource]:
    """Pieces scrapped, at the instant of their recording, and their part of the workcenter's scrap quantity."""
    if not workcenters.match(row.workcenter_code):
        return
    reason = f": {row.scrap_reason}" if row.scrap_reason else ""
    yield Event(
        naming.id("SCRAP", row.row_key),
        type="scrap",
        subtype=row.scrap_reason,
        start=row.transaction_date,
        end=row.transaction_date,
        description=f"{_amount(row.quantity)} of {_part(row)} scrapped at {_workcenter(row)}{reason}",
        assets=_links(row, naming),
        metadata=row.metadata() | job_link(naming, row.job_id),
    )
    yield from _quantity(row, naming, "_SCRAP", "scrap quantity")


def _quantity(row: ProductionEntry | ScrapEntry, naming: Naming, suffix: str, what: str) -> Iterator[Resource]:
    """A row's part of the quantity that its workcenter recorded at its instant.

    The series has no unit: rows of one workcenter may differ in theirs, and scrap entries carry none.
    """
    if not row.workcenter_id or row.transaction_date is None or row.quantity is None:
        return
    series = naming.id("WORKCENTER", row.workcenter_id, suffix)
    asset, lacks = naming.id("WORKCENTER", row.workcenter_id), lacking(row.workcenter_code)
    yield TimeSeries(series, f"{_workcenter(row)} {what}", asset=asset, lacks=lacks)
    yield Datapoint(series, row.transaction_date, row.quantity)


def status_entry(row: StatusEntry, naming: Naming, workcenters: Patterns, classes: StatusClasses) -> Iterator[Resource]:
    """A status from its begin for as long as it lasted until now, and the workcenter's status series."""
    if not workcenters.match(row.workcenter_code):
        return
    # Plex gives seconds.
    end = row.log_date + round(1000 * row.duration) if row.log_date is not None and row.duration is not None else None
    yield Event(
        naming.id("WORKCENTERSTATUS", row.row_key),
        type="workcenter_status",
        subtype=row.workcenter_status,
        start=row.log_date,
        end=end,
        description=f"{_workcenter(row)}: {row.workcenter_status or 'no status'}",
        assets=_links(row, naming),
        metadata=row.metadata() | job_link(naming, row.job_id),
    )
    if not row.workcenter_id or row.log_date is None or not row.workcenter_status:
        return
    series = naming.id("WORKCENTER", row.workcenter_id, "_STATUS")
    asset, lacks = naming.id("WORKCENTER", row.workcenter_id), lacking(row.workcenter_code)
    yield TimeSeries(series, f"{_workcenter(row)} status", is_string=True, asset=asset, lacks=lacks)
    yield Datapoint(series, row.log_date, row.workcenter_status, rank=classes.rank(row.workcenter_status))


def setup_entry(row: SetupEntry, naming: Naming, workcenters: Patterns) -> Iterator[Resource]:
    """A set-up until it is changed for another, linked to the part that it is for and to one that comes out with it."""
    if not workcenters.match(row.workcenter_code):
        return
    part = row.parent_part_number_revision or row.parent_part_number or "no part"
    yield Event(
        naming.id("SETUP", row.row_key),
        type="setup",
        subtype=row.parent_part_operation_code,
        start=row.setup_date_time,
        end=row.setup_date_time_change,
        description=f"{_workcenter(row)} set up for {part}",
        assets=links(
            naming,
            ("WORKCENTER", row.workcenter_id),
            ("PART", row.parent_part_id),
            ("PARTOPERATION", row.parent_part_operation_id),
            ("PART", row.child_part_id),
            ("PARTOPERATION", row.child_part_operation_id),
        ),
        metadata=row.metadata() | job_link(naming, row.parent_part_job_id or row.child_part_job_id),
    )


def workcenter_setup(row: WorkcenterSetup, naming: Naming, workcenters: Patterns) -> Iterator[Resource]:
    """The job that a workcenter works on now, as a series of job numbers, empty while there is none.

    Its status stands in the status entries, with the instant at which it began.
    """
    if not workcenters.match(row.code):
        return
    series, asset = naming.id("WORKCENTER", row.id, "_JOB"), naming.id("WORKCENTER", row.id)
    yield TimeSeries(series, f"{row.code or row.id} job", is_string=True, asset=asset)
    yield Reading(series, row.job_number or "")


def _workcenter(row: ProductionEntry | ScrapEntry | StatusEntry | SetupEntry) -> str:
    return row.workcenter_code or row.workcenter_id or "no workcenter"


def _part(row: ProductionEntry | ScrapEntry) -> str:
    return row.part_number_revision or row.part_number or "no part"


def _amount(quantity: float | None, unit: str | None = None) -> str:
    return "no quantity" if quantity is None else label(as_text(quantity), unit)


def _links(row: ProductionEntry | ScrapEntry | StatusEntry, naming: Naming) -> tuple[str, ...]:
    return links(
        naming, ("WORKCENTER", row.workcenter_id), ("PART", row.part_id), ("PARTOPERATION", row.part_operation_id)
    )


HISTORY = "/production/v1/production-history"
MADE = ("workcenterId", "transactionDate", "partOperationId", "jobId", "serialNo")
STATUS = ("workcenterId", "logDate", "jobId", "partOperationId")
SETUP = (
    "workcenterId",
    "setupDateTime",
    "parentPartOperationId",
    "parentPartJobId",
    "childPartOperationId",
    "childPartJobId",
)


def streams(settings: ProductionSettings) -> tuple[Stream[Any], ...]:
    """The histories, then what runs now."""
    codes = settings.workcenters
    made = Windows(f"{HISTORY}/production-entries", "beginDate", "endDate", "transactionDate")
    scrapped = Windows(f"{HISTORY}/scrap-entries", "beginDate", "endDate", "transactionDate")
    statuses = Windows(f"{HISTORY}/workcenter-status-entries", "beginDate", "endDate", "logDate")
    setups = Windows(f"{HISTORY}/workcenter-setup-entries", "beginSetupDate", "endSetupDate", "setupDateTime")
    now = Whole("/production/v1/control/workcenter-setups", body={})
    return (
        Stream(
            "production_entries",
            made,
            MADE,
            "PRODUCTION",
            ProductionEntry,
            partial(production_entry, workcenters=codes),
            "production",
        ),
        Stream(
            "scrap_entries", scrapped, MADE, "SCRAP", ScrapEntry, partial(scrap_entry, workcenters=codes), "production"
        ),
        Stream(
            "workcenter_status_entries",
            statuses,
            STATUS,
            "WORKCENTERSTATUS",
            StatusEntry,
            partial(status_entry, workcenters=codes, classes=settings.status_classes),
            "production",
        ),
        Stream(
            "workcenter_setup_entries",
            setups,
            SETUP,
            "SETUP",
            SetupEntry,
            partial(setup_entry, workcenters=codes),
            "production",
        ),
        Stream(
            "workcenter_setups",
            now,
            "id",
            "WORKCENTERSETUP",
            WorkcenterSetup,
            partial(workcenter_setup, workcenters=codes),
            "production",
        ),
    )


PRODUCTION = Extractor("production", ProductionSettings, streams)
