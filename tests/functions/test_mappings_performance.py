"""What plex_performance is told, and what a bucket becomes."""

from typing import Any

import pytest
import yaml
from performance import PERFORMANCE, PerformanceSettings
from plex_cdf.config import read_settings
from plex_cdf.errors import ConfigurationError
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import Instant
from plex_cdf.resources import Datapoint, Resource, TimeSeries

Row = dict[str, Any]
CONFIG: Row = {
    "facility": {"pcn": 340884, "tenantId": "97016117-143c-5059-babf-7d1e7b3a8e7e"},
    "startDate": "2024-03-01",
    "statusClasses": {"run": ["Production"], "unplannedDown": ["Breakdown"]},
}
BUCKET: Row = {
    "rowKey": "k",
    "workcenterId": "w-1",
    "workcenterCode": "MILL-01",
    "begin": "2024-03-01T08:00:00.000Z",
    "bucket": "hour",
    "availability": 0.75,
    "performance": None,
    "quality": 0.0,
    "oee": 1.25,
}


def settings(**changes: Any) -> PerformanceSettings:
    return read_settings(PerformanceSettings, "plex_340884_performance", yaml.safe_dump({**CONFIG, **changes}))


def made_of(row: Row) -> list[Resource]:
    (stream,) = PERFORMANCE.streams(settings())
    return list(stream.map(stream.record.model_validate(row), Naming(340884)))


def test_every_figure_that_there_is_becomes_a_point_of_its_series() -> None:
    place, instant = "PCN340884_WORKCENTER_w-1", Instant.parse("2024-03-01T08:00Z")
    assert made_of(BUCKET) == [
        TimeSeries(f"{place}_AVAILABILITY", "MILL-01 availability", unit="1", asset=place),
        Datapoint(f"{place}_AVAILABILITY", instant, 0.75),
        TimeSeries(f"{place}_QUALITY", "MILL-01 quality", unit="1", asset=place),
        Datapoint(f"{place}_QUALITY", instant, 0.0),
        TimeSeries(f"{place}_OEE", "MILL-01 OEE", unit="1", asset=place),
        Datapoint(f"{place}_OEE", instant, 1.25),
    ]
    assert made_of({**BUCKET, "bucket": "day", "workcenterCode": None})[-2:] == [
        TimeSeries(f"{place}_OEE_DAY", "w-1 daily OEE", unit="1", asset=place, lacks=1),
        Datapoint(f"{place}_OEE_DAY", instant, 1.25),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statusClasses": None}, "statusClasses"),
        ({"statusClasses": {"off": ["Off"]}}, "statusClasses is .*run must name at least one status"),
        ({"dayStart": 360}, 'dayStart is 360: a time of day is written in quotes, such as "02:00"'),
        ({"overlapHours": 24}, "overlapHours is 24: .* 25"),
        ({"lookbackHours": 0}, "lookbackHours is 0: .*greater than 0"),
        ({"targetRates": []}, "targetRates"),
        ({"targetRates": ["cycleTime"]}, "targetRates.0 is 'cycleTime': .*targetRate"),
    ],
)
def test_wrong_settings_are_named(changes: Row, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        settings(**changes)


def test_the_daily_performance_report_is_read_where_it_is_enabled() -> None:
    names = [each.name for each in PERFORMANCE.streams(settings())]
    more = PERFORMANCE.streams(settings(dataSources=[{"name": "daily_performance", "enabled": True}]))
    assert names == ["performance"]
    assert [(each.name, each.domain) for each in more] == [
        ("performance", "production"),
        ("daily_performance", "production"),
    ]
