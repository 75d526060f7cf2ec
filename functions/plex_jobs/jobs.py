"""The streams of plex_jobs: jobs and their operations as events, the progress of open jobs as series."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plex_cdf.config import Settings
from plex_cdf.naming import Naming
from plex_cdf.plex.records.jobs import Job, JobOperation
from plex_cdf.resources import Event, Reading, Relationship, Resource, TimeSeries
from plex_cdf.stream import Children, Extractor, OpenAndClosed, Stream, is_open
from pydantic import Field


class JobsSettings(Settings):
    """What plex_jobs adds to every extractor's config.

    Attributes:
        open_statuses: The job statuses that count as open in this tenant's set-up table; none is assumed.
        closed_jobs: Whether the operations of jobs that were closed before they were first seen are read too.
        call_budget: Calls to Plex that one run may spend on operations, one a job.
    """

    open_statuses: tuple[str, ...] = ()
    closed_jobs: bool = False
    call_budget: int = Field(default=60, ge=0)


def job(row: Job, naming: Naming, open_statuses: tuple[str, ...] = ()) -> Iterator[Resource]:
    """A job from its creation to its completion, linked to its part; planned dates stand in the metadata."""
    external_id = naming.id("JOB", row.id)
    yield Event(
        external_id,
        type="job",
        subtype=row.job_status,
        start=row.created_date,
        end=row.completed_date,
        description=f"Job {row.job_number or row.id}: {row.part_number_revision or row.part_number or 'no part'}",
        assets=(naming.id("PART", row.part_id),) if row.part_id else (),
        metadata=row.metadata(),
    )
    yield from _progress(row, naming, still_open=is_open(row.job_status, row.completed_date, open_statuses))


def _progress(row: Job, naming: Naming, *, still_open: bool) -> Iterator[Resource]:
    """How much of an open job is done, in percent, and its last value once it is closed."""
    if not row.quantity or row.quantity_completed is None:
        return
    series = naming.id("JOB", row.id, "_PROGRESS")
    if still_open:
        part = naming.id("PART", row.part_id) if row.part_id else None
        name = f"Job {row.job_number or row.id} progress"
        yield TimeSeries(series, name, unit="%", asset=part, metadata={"jobExternalId": naming.id("JOB", row.id)})
    done = round(100 * row.quantity_completed / row.quantity, 3)
    yield Reading(series, done, only_if_known=not still_open)


def job_operation(row: JobOperation, naming: Naming) -> Iterator[Resource]:
    """An operation of a job from its scheduled start to its completion, linked to its workcenter and to its job."""
    external_id = naming.id("JOBOPERATION", row.job_operation_id)
    job_id = naming.id("JOB", row.job_id) if row.job_id else None
    number = row.job_operation_number if row.job_operation_number is not None else "?"
    yield Event(
        external_id,
        type="job_operation",
        subtype=row.job_operation_status,
        start=row.scheduled_start_date,
        end=row.completed_date,
        description=f"Job {row.job_number or row.job_id or '?'}, operation {number}: {row.operation_code or 'no code'}",
        assets=(naming.id("WORKCENTER", row.workcenter_id),) if row.workcenter_id else (),
        metadata=row.metadata() | ({"jobExternalId": job_id} if job_id else {}),
    )
    if job_id:
        yield Relationship(f"{external_id}_OF_JOB", job_id, "event", external_id, "event")


JOBS_PATH = "/scheduling/v1/jobs"


def streams(settings: JobsSettings) -> tuple[Stream[Any], ...]:
    """Jobs, and then the operations of those that are worth a call."""
    listed = OpenAndClosed(
        JOBS_PATH,
        status="jobStatus",
        statuses="jobStatuses",
        open_statuses=settings.open_statuses,
        closed="completedDate",
        closed_begin="completedDateBegin",
        closed_end="completedDateEnd",
    )
    children = Children(
        f"{JOBS_PATH}/{{key}}/operations",
        parent="jobs",
        budget=settings.call_budget,
        closed=settings.closed_jobs,
    )
    return (
        Stream("jobs", listed, "id", "JOB", Job, partial(job, open_statuses=settings.open_statuses), "scheduling"),
        Stream("job_operations", children, "jobOperationId", "JOBOPERATION", JobOperation, job_operation, "scheduling"),
    )


JOBS = Extractor("jobs", JobsSettings, streams)
