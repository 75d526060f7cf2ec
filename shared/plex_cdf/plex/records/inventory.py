"""Rows of Plex's inventory: where things are kept, in which containers, and how these change."""

from typing import Annotated

from plex_cdf.plex.records.base import HistoryRecord, Instant, Key, Record, Unit


class Location(Record):
    """A place that containers are kept at. Source: `GET /inventory/v1/inventory-definitions/locations`."""

    location_id: Key
    location_code: str | None = None
    building_name: str | None = None
    building_code: str | None = None
    location_type: str | None = None
    inventory_location: bool | None = None
    supply_location: bool | None = None
    tank_silo: bool | None = None


class Container(Record):
    """An active container with a quantity of one part. Its key is its serial number.

    Source: `GET /inventory/v1/inventory-tracking/containers`.
    """

    serial_no: Key
    part_id: str | None = None
    part_no: str | None = None
    revision: str | None = None
    part_no_revision: str | None = None
    part_name: str | None = None
    part_operation_id: str | None = None
    operation_no: int | None = None
    operation_code: str | None = None
    container_status: str | None = None
    location_id: str | None = None
    location: str | None = None
    quantity: Annotated[float | None, Unit("{quantityInventoryUnit}")] = None
    quantity_inventory_unit: str | None = None
    gross_weight: float | None = None
    net_weight: float | None = None
    tare_weight: float | None = None
    container_type: str | None = None
    tracking_no: str | None = None
    add_date_time: Instant | None = None
    update_date_time: Instant | None = None
    container_shelf_date_time: Instant | None = None
    master_unit_id: str | None = None
    master_unit_no: str | None = None
    lot_id: str | None = None
    lot_no: str | None = None
    heat_id: str | None = None
    heat_code: str | None = None
    heat_no: str | None = None
    eun: str | None = None
    inventory_type: str | None = None


class ContainerAdjustment(HistoryRecord):
    """A change of the quantity in a container; `quantity` is what was added, or taken if negative.

    Source: `GET /inventory/v1/inventory-history/container-adjustments`.
    """

    adjustment_date: Instant | None = None
    serial_no: str | None = None
    quantity: float | None = None
    net_weight: float | None = None
    adjustment_code: str | None = None
    part_id: str | None = None
    part_number: str | None = None
    revision: str | None = None
    part_number_revision: str | None = None
    part_operation_id: str | None = None
    operation_code: str | None = None
    operation_number: int | None = None
    location: str | None = None
    location_id: str | None = None


class ContainerMove(ContainerAdjustment):
    """A container that was moved from one location to another: an adjustment, and where it came from.

    Source: `GET /inventory/v1/inventory-history/container-location-moves`.
    """

    moved_from_location: str | None = None
    moved_from_location_id: str | None = None
