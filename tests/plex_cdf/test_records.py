"""Rows of Plex as checked records."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobs import JOBS, JobsSettings
from master_data import MASTER_DATA, MasterDataSettings
from plex_cdf.config import Facility
from plex_cdf.naming import iso
from plex_cdf.plex.records.base import Instant, Record
from plex_cdf.plex.records.jobs import Job, JobOperation
from plex_cdf.plex.records.master_data import Equipment, Part, PartOperation
from plex_cdf.stream import Changes, Children, OpenAndClosed, Stream, Whole
from pydantic import ValidationError

CONTRACT = Path(__file__).parents[3] / "shared" / "reference" / "plex-endpoints.json"
FACILITY = Facility(pcn=340884, tenantId=UUID("97016117-143c-5059-babf-7d1e7b3a8e7e"))
STREAMS: list[Stream[Any]] = [
    stream
    for stream in (
        *JOBS.streams(JobsSettings(facility=FACILITY)),
        *MASTER_DATA.streams(MasterDataSettings(facility=FACILITY)),
    )
    if isinstance(stream.key, str)
]
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001  # Hypothesis wants them so
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, st.integers(0, 7), st.text("0123456789", min_size=7, max_size=7))
def test_an_instant_is_read_to_the_millisecond(moment: datetime, digits: int, fraction: str) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    written = whole.isoformat().removesuffix("+00:00") + (f".{fraction[:digits]}" if digits else "") + "Z"
    milliseconds = int((fraction[:digits] + "000")[:3])
    expected = whole + timedelta(milliseconds=milliseconds)
    found = Instant.parse(written)
    assert found == (expected - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert iso(found) == expected.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert Instant.parse(iso(found)) == found


@given(MOMENTS, OFFSETS)
def test_an_offset_is_the_same_instant(moment: datetime, offset: timezone) -> None:
    local = moment.replace(tzinfo=UTC).astimezone(offset)
    assert Instant.parse(local.isoformat()) == Instant.parse(moment.replace(tzinfo=UTC).isoformat())


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1999-12-31T12:34Z", 946643640000),
        ("1999-12-31T12:34:56.1234567Z", 946643696123),
        ("1999-12-31T12:34:56.9999999+02:00", 946636496999),
        ("1969-12-31T23:59:59.9990000Z", -1),
        ("0001-01-01T00:00:00Z", -62135596800000),
        ("9999-12-31T23:59:59.9999999Z", 253402300799999),
    ],
)
def test_spellings_of_plex(text: str, milliseconds: int) -> None:
    assert Instant.parse(text) == milliseconds
    assert Instant.parse(iso(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    "value",
    [
        "2026-04-09T14:03:27",  # no zone
        "2026-04-09",
        "2026-02-30T00:00:00Z",
        "2026-04-09T25:00:00Z",
        "0001-01-01T00:00:00+01:00",  # before the year 1 in UTC
        "9999-12-31T23:59:59-01:00",
        "yesterday",
        "",
        "\ud800",
        1775743407123,
        12.5,
        True,
        [],
    ],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="date and time"):
        Instant.parse(value)
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"id": "a", "dueDate": value})
    assert [problem["loc"] for problem in caught.value.errors()] == [("dueDate",)]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_field_but_the_key_may_be_null_or_absent(stream: Stream[Any]) -> None:
    record = stream.record
    nulls = {field.alias or name: None for name, field in record.model_fields.items()}
    assert record.model_validate({stream.key: "a"}) == record.model_validate({**nulls, stream.key: "a"})
    no_keys: list[object] = [None, "", "  ", [], True]
    for key in no_keys:
        with pytest.raises(ValidationError) as caught:
            record.model_validate({**nulls, stream.key: key})
        assert [problem["loc"] for problem in caught.value.errors()] == [(stream.key,)]


def test_a_key_is_text_without_blanks_around_it() -> None:
    assert Part.model_validate({"id": " a1 "}).id == "a1"
    assert Part.model_validate({"id": 17}).id == "17"


def test_numbers_are_taken_as_text_and_text_as_numbers() -> None:
    job = Job.model_validate({"id": "a", "jobNumber": 4711, "partNumber": 82695, "quantity": "25.5", "priority": 1})
    assert (job.job_number, job.part_number, job.quantity, job.priority) == ("4711", "82695", 25.5, "1")
    assert PartOperation.model_validate({"id": "a", "operationNumber": "10"}).operation_number == 10


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (Job, {"quantity": "many"}),
        (Job, {"quantity": float("inf")}),
        (Job, {"quantity": "NaN"}),
        (Job, {"jobNumber": ["1"]}),
        (Job, {"jobNumber": True}),
        (PartOperation, {"operationNumber": 10.5}),
        (PartOperation, {"active": "perhaps"}),
    ],
)
def test_what_has_the_wrong_type_is_refused(record: type[Record], row: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        record.model_validate({"id": "a", **row})
    assert [problem["loc"] for problem in caught.value.errors()] == [tuple(row)]


def test_fields_that_we_do_not_use_do_not_matter() -> None:
    assert Part.model_validate({"id": "a", "allergens": ["nuts"], "name": "Bolt"}).name == "Bolt"


def test_metadata_has_plex_names_and_text() -> None:
    row = {
        "id": "a",
        "equipmentId": "E-100",
        "description": "Press",
        "modelNo": "",
        "brand": None,
        "active": False,
    }
    equipment = Equipment.model_validate(row)
    assert equipment.metadata("description") == {"id": "a", "equipmentId": "E-100", "active": "false"}
    operation = JobOperation.model_validate(
        {"jobOperationId": "o", "quantity": 25.0, "rate": 0.5, "completedDate": "2026-04-09T14:03:27.1239999+02:00"}
    )
    assert operation.metadata() == {
        "jobOperationId": "o",
        "quantity": "25",
        "rate": "0.5",
        "completedDate": "2026-04-09T12:03:27.123Z",
    }


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip(f"the contract of the Plex API is not here: {CONTRACT}")
    content: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return content


def parameters(endpoint: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in endpoint["params"]}


def fields(endpoint: dict[str, Any]) -> set[str]:
    (row,) = endpoint["responses"]["200"]
    return set(row)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_fields_and_parameters_exist_in_the_contract(stream: Stream[Any], contract: dict[str, Any]) -> None:
    read = stream.read
    assert isinstance(read, Whole | Changes | OpenAndClosed | Children)
    endpoint = contract[f"GET {read.path}".replace("{key}", "{id}")]
    assert {field.alias or name for name, field in stream.record.model_fields.items()} <= fields(endpoint)
    assert stream.key in fields(endpoint)
    match read:
        case Whole() | Children():
            return
        case Changes():
            changes = contract[f"GET {read.changes}"]
            assert read.since in parameters(changes)
            assert read.key in fields(changes)
            (ids,) = [parameter for parameter in endpoint["params"] if parameter["name"] == "id"]
            assert isinstance(ids["type"], list)  # may be repeated
        case OpenAndClosed():
            assert {read.statuses, read.closed_begin, read.closed_end} <= parameters(endpoint)
            assert {read.status, read.closed} <= fields(endpoint)
            assert f"GET {read.path}/{{id}}" in contract
