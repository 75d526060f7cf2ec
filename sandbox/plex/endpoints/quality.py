"""Engineering and quality: BOMs, control plans, specifications, deviations, checksheets."""

from __future__ import annotations

from sandbox.plex.endpoints.endpoint import EFFECTIVE, JOB_OPERATION, Endpoint
from sandbox.plex.endpoints.parameters import (
    Match,
    Parameter,
    among,
    flag,
    guid,
    number,
    read_bool,
    read_int,
    read_uuid,
    text,
)

BOMS = Endpoint(
    "/engineering/v1/boms",
    fields=(
        "id", "partId", "partNumber", "partRevision", "partNumberRevision", "partOperationId",
        "partOperationCode", "partOperationNumber", "partOperationType", "componentPartId",
        "componentPartNumber", "componentPartRevision", "componentPartNumberRevision",
        "componentSupplyItemId", "componentSupplyItemNumber", "componentUnitOfMeasure", "quantity",
        "minimumQuantity", "maximumQuantity", "quantityFixed", "depletionUnitOfMeasure",
        "depletionConversionFactor", "sortOrder", "active", "position", "side", "scaling", "validate",
        "autoDeplete", "transferHeat", "note",
    ),
    key=("id",),
    parameters=(
        guid("partId", required=True), guid("partOperationId"),
    ),
    child_by="partId",
)  # fmt: skip

CONTROL_PLANS = Endpoint(
    "/quality/v1/control-plans",
    fields=(
        "id", "buildingCode", "buildingId", "controlPlanNo", "controlPlanStatus", "controlPlanType",
        "description", "externalDocumentId", "externalDocumentRevisionLevel", "originalDate", "partId",
        "partNo", "partRevision", "partName", "primary", "revisionDate",
    ),
    key=("id",),
    parameters=(
        guid("ids", "id", many=True), number("controlPlanNo"),
        text("controlPlanTypes", "controlPlanType", many=True), guid("partId"), flag("primary"),
    ),
)  # fmt: skip

CONTROL_PLAN_LINES = Endpoint(
    "/quality/v1/control-plans/{id}/control-plan-lines",
    fields=(
        "id", "controlPlanId", "controlPlanLineStatus", "inspectionMode", "partId", "partNo", "partRevision",
        "partOperationId", "operationId", "operationCode", "specificationId", "description", "passAnswer",
        "failAnswer", "note", "gageType", "gageNote", "partSpecificGages", "samplePlan",
        "customChecksheetDataCollectionType", "reactionPlan", "reactionPlanOwner", "specificToWorkcenterId",
        "specificToWorkcenterCode", "defaultAttributeAnswerPass", "deviationId", "sortOrder",
        "checksheetSortOrder", "symbol", "symbolAbbreviation", "trackFailureModes",
    ),
    key=("id",),
    parameters=(
        guid("ids", "id", many=True),
        guid("jobOpId", JOB_OPERATION),  # lines of a single job's operation: no plant has any
        guid("specificToWorkcenterId"), guid("partOperationId"), text("inspectionMode"),
    ),
    child_of=CONTROL_PLANS.path,
)  # fmt: skip

PART_SPECIFICATIONS = Endpoint(
    "/quality/v1/part-specifications",
    fields=(
        "id", "partId", "partNumber", "partRevision", "specificationNumber", "description", "formula",
        "formulaType", "defaultGageType", "plcName", "specialSymbol", "customerSpecified", "toleranceType",
        "note", "functionRequirementType", "specificationDimensionType", "updatedDateTime",
    ),
    key=("id",),
    parameters=(
        guid("partId"), guid("ids", "id", many=True), text("specificationNumber"),
    ),
)  # fmt: skip

DEVIATIONS = Endpoint(
    "/quality/v1/deviations",
    fields=(
        "id", "acknowledgementLimit", "approvedByUserId", "approvedDate", "buildingId", "buildingCode",
        "codeNo", "departmentCode", "deviationAcknowledgementFrequencyDescription", "deviationNo",
        "deviationStatus", "effectiveDate", "expirationDate", "jobIds", "note", "type", "parts",
        "piecesAffected", "reason", "revisionDeviationId", "revisionDeviationNo", "supplierId",
    ),
    key=("id",),
    parameters=(
        guid("ids", "id", many=True), among("specificationId", "parts.specificationId", parse=read_uuid),
        among("jobId", "jobIds", parse=read_uuid), among("partId", "parts.partId", parse=read_uuid),
        text("deviationStatus", many=True),
        Parameter("currentlyEffectiveOnly", read_bool, lambda row: [False, row.get(EFFECTIVE)], Match.CONTAINS),
    ),
    hides=True,
)  # fmt: skip

CHECKSHEETS = Endpoint("/quality/v1/checksheets", fields=(), key=("checksheetNumber",), method=None, key_type=int)
"""All checksheets; Plex only gives one at a time."""

CHECKSHEET = Endpoint(
    "/quality/v1/checksheets/{id}",
    fields=(
        "checksheetNumber", "inspectionMode", "operationId", "inspectionDateTime", "partId", "partNumber",
        "partRevision", "partOperationId", "workcenterId", "jobId", "jobOperationId",
        "spcChecksheetContainerText", "spcChecksheetHeatText", "spcChecksheetProductionText",
        "containerSerialNumbers", "inspectorEmployeeId", "note", "outOfSpecification",
    ),
    key=("checksheetNumber",),
    item_of=CHECKSHEETS.path,
    read_id=read_int,
)  # fmt: skip

QUALITY = (
    BOMS, CONTROL_PLANS, CONTROL_PLAN_LINES, PART_SPECIFICATIONS, DEVIATIONS, CHECKSHEETS, CHECKSHEET,
)  # fmt: skip
