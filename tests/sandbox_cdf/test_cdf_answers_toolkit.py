"""Every answer that the Toolkit reads can be read by its own classes, which miss no field and know all of them.

A field too many is no small thing: the Toolkit compares what it reads with what it would write, so a resource with an
unknown field is changed anew by each deploy.
"""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite_toolkit._cdf_tk.client.resource_classes import (  # type: ignore[import-untyped]
    asset,
    dataset,
    event,
    extraction_pipeline,
    extraction_pipeline_config,
    filemetadata,
    label,
    project,
    raw,
    relationship,
    sequence,
    session,
    timeseries,
    token,
    workflow,
    workflow_trigger,
    workflow_version,
)
from cognite_toolkit._cdf_tk.client.resource_classes.group import group  # type: ignore[import-untyped]
from sandbox_cdf_client import CLIENTS, Cdf, Row

pytestmark = pytest.mark.source("Toolkit client/resource_classes/__init__.py")

METADATA: Row = {"metadata": {"k": "v"}}
ENDS = {"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "event"}
CLASSIC: dict[str, tuple[Any, Row]] = {
    "/datasets": (dataset.DataSetResponse, {"name": "n", "description": "d"} | METADATA),
    "/assets": (asset.AssetResponse, {"name": "n", "description": "d", "source": "s"} | METADATA),
    "/events": (event.EventResponse, {"type": "t", "startTime": 1, "endTime": 2} | METADATA),
    "/timeseries": (timeseries.TimeSeriesResponse, {"name": "n", "unit": "u", "isStep": True} | METADATA),
    "/sequences": (sequence.SequenceResponse, {"columns": [{"externalId": "c", "valueType": "LONG"}]} | METADATA),
    "/relationships": (relationship.RelationshipResponse, ENDS | {"confidence": 0.5}),
    "/labels": (label.LabelResponse, {"name": "n", "description": "d"}),
    "/extpipes": (extraction_pipeline.ExtractionPipelineResponse, {"name": "n", "schedule": "Continuous"} | METADATA),
}
"""By path: what the Toolkit reads an answer as, and a row to write."""

READ_BY_THE_SDK = {"lastSuccess", "lastFailure", "lastSeen"}
"""What a pipeline says of its runs, which the Toolkit passes over (SDK `data_classes/extractionpipelines.py`)."""


def readable(kind: Any, row: Row) -> None:
    """The class reads a row, and none of its fields is unknown to it."""
    unknown = kind.model_validate(row).model_extra or {}
    assert unknown.keys() <= READ_BY_THE_SDK


@pytest.fixture
def filled(cdf: Cdf) -> Cdf:
    """A project with a row ``x`` of each resource, in the data set ``x``."""
    placed: Row = {}
    for path, (_, fields) in CLASSIC.items():
        (row,) = cdf.items(path, {"externalId": "x"} | fields | placed)
        placed = placed or {"dataSetId": row["id"]}
    return cdf


@pytest.mark.parametrize("path", CLASSIC)
def test_classic_resources(filled: Cdf, path: str) -> None:
    (row,) = filled.items(f"{path}/byids", {"externalId": "x"})
    readable(CLASSIC[path][0], row)


def test_files(cdf: Cdf) -> None:
    _, created = cdf.post("/files?overwrite=true", {"externalId": "f", "name": "f.zip", "mimeType": "application/zip"})
    readable(filemetadata.FileMetadataResponse, created)
    requests.put(created["uploadUrl"], data=b"x", timeout=10).raise_for_status()
    (row,) = cdf.items("/files/byids", {"externalId": "f"})
    readable(filemetadata.FileMetadataResponse, row)


def test_configurations_of_pipelines(filled: Cdf) -> None:
    assert filled.get("/extpipes/config?externalId=x")[0] == 404
    _, created = filled.post("/extpipes/config", {"externalId": "x", "config": "a: 1", "description": "d"})
    for row in (created, filled.get("/extpipes/config?externalId=x")[1]):
        readable(extraction_pipeline_config.ExtractionPipelineConfigResponse, row)


def test_raw(cdf: Cdf) -> None:
    (database,) = cdf.items("/raw/dbs", {"name": "d"})
    (table,) = cdf.items("/raw/dbs/d/tables?ensureParent=false", {"name": "t"})
    for kind, created, path in (
        (raw.RAWDatabaseResponse, database, "/raw/dbs"),
        (raw.RAWTableResponse, table, "/raw/dbs/d/tables"),
    ):
        readable(kind, created)
        readable(kind, cdf.get(path)[1]["items"][0])


def test_groups(cdf: Cdf) -> None:
    capabilities = [{"eventsAcl": {"actions": ["READ"], "scope": {"all": {}}}}]
    (created,) = cdf.items("/groups", {"name": "g", "sourceId": "s", "capabilities": capabilities} | METADATA)
    (listed,) = cdf.get("/groups?all=true")[1]["items"]
    for row in (created, listed):
        assert row["isDeleted"] is False
        found = group.GroupResponse.model_validate(row)
        assert [(each.acl.acl_name, each.acl.actions) for each in found.capabilities] == [("eventsAcl", ["READ"])]


def test_sessions(cdf: Cdf) -> None:
    for credentials in (
        {"clientId": "deployer", "clientSecret": CLIENTS["deployer"]},
        {"tokenExchange": True},
        {"oneshotTokenExchange": True},
    ):
        (created,) = cdf.items("/sessions", credentials)
        readable(session.SessionCreateResponse, created)
        (row,) = cdf.items("/sessions/byids", {"id": created["id"]})
        readable(session.SessionResponse, row)


def test_workflows(cdf: Cdf) -> None:
    (row,) = cdf.items("/workflows", {"externalId": "wf", "description": "d", "maxConcurrentExecutions": 1})
    readable(workflow.WorkflowResponse, row)
    readable(workflow.WorkflowResponse, cdf.get("/workflows/wf")[1])
    task = {"externalId": "run", "type": "function", "parameters": {"function": {"externalId": "fn"}}}
    version = {"workflowExternalId": "wf", "version": "1", "workflowDefinition": {"tasks": [task], "description": "d"}}
    (row,) = cdf.items("/workflows/versions", version)
    readable(workflow_version.WorkflowVersionResponse, row)
    readable(workflow_version.WorkflowVersionResponse, cdf.get("/workflows/wf/versions/1")[1])
    credentials = {"clientId": "deployer", "clientSecret": CLIENTS["deployer"]}
    (opened,) = cdf.items("/sessions", credentials)
    trigger = {
        "externalId": "t",
        "workflowExternalId": "wf",
        "workflowVersion": "1",
        "triggerRule": {"triggerType": "schedule", "cronExpression": "0 * * * *"},
        "authentication": {"nonce": opened["nonce"]},
    }
    (row,) = cdf.items("/workflows/triggers", trigger)
    (listed,) = cdf.get("/workflows/triggers")[1]["items"]
    for each in (row, listed):
        assert "id" not in each
        readable(workflow_trigger.WorkflowTriggerResponse, each)


def test_what_the_token_and_the_project_say(cdf: Cdf) -> None:
    headers = {"Authorization": f"Bearer {cdf.token}"}
    answer = requests.get(f"{cdf.url}/api/v1/token/inspect", headers=headers, timeout=10).json()
    found = token.InspectResponse.model_validate(answer)
    assert [each.project_url_name for each in found.projects] == [cdf.project.name]
    assert {"assetsAcl", "functionsAcl"} <= {each.acl.acl_name for each in found.capabilities}
    about = project.OrganizationResponse.model_validate(cdf.get("")[1])
    assert about.url_name == cdf.project.name


def test_a_field_that_the_toolkit_does_not_know_would_be_seen(filled: Cdf) -> None:
    (row,) = filled.items("/assets/byids", {"externalId": "x"})
    with pytest.raises(AssertionError):
        readable(asset.AssetResponse, row | {"colour": "red"})
