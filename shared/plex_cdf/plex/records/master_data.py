"""Rows of Plex's definitions: what a plant makes, how, where and with what."""

from typing import Annotated

from pydantic import Field

from plex_cdf.plex.records.base import HistoryRecord, Instant, Key, Record, Unit
from plex_cdf.plex.records.nested import NestedRecord


class Part(NestedRecord):
    """A part at one revision. Source: `GET /mdm/v1/parts`."""

    id: Key
    number: str | None = None
    name: str | None = None
    revision: str | None = None
    description: str | None = None
    type: str | None = None
    group: str | None = None
    source: str | None = None
    product_type: str | None = None
    status: str | None = None
    note: str | None = None
    lead_time_days: Annotated[float | None, Unit("d")] = None
    building_code: str | None = None
    created_by_id: str | None = None
    created_date: Instant | None = None
    modified_by_id: str | None = None
    modified_date: Instant | None = None
    allergens: tuple[str, ...] | None = None


class Operation(Record):
    """A kind of work. It has a code, no name. Source: `GET /mdm/v1/operations`."""

    id: Key
    code: str | None = None
    type: str | None = None
    inventory_type: str | None = None


class PartOperation(Record):
    """One step of making a part. Source: `GET /mdm/v1/part-operations`."""

    id: Key
    part_id: str | None = None
    operation_id: str | None = None
    type: str | None = None
    operation_number: int | None = None
    active: bool | None = None
    sub_operation: bool | None = None
    shippable: bool | None = None
    multiple: float | None = None
    net_weight: float | None = None


class BomLine(Record):
    """A component of a part: another part, or a supply item. `quantity` is in `componentUnitOfMeasure`.

    Source: `GET /engineering/v1/boms`.
    """

    id: Key
    part_id: str | None = None
    part_number: str | None = None
    part_revision: str | None = None
    part_number_revision: str | None = None
    part_operation_id: str | None = None
    part_operation_code: str | None = None
    part_operation_number: int | None = None
    part_operation_type: str | None = None
    component_part_id: str | None = None
    component_part_number: str | None = None
    component_part_revision: str | None = None
    component_part_number_revision: str | None = None
    component_supply_item_id: str | None = None
    component_supply_item_number: str | None = None
    component_unit_of_measure: str | None = None
    quantity: Annotated[float | None, Unit("{componentUnitOfMeasure}")] = None
    minimum_quantity: float | None = None
    maximum_quantity: float | None = None
    quantity_fixed: bool | None = None
    depletion_unit_of_measure: str | None = None
    depletion_conversion_factor: float | None = None
    sort_order: float | None = None
    active: bool | None = None
    position: str | None = None
    side: str | None = None
    scaling: bool | None = None
    # `validate` is a method of every Pydantic model.
    validates: bool | None = Field(default=None, alias="validate")
    auto_deplete: bool | None = None
    transfer_heat: bool | None = None
    note: str | None = None


class ApprovedWorkcenter(HistoryRecord):
    """A workcenter that may do a part operation, and its rates.

    Source: `GET /production/v1/production-definitions/approved-workcenters`.
    """

    workcenter_id: str | None = None
    workcenter_code: str | None = None
    workcenter_name: str | None = None
    part_id: str | None = None
    part_no: str | None = None
    part_revision: str | None = None
    part_no_revision: str | None = None
    part_operation_id: str | None = None
    operation_id: str | None = None
    operation_no: int | None = None
    operation_code: str | None = None
    crew_size: float | None = None
    standard_production_rate: float | None = None
    note: str | None = None
    setup_time: float | None = None
    ideal_rate: float | None = None
    target_rate: float | None = None
    setup_crew_size: float | None = None
    sequence_rate: float | None = None


class Building(Record):
    """A building. Source: `GET /mdm/v1/buildings`."""

    id: Key
    building_code: str | None = None
    building_type: str | None = None
    name: str | None = None
    old_building_code: str | None = None
    active: bool | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    zip_code: str | None = None
    phone: str | None = None
    fax: str | None = None
    duns_no: str | None = None
    tax_id: str | None = None
    vat_registration_no: str | None = None


class Workcenter(Record):
    """A machine or station. Source: `GET /production/v1/production-definitions/workcenters`."""

    workcenter_id: Key
    workcenter_code: str | None = None
    name: str | None = None
    workcenter_type: str | None = None
    workcenter_group: str | None = None
    building_id: str | None = None
    building_code: str | None = None
    tank_silo: bool | None = None
    production_line_id: str | None = None
    ip_address: str | None = None
    plc_name: str | None = None


class ProductionLine(Record):
    """A production line. Source: `GET /production/v1/production-definitions/production-lines`."""

    id: Key
    code: str | None = None
    description: str | None = None
    equipment_id: str | None = None
    equipment_description: str | None = None
    active: bool | None = None
    add_by: str | None = None
    add_date_time: Instant | None = None
    update_by: str | None = None
    update_date_time: Instant | None = None


class EquipmentAttribute(Record):
    """What is noted of a piece of equipment, with its value."""

    id: str | None = None
    attribute_name: str | None = None
    description: str | None = None
    unit: str | None = None
    use_values: bool | None = None
    type_attribute: bool | None = None
    group_attribute: bool | None = None
    category_attribute: bool | None = None
    smart_attribute: bool | None = None
    active: bool | None = None
    value: str | None = None
    note: str | None = None
    plc_name: str | None = None


class EquipmentPart(Record):
    """A part that a piece of equipment is for."""

    id: str | None = None
    part_no: str | None = None
    revision: str | None = None
    part_name: str | None = None
    part_type: str | None = None


class Equipment(NestedRecord):
    """A piece of maintained equipment; `equipmentId` is its number. Source: `GET /maintenance/v1/equipment`."""

    id: Key
    equipment_id: str | None = None
    description: str | None = None
    brand: str | None = None
    model_no: str | None = None
    equipment_type: str | None = None
    equipment_type_id: str | None = None
    equipment_group: str | None = None
    equipment_category: str | None = None
    equipment_priority: str | None = None
    location: str | None = None
    location_id: str | None = None
    building: str | None = None
    building_id: str | None = None
    workcenter: str | None = None
    workcenter_id: str | None = None
    department: str | None = None
    status: str | None = None
    tax_classification: str | None = None
    champion: str | None = None
    serial_no: str | None = None
    active: bool | None = None
    equipment_attributes: tuple[EquipmentAttribute, ...] | None = None
    parts: tuple[EquipmentPart, ...] | None = None


class SupplyItem(Record):
    """Something a plant uses up. Source: `GET /mdm/v1/supply-items`."""

    id: Key
    supply_item_number: str | None = None
    type: str | None = None
    category: str | None = None
    priority: str | None = None
    group: str | None = None
    description: str | None = None
    customer_unit_price: float | None = None
    inventory_unit: str | None = None
    brief_description: str | None = None
    account_id: str | None = None
    manufacturer_code: str | None = None
    supplier_id: str | None = None
    manufacturer_item_number: str | None = None
    manufacturer_item_revision: str | None = None
    manufacturer_text: str | None = None
    created_date: Instant | None = None
    created_by_id: str | None = None
    modified_date: Instant | None = None
    modified_by_id: str | None = None
    tax_code_number: int | None = None
    max_quantity: float | None = None
    min_quantity: float | None = None
    note: str | None = None
    update_when_received: bool | None = None
    active: bool | None = None
    average_cost: float | None = None
    responsible_person_id: str | None = None
    vendor_managed: bool | None = None
    commodity: str | None = None
    country_of_origin: str | None = None
    consignment: bool | None = None
