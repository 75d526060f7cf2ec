"""Reading and writing of points and rows, as the SDK's own integration tests and the documentation find it in CDF."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client._proto.data_point_insertion_request_pb2 import DataPointInsertionRequest
from cognite.client.data_classes import TimeSeriesWrite
from sandbox_cdf_client import PROJECT, AnyJson, Cdf

HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture
def series(cdf: Cdf) -> Cdf:
    cdf.client.time_series.create(
        [
            TimeSeriesWrite(external_id="linear"),
            TimeSeriesWrite(external_id="step", is_step=True),
            TimeSeriesWrite(external_id="text", is_string=True),
        ]
    )
    return cdf


def write(cdf: Cdf, name: str, *points: tuple[Any, ...]) -> None:
    keys = ("timestamp", "value", "status")
    sent = [dict(zip(keys, point, strict=False)) for point in points]
    status, answer = cdf.post("/timeseries/data", {"items": [{"externalId": name, "datapoints": sent}]})
    assert status == 200, answer


def read(cdf: Cdf, name: str, **query: AnyJson) -> list[dict[str, Any]]:
    (item,) = cdf.items("/timeseries/data/list", {"externalId": name}, **query)
    found: list[dict[str, Any]] = item["datapoints"]
    return found


# --- reading and writing ---------------------------------------------------------------------------------------------


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


# --- rows of sequences -----------------------------------------------------------------------------------------------


@pytest.fixture
def table(cdf: Cdf) -> Cdf:
    columns = [
        {"externalId": "s", "valueType": "STRING"},
        {"externalId": "d"},
        {"externalId": "n", "valueType": "LONG"},
    ]
    for name in ("t", "u"):
        cdf.items("/sequences", {"externalId": name, "columns": columns})
    return cdf


def rows(cdf: Cdf, **query: AnyJson) -> tuple[dict[int, list[Any]], str | None]:
    _, answer = cdf.post("/sequences/data/list", {"externalId": "t", **query})
    return {row["rowNumber"]: row["values"] for row in answer["rows"]}, answer.get("nextCursor")


def row(number: AnyJson, *values: AnyJson) -> dict[str, Any]:
    return {"rowNumber": number, "values": list(values)}


@pytest.mark.source("SDK _api/sequence_data.py insert_dataframe")
@pytest.mark.parametrize(
    ("item", "named"),
    [
        ({"rows": [row(1, None, None, None)]}, "no value"),
        ({"rows": []}, "rows"),
        ({"columns": ["s", "s"], "rows": [row(1, "a", "b")]}, "only once"),
        ({"columns": ["x"], "rows": [row(1, "a")]}, "unknown x"),
        ({"columns": ["n"], "rows": [row(1, 2**63)]}, "n cannot hold"),
        ({"columns": ["n"], "rows": [row(1, 1.0)]}, "n cannot hold"),
        ({"columns": ["d"], "rows": [row(1, True)]}, "d cannot hold"),
        ({"columns": ["d"], "rows": [row(-1, 1)]}, "-1"),
        ({"columns": ["d"], "rows": [row("1", 1)]}, "'1'"),
        ({"columns": ["d"], "rows": [row(1, 1)], "start": 0}, "start"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_all_others(table: Cdf, item: AnyJson, named: str) -> None:
    good = {"externalId": "t", "columns": ["s"], "rows": [row(1, "a")]}
    body = {"items": [good, {"externalId": "u"} | item]}
    assert named in table.refused("/sequences/data", body)["message"]
    assert rows(table) == ({}, None)


@pytest.mark.source("API: insert rows; SDK _api/sequence_data.py")
def test_the_limit_of_rows_is_one_for_the_request(table: Cdf) -> None:
    half = [row(n, 1) for n in range(5001)]
    items = [{"externalId": name, "columns": ["n"], "rows": half} for name in ("t", "u")]
    assert "at most" in table.refused("/sequences/data", {"items": items})["message"]
    assert table.post("/sequences/data", {"items": items[:1]})[0] == 201


@pytest.mark.source("SDK tests test_sequences_data.py; SDK _api/sequence_data.py")
def test_pages_of_rows_and_of_some_columns(table: Cdf) -> None:
    sent = [row(n * 2, f"r{n}", n, n) for n in range(5)]
    assert table.post("/sequences/data", {"items": [{"externalId": "t", "rows": sent}]})[0] == 201
    first, cursor = rows(table, start=1, end=8, limit=2, columns=["n", "s"])
    assert first == {2: ["r1", 1], 4: ["r2", 2]}
    rest, end = rows(table, start=1, end=8, limit=2, columns=["n", "s"], cursor=cursor)
    assert (rest, end) == ({6: ["r3", 3]}, None)
    whole, _ = rows(table, columns=["d"])
    assert [type(value) for (value,) in whole.values()] == [float] * 5
    for query in ({"cursor": "x"}, {"cursor": "9" * 5000}, {"start": -1}, {"limit": 10_001}, {"colums": ["n"]}):
        assert table.refused("/sequences/data/list", {"externalId": "t", **query})["code"] == 400
    _, last = table.post("/sequences/data/latest", {"externalId": "t", "before": 8, "columns": ["s"]})
    assert last["rows"] == [row(6, "r3")]


@pytest.mark.source("API: delete rows")
def test_a_delete_of_rows_that_is_refused_deletes_none(table: Cdf) -> None:
    for name in ("t", "u"):
        table.post("/sequences/data", {"items": [{"externalId": name, "columns": ["n"], "rows": [row(1, 1)]}]})
    for bad in ({"rows": ["1"]}, {}, {"rows": [None]}, {"rows": [1], "end": 5}):
        items = [{"externalId": "t", "rows": [1]}, {"externalId": "u"} | bad]
        assert table.refused("/sequences/data/delete", {"items": items})["code"] == 400
    assert list(rows(table)[0]) == [1]
