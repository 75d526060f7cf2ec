"""What a pipeline tells of its runs, whom it notifies, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import (
    ExtractionPipelineContact,
    ExtractionPipelineRunWrite,
    ExtractionPipelineUpdate,
    ExtractionPipelineWrite,
)
from cognite.client.data_classes.extractionpipelines import ExtractionPipelineNotificationConfiguration
from sandbox_cdf_client import Cdf


@pytest.fixture
def pipeline(cdf: Cdf) -> Cdf:
    (data_set,) = cdf.items("/datasets", {"externalId": "ds"})
    cdf.client.extraction_pipelines.create(
        ExtractionPipelineWrite(
            external_id="p",
            name="P",
            data_set_id=data_set["id"],
            schedule="Continuous",
            contacts=[ExtractionPipelineContact("Ada", "ada@example.com", "owner", send_notification=True)],
            notification_config=ExtractionPipelineNotificationConfiguration(allowed_not_seen_range_in_minutes=30),
        )
    )
    return cdf


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_a_pipeline_tells_of_its_last_runs(pipeline: Cdf) -> None:
    api = pipeline.client.extraction_pipelines
    new = api.retrieve(external_id="p")
    assert (new.last_seen, new.last_success, new.last_failure, new.last_message) == (0, 0, 0, None)
    api.runs.create(ExtractionPipelineRunWrite("p", "seen"))
    seen = api.retrieve(external_id="p")
    assert (seen.last_seen > 0, seen.last_success, seen.last_failure) == (True, 0, 0)
    api.runs.create(ExtractionPipelineRunWrite("p", "failure", message="Oh no!"))
    failed = api.retrieve(external_id="p")
    assert (failed.last_failure > 0, failed.last_message) == (True, "Oh no!")


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_runs_come_latest_first_and_can_be_filtered(pipeline: Cdf) -> None:
    runs = pipeline.client.extraction_pipelines.runs
    for status, when in (("failure", 5000), ("success", 1000), ("failure", 3000)):
        run = {"externalId": "p", "status": status, "message": f"{status} {when}", "createdTime": when}
        pipeline.items("/extpipes/runs", run)
    assert [run.created_time for run in runs.list("p")] == [5000, 3000, 1000]
    assert [run.created_time for run in runs.list("p", statuses="failure", limit=1)] == [5000]
    assert [run.created_time for run in runs.list("p", message_substring="3000")] == [3000]
    assert list(runs.list("p", created_time="24h-ago")) == []


@pytest.mark.source("SDK tests test_extraction_pipelines.py")
def test_contacts_and_notifications_of_a_pipeline(pipeline: Cdf) -> None:
    api = pipeline.client.extraction_pipelines
    assert api.retrieve(external_id="p").contacts[0].send_notification is True
    new = {"name": "Bo", "email": "bo@example.com", "role": "owner", "sendNotification": False}
    changed = api.update(ExtractionPipelineUpdate(external_id="p").contacts.add([new]))
    assert [contact.name for contact in changed.contacts] == ["Ada", "Bo"]
    assert changed.notification_config.allowed_not_seen_range_in_minutes == 30
    assert api.update(ExtractionPipelineUpdate(external_id="p").metadata.set({})).metadata is None


@pytest.mark.source("Toolkit yaml_classes/extraction_pipeline.py")
@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "now and then"},
        {"name": "x" * 141},
        {"documentation": "x" * 10_001},
        {"source": "x" * 256},
        {"dataSetId": 5},
        {"notificationConfig": {"allowedNotSeenRangeInMinutes": -1}},
        {"contacts": [{"name": 1}]},
        {"rawTables": [{"dbName": "d"}]},
    ],
)
def test_what_pipelines_refuse(pipeline: Cdf, change: dict[str, Any]) -> None:
    data_set = pipeline.client.data_sets.retrieve(external_id="ds").id
    item = {"externalId": "q", "name": "q", "dataSetId": data_set} | change
    assert pipeline.refused("/extpipes", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK data_classes/extractionpipelines.py")
def test_a_run_is_refused_whole(pipeline: Cdf) -> None:
    good = {"externalId": "p", "status": "success"}
    for bad in ({"status": "done"}, {"message": "é" * 501}, {"externalId": "unknown"}):
        assert pipeline.refused("/extpipes/runs", {"items": [good, good | bad]})["code"] == 400
    assert list(pipeline.client.extraction_pipelines.runs.list("p")) == []
