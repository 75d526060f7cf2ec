"""Workflows as definitions, as the SDK's integration tests use them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cognite.client.data_classes import ClientCredentials
from cognite.client.data_classes.workflows import (
    FunctionTaskParameters,
    WorkflowDefinitionUpsert,
    WorkflowScheduledTriggerRule,
    WorkflowTask,
    WorkflowTriggerUpsert,
    WorkflowVersionUpsert,
)
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import CLIENTS, Cdf


def version(*tasks: WorkflowTask) -> WorkflowVersionUpsert:
    return WorkflowVersionUpsert("wf", "1", WorkflowDefinitionUpsert(list(tasks)))


def task(name: str, **more: Any) -> WorkflowTask:
    return WorkflowTask(name, FunctionTaskParameters("fn"), **more)


@pytest.mark.source("SDK tests test_data_workflows.py")
def test_a_version_brings_its_workflow_along(cdf: Cdf) -> None:
    workflows = cdf.client.workflows
    workflows.versions.upsert(version(task("a")))
    assert workflows.retrieve("wf").external_id == "wf"
    with pytest.raises(CogniteAPIError, match="workflows were not found"):
        workflows.delete(["wf", "no"], ignore_unknown_ids=False)
    with pytest.raises(CogniteAPIError, match="not found"):
        workflows.versions.delete([("wf", "1"), ("wf", "2")], ignore_unknown_ids=False)
    workflows.delete(["wf", "no"], ignore_unknown_ids=True)
    assert workflows.versions.list() == []


@pytest.mark.source("SDK tests test_data_workflows.py")
def test_unknown_triggers(cdf: Cdf) -> None:
    triggers = cdf.client.workflows.triggers
    with pytest.raises(CogniteAPIError, match=r"Workflow trigger not found\."):
        triggers.list_runs("no")
    for change in (triggers.pause, triggers.resume):
        with pytest.raises(CogniteAPIError, match=r"Trigger not found\."):
            change("no")


@pytest.mark.source("SDK tests test_data_workflows.py, Toolkit WorkflowTriggerYAML")
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"triggerType": "schedule", "cronExpression": "0 0 31 2 *"}, "will never fire"),
        ({"triggerType": "schedule", "cronExpression": "* * * *"}, "cron expression"),
        ({"triggerType": "schedule", "cronExpression": "* * * * *", "timezone": "Moon/Crater"}, "time zone"),
        ({"triggerType": "dataModeling", "batchSize": 1, "batchTimeout": 10}, "dataModelingQuery"),
        ({"triggerType": "dataModeling", "dataModelingQuery": {}, "batchSize": 1, "batchTimeout": 9}, "batchTimeout"),
        ({"triggerType": "sometimes"}, "triggerType"),
    ],
)
def test_triggers_that_are_refused(cdf: Cdf, rule: dict[str, Any], message: str) -> None:
    cdf.client.workflows.versions.upsert(version(task("a")))
    item = {"externalId": "t", "workflowExternalId": "wf", "workflowVersion": "1", "triggerRule": rule}
    body = {"items": [item | {"authentication": {"nonce": "n"}}]}
    assert message in cdf.refused("/workflows/triggers", body)["message"]


@pytest.mark.source("SDK WorkflowScheduledTriggerRule")
def test_a_schedule_in_a_time_zone(cdf: Cdf) -> None:
    cdf.client.workflows.versions.upsert(version(task("a")))
    rule = WorkflowScheduledTriggerRule("0 0 29 2 *", timezone=ZoneInfo("Europe/Oslo"))
    credentials = ClientCredentials("extractor", CLIENTS["extractor"])
    made = cdf.client.workflows.triggers.upsert(WorkflowTriggerUpsert("t", rule, "wf", "1"), credentials)
    assert made.trigger_rule.dump()["timezone"] == "Europe/Oslo"


@pytest.mark.source("Assumed: tasks that wait for each other would never start")
def test_tasks_in_a_circle(cdf: Cdf) -> None:
    with pytest.raises(CogniteAPIError, match="circle"):
        cdf.client.workflows.versions.upsert(version(task("a", depends_on=["b"]), task("b", depends_on=["a"])))


@pytest.mark.source("Toolkit WorkflowYAML")
@pytest.mark.parametrize("name", [" wf", "wf\n", "w\x00f", "x" * 256])
def test_names_of_workflows(cdf: Cdf, name: str) -> None:
    assert "externalId" in cdf.refused("/workflows", {"items": [{"externalId": name}]})["message"]
