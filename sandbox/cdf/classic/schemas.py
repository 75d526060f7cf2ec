"""What each resource accepts, as tables: fields, their limits in UTF-8 bytes, and how an update may change them."""

from __future__ import annotations

from sandbox.cdf.api.fields import (
    Change,
    Field,
    Schema,
    anything,
    choice,
    flag,
    identifier,
    integer,
    list_of,
    mapping,
    number,
    pattern,
    record,
    text,
    timestamp,
)
from sandbox.cdf.api.http import AnyJson

EXTERNAL_ID = text(255, minimum=1)
GENERAL_METADATA = mapping(pairs=256, key=128, value=10_240, total=10_240)
TIMES = ("createdTime", "lastUpdatedTime")


def labels(value: AnyJson) -> AnyJson:
    """A row's labels as they are kept: each once, by its external id alone (clients may send its name along)."""
    return [{"externalId": name} for name in dict.fromkeys(label["externalId"] for label in value)]


LABELS = Field(
    list_of(record(externalId=Field(EXTERNAL_ID, required=True), name=Field(anything)), 10), Change.LIST, kept=labels
)
RESOURCE_TYPES = ("asset", "timeSeries", "file", "event", "sequence")
VALUE_TYPES = ("STRING", "DOUBLE", "LONG")

DATA_SET = Schema(
    {
        "externalId": Field(EXTERNAL_ID, Change.VALUE),
        "name": Field(text(50, minimum=1)),
        "description": Field(text(500)),
        "metadata": Field(GENERAL_METADATA, Change.MAP),
        "writeProtected": Field(flag, Change.SET),
    },
    filtered=("metadata", "externalIdPrefix", *TIMES),
)

ASSET = Schema(
    {
        "externalId": Field(EXTERNAL_ID),
        "name": Field(text(140, minimum=1), Change.SET, required=True),
        "parentId": Field(identifier, Change.SET),
        "parentExternalId": Field(EXTERNAL_ID, Change.SET),
        "description": Field(text(500)),
        "dataSetId": Field(identifier),
        "metadata": Field(GENERAL_METADATA, Change.MAP),
        "source": Field(text(128)),
        "labels": LABELS,
        "geoLocation": Field(anything),
    },
    filtered=("name", "source", "metadata", "labels", "externalIdPrefix", *TIMES),
)

EVENT = Schema(
    {
        "externalId": Field(EXTERNAL_ID),
        "dataSetId": Field(identifier),
        "startTime": Field(timestamp),
        "endTime": Field(timestamp),
        "type": Field(text(64)),
        "subtype": Field(text(64)),
        "description": Field(text(500)),
        "metadata": Field(mapping(pairs=256, key=128, value=128_000, total=200_000), Change.MAP),
        "assetIds": Field(list_of(identifier, 10_000), Change.LIST),
        "source": Field(text(128)),
    },
    filtered=("startTime", "endTime", "type", "subtype", "source", "metadata", "externalIdPrefix", *TIMES),
)

TIME_SERIES = Schema(
    {
        "externalId": Field(EXTERNAL_ID),
        "name": Field(text(255)),
        "isString": Field(flag, Change.NEVER),
        "isStep": Field(flag, Change.SET),
        "metadata": Field(mapping(pairs=256, key=128, value=10_000, total=10_000), Change.MAP),
        "unit": Field(text(32)),
        "unitExternalId": Field(EXTERNAL_ID),
        "assetId": Field(identifier),
        "description": Field(text(1000)),
        "securityCategories": Field(list_of(identifier, 100), Change.LIST),
        "dataSetId": Field(identifier),
        "legacyName": Field(EXTERNAL_ID, Change.NEVER),
    },
    filtered=("name", "unit", "isString", "isStep", "metadata", "externalIdPrefix", *TIMES),
)

FILE = Schema(
    {
        "externalId": Field(EXTERNAL_ID),
        "name": Field(text(256, minimum=1), Change.NEVER, required=True),
        "directory": Field(text(512)),
        "source": Field(text(128)),
        "mimeType": Field(text(256)),
        "metadata": Field(GENERAL_METADATA, Change.MAP),
        "assetIds": Field(list_of(identifier, 1000), Change.LIST),
        "dataSetId": Field(identifier),
        "labels": LABELS,
        "geoLocation": Field(anything),
        "securityCategories": Field(list_of(identifier, 100), Change.LIST),
        "sourceCreatedTime": Field(timestamp),
        "sourceModifiedTime": Field(timestamp),
    },
    filtered=("name", "source", "mimeType", "metadata", "labels", "externalIdPrefix", *TIMES),
)

RELATIONSHIP = Schema(
    {
        "externalId": Field(EXTERNAL_ID, Change.NEVER, required=True),
        "sourceExternalId": Field(EXTERNAL_ID, Change.SET, required=True),
        "sourceType": Field(choice(*RESOURCE_TYPES, any_case=True), Change.SET, required=True),
        "targetExternalId": Field(EXTERNAL_ID, Change.SET, required=True),
        "targetType": Field(choice(*RESOURCE_TYPES, any_case=True), Change.SET, required=True),
        "startTime": Field(timestamp),
        "endTime": Field(timestamp),
        "confidence": Field(number(0, 1)),
        "dataSetId": Field(identifier),
        "labels": LABELS,
    },
    filtered=("startTime", "endTime", "confidence", "labels", *TIMES),
)

LABEL = Schema(
    {
        "externalId": Field(EXTERNAL_ID, required=True),
        "name": Field(text(140, minimum=1), required=True),
        "description": Field(text(500)),
        "dataSetId": Field(identifier),
    },
    filtered=("name", "externalIdPrefix"),
)

SEQUENCE_COLUMN = Schema(
    {
        "externalId": Field(EXTERNAL_ID, Change.SET, required=True),
        "name": Field(text(64)),
        "description": Field(text(1000)),
        "valueType": Field(choice(*VALUE_TYPES, any_case=True), Change.NEVER),
        "metadata": Field(GENERAL_METADATA, Change.MAP),
    }
)

SEQUENCE = Schema(
    {
        "externalId": Field(EXTERNAL_ID),
        "name": Field(text(255)),
        "description": Field(text(1000)),
        "assetId": Field(identifier),
        "dataSetId": Field(identifier),
        "metadata": Field(mapping(pairs=256, key=128, value=10_000, total=10_000), Change.MAP),
        "columns": Field(list_of(record(**SEQUENCE_COLUMN.fields), 400, minimum=1), Change.NEVER, required=True),
    },
    filtered=("name", "metadata", "externalIdPrefix", *TIMES),
)

EXTRACTION_PIPELINE = Schema(
    {
        "externalId": Field(EXTERNAL_ID, Change.SET, required=True),
        "name": Field(text(140, minimum=1), Change.SET, required=True),
        "description": Field(text(500), Change.SET),
        "dataSetId": Field(identifier, Change.SET, required=True),
        "rawTables": Field(
            list_of(record(dbName=Field(text(128), required=True), tableName=Field(text(128), required=True)), 100),
            Change.LIST,
        ),
        "schedule": Field(
            pattern(r"On trigger|Continuous|\S+( \S+){4}", "On trigger, Continuous or a cron expression"), Change.SET
        ),
        "contacts": Field(
            list_of(
                record(
                    name=Field(text(140)), email=Field(text(254)), role=Field(text(140)), sendNotification=Field(flag)
                ),
                100,
            ),
            Change.LIST,
        ),
        "metadata": Field(GENERAL_METADATA, Change.MAP_OR_NOTHING),
        "source": Field(text(255), Change.SET),
        "documentation": Field(text(10_000), Change.SET),
        "notificationConfig": Field(record(allowedNotSeenRangeInMinutes=Field(integer(0))), Change.SET),
        "createdBy": Field(text(255), Change.NEVER),
    },
    filtered=("name", "description", "source", "metadata", "documentation", "externalIdPrefix", *TIMES),
)

EXTRACTION_RUN = Schema(
    {
        "externalId": Field(EXTERNAL_ID, required=True),
        "status": Field(choice("success", "failure", "seen"), required=True),
        "message": Field(text(1000)),
        "createdTime": Field(timestamp),
    }
)

EXTRACTION_CONFIG = Schema(
    {
        "externalId": Field(EXTERNAL_ID, required=True),
        "config": Field(text(5_000_000)),
        "description": Field(text(500)),
    }
)

GROUP = Schema(
    {
        "name": Field(text(255, minimum=1), required=True),
        "sourceId": Field(text(255)),
        "capabilities": Field(list_of(anything, 10_000)),
        "metadata": Field(GENERAL_METADATA),
        "attributes": Field(anything),
        "members": Field(anything),
    }
)
