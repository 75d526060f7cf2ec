"""Extraction pipelines, their runs, and the revisions of their configuration."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import (
    DataSetWrite,
    ExtractionPipelineConfigWrite,
    ExtractionPipelineRunWrite,
    ExtractionPipelineUpdate,
    ExtractionPipelineWrite,
)
from cognite.client.exceptions import CogniteNotFoundError
from sandbox_cdf_client import Cdf


@pytest.fixture
def pipeline(cdf: Cdf) -> Cdf:
    """A project with the extraction pipeline ``ep``."""
    data_set = cdf.client.data_sets.create(DataSetWrite(external_id="ds"))
    cdf.client.extraction_pipelines.create(ExtractionPipelineWrite(external_id="ep", name="E", data_set_id=data_set.id))
    return cdf


@pytest.mark.source("SDK data_classes/extractionpipelines.py; Toolkit yaml_classes/extraction_pipeline.py")
def test_extraction_pipelines(pipeline: Cdf) -> None:
    pipelines = pipeline.client.extraction_pipelines
    found = pipelines.retrieve(external_id="ep")
    update = ExtractionPipelineUpdate(external_id="ep").schedule.set("Continuous").metadata.set({"k": "v"})
    assert pipelines.update(update).schedule == "Continuous"
    assert [each.external_id for each in pipelines.list()] == ["ep"]
    body = {"items": [{"externalId": "ep", "name": "E", "dataSetId": found.data_set_id}]}
    assert pipeline.refused("/extpipes", body)["duplicated"] == [{"externalId": "ep"}]
    for change in (
        {"dataSetId": None},
        {"dataSetId": 5},
        {"name": "x" * 141},
        {"name": None},
        {"documentation": "x" * 10_001},
    ):
        item = {"externalId": "new", "name": "E", "dataSetId": found.data_set_id} | change
        assert pipeline.refused("/extpipes", {"items": [item]})["code"] == 400
    null = {"items": [{"externalId": "ep", "update": {"description": {"setNull": True}}}]}
    assert pipeline.refused("/extpipes/update", null)["code"] == 400
    pipelines.delete(external_id="ep")
    assert pipelines.retrieve(external_id="ep") is None


@pytest.mark.source("SDK data_classes/extractionpipelines.py")
def test_runs(pipeline: Cdf) -> None:
    runs = pipeline.client.extraction_pipelines.runs
    runs.create(ExtractionPipelineRunWrite("ep", "success", "x" * 1000))
    runs.create(ExtractionPipelineRunWrite("ep", "failure", "key is wrong"))
    runs.create(ExtractionPipelineRunWrite("ep", "seen"))
    assert [run.status for run in runs.list("ep")] == ["seen", "failure", "success"]
    assert [run.message for run in runs.list("ep", statuses="failure")] == ["key is wrong"]
    assert [run.status for run in runs.list("ep", message_substring="wrong")] == ["failure"]
    assert len(runs.list("ep", created_time={"min": 0})) == 3
    assert len(runs.list("ep", limit=1)) == 1
    found = pipeline.client.extraction_pipelines.retrieve(external_id="ep")
    assert found.last_success
    assert found.last_failure
    assert found.last_seen
    for item in (
        {"externalId": "ep", "status": "success", "message": "x" * 1001},
        {"externalId": "ep", "status": "done"},
        {"externalId": "ep"},
        {"externalId": "x", "status": "seen"},
    ):
        assert pipeline.refused("/extpipes/runs", {"items": [item]})["code"] == 400
    assert len(runs.list("ep", limit=None)) == 3


@pytest.mark.source("SDK _api/extractionpipelines/configs.py")
def test_configuration_has_revisions(pipeline: Cdf) -> None:
    config = pipeline.client.extraction_pipelines.config
    with pytest.raises(CogniteNotFoundError):
        config.retrieve("ep")
    assert pipeline.get("/extpipes/config?externalId=ep")[0] == 404
    assert pipeline.get("/extpipes/config?externalId=unknown")[0] == 404
    first = config.create(ExtractionPipelineConfigWrite("ep", "a: 1 # why", "first"))
    config.create(ExtractionPipelineConfigWrite("ep", "a: 2"))
    assert (first.revision, config.retrieve("ep").revision, config.retrieve("ep").config) == (1, 2, "a: 2")
    assert config.retrieve("ep", revision=1).config == "a: 1 # why"
    assert [each.revision for each in config.list("ep")] == [2, 1]
    assert config.revert("ep", 1).revision == 3
    assert config.retrieve("ep").config == "a: 1 # why"
    assert pipeline.refused("/extpipes/config", {"externalId": "x", "config": "a"})["code"] == 400


@pytest.mark.source("Docs: extraction pipeline runs, create")
def test_a_request_brings_one_run(pipeline: Cdf) -> None:
    run = {"externalId": "ep", "status": "seen"}
    assert "1 element" in pipeline.refused("/extpipes/runs", {"items": [run, run]})["message"]
    assert pipeline.client.extraction_pipelines.runs.list("ep") == []


@pytest.mark.source("Docs: extraction pipeline runs, filter")
def test_runs_are_listed_newest_first_without_their_pipeline(pipeline: Cdf) -> None:
    for status in ("seen", "success", "failure"):
        (made,) = pipeline.items("/extpipes/runs", {"externalId": "ep", "status": status, "createdTime": 7})
        assert made["externalId"] == "ep"
    _, listed = pipeline.get("/extpipes/runs?externalId=ep&limit=2")
    assert [run["status"] for run in listed["items"]] == ["failure", "success"]
    assert {key for run in listed["items"] for key in run} == {"id", "status", "createdTime"}
    _, rest = pipeline.get(f"/extpipes/runs?externalId=ep&limit=2&cursor={listed['nextCursor']}")
    assert [run["status"] for run in rest["items"]] == ["seen"]


@pytest.mark.source("Assumed: what runs do not know is refused")
@pytest.mark.parametrize(
    ("wanted", "named"),
    [({"statuses": ["done"]}, "statuses"), ({"message": {"prefix": "a"}}, "prefix"), ({"status": "seen"}, "status")],
)
def test_a_filter_of_runs_that_cannot_be(pipeline: Cdf, wanted: dict[str, Any], named: str) -> None:
    error = pipeline.refused("/extpipes/runs/list", {"filter": {"externalId": "ep"} | wanted})
    assert error["code"] == 400
    assert named in error["message"]


@pytest.mark.source("Docs: extraction pipeline configuration; Assumed: a number that is none is refused")
def test_revisions_are_named_by_whole_numbers(pipeline: Cdf) -> None:
    pipeline.post("/extpipes/config", {"externalId": "ep", "config": "a: 1", "description": "first"})
    pipeline.post("/extpipes/config", {"externalId": "ep", "config": "a: 2"})
    for sent in ({"externalId": "ep"}, {"externalId": "ep", "revision": "1"}, {"revision": 1}):
        assert pipeline.refused("/extpipes/config/revert", sent)["code"] == 400
    for query in ("revision=x", "activeAtTime=x", "revison=1"):
        status, answer = pipeline.get(f"/extpipes/config?externalId=ep&{query}")
        assert status == 400
        assert query.partition("=")[0] in answer["error"]["message"]
    assert pipeline.post("/extpipes/config/revert", {"externalId": "ep", "revision": 9})[0] == 404
    status, reverted = pipeline.post("/extpipes/config/revert", {"externalId": "ep", "revision": 1})
    assert (reverted["revision"], reverted["config"], reverted["description"]) == (3, "a: 1", "first")


@pytest.mark.source("SDK data_classes/extractionpipelines.py: schedule")
@pytest.mark.parametrize("schedule", ["a b c d e", "61 * * * *", "Sometimes"])
def test_a_schedule_is_a_cron_expression_or_a_word(pipeline: Cdf, schedule: str) -> None:
    update = {"externalId": "ep", "update": {"schedule": {"set": schedule}}}
    assert "schedule" in pipeline.refused("/extpipes/update", {"items": [update]})["message"]
    for accepted in ("Continuous", "On trigger", "*/5 * * * *"):
        update["update"] = {"schedule": {"set": accepted}}
        assert pipeline.items("/extpipes/update", update)[0]["schedule"] == accepted
