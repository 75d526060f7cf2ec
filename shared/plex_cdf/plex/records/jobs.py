"""Rows of Plex's schedule: jobs and their operations."""

from typing import Annotated

from plex_cdf.plex.records.base import Instant, Key, Record, Unit


class Job(Record):
    """An order to make a quantity of a part. Source: `GET /scheduling/v1/jobs`."""

    id: Key
    job_number: str | None = None
    external_job_code: str | None = None
    job_status: str | None = None
    job_type: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    part_revision: str | None = None
    part_number_revision: str | None = None
    quantity: float | None = None
    quantity_completed: float | None = None
    priority: str | None = None
    building_id: str | None = None
    building_code: str | None = None
    created_date: Instant | None = None
    due_date: Instant | None = None
    earliest_start_date_time: Instant | None = None
    completed_date: Instant | None = None


class JobOperation(Record):
    """One step of a job. `setupTime` and `runTime` are hours; `rate` is in `unitOfMeasure`.

    Source: `GET /scheduling/v1/jobs/{id}/operations`.
    """

    job_operation_id: Key
    job_id: str | None = None
    job_number: str | None = None
    job_operation_number: int | None = None
    operation_code: str | None = None
    job_operation_status: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    part_revision: str | None = None
    part_number_revision: str | None = None
    workcenter_id: str | None = None
    workcenter_code: str | None = None
    quantity: float | None = None
    quantity_completed: float | None = None
    due_date: Instant | None = None
    scheduled_start_date: Instant | None = None
    completed_date: Instant | None = None
    setup_time: Annotated[float | None, Unit("h")] = None
    rate: Annotated[float | None, Unit("{unitOfMeasure}")] = None
    unit_of_measure: str | None = None
    run_time: Annotated[float | None, Unit("h")] = None
    batch_criteria: str | None = None
    part_operation_type: str | None = None
    batch_operation: bool | None = None
    pre_process_operation: bool | None = None
