"""Rows of Plex's shop floor: what was made, scrapped and set up, and what every workcenter did."""

from typing import Annotated

from plex_cdf.plex.records.base import HistoryRecord, Instant, Key, Record, Unit


class ProductionEntry(HistoryRecord):
    """Pieces that were recorded as made, in `unit`; fewer than none is a correction.

    Source: `GET /production/v1/production-history/production-entries`.
    """

    transaction_date: Instant | None = None
    workcenter_id: str | None = None
    workcenter_code: str | None = None
    serial_no: str | None = None
    lot_no: str | None = None
    employee_id: str | None = None
    employee_name: str | None = None
    quantity: Annotated[float | None, Unit("{unit}")] = None
    job_id: str | None = None
    job_code: str | None = None
    job_no: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    revision: str | None = None
    part_number_revision: str | None = None
    part_operation_id: str | None = None
    operation_number: int | None = None
    operation_code: str | None = None
    master_unit_no: str | None = None
    master_unit_id: str | None = None
    lot_id: str | None = None
    heat_code: str | None = None
    heat_no: str | None = None
    heat_id: str | None = None
    unit: str | None = None
    tracking_no: str | None = None
    shelf_date_time: Instant | None = None
    manufactured_date_time: Instant | None = None
    best_by_date_time: Instant | None = None
    use_by_date_time: Instant | None = None
    sell_by_date_time: Instant | None = None


class ScrapEntry(HistoryRecord):
    """Pieces that were scrapped. Source: `GET /production/v1/production-history/scrap-entries`."""

    transaction_date: Instant | None = None
    scrap_reason: str | None = None
    transaction_type: str | None = None
    quantity: float | None = None
    workcenter_id: str | None = None
    workcenter_code: str | None = None
    job_id: str | None = None
    job_code: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    revision: str | None = None
    part_number_revision: str | None = None
    part_operation_id: str | None = None
    operation_number: int | None = None
    operation_code: str | None = None
    serial_no: str | None = None


class StatusEntry(HistoryRecord):
    """A time during which a workcenter had one status. `duration` is seconds and grows while it lasts.

    Source: `GET /production/v1/production-history/workcenter-status-entries`.
    """

    workcenter_id: str | None = None
    workcenter_code: str | None = None
    log_date: Instant | None = None
    workcenter_status: str | None = None
    job_id: str | None = None
    job_code: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    revision: str | None = None
    part_number_revision: str | None = None
    part_operation_id: str | None = None
    operation_number: int | None = None
    operation_code: str | None = None
    duration: Annotated[float | None, Unit("s")] = None


class SetupEntry(HistoryRecord):
    """A set-up of a workcenter for a part, and for the parts that come out with it.

    `setupDateTimeChange` is null until the set-up is changed for another.

    Source: `GET /production/v1/production-history/workcenter-setup-entries`.
    """

    workcenter_id: str | None = None
    workcenter_code: str | None = None
    setup_date_time: Instant | None = None
    setup_date_time_change: Instant | None = None
    parent_part_id: str | None = None
    parent_part_number: str | None = None
    parent_part_revision: str | None = None
    parent_part_number_revision: str | None = None
    parent_part_operation_id: str | None = None
    parent_part_operation_code: str | None = None
    parent_part_operation_number: int | None = None
    parent_part_job_id: str | None = None
    parent_part_job_number: str | None = None
    parent_part_job_operation_id: str | None = None
    parent_part_job_operation_number: float | None = None
    child_part_id: str | None = None
    child_part_number: str | None = None
    child_part_revision: str | None = None
    child_part_number_revision: str | None = None
    child_part_operation_id: str | None = None
    child_part_operation_code: str | None = None
    child_part_operation_number: int | None = None
    child_part_job_id: str | None = None
    child_part_job_number: str | None = None
    child_part_job_operation_id: str | None = None
    child_part_job_operation_number: float | None = None
    dynamic_multi_out: bool | None = None
    traditional_multi_out: bool | None = None
    parent: bool | None = None
    companion: bool | None = None


class WorkcenterSetup(Record):
    """What a workcenter is set up for now. Source: `POST /production/v1/control/workcenter-setups`."""

    id: Key
    code: str | None = None
    name: str | None = None
    type: str | None = None
    group: str | None = None
    status_id: str | None = None
    status_description: str | None = None
    job_id: str | None = None
    job_number: str | None = None
    job_operation_id: str | None = None
    operation_number: float | None = None
    operation_code: str | None = None
    job_operation_quantity: float | None = None
    part_id: str | None = None
    part_number: str | None = None
    part_revision: str | None = None
    part_number_revision: str | None = None
    part_name: str | None = None
    job_operation_status: str | None = None
    job_operation_quantity_completed: float | None = None
    job_operation_quantity_balance: float | None = None
    container_type: str | None = None
    standard_quantity: float | None = None
