"""Workflows as definitions, through the SDK. What the Toolkit needs of them is in the contract suite of its CLI."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import ClientCredentials
from cognite.client.data_classes.workflows import (
    FunctionTaskParameters,
    WorkflowDefinitionUpsert,
    WorkflowScheduledTriggerRule,
    WorkflowTask,
    WorkflowTriggerUpsert,
    WorkflowUpsert,
    WorkflowVersionUpsert,
)
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from sandbox_cdf_client import CLIENTS, Cdf


@pytest.fixture
def project(cdf: Cdf) -> Cdf:
    """A project with workflow ``wf`` and its version ``1``."""
    cdf.client.workflows.upsert(WorkflowUpsert("wf", description="d", max_concurrent_executions=1))
    cdf.client.workflows.versions.upsert(version("1"))
    return cdf


def version(name: str, **changes: Any) -> WorkflowVersionUpsert:
    task = WorkflowTask("run", FunctionTaskParameters("fn", data={"a": 1}), **changes)
    return WorkflowVersionUpsert("wf", name, WorkflowDefinitionUpsert([task], "steps"))


def trigger(cron: str = "0 * * * *") -> WorkflowTriggerUpsert:
    return WorkflowTriggerUpsert("tr", WorkflowScheduledTriggerRule(cron), "wf", "1", input={"x": 1})


CREDENTIALS = ClientCredentials("extractor", CLIENTS["extractor"])


@pytest.mark.source("SDK _api/workflows/__init__.py")
def test_a_workflow_is_written_read_listed_and_deleted(project: Cdf) -> None:
    """SDK `_api/workflows/__init__.py`: upsert, retrieve (404 is None), list, delete."""
    workflows = project.client.workflows
    found = workflows.retrieve("wf")
    assert found is not None
    assert (found.description, found.max_concurrent_executions) == ("d", 1)
    again = workflows.upsert(WorkflowUpsert("wf", description="e"))
    assert (again.description, again.max_concurrent_executions) == ("e", None), "an upsert replaces"
    assert again.created_time == found.created_time
    assert [each.external_id for each in workflows.list()] == ["wf"]
    assert workflows.retrieve("other") is None
    workflows.delete("wf")
    assert workflows.retrieve("wf") is None
    assert workflows.versions.list("wf") == []
    with pytest.raises(CogniteNotFoundError):
        workflows.delete("wf")
    workflows.delete("wf", ignore_unknown_ids=True)


@pytest.mark.source("SDK data_classes/workflows.py")
def test_a_version_has_a_hash_and_the_defaults_of_its_tasks(project: Cdf) -> None:
    """SDK `data_classes/workflows.py`: `WorkflowDefinition` needs `hash`; the defaults of `WorkflowTask`."""
    versions = project.client.workflows.versions
    found = versions.retrieve(("wf", "1"))
    assert found is not None
    (task,) = found.workflow_definition.tasks
    assert (task.retries, task.timeout, task.on_failure) == (3, 3600, "abortWorkflow")
    assert versions.upsert(version("1")).workflow_definition.hash_ == found.workflow_definition.hash_
    changed = versions.upsert(version("1", retries=0))
    assert changed.workflow_definition.hash_ != found.workflow_definition.hash_
    versions.upsert(version("2"))
    assert [each.version for each in versions.list("wf")] == ["1", "2"]
    assert [each.version for each in versions.list([("wf", "2")])] == ["2"]
    versions.delete(("wf", "2"))
    assert versions.retrieve(("wf", "2")) is None


@pytest.mark.source("SDK _api/workflows/triggers.py")
def test_a_trigger_takes_a_nonce_and_can_be_paused(project: Cdf) -> None:
    """SDK `_api/workflows/triggers.py`: one trigger a request, its nonce beside it."""
    triggers = project.client.workflows.triggers
    made = triggers.upsert(trigger(), client_credentials=CREDENTIALS)
    assert made.is_paused is False
    assert made.trigger_rule.dump() == {"triggerType": "schedule", "cronExpression": "0 * * * *", "timezone": "UTC"}
    triggers.pause("tr")
    (found,) = triggers.list()
    assert found.is_paused
    assert triggers.upsert(trigger("5 * * * *"), client_credentials=CREDENTIALS).is_paused
    triggers.resume("tr")
    assert [each.is_paused for each in triggers.list()] == [False]
    assert triggers.list_runs("tr") == []
    triggers.delete("tr")
    assert triggers.list() == []


@pytest.mark.source("Toolkit yaml_classes/workflow.py, yaml_classes/workflow_version.py")
@pytest.mark.parametrize(
    ("path", "item", "code"),
    [
        ("", {"externalId": ""}, 400),
        ("", {"externalId": "w", "dataSetId": 1}, 400),
        ("", {"externalId": "w", "more": 1}, 400),
        ("/versions", {"workflowExternalId": "wf", "version": "1", "workflowDefinition": {}}, 400),
        ("/triggers", {"externalId": "t", "workflowExternalId": "wf", "workflowVersion": "1"}, 400),
    ],
)
def test_what_is_refused(project: Cdf, path: str, item: dict[str, Any], code: int) -> None:
    assert project.refused(f"/workflows{path}", {"items": [item]})["code"] == code


@pytest.mark.source("Toolkit yaml_classes/workflow_version.py")
@pytest.mark.parametrize(
    "change",
    [
        {"type": "unknown"},
        {"retries": 11},
        {"timeout": 1},
        {"onFailure": "cry"},
        {"dependsOn": [{"externalId": "nowhere"}]},
        {"dependsOn": [{"externalId": "run"}]},
        {"parameters": None},
    ],
)
def test_tasks_that_are_refused(project: Cdf, change: dict[str, Any]) -> None:
    """Limits of `retries` and `timeout`: the Toolkit's `WorkflowVersionYAML`."""
    task = {"externalId": "run", "type": "function", "parameters": {"function": {"externalId": "fn"}}} | change
    item = {"workflowExternalId": "wf", "version": "2", "workflowDefinition": {"tasks": [task]}}
    assert project.refused("/workflows/versions", {"items": [item]})["code"] == 400


@pytest.mark.source("Assumed: what is not modelled is refused")
def test_workflows_do_not_run(project: Cdf) -> None:
    with pytest.raises(CogniteAPIError, match="runs none of them"):
        project.client.workflows.executions.run("wf", "1")
