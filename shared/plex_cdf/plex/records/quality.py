"""Rows of Plex's quality definitions: what is to be inspected, and what may deviate."""

from typing import Any

from plex_cdf.plex.records.base import Instant, Key, Record
from plex_cdf.plex.records.nested import NestedRecord


class ControlPlan(Record):
    """What is inspected of a part. Source: `GET /quality/v1/control-plans`."""

    id: Key
    building_code: str | None = None
    building_id: str | None = None
    control_plan_no: float | None = None
    control_plan_status: str | None = None
    control_plan_type: str | None = None
    description: str | None = None
    external_document_id: str | None = None
    external_document_revision_level: str | None = None
    original_date: Instant | None = None
    part_id: str | None = None
    part_no: str | None = None
    part_revision: str | None = None
    part_name: str | None = None
    primary: bool | None = None
    revision_date: Instant | None = None


class Gage(Record):
    """A gage of a control plan's line."""

    gage_id: str | None = None
    gage_type: str | None = None
    next_calibration_date: Instant | None = None
    note: str | None = None
    electronic_gage: bool | None = None


class ControlPlanLine(NestedRecord):
    """One inspection of a control plan. Source: `GET /quality/v1/control-plans/{id}/control-plan-lines`."""

    id: Key
    control_plan_id: str | None = None
    control_plan_line_status: str | None = None
    inspection_mode: str | None = None
    part_id: str | None = None
    part_no: str | None = None
    part_revision: str | None = None
    part_operation_id: str | None = None
    operation_id: str | None = None
    operation_code: str | None = None
    specification_id: str | None = None
    description: str | None = None
    pass_answer: str | None = None
    fail_answer: str | None = None
    note: str | None = None
    gage_type: str | None = None
    gage_note: str | None = None
    part_specific_gages: tuple[Gage, ...] | None = None
    sample_plan: str | None = None
    custom_checksheet_data_collection_type: str | None = None
    reaction_plan: str | None = None
    reaction_plan_owner: str | None = None
    specific_to_workcenter_id: str | None = None
    specific_to_workcenter_code: str | None = None
    default_attribute_answer_pass: bool | None = None
    deviation_id: str | None = None
    sort_order: float | None = None
    checksheet_sort_order: float | None = None
    symbol: str | None = None
    symbol_abbreviation: str | None = None
    track_failure_modes: bool | None = None


class Tolerance(NestedRecord):
    """What a measurement may be, in `unit`."""

    name: str | None = None
    attribute: bool | None = None
    target: float | None = None
    target_plus: float | None = None
    target_minus: float | None = None
    decimal_precision: int | None = None
    unit: str | None = None
    one_sided_minimum: float | None = None
    one_sided_maximum: float | None = None
    measurement_text: str | None = None
    compare_value: str | None = None
    reference_display_popup: bool | None = None
    reference_popup_message: str | None = None
    bonus_tolerances: tuple[Any, ...] | None = None


class PartSpecification(NestedRecord):
    """A characteristic of a part, with its tolerance. Source: `GET /quality/v1/part-specifications`."""

    id: Key
    part_id: str | None = None
    part_number: str | None = None
    part_revision: str | None = None
    specification_number: str | None = None
    description: str | None = None
    formula: str | None = None
    formula_type: str | None = None
    default_gage_type: str | None = None
    plc_name: str | None = None
    special_symbol: str | None = None
    customer_specified: bool | None = None
    tolerance_type: Tolerance | None = None
    note: str | None = None
    function_requirement_type: str | None = None
    specification_dimension_type: str | None = None
    updated_date_time: Instant | None = None


class DeviatingPart(Record):
    """A part that a deviation allows, and the tolerance that it allows."""

    part_id: str | None = None
    specification_id: str | None = None
    target: float | None = None
    target_plus: float | None = None
    target_minus: float | None = None
    one_sided_minimum: float | None = None
    one_sided_maximum: float | None = None
    measurement_text: str | None = None
    compare_value: str | None = None


class Deviation(NestedRecord):
    """Leave to deviate from a specification for a time. Source: `GET /quality/v1/deviations`."""

    id: Key
    acknowledgement_limit: int | None = None
    approved_by_user_id: str | None = None
    approved_date: Instant | None = None
    building_id: str | None = None
    building_code: str | None = None
    code_no: str | None = None
    department_code: str | None = None
    deviation_acknowledgement_frequency_description: str | None = None
    deviation_no: str | None = None
    deviation_status: str | None = None
    effective_date: Instant | None = None
    expiration_date: Instant | None = None
    job_ids: tuple[str, ...] | None = None
    note: str | None = None
    type: str | None = None
    parts: tuple[DeviatingPart, ...] | None = None
    pieces_affected: int | None = None
    reason: str | None = None
    revision_deviation_id: str | None = None
    revision_deviation_no: str | None = None
    supplier_id: str | None = None
