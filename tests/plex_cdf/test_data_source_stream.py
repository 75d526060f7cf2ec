"""Streams out of pure configuration: what rows become."""

from collections.abc import Iterator

import pytest
from data_source_streams import (
    EVER,
    INSPECTIONS,
    MEASUREMENTS,
    PROBLEM_LOGS,
    entry,
    mapped,
    read,
    stream,
)
from data_source_world import CHECKSHEETS, World, world
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.errors import DataError
from plex_cdf.plex.records.base import Instant
from plex_cdf.plex.records.source_row import tidy_number
from plex_cdf.resources import Datapoint, Event, TimeSeries
from pydantic import ValidationError


@pytest.fixture(scope="module")
def plex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("plant")) as running:
        yield running


def test_an_inspection_is_an_event_linked_by_keys(plex: World) -> None:
    declared = stream(INSPECTIONS)
    assert (declared.name, declared.kind, declared.domain, declared.key) == (
        "checksheets", "CHECKSHEETS", "quality", ("Checksheet_No",)
    )  # fmt: skip
    row = read(declared, plex)[0]
    (event,) = mapped(declared, row)
    part = plex.plex().rows("/mdm/v1/parts", {"number": "Shaft"})
    job = plex.plex().rows("/scheduling/v1/jobs", {"jobNumber": "W1"})
    center = plex.plex().rows("/production/v1/production-definitions/workcenters")
    assert part
    assert job
    assert center
    lathe = next(each["workcenterId"] for each in center if each["workcenterCode"] == "Lathe 1")
    assert event == Event(
        "PCN340884_CHECKSHEETS_k",
        type="inspection",
        subtype="In-Process",
        start=Instant.parse(row["Inspection_Date"]),
        description="Checksheet 1: Shaft at Lathe 1",
        assets=(f"PCN340884_PART_{part[0]['id']}", f"PCN340884_WORKCENTER_{lathe}"),
        metadata={
            "Inspection_Date": row["Inspection_Date"],
            "Checksheet_No": "1",
            "Job_No": "W1",
            "Out_Of_Spec": "false",
            "Inspection_Mode": "In-Process",
            "Part_No": "Shaft",
            "Workcenter_Code": "Lathe 1",
            "Part_Key": row["Part_Key"],
            "Workcenter_Key": row["Workcenter_Key"],
            "Job_Key": row["Job_Key"],
            "Part_Key.id": part[0]["id"],
            "Workcenter_Key.id": lathe,
            "Job_Key.id": job[0]["id"],
            "jobExternalId": f"PCN340884_JOB_{job[0]['id']}",
        },
    )


def test_a_link_may_lead_nowhere(plex: World) -> None:
    declared = stream(entry(INSPECTIONS, event={"type": "x", "links": [{"kind": "PART", "column": "Part_Key.id"}]}))
    row = {"Checksheet_No": "1", "Inspection_Date": "2024-03-01T05:00:00.000Z"}
    (event,) = mapped(declared, row)
    assert isinstance(event, Event)
    assert event.assets == ()
    plex.upsert(CHECKSHEETS, {"Checksheet_No": 9, "Inspection_Date": "2031-01-01T00:00:00.0000000Z", "Part_Key": 5})
    begin = Instant.parse("2031-01-01T00:00Z")
    (found,) = read(stream(INSPECTIONS), plex, begin, EVER[1])
    assert (found["Part_Key.id"], found["Workcenter_Key.id"]) == (None, None)


def test_measurements_are_series_of_a_specification(plex: World) -> None:
    declared = stream(MEASUREMENTS)
    rows = read(declared, plex)
    made = [thing for row in rows for thing in mapped(declared, row)]
    points = [thing for thing in made if isinstance(thing, Datapoint)]
    series = {thing.external_id: thing for thing in made if isinstance(thing, TimeSeries)}
    assert (len(points), len(series)) == (12, 6)
    row, first = rows[0], points[0]
    assert first == Datapoint(
        f"PCN340884_INSPECTIONHISTORY_Specification_Key={row['Specification_Key']}:Sample_No=1_Measurement",
        Instant.parse(row["Inspection_Date"]),
        row["Measurement"],
        rank=0,
    )
    found = series[first.series]
    assert (found.name, found.unit, found.is_step) == ("Shaft Diameter", "mm", False)
    assert found.asset == f"PCN340884_PART_{row['Part_Key.id']}"
    assert found.metadata == {
        "Specification_Key": row["Specification_Key"], "Sample_No": "1", "dataSource": "5019"
    }  # fmt: skip


def test_a_measurement_without_value_is_none_and_without_series_an_error() -> None:
    declared = stream(MEASUREMENTS)
    row = {
        "Inspection_Date": "2024-03-01T05:00:00.000Z",
        "Specification_Key": "5",
        "Sample_No": "1",
        "Measurement": 1.5,
    }
    assert len(mapped(declared, row)) == 2
    assert mapped(declared, {**row, "Measurement": None}) == []
    with pytest.raises(DataError, match="Sample_No is null, so Measurement belongs to no series"):
        mapped(declared, {**row, "Sample_No": None})
    for wrong in ("OK", "NaN", "Infinity"):
        with pytest.raises(ValidationError):
            mapped(declared, {**row, "Measurement": tidy_number(wrong)})


@given(st.lists(st.tuples(st.text(":%ab", min_size=1), st.text(":%ab", min_size=1)), min_size=2, unique=True))
def test_series_of_different_keys_have_different_ids(keys: list[tuple[str, str]]) -> None:
    declared = stream(MEASUREMENTS)
    moment = "2024-03-01T05:00:00.000Z"
    ids = {
        thing.external_id
        for a, b in keys
        for thing in mapped(
            declared, {"Inspection_Date": moment, "Specification_Key": a, "Sample_No": b, "Measurement": 1}
        )
        if isinstance(thing, TimeSeries)
    }
    assert len(ids) == len(keys)


def test_a_problem_lasts_until_it_is_closed(plex: World) -> None:
    declared = stream(PROBLEM_LOGS)
    problems = [event for row in read(declared, plex) for event in mapped(declared, row) if isinstance(event, Event)]
    assert sorted(str(event.subtype) for event in problems) == ["Closed", "Open"]
    for event in problems:
        assert event.start is not None
        assert (event.end is None) == (event.subtype == "Open")
        assert event.metadata.keys() >= {"Due_Date", "Part_Key", "Quantity"}
        assert not {"Reported_By", "Workcenter_Code"} & event.metadata.keys()
