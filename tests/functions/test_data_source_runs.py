"""Data sources that a plant describes in its config, and nowhere else: what their runs leave in CDF."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench import LOG, PCN, Bench, Row, benches
from facilities import OTHER, held, told, twin
from plex_cdf.errors import ConfigurationError

from sandbox.plex import Account

ACCOUNTS = {PCN: ("one@plex.com", "first"), OTHER: ("other@plex.com", "second")}
CHECKSHEETS, SPC = 4142, 5019
OWN = """
- name: final_inspections
  id: 4142
  enabled: true
  beginInput: Date_Begin
  endInput: Date_End
  instant: Inspection_Date
  key: [Checksheet_No]
  columns: [Job_No, Out_Of_Spec]
  event:
    type: final_inspection
    subtype: "{Inspection_Mode}"
    description: "Checksheet {Checksheet_No}: {Part_No} at {Workcenter_Code}"
    links:
      - {kind: PART, column: Part_Key, object: Part}
      - {kind: JOB, column: Job_Key, object: Job}
- name: gauges
  id: 5019
  enabled: true
  beginInput: Date_Begin
  endInput: Date_End
  instant: Inspection_Date
  key: [Inspection_Key]
  measurements:
    - value: Measurement
      series: [Specification_Key, Sample_No]
      name: "{Part_No} {Description}"
      unit: "{Unit}"
      link: {kind: PART, column: Part_Key, object: Part}
"""
DAILY = "[{name: daily_performance, enabled: true}]"


@pytest.fixture
def plants(tmp_path: Path) -> Iterator[list[Bench]]:
    """Two facilities with an account each for the Data Source API, the second's plant a day behind."""
    later = LOG.replace("2024-03-0", "2024-03-1")
    accounts = {user: Account(password, pcn) for pcn, (user, password) in ACCOUNTS.items()}
    logs = {PCN: LOG, OTHER: later}
    with benches(tmp_path, *(twin(tmp_path, pcn, log) for pcn, log in logs.items()), accounts=accounts) as made:
        for each in made:
            user, password = ACCOUNTS[each.pcn]
            each.keys[str(each.pcn)] |= {"dsUser": user, "dsPassword": password}
            api: Row = {"url": each.plex, "callsPerMinute": 100_000}
            each.configure("quality", dataSourceApi=api, dataSources=yaml.safe_load(OWN))
            each.configure("performance", dataSourceApi=api, dataSources=yaml.safe_load(DAILY), timeZone="Asia/Kolkata")
            each.at("2024-03-16T00:00:00Z")
        yield made


def _source(facility: Bench, number: int, **inputs: str) -> list[Row]:
    """What a data source gives a plain client."""
    answer = facility.http.post(
        f"{facility.plex}/api/datasources/{number}/execute?format=2",
        json=inputs,
        auth=ACCOUNTS[facility.pcn],
        timeout=10,
    )
    rows: list[Row] = answer.json()["rows"]
    return rows


def _upsert(facility: Bench, number: int, row: Row) -> None:
    facility.rows(f"/api/datasources/{number}/execute", upsert=[row])


def _run(facility: Bench, extractor: str, **payload: object) -> Row:
    facility.forget_plex_requests()
    answer = facility.run(extractor, **payload)
    assert answer["plexCalls"] == len(facility.plex_requests())
    assert (answer["status"], answer["notes"]) == ("success", [])
    streams: Row = answer["streams"]
    return streams


def test_checksheets_are_linked_events_and_gauges_are_series_of_each_facility_alone(plants: list[Bench]) -> None:
    for each in plants:
        _run(each, "master_data")
        _run(each, "jobs")
        others = [held(other) for other in plants if other is not each]
        figures = _run(each, "quality")
        assert [held(other) for other in plants if other is not each] == others

        sheets, gauged = _source(each, CHECKSHEETS), _source(each, SPC)
        assert len(sheets) == figures["final_inspections"]["created"] > 2
        names = {row["id"]: name for name, row in each.assets().items()}
        prefix = f"PCN{each.pcn}"
        events = [row for row in each.events("final_inspection").values() if row["externalId"].startswith(prefix)]
        assert {(row["metadata"]["Checksheet_No"], row["metadata"]["Job_No"]) for row in events} == {
            (str(row["Checksheet_No"]), row["Job_No"]) for row in sheets
        }
        parts = {row["name"]: row["id"] for row in each.plex_rows("/mdm/v1/parts")}
        for event in events:
            (part,) = (names[asset] for asset in event["assetIds"])
            assert part.removeprefix(f"{prefix}_PART_") in parts.values()
            assert event["metadata"]["jobExternalId"] in each.events("job")
            assert event["subtype"] == "In-Process"
        values = [
            value
            for name in each.series()
            if name.startswith(f"{prefix}_GAUGES_")
            for value in each.points(name).values()
        ]
        assert sorted(values) == sorted(row["Measurement"] for row in gauged)


def test_an_unchanged_data_source_costs_no_write_and_a_corrected_one_only_its_own(plants: list[Bench]) -> None:
    facility = plants[0]
    facility.at("2024-03-06T00:00:00Z")
    for extractor in ("master_data", "jobs", "quality", "performance"):
        _run(facility, extractor)
    before = told(facility)
    with facility.requests() as record:
        for extractor in ("quality", "performance"):
            figures = _run(facility, extractor, mode="full")
            assert all(each["created"] == each["updated"] == each["retracted"] == 0 for each in figures.values())
    assert not [each for each in record if each["path"].endswith(("/events", "/events/update", "/timeseries/data"))]

    sheet = _source(facility, CHECKSHEETS)[0]
    _upsert(facility, CHECKSHEETS, {**sheet, "Inspection_Mode": "Final"})
    figures = _run(facility, "quality", mode="full")["final_inspections"]
    assert (figures["updated"], figures["created"], figures["retracted"]) == (1, 0, 0)
    _upsert(facility, CHECKSHEETS, {**sheet, "Inspection_Date": "2031-01-01T00:00:00.0000000Z"})
    assert _run(facility, "quality", mode="full")["final_inspections"]["retracted"] == 1
    after = told(facility)
    (changed,) = (name for name in before if not name.startswith("raw ") and before[name] != after[name])
    assert after[changed]["metadata"]["Checksheet_No"] == str(sheet["Checksheet_No"])
    assert after[changed]["metadata"]["plexState"] == "retracted"


def test_the_daily_performance_is_that_of_the_days_of_the_plants_zone(plants: list[Bench]) -> None:
    facility = plants[0]
    _run(facility, "master_data")
    _run(facility, "performance")
    wanted: dict[tuple[str, int], float] = {}
    for day in range(1, 8):
        # Midnight in Kolkata.
        begin, end = (f"2024-03-{number:02}T18:30:00.000Z" for number in (day, day + 1))
        for row in _source(facility, 18765, Start_Date=begin, End_Date=end):
            place = (f"{row['Workcenter_Key']}", _ms(begin))
            wanted[place] = wanted.get(place, 0) + row["Production_Qty"]
    found: dict[tuple[str, int], Any] = {
        (name.split("=")[1].removesuffix("_Production_Qty"), instant): value
        for name in facility.series()
        if name.endswith("_Production_Qty")
        for instant, value in facility.points(name).items()
        if instant >= _ms("2024-03-01T18:30:00.000Z")
    }
    assert found == wanted
    assert sum(found.values()) > 0


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_an_account_of_another_facility_or_none_is_refused_and_the_rest_of_the_facility_goes_on(
    plants: list[Bench],
) -> None:
    one, other = plants
    del one.keys[str(PCN)]["dsUser"], one.keys[str(PCN)]["dsPassword"]
    with pytest.raises(ConfigurationError, match=f"no dsUser and dsPassword under PCN {PCN}"):
        one.run("quality")
    for extractor in ("master_data", "jobs"):
        _run(one, extractor)
    assert _run(other, "quality")["final_inspections"]["created"] > 2
