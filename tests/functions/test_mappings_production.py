"""What rows of the shop floor become."""

from typing import Any

import pytest
from plex_cdf.config import read_settings
from plex_cdf.errors import ConfigurationError
from plex_cdf.naming import Naming
from plex_cdf.resources import Datapoint, Event, Reading, Resource, TimeSeries
from production import PRODUCTION, ProductionSettings

NAMING = Naming(340884)
CONFIG = """
facility: {pcn: 340884, tenantId: 97016117-143c-5059-babf-7d1e7b3a8e7e}
startDate: 2024-03-01
statusClasses: {run: [Production], plannedDown: [Setup, Lunch], unplannedDown: [Breakdown], off: ["Off shift"]}
"""
WHERE = {
    "rowKey": "K1",
    "workcenterId": "w-1",
    "workcenterCode": "MILL-01",
    "jobId": "j-1",
    "partId": "p-1",
    "partNumber": "82695",
    "partNumberRevision": "82695-AAA",
    "partOperationId": "po-1",
    "operationCode": "MILL",
}
MADE = {**WHERE, "transactionDate": "2026-04-09T14:03:27.1230000Z", "quantity": 25.0, "unit": "Ea"}
SCRAPPED = {**WHERE, "transactionDate": "2026-04-09T14:03:27.1230000Z", "quantity": 3, "scrapReason": "Burr"}
STATUS = {**WHERE, "logDate": "2026-04-09T14:00:00Z", "workcenterStatus": "Production", "duration": 90}
SETUP = {
    "rowKey": "K1",
    "workcenterId": "w-1",
    "workcenterCode": "MILL-01",
    "setupDateTime": "2026-04-09T14:00:00Z",
    "setupDateTimeChange": "2026-04-09T15:00:00Z",
    "parentPartId": "p-1",
    "parentPartNumberRevision": "82695-AAA",
    "parentPartOperationId": "po-1",
    "parentPartOperationCode": "MILL",
    "parentPartJobId": "j-1",
    "childPartId": "p-2",
    "childPartOperationId": "po-2",
}
NOW = {"id": "w-1", "code": "MILL-01", "jobId": "j-1", "jobNumber": "J100", "statusDescription": "Production"}
AT = 1775743407123
BEGIN = 1775743200000


def made_of(name: str, row: dict[str, Any], more: str = "") -> list[Resource]:
    """What a stream makes of a row, `more` lines added to its config."""
    settings = read_settings(ProductionSettings, "plex_340884_production", CONFIG + more)
    (stream,) = [stream for stream in PRODUCTION.streams(settings) if stream.name == name]
    return list(stream.map(stream.record.model_validate(row), NAMING))


def test_an_entry_is_an_event_and_a_part_of_the_good_quantity() -> None:
    assert made_of("production_entries", MADE) == [
        Event(
            "PCN340884_PRODUCTION_K1",
            "production",
            "MILL",
            AT,
            AT,
            "25 Ea of 82695-AAA at MILL-01",
            ("PCN340884_WORKCENTER_w-1", "PCN340884_PART_p-1", "PCN340884_PARTOPERATION_po-1"),
            {
                "transactionDate": "2026-04-09T14:03:27.123Z",
                "workcenterId": "w-1",
                "workcenterCode": "MILL-01",
                "quantity": "25",
                "jobId": "j-1",
                "partId": "p-1",
                "partNumber": "82695",
                "partNumberRevision": "82695-AAA",
                "partOperationId": "po-1",
                "operationCode": "MILL",
                "unit": "Ea",
                "jobExternalId": "PCN340884_JOB_j-1",
            },
        ),
        TimeSeries("PCN340884_WORKCENTER_w-1_GOOD", "MILL-01 good quantity", asset="PCN340884_WORKCENTER_w-1"),
        Datapoint("PCN340884_WORKCENTER_w-1_GOOD", AT, 25.0),
    ]


def test_scrap_counts_apart_and_by_its_reason() -> None:
    event, series, point = made_of("scrap_entries", SCRAPPED)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == ("PCN340884_SCRAP_K1", "scrap", "Burr")
    assert event.description == "3 of 82695-AAA scrapped at MILL-01: Burr"
    assert event.metadata["jobExternalId"] == "PCN340884_JOB_j-1"
    assert isinstance(series, TimeSeries)
    assert (series.name, series.is_step, series.is_string) == ("MILL-01 scrap quantity", True, False)
    assert point == Datapoint("PCN340884_WORKCENTER_w-1_SCRAP", AT, 3.0)


@pytest.mark.parametrize(("name", "row"), [("production_entries", MADE), ("scrap_entries", SCRAPPED)])
@pytest.mark.parametrize("field", ["quantity", "workcenterId", "transactionDate"])
def test_without_a_quantity_a_place_or_an_instant_there_is_only_the_event(
    name: str, row: dict[str, Any], field: str
) -> None:
    (event,) = made_of(name, {**row, field: None})
    assert isinstance(event, Event)
    assert field not in event.metadata


def test_a_quantity_of_nothing_and_one_taken_back_are_points() -> None:
    for quantity in (0, -4):
        *_, point = made_of("production_entries", {**MADE, "quantity": quantity})
        assert point == Datapoint("PCN340884_WORKCENTER_w-1_GOOD", AT, float(quantity))


def test_production_without_a_job_has_no_link_to_one() -> None:
    event, *_ = made_of("production_entries", {**MADE, "jobId": None})
    assert isinstance(event, Event)
    assert "jobExternalId" not in event.metadata


def test_a_status_lasts_as_many_seconds_as_plex_says() -> None:
    event, series, point = made_of("workcenter_status_entries", STATUS)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == (
        "PCN340884_WORKCENTERSTATUS_K1",
        "workcenter_status",
        "Production",
    )
    assert (event.start, event.end) == (BEGIN, BEGIN + 90_000)
    assert event.description == "MILL-01: Production"
    assert isinstance(series, TimeSeries)
    assert (series.name, series.is_string) == ("MILL-01 status", True)
    assert point == Datapoint("PCN340884_WORKCENTER_w-1_STATUS", BEGIN, "Production", rank=2)


def test_a_status_of_unknown_duration_is_open_and_one_of_none_is_an_instant() -> None:
    for duration, end in ((None, None), (0, BEGIN), (0.5, BEGIN + 500)):
        event, *_ = made_of("workcenter_status_entries", {**STATUS, "duration": duration})
        assert isinstance(event, Event)
        assert event.end == end


def test_the_worst_status_wins_an_instant() -> None:
    statuses = ["Anything else", "Off shift", "Production", "Lunch", "Breakdown"]
    ranks = []
    for status in statuses:
        *_, point = made_of("workcenter_status_entries", {**STATUS, "workcenterStatus": status})
        assert isinstance(point, Datapoint)
        ranks.append(point.rank)
    assert ranks == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("field", ["workcenterStatus", "workcenterId", "logDate"])
def test_a_status_that_no_series_can_show_is_still_an_event(field: str) -> None:
    (event,) = made_of("workcenter_status_entries", {**STATUS, field: None})
    assert isinstance(event, Event)


def test_a_status_stands_in_one_class() -> None:
    config = CONFIG.replace("run: [Production]", "run: [Production, Lunch]")
    with pytest.raises(ConfigurationError, match=r"statusClasses is .*more often: Lunch"):
        read_settings(ProductionSettings, "plex_340884_production", config)


def test_the_class_off_needs_no_quotes_though_yaml_reads_it_as_false() -> None:
    for key in ("off", '"off"', "Off"):
        config = CONFIG.replace("off: [", f"{key}: [")
        settings = read_settings(ProductionSettings, "plex_340884_production", config)
        assert settings.status_classes.rank("Off shift") == 1
    with pytest.raises(ConfigurationError, match=r"statusClasses\.run\.0 is False: .* in quotes"):
        read_settings(ProductionSettings, "plex_340884_production", CONFIG.replace("run: [", "run: [Off, "))


def test_a_set_up_lasts_until_it_is_changed_and_knows_its_parts() -> None:
    (event,) = made_of("workcenter_setup_entries", SETUP)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == ("PCN340884_SETUP_K1", "setup", "MILL")
    assert (event.start, event.end) == (BEGIN, BEGIN + 3_600_000)
    assert event.description == "MILL-01 set up for 82695-AAA"
    assert event.assets == (
        "PCN340884_WORKCENTER_w-1",
        "PCN340884_PART_p-1",
        "PCN340884_PARTOPERATION_po-1",
        "PCN340884_PART_p-2",
        "PCN340884_PARTOPERATION_po-2",
    )
    assert event.metadata["jobExternalId"] == "PCN340884_JOB_j-1"


def test_a_set_up_that_still_stands_is_open_and_names_each_asset_once() -> None:
    (event,) = made_of("workcenter_setup_entries", {**SETUP, "setupDateTimeChange": None, "childPartId": "p-1"})
    assert isinstance(event, Event)
    assert event.end is None
    assert event.assets.count("PCN340884_PART_p-1") == 1


def test_the_job_of_a_workcenter_is_read_now_and_empty_between_jobs() -> None:
    series = TimeSeries("PCN340884_WORKCENTER_w-1_JOB", "MILL-01 job", is_string=True, asset="PCN340884_WORKCENTER_w-1")
    assert made_of("workcenter_setups", NOW) == [series, Reading(series.external_id, "J100")]
    assert made_of("workcenter_setups", {**NOW, "jobId": None, "jobNumber": None})[1] == Reading(series.external_id, "")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("production_entries", MADE),
        ("scrap_entries", SCRAPPED),
        ("workcenter_status_entries", STATUS),
        ("workcenter_setup_entries", SETUP),
        ("workcenter_setups", NOW),
    ],
)
def test_patterns_narrow_every_stream(name: str, row: dict[str, Any]) -> None:
    code = "code" if name == "workcenter_setups" else "workcenterCode"
    everything = made_of(name, row)
    assert everything
    assert made_of(name, row, "workcenters: {include: ['LATHE-*', 'MILL-0?']}") == everything
    assert made_of(name, row, "workcenters: {include: ['LATHE-*']}") == []
    assert made_of(name, row, "workcenters: {exclude: ['*-01']}") == []
    assert made_of(name, row, "workcenters: {exclude: ['mill-*']}") == everything
    # Without a code, a row is read unless only some codes are wanted.
    assert made_of(name, {**row, code: None}, "workcenters: {exclude: ['MILL-*']}")
    assert made_of(name, {**row, code: None}, "workcenters: {include: ['MILL-*']}") == []


def test_a_pattern_list_that_would_read_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"workcenters\.include"):
        read_settings(ProductionSettings, "plex_340884_production", CONFIG + "workcenters: {include: []}")
