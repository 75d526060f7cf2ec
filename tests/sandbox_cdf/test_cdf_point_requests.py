"""What requests for points may say: cursors, parameters, and how a series is named."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client._proto.data_point_insertion_request_pb2 import DataPointInsertionRequest
from sandbox_cdf_client import PROJECT, AnyJson, Cdf
from sandbox_cdf_points import DAY, HOUR, read, write


@pytest.mark.source("Docs: pagination; SDK _api/datapoint_tasks.py")
def test_cursors_of_points(series: Cdf) -> None:
    write(series, "linear", *((n * HOUR, float(n)) for n in range(-3, 4)))
    for query in ({}, {"aggregates": ["sum", "stepInterpolation"], "granularity": "1h"}):
        found: list[int] = []
        cursor: dict[str, Any] = {}
        while True:
            body = {"start": -DAY, "end": DAY, "limit": 2} | query
            (item,) = series.items("/timeseries/data/list", {"externalId": "linear"} | cursor, **body)
            found += [point["timestamp"] // HOUR for point in item["datapoints"]]
            if "nextCursor" not in item:
                break
            cursor = {"cursor": item["nextCursor"]}
        assert found == list(range(-3, 5 if query else 4))
    outside = {"start": 0, "end": DAY, "limit": 1, "includeOutsidePoints": True}
    (item,) = series.items("/timeseries/data/list", {"externalId": "linear"}, **outside)
    assert [point["value"] for point in item["datapoints"]] == [-1.0, 0.0]
    assert "nextCursor" not in item
    for cursor_sent in ("now", "-", "9" * 5000, "abc", 5):
        garbage: dict[str, Any] = {"externalId": "linear", "cursor": cursor_sent}
        refused = {"items": [garbage], "start": 0, "end": 9}
        assert "cursor" in series.refused("/timeseries/data/list", refused)["message"]
    both: dict[str, Any] = {"items": [{"externalId": "linear", "cursor": "0"}], **outside}
    assert "cursor" in series.refused("/timeseries/data/list", both)["message"]


@pytest.mark.source("Assumed: what is not known is refused instead of being passed over")
@pytest.mark.parametrize(
    ("path", "item", "more", "named"),
    [
        ("/list", {"startTime": 5}, {}, "startTime"),
        ("/list", {}, {"cursor": "5"}, "cursor"),
        ("/list", {}, {"ignoreBadDatapoints": False}, "ignoreBadDatapoints"),
        ("/list", {}, {"ignoreBadDataPoints": "no"}, "ignoreBadDataPoints"),
        ("/list", {"start": "--5"}, {}, "--5"),
        ("/latest", {"end": 5}, {}, "end"),
        ("/latest", {"before": "soon"}, {}, "soon"),
        ("", {"datapoints": [{"timestamp": 1, "value": 1}], "unit": "kg"}, {}, "unit"),
        ("", {"datapoints": [{"timestamp": 1, "value": 1, "quality": 1}]}, {}, "quality"),
        ("/delete", {"inclusiveBegin": 0, "end": 5}, {}, "end"),
        ("/delete", {"inclusiveBegin": 0, "exclusiveEnd": True}, {}, "exclusiveEnd"),
    ],
)
def test_unknown_parameters_are_named(series: Cdf, path: str, item: AnyJson, more: AnyJson, named: str) -> None:
    body = {"items": [{"externalId": "linear"} | item], **more}
    assert named in series.refused(f"/timeseries/data{path}", body)["message"]


@pytest.mark.source("API: insert data points; SDK tests test_datapoints.py")
def test_an_insert_with_one_refused_point_writes_none(series: Cdf) -> None:
    good = {"externalId": "linear", "datapoints": [{"timestamp": 1, "value": 1}]}
    for bad in (
        {"externalId": "text", "datapoints": [{"timestamp": 1, "value": 1}]},
        {"externalId": "step", "datapoints": []},
        {"externalId": "step", "datapoints": [{"timestamp": 1, "value": 1, "status": {"code": 1}}]},
        {"externalId": "nothing", "datapoints": [{"timestamp": 1, "value": 1}]},
    ):
        assert series.refused("/timeseries/data", {"items": [good, bad]})["code"] == 400
    assert read(series, "linear", end=9) == []


@pytest.mark.source("SDK tests test_datapoints.py; SDK exceptions.py")
@pytest.mark.parametrize("path", ["", "/list", "/latest", "/delete"])
def test_a_series_by_an_unknown_instance_id_is_missing(series: Cdf, path: str) -> None:
    points = [{"timestamp": 1, "value": 1}]
    bounds: dict[str, dict[str, Any]] = {"": {"datapoints": points}, "/delete": {"inclusiveBegin": 0}}
    more = bounds.get(path, {})
    node: dict[str, Any] = {"instanceId": {"space": "s", "externalId": "linear"}}
    error = series.refused(f"/timeseries/data{path}", {"items": [node | more]})
    assert (error["code"], error["missing"]) == (400, [node])


@pytest.mark.source("SDK _proto/data_point_insertion_request_pb2.pyi; SDK exceptions.py")
def test_a_message_may_name_its_series_by_instance_id_or_not_at_all(series: Cdf) -> None:
    headers = {"Authorization": f"Bearer {series.token}", "Content-Type": "application/protobuf"}
    url = f"{series.url}/api/v1/projects/{PROJECT}/timeseries/data"
    node = {"space": "s", "externalId": "linear"}
    for named, missing in (({"instanceId": node}, [{"instanceId": node}]), ({}, None)):
        message = DataPointInsertionRequest()
        message.items.add(**named).numericDatapoints.datapoints.add(timestamp=7, value=7.5)
        answer = requests.post(url, data=message.SerializeToString(), headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["error"].get("missing")) == (400, missing)
