"""Master data and scheduling.

Names, spellings and parameters are those of the vendor's own API description; nothing is made uniform where Plex isn't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.plex.endpoints.endpoint import CREATED, UPDATED, Endpoint
from sandbox.plex.endpoints.parameters import among, flag, guid, read_uuid, text, whole, window
from sandbox.plex.plants.plant import with_revision

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Row


def _modified(row: Row) -> object:
    return row.get(UPDATED) or row.get("modifiedDate")


def _inventory_part(row: Row) -> Row:
    return {
        "partId": row.get("id"),
        "partNumber": row.get("number"),
        "revision": row.get("revision"),
        "partNumberRevision": with_revision(row.get("number"), row.get("revision")),
        "type": row.get("type"),
        "source": row.get("source"),
        "status": row.get("status"),
        "lotRequired": False,
        CREATED: row.get("createdDate"),
        UPDATED: _modified(row),
    }


TENANTS = Endpoint(
    "/mdm/v1/tenants",
    fields=("id", "code"),
    key=("id",),
    parameters=(guid("idList", "id", many=True), text("code"), text("codeList", "code", many=True)),
)

PARTS = Endpoint(
    "/mdm/v1/parts",
    fields=(
        "id", "number", "name", "revision", "description", "type", "group", "source", "productType", "status", "note",
        "leadTimeDays", "buildingCode", "createdById", "createdDate", "modifiedById", "modifiedDate", "allergens",
    ),
    key=("id",),
    parameters=(
        guid("id", many=True), text("number"), text("revision"), text("type"), text("status"), text("source"),
        text("productType"), among("allergens", "allergens", many=True),
    ),
)  # fmt: skip

INVENTORY_PARTS = Endpoint(
    "/inventory/v1/inventory-definitions/parts",
    fields=("partId", "partNumber", "revision", "partNumberRevision", "type", "source", "status", "lotRequired"),
    key=("partId",),
    parameters=(
        text("partNumber"),
        text("partRevision", "revision"),
        text("partType", "type"),
        text("partSource", "source"),
        text("partStatus", "status"),
        *window("beginCreatedDateTime", "endCreatedDateTime", CREATED),
        *window("beginUpdatedDateTime", "endUpdatedDateTime", UPDATED),
    ),
    view_of=PARTS,
    view=_inventory_part,
)

OPERATIONS = Endpoint(
    "/mdm/v1/operations",
    fields=("id", "code", "type", "inventoryType"),
    key=("id",),
    parameters=(guid("id"), text("code"), text("type"), text("inventoryType")),
)

PART_OPERATIONS = Endpoint(
    "/mdm/v1/part-operations",
    fields=(
        "id", "partId", "operationId", "type", "operationNumber", "active", "subOperation", "shippable", "multiple",
        "netWeight",
    ),
    key=("id",),
    parameters=(
        guid("partId"), guid("operationId"), flag("active"), flag("subOperation"), whole("operationNumber"),
    ),
)  # fmt: skip

BUILDINGS = Endpoint(
    "/mdm/v1/buildings",
    fields=(
        "id", "buildingCode", "buildingType", "name", "oldBuildingCode", "active", "address", "city", "state",
        "country", "zipCode", "phone", "fax", "dunsNo", "taxId", "vatRegistrationNo",
    ),
    key=("id",),
    parameters=(guid("id", many=True), text("buildingCode"), text("buildingType"), text("name"), flag("active")),
)  # fmt: skip

APPROVED_WORKCENTERS = Endpoint(
    "/production/v1/production-definitions/approved-workcenters",
    fields=(
        "workcenterId", "workcenterCode", "workcenterName", "partId", "partNo", "partRevision", "partNoRevision",
        "partOperationId", "operationId", "operationNo", "operationCode", "crewSize", "standardProductionRate", "note",
        "setupTime", "idealRate", "targetRate", "setupCrewSize", "sequenceRate",
    ),
    key=("workcenterId", "partOperationId"),
    parameters=(guid("workcenterId"), guid("partId"), guid("partOperationId"), guid("operationId")),
)  # fmt: skip

SUPPLY_ITEMS = Endpoint(
    "/mdm/v1/supply-items",
    fields=(
        "id", "supplyItemNumber", "type", "category", "priority", "group", "description", "customerUnitPrice",
        "inventoryUnit", "briefDescription", "accountId", "manufacturerCode", "supplierId", "manufacturerItemNumber",
        "manufacturerItemRevision", "manufacturerText", "createdDate", "createdById", "modifiedDate", "modifiedById",
        "taxCodeNumber", "maxQuantity", "minQuantity", "note", "updateWhenReceived", "active", "averageCost",
        "responsiblePersonId", "vendorManaged", "commodity", "countryOfOrigin", "consignment",
    ),
    key=("id",),
    parameters=(
        guid("id", many=True), text("supplyItemNumber"), text("type"), text("category"), text("priority"),
        text("group"), guid("createdById"), *window("createdDateBegin", "createdDateEnd", "createdDate"),
        guid("modifiedById"), *window("modifiedDateBegin", "modifiedDateEnd", _modified),
    ),
)  # fmt: skip

EQUIPMENT = Endpoint(
    "/maintenance/v1/equipment",
    fields=(
        "id", "equipmentId", "description", "brand", "modelNo", "equipmentType", "equipmentTypeId", "equipmentGroup",
        "equipmentCategory", "equipmentPriority", "location", "locationId", "building", "buildingId", "workcenter",
        "workcenterId", "department", "status", "taxClassification", "champion", "serialNo", "active",
        "equipmentAttributes", "parts",
    ),
    key=("id",),
    parameters=(
        text("equipmentId"), guid("equipmentTypeId"), guid("buildingId"), guid("locationId"), guid("workcenterId"),
        among("partId", "parts.id", parse=read_uuid), among("partType", "parts.partType"), text("status"),
        text("serialNo"), flag("active"),
    ),
)  # fmt: skip

WORKCENTERS = Endpoint(
    "/production/v1/production-definitions/workcenters",
    fields=(
        "workcenterId", "workcenterCode", "name", "workcenterType", "workcenterGroup", "buildingId", "buildingCode",
        "tankSilo", "productionLineId", "ipAddress", "plcName",
    ),
    key=("workcenterId",),
    parameters=(
        text("workcenterCode"), text("name"), text("workcenterType"), text("workcenterGroup"), guid("buildingId"),
        flag("tankSilo"), text("plcName"), text("ipAddress"),
    ),
)  # fmt: skip

PRODUCTION_LINES = Endpoint(
    "/production/v1/production-definitions/production-lines",
    fields=(
        "id", "code", "description", "equipmentId", "equipmentDescription", "active", "addBy", "addDateTime",
        "updateBy", "updateDateTime",
    ),
    key=("id",),
    parameters=(guid("productionLineId", "id"), text("productionLineCode", "code"), text("equipmentId")),
)  # fmt: skip

JOBS = Endpoint(
    "/scheduling/v1/jobs",
    fields=(
        "id", "externalJobCode", "jobNumber", "createdDate", "partId", "partNumber", "partRevision",
        "partNumberRevision", "dueDate", "completedDate", "quantity", "quantityCompleted", "jobStatus", "buildingId",
        "buildingCode", "jobType", "earliestStartDateTime", "priority",
    ),
    key=("id",),
    parameters=(
        guid("partId"), text("externalJobCode"), text("jobNumber"), text("jobStatuses", "jobStatus", many=True),
        *window("dueDateBegin", "dueDateEnd", "dueDate"), guid("buildingId"),
        *window("completedDateBegin", "completedDateEnd", "completedDate"),
        *window("beginEarliestStartDateTime", "endEarliestStartDateTime", "earliestStartDateTime"), text("priority"),
    ),
)  # fmt: skip

JOB = Endpoint("/scheduling/v1/jobs/{id}", fields=JOBS.fields, key=JOBS.key, item_of=JOBS.path)

JOB_OPERATIONS = Endpoint(
    "/scheduling/v1/jobs/{id}/operations",
    fields=(
        "jobId", "jobNumber", "partId", "partNumber", "partRevision", "partNumberRevision", "jobOperationId",
        "jobOperationNumber", "operationCode", "workcenterId", "workcenterCode", "quantity", "quantityCompleted",
        "dueDate", "scheduledStartDate", "completedDate", "jobOperationStatus", "setupTime", "rate", "unitOfMeasure",
        "runTime", "batchCriteria", "partOperationType", "batchOperation", "preProcessOperation",
    ),
    key=("jobOperationId",),
    parameters=(
        text("partOperationType"), text("jobOperationStatus"), text("operationCode"), guid("jobOperationId"),
        guid("workcenterId"),
        *window("beginScheduledStartDate", "endScheduledStartDate", "scheduledStartDate"),
    ),
    child_of=JOBS.path,
)  # fmt: skip

MASTER = (
    TENANTS, PARTS, INVENTORY_PARTS, OPERATIONS, PART_OPERATIONS, BUILDINGS, APPROVED_WORKCENTERS, SUPPLY_ITEMS,
    EQUIPMENT, WORKCENTERS, PRODUCTION_LINES, JOBS, JOB, JOB_OPERATIONS,
)  # fmt: skip
