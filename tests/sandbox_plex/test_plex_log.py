from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import JOBS

from sandbox.plex import csv_plant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

REAL_LOG = Path(__file__).parents[3] / "shared/data/factory_log.csv"
DEFINITIONS = "/production/v1/production-definitions"


def test_nothing_exists_before_its_time(plex: Client) -> None:
    plex.at("2024-02-29T07:59:59.9999999Z")
    assert plex.rows("/mdm/v1/parts") == []
    plex.at("2024-02-29T08:00Z")
    assert len(plex.rows("/mdm/v1/parts")) == 2
    plex.at("2024-03-01T07:59:59Z")
    assert plex.rows(JOBS) == []
    plex.at("2024-03-01T08:00Z")
    assert [row["jobNumber"] for row in plex.rows(JOBS)] == ["W1"]
    assert [row["operationCode"] for row in plex.operations_of("W1")] == ["Turn"]


@pytest.mark.parametrize(
    ("instant", "quantity", "status", "completed"),
    [
        ("2024-03-01T08:00Z", 0.0, "Open", None),
        ("2024-03-01T08:30Z", 0.0, "Open", None),  # a setup's pieces are not production
        ("2024-03-01T10:00Z", 4.0, "Open", None),
        ("2024-03-01T12:00Z", 10.0, "Open", None),  # twelve were made, ten ordered
        ("2024-03-02T08:59Z", 10.0, "Open", None),
        ("2024-03-02T09:00Z", 10.0, "Complete", "2024-03-02T09:00:00.0000000Z"),
    ],
)
def test_a_job_gets_on_as_its_reports_end(
    plex: Client, instant: str, quantity: float, status: str, completed: str | None
) -> None:
    job = plex.at(instant).rows(JOBS, jobNumber="W1")[0]
    assert (job["quantityCompleted"], job["jobStatus"], job["completedDate"]) == (quantity, status, completed)
    assert job["createdDate"] == "2024-03-01T08:00:00.0000000Z"
    assert plex.get(f"{JOBS}/{job['id']}").json() == job


def test_a_job_operation_gets_on_too(plex: Client) -> None:
    [turn] = plex.at("2024-03-01T11:00Z").operations_of("W1")
    assert (turn["quantityCompleted"], turn["jobOperationStatus"], turn["workcenterCode"]) == (4.0, "Open", "Lathe 1")
    turn, check = plex.at("2024-03-02T08:45Z").operations_of("W1")
    assert (turn["quantityCompleted"], turn["jobOperationStatus"]) == (12.0, "Complete")
    assert turn["completedDate"] == "2024-03-01T12:00:00.0000000Z"
    assert (check["jobOperationNumber"], check["jobOperationStatus"]) == (20, "Open")


def test_the_clock_goes_back_too(plex: Client) -> None:
    late = plex.rows(JOBS)
    assert len(plex.at("2024-03-01T08:00Z").rows(JOBS)) == 1
    assert plex.at("2024-03-03T10:00Z").rows(JOBS) == late


def test_everything_links(plex: Client) -> None:
    parts = {row["id"]: row for row in plex.rows("/mdm/v1/parts")}
    operations = {row["id"]: row for row in plex.rows("/mdm/v1/operations")}
    workcenters = {row["workcenterId"]: row for row in plex.rows(f"{DEFINITIONS}/workcenters")}
    lines = {row["id"] for row in plex.rows(f"{DEFINITIONS}/production-lines")}
    buildings = {row["id"] for row in plex.rows("/mdm/v1/buildings")}
    part_operations = {row["id"]: row for row in plex.rows("/mdm/v1/part-operations")}
    for job in plex.rows(JOBS):
        assert parts[job["partId"]]["number"] == job["partNumber"]
        assert job["buildingId"] in buildings
        for operation in plex.operations_of(job["jobNumber"]):
            assert workcenters[operation["workcenterId"]]["workcenterCode"] == operation["workcenterCode"]
            assert operation["jobId"] == job["id"]
    for row in part_operations.values():
        assert (row["partId"] in parts, row["operationId"] in operations) == (True, True)
    for row in plex.rows(f"{DEFINITIONS}/approved-workcenters"):
        assert part_operations[row["partOperationId"]]["operationNumber"] == row["operationNo"]
    assert {row["productionLineId"] for row in workcenters.values()} <= lines
    assert {row["workcenterId"] for row in plex.rows("/maintenance/v1/equipment")} == set(workcenters)
    assert plex.rows("/mdm/v1/supply-items")


def test_target_rates_are_medians_of_production(plex: Client) -> None:
    rows = plex.rows(f"{DEFINITIONS}/approved-workcenters")
    rates = {(row["partNo"], row["operationCode"], row["workcenterCode"]): row["targetRate"] for row in rows}
    assert rates == {
        ("Shaft", "Turn", "Lathe 1"): 4.0,
        ("Shaft", "Turn", "Lathe 2"): 8.0,
        ("Shaft", "Check", "Desk"): 20.0,
        ("Ring", "Turn", "Lathe 2"): 25.0,
        ("Ring", "Grind", "Grinder"): None,
    }


def test_ids_stay_the_same_from_start_to_start(serve: Callable[..., Client], log_file: Path) -> None:
    first, second = serve([csv_plant(log_file)]), serve([csv_plant(log_file)])
    elsewhere = serve([csv_plant(log_file, 340885)])
    for path in ("/mdm/v1/parts", JOBS):
        assert first.rows(path) == second.rows(path)
        assert not {row["id"] for row in first.rows(path)} & {row["id"] for row in elsewhere.rows(path)}


def test_a_line_that_is_no_report_is_named(tmp_path: Path, log_file: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(log_file.read_text(encoding="utf-8").replace("2024-03-02T09:00", "soon"), encoding="utf-8")
    with pytest.raises(ValueError, match="Line 5 is no report"):
        csv_plant(broken)
    broken.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="no report"):
        csv_plant(broken)


@pytest.mark.skipif(not REAL_LOG.exists(), reason=f"the real factory's log is not at {REAL_LOG}")
def test_the_real_log(serve: Callable[..., Client]) -> None:
    plex = serve([csv_plant(REAL_LOG)])
    jobs = plex.rows(JOBS)
    operations = [row for job in jobs for row in plex.rows(f"{JOBS}/{job['id']}/operations")]
    counts = {
        path: len(plex.rows(path))
        for path in (
            "/mdm/v1/parts",
            "/mdm/v1/operations",
            "/mdm/v1/part-operations",
            f"{DEFINITIONS}/workcenters",
            f"{DEFINITIONS}/approved-workcenters",
        )
    }
    assert (len(jobs), len(operations), list(counts.values())) == (220, 873, [35, 26, 278, 20, 294])
    assert {job["jobStatus"] for job in jobs} == {"Complete"}
    assert len({row["jobOperationId"] for row in operations}) == 873
    assert sum(row["quantityCompleted"] for row in operations) == 46_064
