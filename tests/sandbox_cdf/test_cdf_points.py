"""Points beyond plain values: aggregates, buckets of the calendar, limits.

Sources: cognite-sdk-python `tests_integration/test_api/test_datapoints.py` and `data_classes/datapoint_aggregates.py`,
https://docs.cognite.com/dev/concepts/aggregation.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cognite.client.data_classes import DatapointsQuery
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_points import DAY, HOUR


def aggregate(cdf: Cdf, name: str, points: list[tuple[int, float]], **query: AnyJson) -> list[dict[str, Any]]:
    cdf.client.time_series.data.insert(points, external_id=name)
    (item,) = cdf.items("/timeseries/data/list", {"externalId": name}, **query)
    found: list[dict[str, Any]] = item["datapoints"]
    return found


@pytest.mark.source("Docs: aggregation")
def test_averages_weigh_time(series: Cdf) -> None:
    points = [(0, 0.0), (30_000, 3.0), (60_000, 3.0)]
    query = {"start": 0, "end": 60_000, "granularity": "1m", "aggregates": ["average", "continuousVariance"]}
    (linear,) = aggregate(series, "linear", points, **query)
    assert linear == {"timestamp": 0, "average": 2.25, "continuousVariance": pytest.approx(0.9375)}
    (step,) = aggregate(series, "step", points, **query)
    assert step == {"timestamp": 0, "average": 1.5, "continuousVariance": 2.25}


@pytest.mark.source("Docs: aggregation")
def test_aggregates_of_the_points_alone(series: Cdf) -> None:
    names = ["count", "sum", "min", "max", "totalVariation", "discreteVariance", "minDatapoint", "maxDatapoint"]
    points = [(1000, 1.0), (2000, 4.0), (3000, 1.0)]
    (found,) = aggregate(series, "linear", points, start=0, end=4000, granularity="10s", aggregates=names)
    assert found == {
        "timestamp": 0,
        "count": 3,
        "sum": 6,
        "min": 1,
        "max": 4,
        "totalVariation": 6,
        "discreteVariance": 2,
        "minDatapoint": {"timestamp": 1000, "value": 1},
        "maxDatapoint": {"timestamp": 2000, "value": 4},
    }
    whole = series.client.time_series.data.retrieve(
        external_id="linear", end=4000, granularity="10s", aggregates=["max_datapoint", "count", "average"]
    )
    assert (whole.max_datapoint[0].value, whole.count) == (4.0, [3])


@pytest.mark.source("Docs: aggregation")
def test_interpolation_reaches_over_an_hour_at_most(series: Cdf) -> None:
    points = [(0, 0.0), (HOUR, 60.0), (3 * HOUR, 0.0)]
    query = {"start": 0, "end": 4 * HOUR, "granularity": "30m", "aggregates": ["interpolation"]}
    linear = aggregate(series, "linear", points, **query)
    assert [(p["timestamp"] // 1_800_000, p["interpolation"]) for p in linear] == [(0, 0), (2, 60), (6, 0)]
    step = aggregate(series, "step", points, **query)
    assert [(p["timestamp"] // 1_800_000, p["interpolation"]) for p in step] == [
        (0, 0),
        (1, 0),
        (2, 60),
        (3, 60),
        (6, 0),
        (7, 0),
    ]
    held = aggregate(series, "linear", points, **query | {"aggregates": ["stepInterpolation"]})
    assert [p["stepInterpolation"] for p in held] == [0, 0, 60, 60, 0, 0]


@pytest.mark.source("Docs: aggregation; SDK tests test_datapoints.py")
def test_buckets_follow_the_calendar(series: Cdf) -> None:
    month = [(0, 1.0), (40 * DAY, 2.0), (60 * DAY, 3.0)]  # 1 January, 10 February, 2 March 1970
    data = series.client.time_series.data
    data.insert(month, external_id="step")
    query: dict[str, Any] = {"external_id": "step", "start": 0, "end": 90 * DAY, "aggregates": "count"}
    months = data.retrieve(granularity="1month", **query)
    assert [stamp // DAY for stamp in months.timestamp] == [0, 31, 59]
    assert data.retrieve(granularity="1q", **query).count == [3]
    weeks = data.retrieve(granularity="1w", **query)
    assert [stamp // DAY for stamp in weeks.timestamp] == [0, 35, 56]


@pytest.mark.source("Docs: aggregation; SDK tests test_datapoints.py")
def test_days_of_a_time_zone(series: Cdf) -> None:
    begin = 1_679_785_200_000  # midnight of 26 March 2023 in Oslo; the day has 23 hours
    data = series.client.time_series.data
    data.insert([(begin + n * HOUR, float(n)) for n in range(48)], external_id="linear")
    oslo = ZoneInfo("Europe/Oslo")
    query: dict[str, Any] = {"external_id": "linear", "start": begin, "end": begin + 47 * HOUR, "aggregates": "count"}
    days = data.retrieve(granularity="1d", timezone=oslo, **query)
    assert (days.timestamp, days.count) == ([begin, begin + 23 * HOUR], [23, 24])
    hours = data.retrieve(granularity="5h", timezone=oslo, **query)
    assert hours.timestamp[0] == begin
    quarter = data.retrieve(granularity="1d", timezone="UTC+00:45", **query)
    assert quarter.timestamp[0] % DAY == DAY - 45 * 60_000


@pytest.mark.source("API: retrieve data points")
@pytest.mark.parametrize(
    "query",
    [
        {"aggregates": ["median"], "granularity": "1h"},
        {"aggregates": ["stateDuration"], "granularity": "1h"},
        {"aggregates": ["sum"], "granularity": "1fortnight"},
        {"aggregates": ["sum"], "granularity": "121s"},
        {"aggregates": ["sum"]},
        {"granularity": "1h"},
        {"aggregates": ["sum"], "granularity": "1d", "timeZone": "Europe/Atlantis"},
        {"aggregates": ["sum"], "granularity": "1d", "includeOutsidePoints": True},
        {"aggregates": ["sum"], "granularity": "1d", "limit": 10_001},
        {"limit": 100_001},
        {"start": 5, "end": 5},
        {"targetUnit": "temperature:deg_f"},
    ],
)
def test_a_reading_that_cannot_be(series: Cdf, query: dict[str, Any]) -> None:
    assert series.refused("/timeseries/data/list", {"items": [{"externalId": "linear"}], **query})["code"] == 400


@pytest.mark.source("Docs: datapoints")
def test_text_has_no_aggregates(series: Cdf) -> None:
    series.client.time_series.data.insert([(1, "a")], external_id="text")
    body = {"items": [{"externalId": "text"}], "end": 9, "granularity": "1s"}
    for name in ("max", "count", "countBad"):
        assert series.refused("/timeseries/data/list", body | {"aggregates": [name]})["code"] == 400


@pytest.mark.source("SDK tests test_datapoints.py")
def test_outside_points_and_unknown_series(series: Cdf) -> None:
    data = series.client.time_series.data
    data.insert([(n, float(n)) for n in range(-100, 101, 10)], external_id="linear")
    for limit, expected in ((0, [-100, 100]), (2, [-100, -90, -80, 100])):
        query = {"start": -95, "end": 95, "includeOutsidePoints": True, "limit": limit}
        (found,) = series.items("/timeseries/data/list", {"externalId": "linear"}, **query)
        assert [point["timestamp"] for point in found["datapoints"]] == expected
    both = data.retrieve(
        external_id=["linear", "nothing", DatapointsQuery(external_id="step")], ignore_unknown_ids=True
    )
    assert [each.external_id for each in both] == ["linear", "step"]


@pytest.mark.source("SDK data_classes/time_series.py")
def test_the_sdks_helpers_of_a_series(series: Cdf) -> None:
    series.client.time_series.data.insert([(-5, 1.0), (10, 2.0), (4_102_444_799_999, 3.0)], external_id="linear")
    linear = series.client.time_series.retrieve(external_id="linear")
    assert (linear.count(), linear.first().timestamp, linear.latest(before=11).value) == (3, -5, 2.0)
