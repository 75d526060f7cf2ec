"""Production: definitions, history and control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.plex.endpoints.endpoint import CONTROL_ONLY, Endpoint
from sandbox.plex.endpoints.parameters import Match, Parameter, flag, guid, read_uuid, text, window

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Row


def _control(row: Row) -> Row:
    """What the GET of a single workcenter tells: less of the job than the search, but batches and operators."""
    return {name: row.get(CONTROL_ONLY.get(name, name)) for name in WORKCENTER_SETUP.fields}


WORKCENTER_STATUSES = Endpoint(
    "/production/v1/production-definitions/workcenter-statuses",
    fields=(
        "id", "description", "canRunProduction", "offStatus", "clockoutOperators", "idleStatus",
        "defaultAfterJobChange", "productionStatus", "setupStatus", "downtimeStatus", "noOperatorRequired",
        "laborCostSubTypeId", "maintenanceStatus", "active", "excessSetup", "workcenterGroupWorkcenters",
        "linkedWorkcenterEvents",
    ),
    key=("id",),
    parameters=(
        text("description"), flag("active"), flag("offStatus"),
    ),
)  # fmt: skip

WORKCENTER_EVENTS = Endpoint(
    "/production/v1/production-definitions/workcenter-events",
    fields=(
        "id", "code", "description", "active",
    ),
    key=("id",),
    parameters=(
        flag("active"), text("description"),
    ),
)  # fmt: skip

PRODUCTION_ENTRIES = Endpoint(
    "/production/v1/production-history/production-entries",
    fields=(
        "transactionDate", "workcenterId", "workcenterCode", "serialNo", "lotNo", "employeeId",
        "employeeName", "quantity", "jobId", "jobCode", "jobNo", "partId", "partNumber", "revision",
        "partNumberRevision", "partOperationId", "operationNumber", "operationCode", "masterUnitNo",
        "masterUnitId", "lotId", "heatCode", "heatNo", "heatId", "unit", "trackingNo", "shelfDateTime",
        "manufacturedDateTime", "bestByDateTime", "useByDateTime", "sellByDateTime",
    ),
    key=(),
    parameters=(
        guid("workcenterId"), guid("jobId"), guid("partId"), guid("partOperationId"),
        *window("beginDate", "endDate", "transactionDate", required=True),
    ),
)  # fmt: skip

SCRAP_ENTRIES = Endpoint(
    "/production/v1/production-history/scrap-entries",
    fields=(
        "transactionDate", "scrapReason", "transactionType", "quantity", "workcenterId", "workcenterCode",
        "jobId", "jobCode", "partId", "partNumber", "revision", "partNumberRevision", "partOperationId",
        "operationNumber", "operationCode", "serialNo",
    ),
    key=(),
    parameters=(
        text("scrapReason"), guid("workcenterId"), guid("jobId"), guid("partId"), guid("partOperationId"),
        *window("beginDate", "endDate", "transactionDate", required=True),
    ),
)  # fmt: skip

LABOR_ENTRIES = Endpoint(
    "/production/v1/production-history/labor-entries",
    fields=(
        "employee", "employeeId", "accountId", "costActivity", "workcenterId", "workcenterCode", "jobId",
        "jobCode", "partId", "partNumber", "revision", "partNumberRevision", "partOperationId",
        "operationNumber", "operationCode", "beginTime", "endTime", "duration",
    ),
    key=(),
    parameters=(
        guid("accountId"), guid("employeeId"), guid("jobId"), guid("workcenterId"), guid("partId"),
        text("costActivity"), *window("beginDate", "endDate", "beginTime", required=True),
    ),
)  # fmt: skip

STATUS_ENTRIES = Endpoint(
    "/production/v1/production-history/workcenter-status-entries",
    fields=(
        "workcenterId", "workcenterCode", "logDate", "workcenterStatus", "jobId", "jobCode", "partId",
        "partNumber", "revision", "partNumberRevision", "partOperationId", "operationNumber", "operationCode",
        "duration",
    ),
    key=(),
    parameters=(
        guid("workcenterId"), guid("jobId"), guid("partId"), text("status", "workcenterStatus"),
        *window("beginDate", "endDate", "logDate", required=True),
    ),
)  # fmt: skip

SETUP_ENTRIES = Endpoint(
    "/production/v1/production-history/workcenter-setup-entries",
    fields=(
        "workcenterId", "workcenterCode", "setupDateTime", "setupDateTimeChange", "parentPartId",
        "parentPartNumber", "parentPartRevision", "parentPartNumberRevision", "parentPartOperationId",
        "parentPartOperationCode", "parentPartOperationNumber", "parentPartJobId", "parentPartJobNumber",
        "parentPartJobOperationId", "parentPartJobOperationNumber", "childPartId", "childPartNumber",
        "childPartRevision", "childPartNumberRevision", "childPartOperationId", "childPartOperationCode",
        "childPartOperationNumber", "childPartJobId", "childPartJobNumber", "childPartJobOperationId",
        "childPartJobOperationNumber", "dynamicMultiOut", "traditionalMultiOut", "parent", "companion",
    ),
    key=(),
    parameters=(
        *window("beginSetupDate", "endSetupDate", "setupDateTime", required=True, end_required=False),
        guid("workcenterId"),
        Parameter("partId", read_uuid, lambda row: [row.get("parentPartId"), row.get("childPartId")], Match.CONTAINS),
    ),
)  # fmt: skip

WORKCENTER_SETUPS = Endpoint(
    "/production/v1/control/workcenter-setups",
    fields=(
        "id", "code", "name", "type", "group", "statusId", "statusDescription", "jobId", "jobNumber",
        "jobOperationId", "operationNumber", "operationCode", "jobOperationQuantity", "partId", "partNumber",
        "partRevision", "partNumberRevision", "partName", "jobOperationStatus",
        "jobOperationQuantityCompleted", "jobOperationQuantityBalance", "containerType", "standardQuantity",
    ),
    key=("id",),
    parameters=(
        guid("workcenterIds", "id", many=True), text("workcenterCodes", "code", many=True),
        text("workcenterTypes", "type", many=True), text("workcenterGroups", "group", many=True),
    ),
    method="POST",
    hides=True,
)  # fmt: skip

WORKCENTER_SETUP = Endpoint(
    "/production/v1/control/workcenters/{id}",
    fields=(
        "id", "code", "name", "type", "statusId", "statusDescription", "jobId", "jobNumber", "jobOperationId",
        "operationNumber", "operationCode", "jobOperationQuantity", "lotId", "productionLineId", "batches",
        "operators",
    ),
    key=("id",),
    item_of=WORKCENTER_SETUPS.path,
    view=_control,
)  # fmt: skip

PRODUCTION = (
    WORKCENTER_STATUSES, WORKCENTER_EVENTS, PRODUCTION_ENTRIES, SCRAP_ENTRIES, LABOR_ENTRIES, STATUS_ENTRIES,
    SETUP_ENTRIES, WORKCENTER_SETUPS, WORKCENTER_SETUP,
)  # fmt: skip
