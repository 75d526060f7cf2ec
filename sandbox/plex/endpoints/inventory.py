"""Inventory: definitions, containers and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.plex.endpoints.endpoint import PART_GROUP, PART_SOURCE, PART_TYPE, Endpoint
from sandbox.plex.endpoints.master_data import SUPPLY_ITEMS
from sandbox.plex.endpoints.parameters import flag, guid, read_text, text, window

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Row


def _supply_item(row: Row) -> Row:
    return {name: row.get(name) for name in INVENTORY_SUPPLY_ITEMS.fields}


def _active(row: Row) -> Row | None:
    """The list holds active containers only."""
    return {name: row.get(name) for name in CONTAINERS.fields} if row.get("active") else None


TRACKED = {
    "serialNumber": "serialNo",
    "status": "containerStatus",
    "partNumber": "partNo",
    "partRevision": "revision",
    "partNumberRevision": "partNoRevision",
    "operationNumber": "operationNo",
    "type": "containerType",
    "createdDate": "addDateTime",
    "modifiedDate": "updateDateTime",
    "quantityUnit": "quantityInventoryUnit",
    "trackingNumber": "trackingNo",
    "heatNumber": "heatNo",
    "lotNumber": "lotNo",
    "shelfDateTime": "containerShelfDateTime",
}
"""What the two reads of a container call the same thing: by serial number, and in the list."""


def _tracked(row: Row) -> Row:
    return {name: row.get(TRACKED.get(name, name)) for name in CONTAINER.fields}


LOCATIONS = Endpoint(
    "/inventory/v1/inventory-definitions/locations",
    fields=(
        "locationId", "locationCode", "buildingName", "buildingCode", "locationType", "inventoryLocation",
        "supplyLocation", "tankSilo",
    ),
    key=("locationId",),
    parameters=(
        guid("locationId"), text("locationCode"), text("locationTypeFlag", "locationType"), flag("tankSilo"),
    ),
)  # fmt: skip

SCRAP_REASONS = Endpoint(
    "/inventory/v1/inventory-definitions/scrap-reasons",
    fields=(
        "reason",
    ),
    key=("reason",),
)  # fmt: skip

INVENTORY_SUPPLY_ITEMS = Endpoint(
    "/inventory/v1/inventory-definitions/supply-items",
    fields=(
        "id", "supplyItemNumber", "type", "category", "group", "description", "inventoryUnit",
    ),
    key=("id",),
    parameters=(
        text("supplyItemNumber"), text("type"), text("category"), text("group"),
    ),
    view_of=SUPPLY_ITEMS,
    view=_supply_item,
)  # fmt: skip

ALL_CONTAINERS = Endpoint("/inventory-tracking/v1/containers", fields=(), key=("serialNo",), method=None)
"""Every container that ever was, with what either read of it tells, and the fields `active`, `jobId`, `jobNumber`."""

CONTAINERS = Endpoint(
    "/inventory/v1/inventory-tracking/containers",
    fields=(
        "serialNo", "partId", "partNo", "revision", "partNoRevision", "partName", "partOperationId",
        "operationNo", "operationCode", "containerStatus", "locationId", "location", "quantity",
        "quantityInventoryUnit", "grossWeight", "netWeight", "tareWeight", "containerType", "trackingNo",
        "addDateTime", "updateDateTime", "containerShelfDateTime", "masterUnitId", "masterUnitNo", "lotId",
        "lotNo", "heatId", "heatCode", "heatNo", "eun", "inventoryType",
    ),
    key=("serialNo",),
    parameters=(
        guid("partId"), guid("locationId"), guid("masterUnitId"), guid("lotId"), text("eun"),
        text("inventoryType", many=True),
    ),
    view_of=ALL_CONTAINERS,
    view=_active,
)  # fmt: skip

CONTAINER = Endpoint(
    "/inventory-tracking/v1/containers/{id}",
    fields=(
        "serialNumber", "status", "partId", "partNumber", "partRevision", "partNumberRevision",
        "partOperationId", "operationNumber", "operationCode", "location", "jobNumber", "jobId", "type",
        "quantity", "active", "createdDate", "modifiedDate", "quantityUnit", "grossWeight", "netWeight",
        "tareWeight", "trackingNumber", "heatNumber", "lotNumber", "masterUnitNo", "masterUnitId", "lotId",
        "heatCode", "heatId", "shelfDateTime", "manufacturedDateTime", "bestByDateTime", "useByDateTime",
        "sellByDateTime", "rfid",
    ),
    key=("serialNumber",),
    item_of=ALL_CONTAINERS.path,
    view=_tracked,
    read_id=read_text,
)  # fmt: skip

CONTAINER_ADJUSTMENTS = Endpoint(
    "/inventory/v1/inventory-history/container-adjustments",
    fields=(
        "adjustmentDate", "serialNo", "quantity", "netWeight", "adjustmentCode", "partId", "partNumber",
        "revision", "partNumberRevision", "partOperationId", "operationCode", "operationNumber", "location",
        "locationId",
    ),
    key=(),
    parameters=(
        text("serialNo"), *window("beginDate", "endDate", "adjustmentDate", required=True), guid("partId"),
        guid("partOperationId"), text("adjustmentCode"), guid("locationId"),
    ),
)  # fmt: skip

CONTAINER_MOVES = Endpoint(
    "/inventory/v1/inventory-history/container-location-moves",
    fields=(
        "adjustmentDate", "serialNo", "quantity", "netWeight", "adjustmentCode", "partId", "partNumber",
        "revision", "partNumberRevision", "partOperationId", "operationCode", "operationNumber", "location",
        "locationId", "movedFromLocation", "movedFromLocationId",
    ),
    key=(),
    parameters=(
        text("serialNo"), *window("beginDate", "endDate", "adjustmentDate", required=True), guid("partId"),
        guid("partOperationId"), text("partType", PART_TYPE), text("partGroup", PART_GROUP),
        text("partSource", PART_SOURCE), guid("locationId"), guid("movedFromLocationId"),
    ),
    hides=True,
)  # fmt: skip

ITEM_ADJUSTMENTS = Endpoint(
    "/inventory/v1-beta1/inventory-history/item-adjustments",
    fields=(
        "adjustmentDate", "itemId", "itemNo", "location", "locationId", "quantity", "transactionType",
    ),
    key=(),
    parameters=(
        guid("itemId", required=True), guid("locationId"), *window("beginDate", "endDate", "adjustmentDate"),
    ),
    child_by="itemId",
)  # fmt: skip

INVENTORY = (
    LOCATIONS, SCRAP_REASONS, INVENTORY_SUPPLY_ITEMS, ALL_CONTAINERS, CONTAINERS, CONTAINER, CONTAINER_ADJUSTMENTS,
    CONTAINER_MOVES, ITEM_ADJUSTMENTS,
)  # fmt: skip
