"""The status of points: what it may be, what is seen by it, and what is counted."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_points import BAD, UNCERTAIN, read, write


@pytest.mark.source("Docs: status codes; SDK tests test_datapoints.py")
def test_status_decides_what_is_seen(series: Cdf) -> None:
    data = series.client.time_series.data
    data.insert(
        [(1, 1.0), (2, 2.0, UNCERTAIN), (3, 3.0, BAD), (4, None, BAD), (5, math.nan, BAD)], external_id="linear"
    )

    def seen(**query: AnyJson) -> list[int]:
        return list(data.retrieve(external_id="linear", end=10, **query).timestamp)

    assert seen() == [1]
    assert seen(treat_uncertain_as_bad=False) == [1, 2]
    assert seen(ignore_bad_datapoints=False) == [1, 2, 3, 4, 5]
    whole = data.retrieve(external_id="linear", end=10, include_status=True, ignore_bad_datapoints=False)
    assert whole.status_symbol == ["Good", "Uncertain", "Bad", "Bad", "Bad"]
    assert whole.status_code == [0, UNCERTAIN, BAD, BAD, BAD]
    assert whole.value[:4] == [1.0, 2.0, 3.0, None]
    assert math.isnan(whole.value[4])
    latest = data.retrieve_latest(external_id="linear", before=10, include_status=True, ignore_bad_datapoints=False)
    assert latest.status_code == BAD
    assert math.isnan(latest.value)
    assert data.retrieve_latest(external_id="linear", before=10).value == 1.0
    data.insert([(3, 30.0)], external_id="linear")
    assert seen() == [1, 3]


@pytest.mark.source("Docs: status codes; SDK _api/datapoints.py")
@pytest.mark.parametrize(
    ("status", "message"),
    [
        ({"code": 1}, "Invalid status code"),
        ({"code": 3 << 30}, "Invalid status code"),
        ({"symbol": "good"}, "Invalid status code symbol"),
        ({"code": 0, "symbol": "Bad"}, "Invalid status code"),
        ({"code": 0x0001_0000}, "unknown category or sub-code"),
    ],
)
def test_a_status_that_cannot_be(series: Cdf, status: dict[str, Any], message: str) -> None:
    item = {"externalId": "linear", "datapoints": [{"timestamp": 1, "value": 1, "status": status}]}
    assert message in series.refused("/timeseries/data", {"items": [item]})["message"]


@pytest.mark.source("SDK _api/datapoints.py")
def test_only_a_bad_point_may_lack_a_value(series: Cdf) -> None:
    for value in (None, "NaN", "Infinity"):
        item = {"externalId": "linear", "datapoints": [{"timestamp": 1, "value": value, "status": {"code": UNCERTAIN}}]}
        assert series.refused("/timeseries/data", {"items": [item]})["code"] == 400


@pytest.mark.source("Docs: aggregation; SDK tests test_datapoints.py")
def test_counts_by_status(series: Cdf) -> None:
    data = series.client.time_series.data
    data.insert([(1, 1.0), (2, 2.0, UNCERTAIN), (3, 3.0, BAD)], external_id="linear")
    names = ["count_good", "count_uncertain", "count_bad"]
    found = data.retrieve(external_id="linear", end=10, granularity="1s", aggregates=names)
    assert (found.count_good, found.count_uncertain, found.count_bad) == ([1], [1], [1])


@pytest.mark.source("Docs: status codes; SDK tests test_datapoints.py")
def test_status_has_sub_codes_and_flags_and_plain_good_is_not_told(series: Cdf) -> None:
    flagged = {"code": 2153809152, "symbol": "BadBrowseNameInvalid, StructureChanged, Low"}
    clamped = {"code": 3145728, "symbol": "GoodClamped"}
    write(
        series,
        "linear",
        (1, 1.0),
        (2, 2.0, {"code": 0}),
        (3, 3.0, {"symbol": "GoodClamped"}),
        (4, 4.0, {"code": flagged["code"]}),
        (5, 5.0, {"symbol": flagged["symbol"]}),
        (6, 6.0, {"code": 1024}),
    )
    found = read(series, "linear", end=9, includeStatus=True, ignoreBadDataPoints=False)
    assert [point.get("status") for point in found] == [
        None,
        None,
        clamped,
        flagged,
        flagged,
        {"code": 1024, "symbol": "Good"},
    ]
    data = series.client.time_series.data
    whole = data.retrieve(external_id="linear", end=9, include_status=True, ignore_bad_datapoints=False)
    assert whole.status_symbol[:3] == ["Good", "Good", "GoodClamped"]
    assert [point["timestamp"] for point in read(series, "linear", end=9)] == [1, 2, 3, 6]


@pytest.mark.source("Docs: status codes")
@pytest.mark.parametrize(
    "status",
    [
        {"code": 0x0400 | 3},
        {"code": 0x0800},
        {"code": 1 << 28},
        {"symbol": "Good, High, Low"},
        {"symbol": "Bad, Loud"},
        {"symbol": ""},
        {"code": BAD, "symbol": "BadNoData"},
        {"code": 0, "colour": "green"},
    ],
)
def test_a_status_that_is_not_permitted(series: Cdf, status: dict[str, Any]) -> None:
    point = {"timestamp": 1, "value": 1, "status": status}
    assert (
        series.refused("/timeseries/data", {"items": [{"externalId": "linear", "datapoints": [point]}]})["code"] == 400
    )
