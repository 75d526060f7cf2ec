from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import JOBS, PARTS

if TYPE_CHECKING:
    from sandbox_plex_client import Client, Value


def numbers(plex: Client, **parameters: Value) -> list[str]:
    return [row["jobNumber"] for row in plex.rows(JOBS, **parameters)]


@pytest.mark.parametrize(
    "date",
    [
        "1999-12-31T12:34Z",
        "1999-12-31T12:34:56Z",
        "1999-12-31T12:34:56.Z",
        "1999-12-31T12:34:56.1Z",
        "1999-12-31T12:34:56.1234567Z",
        "1999-12-31T12:34:56.1234567+02:00",
        "1999-12-31T12:34-05:30",
    ],
)
def test_supported_dates(plex: Client, date: str) -> None:
    assert numbers(plex, completedDateBegin=date) == ["W1", "W2"]
    assert numbers(plex, completedDateEnd=date) == []


@pytest.mark.parametrize(
    "date",
    [
        "1999-12-31",
        "1999-12-31T12:34:56",
        "1999-12-31 12:34:56Z",
        "1999-12-31T12:34:56.12345678Z",
        "1999-12-31T12Z",
        "1999-13-31T12:34:56Z",
        "1999-02-30T12:34:56Z",
        "0001-01-01T00:00+14:00",
        "12/31/1999",
        "yesterday",
        "",
    ],
)
def test_unsupported_dates(plex: Client, date: str) -> None:
    answer = plex.get(JOBS, params={"dueDateBegin": date})
    assert (answer.status_code, answer.json()["code"]) == (400, "ARGUMENT_INVALID")
    assert date in answer.json()["message"]
    assert answer.json()["errors"][0]["code"] == "ARGUMENT_INVALID"


def test_windows_hold_both_their_ends_to_the_seventh_digit(plex: Client) -> None:
    assert numbers(plex, completedDateBegin="2024-03-02T09:00:00.0000000Z") == ["W1", "W2"]
    assert numbers(plex, completedDateBegin="2024-03-02T09:00:00.0000001Z") == ["W2"]
    assert numbers(plex, completedDateEnd="2024-03-02T10:00+01:00") == ["W1"]
    assert numbers(plex, completedDateEnd="2024-03-02T08:59:59.9999999Z") == []


def test_a_null_passes_no_filter(plex: Client) -> None:
    assert plex.rows(JOBS)[0]["dueDate"] is None
    assert numbers(plex, dueDateBegin="1900-01-01T00:00Z") == []
    assert numbers(plex, dueDateEnd="2900-01-01T00:00Z") == []
    assert numbers(plex, priority="") == []


def test_filters_join(plex: Client) -> None:
    assert numbers(plex, jobStatuses="Complete", jobNumber="W2") == ["W2"]
    assert numbers(plex, jobStatuses="Open", jobNumber="W2") == []


def test_lists_are_repeated_and_never_joined_by_commas(plex: Client) -> None:
    plex.at("2024-03-02T12:00Z")
    assert numbers(plex, jobStatuses=["Open", "Complete"]) == ["W1", "W2"]
    assert numbers(plex, jobStatuses="Open") == ["W2"]
    assert numbers(plex, jobStatuses="Open,Complete") == []
    ids = [row["id"] for row in plex.rows(PARTS)]
    assert [row["id"] for row in plex.rows(PARTS, id=ids)] == ids
    assert plex.get(PARTS, params={"id": ",".join(ids)}).status_code == 400


def test_a_single_parameter_takes_its_first_value(plex: Client) -> None:
    assert numbers(plex, jobNumber=["W2", "W1"]) == ["W2"]


def test_names_count_in_any_case_and_unknown_ones_do_not(plex: Client) -> None:
    assert numbers(plex, JOBNUMBER="W1") == numbers(plex, jobnumber="W1") == ["W1"]
    assert numbers(plex, limit=1, offset=1, status="x", modifiedAfter="2024-01-01") == ["W1", "W2"]


@pytest.mark.parametrize(
    ("path", "parameter", "value"),
    [
        (PARTS, "id", "Shaft"),
        (JOBS, "partId", "Shaft"),
        ("/maintenance/v1/equipment", "partId", "Shaft"),
        ("/mdm/v1/part-operations", "active", "1"),
        ("/mdm/v1/part-operations", "operationNumber", "10.5"),
    ],
)
def test_values_of_the_wrong_type(plex: Client, path: str, parameter: str, value: str) -> None:
    answer = plex.get(path, params={parameter: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_VALIDATION_FAILED")
    assert parameter in answer.json()["message"]


def test_values_of_other_types(plex: Client) -> None:
    operations = "/mdm/v1/part-operations"
    assert len(plex.rows(operations, active="True")) == 4
    assert plex.rows(operations, active="false") == []
    assert {row["operationNumber"] for row in plex.rows(operations, operationNumber="20")} == {20}
    part = plex.rows(PARTS, number="Shaft")[0]["id"]
    assert len(plex.rows(operations, partId=part.upper())) == 2


def test_spelling_of_job_ids(plex: Client) -> None:
    job = plex.rows(JOBS)[0]
    assert plex.get(f"{JOBS}/{job['id'].upper()}").json() == job
    for path in (f"{JOBS}/W1", f"{JOBS}/W1/operations"):
        assert plex.get(path).status_code == 400
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in (f"{JOBS}/{unknown}", f"{JOBS}/{unknown}/operations"):
        answer = plex.get(path)
        assert (answer.status_code, answer.content) == (404, b"")


def test_filters_of_job_operations(plex: Client) -> None:
    job = plex.rows(JOBS, jobNumber="W1")[0]["id"]
    path = f"{JOBS}/{job}/operations"
    assert [row["operationCode"] for row in plex.rows(path, operationCode="Check")] == ["Check"]
    later = plex.rows(path, beginScheduledStartDate="2024-03-02T00:00Z")
    assert [row["operationCode"] for row in later] == ["Check"]
