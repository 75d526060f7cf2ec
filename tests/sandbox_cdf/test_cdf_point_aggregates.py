"""Aggregates of points as the SDK's own integration tests, and the documentation, find them in CDF."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_points import BAD, DAY, HOUR, MINUTE, UNCERTAIN, read, write

FOUND = "SDK tests test_datapoints.py"


def of(cdf: Cdf, name: str, aggregate: str, **query: AnyJson) -> dict[int, Any]:
    """One aggregate by the begin of its bucket."""
    found = read(cdf, name, **{"start": 0, "end": DAY, "granularity": "1h"} | query, aggregates=[aggregate])
    return {point["timestamp"]: point[aggregate] for point in found}


@pytest.mark.source(FOUND)
def test_a_line_goes_over_any_gap_in_a_bucket_and_over_an_hour_at_its_edge(series: Cdf) -> None:
    write(series, "linear", (0, 0.0), (5 * HOUR, 10.0), (6 * HOUR + MINUTE, 20.0), (6 * HOUR + 61 * MINUTE, 80.0))
    assert of(series, "linear", "average", granularity="6h") == {0: 5.0, 6 * HOUR: 50.0}
    variation = of(series, "linear", "totalVariation", granularity="6h")
    assert variation == {0: 10.0, 6 * HOUR: 60.0}
    hours = of(series, "linear", "totalVariation", granularity="1h", start=6 * HOUR)
    assert hours == {6 * HOUR: pytest.approx(59.0), 7 * HOUR: pytest.approx(1.0)}


@pytest.mark.source("Docs: aggregation")
def test_a_step_lasts_from_the_point_before_to_the_end_of_its_bucket(series: Cdf) -> None:
    write(series, "step", (0, 8.0), (5 * HOUR + 45 * MINUTE, 4.0))
    assert of(series, "step", "average") == {0: 8.0, 5 * HOUR: 7.0}
    assert of(series, "step", "totalVariation") == {0: 0.0, 5 * HOUR: 4.0}


@pytest.mark.source(FOUND)
def test_bad_points_that_are_not_ignored_end_what_went_before(series: Cdf) -> None:
    write(series, "linear", (0, 0.0), (10, 5.0, {"code": BAD}), (20, 10.0), (40, 20.0))
    assert of(series, "linear", "average") == {0: 10.0}
    assert of(series, "linear", "average", ignoreBadDataPoints=False) == {0: 10.0}
    write(series, "linear", (0, 30.0))
    assert of(series, "linear", "average") == {0: pytest.approx((20 * 20 + 15 * 20) / 40)}
    assert of(series, "linear", "average", ignoreBadDataPoints=False) == {0: pytest.approx((30 * 10 + 15 * 20) / 30)}
    assert of(series, "linear", "count", ignoreBadDataPoints=False) == {0: 3}
    write(series, "linear", (HOUR, 1.0, {"code": UNCERTAIN}))
    assert HOUR in of(series, "linear", "stepInterpolation")
    assert HOUR not in of(series, "linear", "stepInterpolation", ignoreBadDataPoints=False)
    seen = of(series, "linear", "stepInterpolation", ignoreBadDataPoints=False, treatUncertainAsBad=False)
    assert seen[HOUR] == 1.0


@pytest.mark.source(FOUND)
def test_a_step_is_told_for_the_first_empty_bucket_and_a_line_for_none(series: Cdf) -> None:
    for name in ("linear", "step"):
        write(series, name, (0, 1.0), (30 * MINUTE, 2.0), (3 * HOUR, 3.0))
    assert of(series, "linear", "stepInterpolation") == {0: 1.0, HOUR: 2.0, 3 * HOUR: 3.0, 4 * HOUR: 3.0}
    assert of(series, "step", "interpolation") == {0: 1.0, HOUR: 2.0, 3 * HOUR: 3.0, 4 * HOUR: 3.0}
    assert of(series, "step", "stepInterpolation", start=10 * HOUR) == {10 * HOUR: 3.0}
    assert of(series, "linear", "interpolation") == {0: 1.0, 3 * HOUR: 3.0}
    assert of(series, "linear", "interpolation", granularity="10m", end=HOUR) == {0: 1.0, 30 * MINUTE: 2.0}


@pytest.mark.source("Docs: aggregation; SDK tests test_datapoints.py")
def test_durations_and_counts_tell_of_all_points(series: Cdf) -> None:
    write(
        series, "linear", (0, 1.0), (HOUR // 2, 2.0, {"code": BAD}), (HOUR, 3.0, {"code": UNCERTAIN}), (3 * HOUR, 4.0)
    )
    names = ["countGood", "countBad", "durationGood", "durationUncertain", "durationBad"]
    first, second, third = read(series, "linear", start=0, end=DAY, granularity="1h", aggregates=names)
    half = HOUR // 2
    assert list(first.values()) == [0, 1, 1, half, 0, half]
    assert list(second.values()) == [HOUR, 0, 0, 0, HOUR, 0]
    assert list(third.values()) == [3 * HOUR, 1, 0, 0, 0, 0]
    ignoring = read(series, "linear", start=0, end=DAY, granularity="1h", aggregates=names, ignoreBadDataPoints=False)
    assert ignoring == [first, second, third]


@pytest.mark.source("Docs: aggregation")
def test_the_highest_point_is_the_earliest_and_tells_its_status(series: Cdf) -> None:
    write(series, "linear", (1, 5.0, {"symbol": "GoodClamped"}), (2, 5.0), (3, 1.0))
    for with_status, more in ((True, {"status": {"code": 3145728, "symbol": "GoodClamped"}}), (False, {})):
        (point,) = read(
            series, "linear", end=9, granularity="1s", aggregates=["maxDatapoint"], includeStatus=with_status
        )
        assert point["maxDatapoint"] == {"timestamp": 1, "value": 5.0} | more


@pytest.mark.source(FOUND)
def test_text_has_no_aggregates(series: Cdf) -> None:
    body = {"items": [{"externalId": "text"}], "end": 9, "granularity": "1s", "aggregates": ["count"]}
    assert (
        series.refused("/timeseries/data/list", body)["message"]
        == "Aggregates are not supported for string time series"
    )


@pytest.mark.source(FOUND)
def test_what_a_bucket_lacks_is_no_number_to_the_sdk(series: Cdf) -> None:
    write(series, "linear", (30 * MINUTE, 1.0))
    names = ["average", "interpolation", "step_interpolation", "count"]
    found = series.client.time_series.data.retrieve(external_id="linear", end=DAY, granularity="1h", aggregates=names)
    assert (found.average[0], found.count) == (1.0, [1, 0])
    assert math.isnan(found.average[1])
    assert math.isnan(found.interpolation[0])
    assert [math.isnan(found.step_interpolation[0]), found.step_interpolation[1]] == [True, 1.0]


@pytest.mark.source("SDK data_classes/time_series.py TimeSeriesUpdate; Docs: aggregation")
def test_a_series_that_becomes_a_step_is_read_as_one(series: Cdf) -> None:
    write(series, "linear", (0, 0.0), (30 * MINUTE, 10.0))
    assert of(series, "linear", "average") == {0: 5.0}
    series.items("/timeseries/update", {"externalId": "linear", "update": {"isStep": {"set": True}}})
    assert of(series, "linear", "average") == {0: 5.0}
    write(series, "linear", (45 * MINUTE, 0.0))
    assert of(series, "linear", "average") == {0: 2.5}


@pytest.mark.source("Docs: calendar and time zone")
def test_months_begin_where_the_start_says_in_its_time_zone(series: Cdf) -> None:
    february, may, november = 1580477400000, 1588257000000, 1604151000000
    write(series, "linear", (february, 1.0), (may - 1, 1.0), (may, 1.0), (november + DAY, 1.0))
    query = {"start": 1580500000000, "end": november + 2 * DAY, "timeZone": "Australia/Adelaide"}
    assert of(series, "linear", "count", granularity="3mo", **query) == {february: 2, may: 1, november: 1}


@pytest.mark.source("Docs: calendar and time zone")
def test_a_day_follows_the_clock_and_24_hours_do_not(series: Cdf) -> None:
    midnight = 1698530400000  # of 29 October 2023 in Oslo, a day of 25 hours
    write(series, "linear", *((midnight + n * HOUR, 1.0) for n in range(50)))
    query = {"start": midnight, "end": midnight + 50 * HOUR, "timeZone": "Europe/Oslo"}
    assert of(series, "linear", "count", granularity="1d", **query) == {
        midnight: 25,
        midnight + 25 * HOUR: 24,
        midnight + 49 * HOUR: 1,
    }
    hours = of(series, "linear", "count", granularity="24h", **query)
    assert hours == {midnight: 24, midnight + 24 * HOUR: 24, midnight + 48 * HOUR: 2}
    kathmandu = of(series, "linear", "count", granularity="1h", **query | {"timeZone": "Asia/Kathmandu", "limit": 1})
    assert [begin % HOUR for begin in kathmandu] == [15 * MINUTE]


@pytest.mark.source("API: retrieve data points; Docs: calendar and time zone")
@pytest.mark.parametrize("granularity", ["1w", "1q", "1y", "1ms", "1days", "0d", "121m", "", "9" * 5000 + "d"])
def test_granularities_of_the_sdk_alone_are_unknown(series: Cdf, granularity: str) -> None:
    body = {"items": [{"externalId": "linear"}], "aggregates": ["count"], "granularity": granularity}
    assert "granularity" in series.refused("/timeseries/data/list", body)["message"]


@pytest.mark.source("Docs: calendar and time zone")
@pytest.mark.parametrize("zone", ["UTC+25:00", "UTC+01:20", "UTC+01:75", "Europe", "../etc/passwd", "Oslo", 5])
def test_time_zones_that_cannot_be(series: Cdf, zone: AnyJson) -> None:
    body = {"items": [{"externalId": "linear"}], "aggregates": ["count"], "granularity": "1d", "timeZone": zone}
    assert "timeZone" in series.refused("/timeseries/data/list", body)["message"]
    old = body | {"timeZone": "Asia/Kolkata", "start": -2_208_000_000_000}
    assert "15m" in series.refused("/timeseries/data/list", old)["message"]
