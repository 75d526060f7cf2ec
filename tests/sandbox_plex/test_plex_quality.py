"""Control plans, specifications, deviations and checksheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_plex_client import JOBS, PARTS

if TYPE_CHECKING:
    from sandbox_plex_client import Client

PLANS = "/quality/v1/control-plans"
SPECIFICATIONS = "/quality/v1/part-specifications"
DEVIATIONS = "/quality/v1/deviations"


def test_every_part_has_a_plan_whose_lines_link_to_what_is_measured(plex: Client) -> None:
    shaft = plex.rows(PARTS, number="Shaft")[0]
    [plan] = plex.rows(PLANS, partId=shaft["id"])
    assert plex.rows(PLANS, controlPlanNo=str(plan["controlPlanNo"])) == [plan]
    lines = plex.rows(f"{PLANS}/{plan['id']}/control-plan-lines")
    specifications = plex.rows(SPECIFICATIONS, partId=shaft["id"])
    assert [line["specificationId"] for line in lines] == [row["id"] for row in specifications]
    operations = {row["id"]: row for row in plex.rows("/mdm/v1/part-operations", partId=shaft["id"])}
    assert operations[lines[0]["partOperationId"]]["operationId"] == lines[0]["operationId"]
    assert specifications[0]["toleranceType"]["target"] == 40.0
    assert plex.rows(SPECIFICATIONS, ids=[row["id"] for row in specifications[:2]]) == specifications[:2]
    unknown = f"{PLANS}/00000000-0000-4000-8000-000000000000/control-plan-lines"
    assert plex.get(unknown).status_code == 404


def test_a_deviation_is_effective_for_its_time(plex: Client) -> None:
    assert plex.at("2024-03-02T08:59Z").rows(DEVIATIONS) == []
    [row] = plex.at("2024-03-02T09:00Z").rows(DEVIATIONS, currentlyEffectiveOnly="true")
    assert "_effective" not in row
    assert plex.rows(DEVIATIONS, jobId=plex.rows(JOBS, jobNumber="W1")[0]["id"]) == [row]
    assert plex.rows(DEVIATIONS, specificationId=row["parts"][0]["specificationId"]) == [row]
    plex.at("2024-04-02T00:00Z")
    assert plex.rows(DEVIATIONS, currentlyEffectiveOnly="true") == []
    [expired] = plex.rows(DEVIATIONS, currentlyEffectiveOnly="false")
    assert expired["deviationStatus"] == "Expired"
    assert plex.rows(DEVIATIONS, deviationStatus=["Approved", "Draft"]) == []


def test_a_checksheet_is_read_by_its_number(plex: Client) -> None:
    passed, failed = (plex.get(f"/quality/v1/checksheets/{number}").json() for number in (1, 3))
    assert (passed["checksheetNumber"], passed["outOfSpecification"]) == (1, False)
    assert (failed["inspectionDateTime"], failed["outOfSpecification"]) == ("2024-03-02T09:00:00.0000000Z", True)
    assert plex.get("/quality/v1/checksheets/99").status_code == 404
    assert plex.get("/quality/v1/checksheets/first").status_code == 400
    assert plex.get("/quality/v1/checksheets").status_code == 404


def test_checksheets_can_be_put_in(plex: Client) -> None:
    row = plex.get("/quality/v1/checksheets/1").json()
    plex.change("/quality/v1/checksheets", upsert=[{**row, "checksheetNumber": 77}], remove=[2])
    assert plex.get("/quality/v1/checksheets/77").json() == {**row, "checksheetNumber": 77}
    assert plex.get("/quality/v1/checksheets/2").status_code == 404
    plex.change("/quality/v1/checksheets", reset=True)
