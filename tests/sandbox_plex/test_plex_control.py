from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import JOBS, PARTS

from sandbox.plex import csv_plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox_plex_client import Client

UPDATED = "/inventory/v1/inventory-definitions/parts"
NEXT_DAY = "2024-03-04T00:00:00.0000000Z"


@pytest.fixture
def plex(serve: Callable[..., Client], log_file: Path) -> Client:
    """A server of its own for each test: they change it."""
    return serve([csv_plant(log_file)])


def test_the_clock_is_read_set_and_advanced(plex: Client) -> None:
    assert plex.get("/__plex__/clock").json() == {"now": "2024-03-03T10:00:00.0000000Z"}
    assert plex.put("/clock", {"advanceSeconds": 90.5}).json() == {"now": "2024-03-03T10:01:30.5000000Z"}
    assert plex.put("/clock", {"now": "2012-01-01T00:00:00+01:00"}).json() == {"now": "2011-12-31T23:00:00.0000000Z"}


@pytest.mark.parametrize("body", [{"now": "2012-01-01"}, {"now": 5}, {"advanceSeconds": "soon"}, {}, []])
def test_a_clock_request_without_sense(plex: Client, body: object) -> None:
    assert plex.put("/clock", body).status_code == 400


def test_rows_are_replaced_in_their_place_added_and_removed(plex: Client) -> None:
    shaft, ring = sorted(plex.rows(PARTS), key=lambda row: str(row["number"]), reverse=True)
    order = [row["id"] for row in plex.rows(PARTS)]
    new = {**ring, "id": "00000000-0000-4000-8000-000000000001", "number": "New"}
    plex.change(PARTS, upsert=[{**shaft, "name": "Longer shaft"}, new])
    rows = plex.rows(PARTS)
    assert [row["id"] for row in rows] == [*order, new["id"]]
    assert plex.rows(PARTS, number="Shaft")[0]["name"] == "Longer shaft"
    plex.change(PARTS, remove=[ring["id"]])
    assert ring["id"] not in {row["id"] for row in plex.rows(PARTS)}
    plex.change(PARTS, upsert=[ring])
    assert ring["id"] in {row["id"] for row in plex.rows(PARTS)}
    plex.change(PARTS, reset=True)
    assert [row["id"] for row in plex.rows(PARTS)] == order
    assert plex.rows(PARTS, number="Shaft") == [shaft]


def test_a_changed_row_was_updated_now(plex: Client) -> None:
    shaft = plex.rows(PARTS, number="Shaft")[0]
    plex.at(NEXT_DAY)
    assert plex.rows(UPDATED, beginUpdatedDateTime=NEXT_DAY) == []
    plex.change(PARTS, upsert=[{**shaft, "status": "Obsolete"}])
    assert plex.rows(PARTS, number="Shaft")[0]["modifiedDate"] == NEXT_DAY
    plex.at("2024-03-05T00:00Z")
    [row] = plex.rows(UPDATED, beginUpdatedDateTime=NEXT_DAY)
    assert (row["partId"], row["status"]) == (shaft["id"], "Obsolete")
    assert plex.rows(UPDATED, beginUpdatedDateTime="2024-03-04T00:00:00.0000001Z") == []
    assert set(row) == set(plex.rows(UPDATED)[0])


@pytest.mark.parametrize("modified", [None, "2001-01-01T00:00:00.0000000Z", "2026-13-45T99:00:00Z"])
def test_a_modified_date_of_its_own_is_kept_and_still_counts_as_now(plex: Client, modified: str | None) -> None:
    shaft = plex.rows(PARTS, number="Shaft")[0]
    plex.at(NEXT_DAY).change(PARTS, upsert=[{**shaft, "modifiedDate": modified}])
    assert plex.rows(PARTS, number="Shaft")[0]["modifiedDate"] == modified
    assert len(plex.rows(UPDATED, beginUpdatedDateTime=NEXT_DAY)) == 1


def test_rows_go_out_as_they_came_in_however_wrong(plex: Client) -> None:
    job = plex.rows(JOBS)[0]
    wrong = [
        {**job, "id": None},
        {**job, "id": "x" * 300, "quantity": "many"},
        {**job, "id": "00000000-0000-4000-8000-000000000002", "createdDate": "2026-13-45T99:00:00Z"},
        {**job, "id": 5, "jobStatus": ["Open"], "extra": {"deep": [1]}},
        {},
    ]
    plex.change(JOBS, upsert=wrong)
    assert plex.rows(JOBS)[2:] == sorted(wrong, key=lambda row: not isinstance(row.get("id"), str))
    assert plex.rows(JOBS, jobStatuses="Open") == []
    assert len(plex.rows(JOBS, completedDateBegin="2000-01-01T00:00Z")) == 6


def test_a_job_that_is_removed_or_added(plex: Client) -> None:
    job = plex.rows(JOBS)[0]
    plex.change(JOBS, remove=[job["id"]])
    assert plex.get(f"{JOBS}/{job['id']}").status_code == 404
    assert plex.get(f"{JOBS}/{job['id']}/operations").status_code == 404
    new = {**job, "id": "00000000-0000-4000-8000-000000000003"}
    plex.change(JOBS, upsert=[new])
    assert plex.get(f"{JOBS}/{new['id']}").json() == new
    assert plex.rows(f"{JOBS}/{new['id']}/operations") == []


def test_operations_of_a_job_are_changed_by_its_path(plex: Client) -> None:
    first, second = (f"{JOBS}/{job['id']}/operations" for job in plex.rows(JOBS))
    turn, check = plex.rows(first)
    others = plex.rows(second)
    plex.change(first, upsert=[{**turn, "setupTime": 2.5}], remove=[check["jobOperationId"]])
    assert plex.rows(first) == [{**turn, "setupTime": 2.5}]
    assert plex.rows(second) == others


def test_odd_values_in_lists_disturb_no_filter(plex: Client) -> None:
    path = "/maintenance/v1/equipment"
    row = plex.rows(path)[0]
    part = plex.rows(PARTS)[0]["id"]
    plex.change(path, upsert=[{**row, "parts": [{"id": part}, "part", None]}, {**row, "id": None, "parts": 5}])
    assert [found["id"] for found in plex.rows(path, partId=part)] == [row["id"]]


def test_tenants_can_be_changed_too(plex: Client) -> None:
    [tenant] = plex.rows("/mdm/v1/tenants")
    stranger = {"id": "00000000-0000-4000-8000-000000000004", "code": "STRANGER"}
    plex.change("/mdm/v1/tenants", remove=[tenant["id"]], upsert=[stranger])
    assert plex.rows("/mdm/v1/tenants") == [stranger]


def test_several_fields_can_make_the_key(plex: Client) -> None:
    path = "/production/v1/production-definitions/approved-workcenters"
    row, *others = plex.rows(path)
    plex.change(path, remove=[[row["workcenterId"], row["partOperationId"]]])
    assert plex.rows(path) == others


@pytest.mark.parametrize(
    ("pcn", "body"),
    [
        (1, {"path": PARTS}),
        (340884, {"path": "/mdm/v1/nothing"}),
        (340884, {"path": f"{JOBS}/00000000-0000-4000-8000-000000000000"}),
        (340884, {"path": PARTS, "upsert": {}}),
        (340884, {"path": PARTS, "upsert": ["row"]}),
        (340884, {"path": PARTS, "remove": [{"id": 1}]}),
        (340884, []),
    ],
)
def test_a_change_without_sense(plex: Client, pcn: int, body: object) -> None:
    answer = plex.put(f"/{pcn}/rows", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "CONTROL_REQUEST_INVALID")


def test_requests_are_recorded_and_forgotten(plex: Client) -> None:
    plex.get(f"{JOBS}?jobNumber=W%201&x=%C3%A4")
    plex.get("/mdm/v1/tenants", headers={"X-Plex-Connect-Api-Key": None})
    plex.get("/__plex__/clock")
    read, refused = plex.get("/__plex__/requests").json()
    assert {name: read[name] for name in ("method", "path", "status", "pcn")} == {
        "method": "GET",
        "path": f"{JOBS}?jobNumber=W%201&x=%C3%A4",
        "status": 200,
        "pcn": 340884,
    }
    assert (refused["status"], refused["pcn"]) == (401, None)
    assert read["at"] < refused["at"]
    assert plex.get("/__plex__/requests?pcn=340884").json() == [read]
    assert plex.get("/__plex__/requests?pcn=340885").json() == []
    assert plex.session.delete(f"{plex.url}/__plex__/requests?pcn=340884", timeout=30).status_code == 204
    assert plex.get("/__plex__/requests").json() == [refused]
    assert plex.session.delete(f"{plex.url}/__plex__/requests", timeout=30).status_code == 204
    assert plex.get("/__plex__/requests").json() == []
