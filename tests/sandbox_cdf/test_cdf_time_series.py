"""Time series and their points, as JSON and as protobuf."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client._proto.data_point_insertion_request_pb2 import DataPointInsertionRequest
from cognite.client.data_classes import LatestDatapointQuery, TimeSeriesUpdate, TimeSeriesWrite
from cognite.client.exceptions import CogniteNotFoundError
from sandbox_cdf_client import PROJECT, AnyJson, Cdf


@pytest.fixture
def series(cdf: Cdf) -> Cdf:
    """A project with the series ``n`` (numbers) and ``s`` (strings)."""
    cdf.client.time_series.create(
        [
            TimeSeriesWrite(external_id="n", name="numbers", unit="pcs", is_step=True),
            TimeSeriesWrite(external_id="s", is_string=True),
        ]
    )
    return cdf


def points(cdf: Cdf, name: str, **query: AnyJson) -> list[tuple[int, Any]]:
    found = cdf.client.time_series.data.retrieve(external_id=name, start=0, end=query.pop("end", 10_000), **query)
    return list(zip(found.timestamp, found.value, strict=True))


@pytest.mark.source("SDK data_classes/time_series.py; Toolkit client/resource_classes/timeseries.py")
def test_a_series_says_what_it_is(series: Cdf) -> None:
    number, text = series.items("/timeseries/byids", {"externalId": "n"}, {"externalId": "s"})
    assert (number["isString"], number["isStep"], number["type"], number["unit"]) == (False, True, "numeric", "pcs")
    assert (text["isString"], text["isStep"], text["type"]) == (True, False, "string")


@pytest.mark.source("SDK data_classes/time_series.py; API: create time series; Assumed: metadata of 10,000 bytes")
@pytest.mark.parametrize(
    "item",
    [
        {"name": "x" * 256},
        {"assetId": 5},
        {"dataSetId": 5},
        {"isString": "yes"},
        {"description": "x" * 1001},
        {"metadata": {"k": "v" * 10_001}},
        {"externalId": "x" * 256},
        {"unit": "x" * 33},
    ],
)
def test_what_the_api_refuses(cdf: Cdf, item: dict[str, Any]) -> None:
    assert cdf.refused("/timeseries", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK data_classes/time_series.py")
def test_update_and_filter(series: Cdf) -> None:
    (asset,) = series.items("/assets", {"name": "a", "externalId": "a"})
    series.client.time_series.update(
        TimeSeriesUpdate(external_id="n").asset_id.set(asset["id"]).unit.set(None).metadata.add({"k": "v"})
    )
    (found,) = series.client.time_series.list(asset_ids=[asset["id"]], metadata={"k": "v"}, is_string=False)
    assert (found.external_id, found.unit) == ("n", None)
    assert len(series.client.time_series.list(asset_subtree_external_ids="a")) == 1
    fixed = {"items": [{"externalId": "n", "update": {"isString": {"set": True}}}]}
    assert series.refused("/timeseries/update", fixed)["code"] == 400


@pytest.mark.source("API: insert data points")
def test_points_are_kept_by_time_and_overwritten(series: Cdf) -> None:
    insert = series.client.time_series.data.insert
    insert([(3000, 3), (1000, 1.5)], external_id="n")
    insert([(2000, 2), (3000, 33)], external_id="n")
    assert points(series, "n") == [(1000, 1.5), (2000, 2.0), (3000, 33.0)]
    assert points(series, "n", end=3000) == [(1000, 1.5), (2000, 2.0)]
    assert points(series, "n", limit=1) == [(1000, 1.5)]
    insert([(5, "on"), (6, "öff")], external_id="s")
    assert points(series, "s") == [(5, "on"), (6, "öff")]
    assert points(series, "n", end=2500, include_outside_points=True)[-1] == (3000, 33.0)


@pytest.mark.source("API: retrieve data points")
def test_json_answers_when_protobuf_is_not_asked_for(series: Cdf) -> None:
    series.client.time_series.data.insert([(n, n) for n in range(5)], external_id="n")
    body = {"items": [{"externalId": "n"}], "start": 1, "end": 5, "limit": 3}
    (found,) = series.items("/timeseries/data/list", *body.pop("items"), **body)  # type: ignore[misc] # a list of items
    assert [point["timestamp"] for point in found["datapoints"]] == [1, 2, 3]
    assert found["nextCursor"]
    (rest,) = series.items(
        "/timeseries/data/list", {"externalId": "n", "cursor": found["nextCursor"]}, start=1, end=5, limit=3
    )
    assert rest["datapoints"] == [{"timestamp": 4, "value": 4.0}]
    assert "nextCursor" not in rest


@pytest.mark.source("SDK _api/datapoint_tasks.py")
def test_the_sdk_reads_more_than_one_page(series: Cdf) -> None:
    count = 250_000
    series.client.time_series.data.insert([(n * 10, n) for n in range(count)], external_id="n")
    found = series.client.time_series.data.retrieve(external_id="n", start=0, end=count * 10)
    assert len(found) == count
    assert found.value[-1] == count - 1


@pytest.mark.source("Docs: aggregation")
def test_aggregates(series: Cdf) -> None:
    series.client.time_series.data.insert([(1000, 1), (1500, 4), (61_000, 2)], external_id="n")
    found = series.client.time_series.data.retrieve(
        external_id="n", start=500, end=120_000, aggregates=["count", "sum", "min", "max"], granularity="1m"
    )
    assert found.timestamp == [0, 60_000]
    assert (found.count, found.sum, found.min, found.max) == ([2, 1], [5, 2], [1, 2], [4, 2])
    body = {"items": [{"externalId": "n"}], "aggregates": ["stateCount"], "granularity": "1m"}
    assert series.refused("/timeseries/data/list", body)["code"] == 400


@pytest.mark.source("SDK _api/datapoints.py")
def test_latest(series: Cdf) -> None:
    data = series.client.time_series.data
    assert series.items("/timeseries/data/latest", {"externalId": "n"})[0]["datapoints"] == []
    data.insert([(1000, 1), (2000, 2)], external_id="n")
    found = data.retrieve_latest(external_id=["n", LatestDatapointQuery(external_id="n", before=2000)])
    assert [(point.timestamp.second, point.value) for point in found] == [(2, 2.0), (1, 1.0)]
    with pytest.raises(CogniteNotFoundError):
        data.retrieve_latest(external_id="x")
    assert data.retrieve_latest(external_id="x", ignore_unknown_ids=True) is None


@pytest.mark.source("SDK _api/datapoints.py")
def test_delete_range(series: Cdf) -> None:
    data = series.client.time_series.data
    data.insert([(n, n) for n in range(6)], external_id="n")
    data.delete_range(external_id="n", start=1, end=3)
    assert [timestamp for timestamp, _ in points(series, "n")] == [0, 3, 4, 5]
    series.post("/timeseries/data/delete", {"items": [{"externalId": "n", "inclusiveBegin": 4}]})
    assert [timestamp for timestamp, _ in points(series, "n")] == [0, 3, 5]
    bad = {"items": [{"externalId": "n", "inclusiveBegin": 4, "exclusiveEnd": 4}]}
    assert series.refused("/timeseries/data/delete", bad)["code"] == 400


@pytest.mark.source("SDK exceptions.py")
@pytest.mark.parametrize("path", ["", "/list", "/latest", "/delete"])
def test_unknown_series_are_missing(series: Cdf, path: str) -> None:
    item: dict[str, Any] = {"datapoints": [{"timestamp": 1, "value": 1}]} if not path else {}
    bounds: dict[str, Any] = {"inclusiveBegin": 0} if path == "/delete" else {}
    names: list[dict[str, Any]] = [{"externalId": "x"}, {"externalId": "n"}, {"id": 7}]
    error = series.refused(f"/timeseries/data{path}", {"items": [name | item | bounds for name in names]})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"id": 7}])
    assert points(series, "n") == []


@pytest.mark.source("API: insert data points; SDK utils/_time.py, _api/datapoints.py")
@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("n", {"timestamp": 1, "value": "1"}),
        ("n", {"timestamp": 1, "value": True}),
        ("n", {"timestamp": 1, "value": None}),
        ("n", {"timestamp": 1, "value": 1e101}),
        ("n", {"timestamp": 1}),
        ("n", {"value": 1}),
        ("n", {"timestamp": 1.5, "value": 1}),
        ("n", {"timestamp": 4_102_444_800_000, "value": 1}),
        ("n", {"timestamp": -2_208_988_800_001, "value": 1}),
        ("n", {"timestamp": 1, "value": 1, "more": 1}),
        ("s", {"timestamp": 1, "value": 1}),
        ("s", {"timestamp": 1, "value": "é" * 512}),
    ],
)
def test_points_that_a_series_cannot_hold(series: Cdf, name: str, point: dict[str, Any]) -> None:
    good = {"externalId": "n", "datapoints": [{"timestamp": 1, "value": 1}]}
    bad = {"externalId": name, "datapoints": [point]}
    assert series.refused("/timeseries/data", {"items": [good, bad]})["code"] == 400
    assert points(series, "n") == []


@pytest.mark.source("SDK _api/datapoints.py")
def test_too_many_points_are_refused(series: Cdf) -> None:
    item = {"externalId": "n", "datapoints": [{"timestamp": n, "value": n} for n in range(100_001)]}
    assert series.refused("/timeseries/data", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK _proto")
def test_points_can_be_inserted_as_protobuf(series: Cdf) -> None:
    message = DataPointInsertionRequest()
    item = message.items.add(externalId="n")
    item.numericDatapoints.datapoints.add(timestamp=7, value=7.5)
    text = message.items.add(externalId="s")
    text.stringDatapoints.datapoints.add(timestamp=8, value="on")
    headers = {"Authorization": f"Bearer {series.token}", "Content-Type": "application/protobuf"}
    url = f"{series.url}/api/v1/projects/{PROJECT}/timeseries/data"
    assert requests.post(url, data=message.SerializeToString(), headers=headers, timeout=10).status_code == 200
    assert (points(series, "n"), points(series, "s")) == ([(7, 7.5)], [(8, "on")])
    assert requests.post(url, data=b"\xff\xff", headers=headers, timeout=10).status_code == 400


@pytest.mark.source("Assumed: points belong to their series alone")
def test_a_deleted_series_takes_its_points_along(series: Cdf) -> None:
    series.client.time_series.data.insert([(1, 1)], external_id="n")
    series.client.time_series.delete(external_id="n")
    series.client.time_series.create(TimeSeriesWrite(external_id="n"))
    assert points(series, "n") == []
