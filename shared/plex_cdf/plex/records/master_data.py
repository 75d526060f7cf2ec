"""Rows of Plex's definitions: what a plant makes, how, where and with what."""

from plex_cdf.plex.records.base import Instant, Key, Record


class Part(Record):
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
    lead_time_days: float | None = None
    building_code: str | None = None
    created_date: Instant | None = None
    modified_date: Instant | None = None


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


class Building(Record):
    """A building. Source: `GET /mdm/v1/buildings`."""

    id: Key
    building_code: str | None = None
    building_type: str | None = None
    name: str | None = None
    active: bool | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    zip_code: str | None = None


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
    add_date_time: Instant | None = None
    update_date_time: Instant | None = None


class Equipment(Record):
    """A piece of maintained equipment; `equipmentId` is its number. Source: `GET /maintenance/v1/equipment`."""

    id: Key
    equipment_id: str | None = None
    description: str | None = None
    brand: str | None = None
    model_no: str | None = None
    equipment_type: str | None = None
    equipment_group: str | None = None
    equipment_category: str | None = None
    equipment_priority: str | None = None
    location: str | None = None
    building: str | None = None
    workcenter: str | None = None
    workcenter_id: str | None = None
    department: str | None = None
    status: str | None = None
    serial_no: str | None = None
    active: bool | None = None


class SupplyItem(Record):
    """Something a plant uses up. Source: `GET /mdm/v1/supply-items`."""

    id: Key
    supply_item_number: str | None = None
    type: str | None = None
    category: str | None = None
    group: str | None = None
    description: str | None = None
    brief_description: str | None = None
    inventory_unit: str | None = None
    manufacturer_code: str | None = None
    manufacturer_item_number: str | None = None
    max_quantity: float | None = None
    min_quantity: float | None = None
    active: bool | None = None
    created_date: Instant | None = None
    modified_date: Instant | None = None
