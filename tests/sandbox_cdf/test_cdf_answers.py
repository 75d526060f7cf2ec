"""Every answer can be read by the SDK's own response classes, and says no more than these know."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client import data_classes as c
from cognite.client.data_classes.raw import Database, Row, Table
from sandbox_cdf_client import Cdf

pytestmark = pytest.mark.source("SDK data_classes")

SAMPLES: dict[str, tuple[Any, dict[str, Any]]] = {
    "/datasets": (c.DataSet, {"name": "n", "description": "d", "metadata": {"k": "v"}, "writeProtected": True}),
    "/labels": (c.LabelDefinition, {"name": "n", "description": "d"}),
    "/assets": (c.Asset, {"name": "n", "description": "d", "source": "s", "metadata": {"k": "v"}}),
    "/events": (c.Event, {"type": "t", "subtype": "s", "startTime": 1, "endTime": 2, "metadata": {"k": "v"}}),
    "/timeseries": (c.TimeSeries, {"name": "n", "unit": "u", "isStep": True, "metadata": {"k": "v"}}),
    "/sequences": (c.Sequence, {"name": "n", "columns": [{"externalId": "c", "valueType": "LONG"}]}),
    "/files": (c.FileMetadata, {"name": "n", "mimeType": "text/plain", "metadata": {"k": "v"}}),
    "/relationships": (
        c.Relationship,
        {"sourceExternalId": "x", "sourceType": "asset", "targetExternalId": "x", "targetType": "event"},
    ),
    "/extpipes": (
        c.ExtractionPipeline,
        {"name": "n", "schedule": "On trigger", "contacts": [{"name": "a", "email": "a@b", "sendNotification": True}]},
    ),
}
"""By path: the class of one row, and a row to write."""

UNSAID = {"type"}
"""What the SDK's classes pass over: a series says its type twice."""

LINKED = {"assetIds": ("/events", "/files"), "assetId": ("/timeseries", "/sequences")}
LABELLED = ("/assets", "/files", "/relationships")


@pytest.fixture
def full(cdf: Cdf) -> Cdf:
    """A project with one row of everything, each linked as far as it can be."""
    ids: dict[str, int] = {}
    for path, (_, sample) in SAMPLES.items():
        item = {"externalId": "x"} | sample
        if path != "/datasets":
            item["dataSetId"] = ids["/datasets"]
        if path in LABELLED:
            item["labels"] = [{"externalId": "x"}]
        if path in LINKED["assetIds"]:
            item["assetIds"] = [ids["/assets"]]
        if path in LINKED["assetId"]:
            item["assetId"] = ids["/assets"]
        status, answer = cdf.post(path, item if path == "/files" else {"items": [item]})
        assert status == 201, answer
        row = answer if path == "/files" else answer["items"][0]
        ids[path] = row.get("id", 0)
    cdf.client.files.upload_content_bytes(b"x", external_id="x")
    cdf.client.extraction_pipelines.runs.create(c.ExtractionPipelineRunWrite("x", "failure", message="m"))
    return cdf


def readable(kind: Any, row: dict[str, Any]) -> None:
    """The class reads the row, and gives all of it back: a field that it does not know is one too many."""
    dumped = kind.load(row).dump(camel_case=True)
    assert {name: dumped.get(name) for name in row if name not in UNSAID} == {
        name: value for name, value in row.items() if name not in UNSAID
    }


@pytest.mark.parametrize("path", SAMPLES)
def test_rows_are_what_the_sdk_reads(full: Cdf, path: str) -> None:
    kind = SAMPLES[path][0]
    (by_id,) = full.items(f"{path}/byids", {"externalId": "x"})
    _, listed = full.post(f"{path}/list", {"limit": 10})
    assert listed["items"] == [by_id]
    readable(kind, by_id)
    if path not in {"/labels"}:
        (updated,) = full.items(f"{path}/update", {"externalId": "x", "update": {}})
        readable(kind, updated)
    if path in {"/assets", "/events", "/timeseries", "/sequences", "/files"}:
        (found,) = full.items(f"{path}/search", filter={"externalIdPrefix": "x"})
        readable(kind, found)


def test_expanded_rows_are_what_the_sdk_reads(full: Cdf) -> None:
    (asset,) = full.post("/assets/list", {"aggregatedProperties": ["childCount", "depth", "path"]})[1]["items"]
    aggregates = c.Asset.load(asset).aggregates
    assert aggregates is not None
    assert (aggregates.child_count, aggregates.depth, aggregates.path) == (0, 0, [{"id": asset["id"]}])
    (relationship,) = full.items("/relationships/byids", {"externalId": "x"}, fetchResources=True)
    loaded = c.Relationship.load(relationship)
    assert isinstance(loaded.source, c.Asset)
    assert isinstance(loaded.target, c.Event)


def test_runs_and_configurations_are_what_the_sdk_reads(full: Cdf) -> None:
    _, runs = full.get("/extpipes/runs?externalId=x")
    readable(c.ExtractionPipelineRun, runs["items"][0])
    _, config = full.post("/extpipes/config", {"externalId": "x", "config": "a: 1", "description": "d"})
    readable(c.ExtractionPipelineConfig, config)
    _, revisions = full.get("/extpipes/config/revisions?externalId=x")
    readable(c.ExtractionPipelineConfigRevision, revisions["items"][0])


def test_raw_is_what_the_sdk_reads(cdf: Cdf) -> None:
    cdf.client.raw.rows.insert("d", "t", {"k": {"a": [1, None]}}, ensure_parent=True)
    for kind, path in (
        (Database, "/raw/dbs"),
        (Table, "/raw/dbs/d/tables"),
        (Row, "/raw/dbs/d/tables/t/rows"),
    ):
        readable(kind, cdf.get(path)[1]["items"][0])


def test_points_and_sequence_rows_are_what_the_sdk_reads(full: Cdf) -> None:
    full.client.time_series.data.insert([(1, 2.0)], external_id="x")
    (points,) = full.items("/timeseries/data/list", {"externalId": "x"}, includeStatus=True)
    assert c.Datapoints.load(points).value == [2.0]
    (latest,) = full.items("/timeseries/data/latest", {"externalId": "x"})
    assert c.Datapoints.load(latest).timestamp == [1]
    full.client.sequences.data.insert({1: [5]}, ["c"], external_id="x")
    _, rows = full.post("/sequences/data/list", {"externalId": "x"})
    assert c.SequenceRows.load(rows).values == [[5]]
