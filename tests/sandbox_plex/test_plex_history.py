"""Production, scrap, status, set-up and labor entries of a log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_plex_client import EVER, HISTORY, JOBS

from sandbox.plex import csv_plant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

REAL_LOG = Path(__file__).parents[3] / "shared/data/factory_log.csv"
SETUPS = {"beginSetupDate": EVER["beginDate"]}
WITHOUT_WORK = """\
W3,Ring,10,Turn,Lathe 2,b,D,0,0,,5,2024-03-04T08:00
W3,Ring,10,Turn,Lathe 2,b,D,0,0,,5,2024-03-04T08:00
W3,Ring,10,Turn,Lathe 2,c,D,2,0,,5,2024-03-04T08:00
W3,Ring,10,Turn,Lathe 2,c,D,3,0,,5,2024-03-04T08:00
"""


def entries(plex: Client, kind: str, **parameters: str) -> list[dict[str, Any]]:
    return plex.rows(f"{HISTORY}/{kind}-entries", **{**EVER, **parameters})


def test_production_entries_are_the_production_reports(plex: Client) -> None:
    rows = entries(plex, "production")
    assert [(row["transactionDate"], row["workcenterCode"], row["quantity"]) for row in rows] == [
        ("2024-03-01T10:00:00.0000000Z", "Lathe 1", 4.0),
        ("2024-03-01T12:00:00.0000000Z", "Lathe 2", 8.0),
        ("2024-03-02T09:00:00.0000000Z", "Desk", 5.0),
        ("2024-03-01T15:00:00.0000000Z", "Lathe 2", 50.0),
    ]
    jobs = {row["id"]: row for row in plex.rows(JOBS)}
    operations = {row["id"]: row for row in plex.rows("/mdm/v1/part-operations")}
    for row in rows:
        assert (row["jobNo"], row["partId"]) == (jobs[row["jobId"]]["jobNumber"], jobs[row["jobId"]]["partId"])
        assert operations[row["partOperationId"]]["operationNumber"] == row["operationNumber"]
        assert "id" not in row


def test_scrap_entries_are_the_pieces_held_for_review(plex: Client) -> None:
    [row] = entries(plex, "scrap")
    assert (row["quantity"], row["scrapReason"], row["workcenterCode"]) == (1.0, "MRB", "Desk")
    assert plex.rows("/inventory/v1/inventory-definitions/scrap-reasons") == [{"reason": "MRB"}]


def test_a_status_lasts_from_the_begin_of_its_report_and_grows_until_its_end(plex: Client) -> None:
    plex.at("2024-03-01T08:10Z")
    [row] = entries(plex, "workcenter-status")
    assert (row["logDate"], row["workcenterStatus"], row["duration"]) == ("2024-03-01T08:00:00.0000000Z", "Setup", 600)
    plex.at("2024-03-01T08:45Z")
    assert [row["duration"] for row in entries(plex, "workcenter-status")] == [1800]
    plex.at("2024-03-03T10:00Z")
    statuses = Counter(row["workcenterStatus"] for row in entries(plex, "workcenter-status"))
    assert statuses == {"Production": 4, "Setup": 1, "Breakdown": 1}
    assert [row["duration"] for row in entries(plex, "workcenter-status", status="Breakdown")] == [600]


def test_a_setup_is_noted_when_it_begins_and_again_when_it_ends(plex: Client) -> None:
    path = f"{HISTORY}/workcenter-setup-entries"
    [row] = plex.at("2024-03-01T08:00Z").rows(path, **SETUPS)
    assert (row["setupDateTime"], row["setupDateTimeChange"]) == ("2024-03-01T08:00:00.0000000Z", None)
    assert (row["parentPartNumber"], row["parentPartOperationNumber"], row["parent"]) == ("Shaft", 10, True)
    [row] = plex.at("2024-03-01T08:30Z").rows(path, **SETUPS)
    assert row["setupDateTimeChange"] == "2024-03-01T08:30:00.0000000Z"
    assert plex.rows(path, **SETUPS, endSetupDate="2024-03-01T07:00Z") == []
    assert len(plex.rows(path, **SETUPS, partId=row["parentPartId"])) == 1


def test_labor_is_counted_in_minutes_once_it_is_done(plex: Client) -> None:
    [row] = plex.at("2024-03-01T08:29Z").rows(f"{HISTORY}/labor-entries", **EVER)
    assert (row["endTime"], row["duration"], row["costActivity"], row["employee"]) == (None, None, "Setup", "a")
    first, second = plex.at("2024-03-01T10:00Z").rows(f"{HISTORY}/labor-entries", **EVER)
    assert (first["duration"], second["duration"]) == (30, 60)


def test_windows_take_in_both_ends(plex: Client) -> None:
    at = "2024-03-01T12:00:00.0000000Z"
    assert [row["quantity"] for row in entries(plex, "production", beginDate=at, endDate=at)] == [8.0]
    assert entries(plex, "production", beginDate="2024-03-01T12:00:00.0000001Z", endDate="2024-03-01T14:00Z") == []


@pytest.mark.parametrize("kind", ["production", "scrap", "labor", "workcenter-status"])
@pytest.mark.parametrize("left_out", ["beginDate", "endDate"])
def test_dates_are_required(plex: Client, kind: str, left_out: str) -> None:
    answer = plex.get(f"{HISTORY}/{kind}-entries", params={name: EVER[name] for name in EVER if name != left_out})
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_VALIDATION_FAILED")


def test_rows_that_share_an_identity_and_twins_are_all_there(
    serve: Callable[..., Client], log_file: Path, tmp_path: Path
) -> None:
    log = tmp_path / "twins.csv"
    log.write_text(log_file.read_text(encoding="utf-8") + WITHOUT_WORK, encoding="utf-8")
    rows = entries(serve([csv_plant(log)]), "production", beginDate="2024-03-04T00:00Z")
    assert [(row["quantity"], row["employeeName"]) for row in rows] == [(0.0, "b"), (0.0, "b"), (2.0, "c"), (3.0, "c")]
    assert rows[0] == rows[1]


def test_history_rows_are_added_and_removed_by_their_values(serve: Callable[..., Client], log_file: Path) -> None:
    plex = serve([csv_plant(log_file)])
    path = f"{HISTORY}/production-entries"
    first, *others = plex.rows(path, **EVER)
    late = {**first, "quantity": 6.0}
    plex.change(path, remove=[{"transactionDate": first["transactionDate"], "quantity": 4.0}], upsert=[late, late])
    assert plex.rows(path, **EVER) == [*others, late, late]
    plex.change(path, remove=[late])
    assert plex.rows(path, **EVER) == others
    assert plex.put("/340884/rows", {"path": path, "remove": ["key"]}).status_code == 400
    plex.change(path, reset=True)
    assert plex.rows(path, **EVER) == [first, *others]


@pytest.mark.skipif(not REAL_LOG.exists(), reason=f"the real factory's log is not at {REAL_LOG}")
def test_the_real_log(serve: Callable[..., Client]) -> None:
    plex = serve([csv_plant(REAL_LOG)])
    production, scrap, status = (entries(plex, kind) for kind in ("production", "scrap", "workcenter-status"))
    quantities = [row["quantity"] for row in production]
    assert (len(quantities), sum(each > 0 for each in quantities), sum(quantities)) == (1922, 1456, 46_064)
    assert (len(scrap), sum(row["quantity"] for row in scrap)) == (3, 86)
    assert (len(status), sum(row["workcenterStatus"] == "Breakdown" for row in status)) == (2489, 36)
    assert len(plex.rows(f"{HISTORY}/workcenter-setup-entries", **SETUPS)) == 531
    identity = ("workcenterId", "transactionDate", "partOperationId", "jobId")
    shared = list(Counter(tuple(row[name] for name in identity) for row in production).values())
    assert (sum(count > 1 for count in shared), sum(count for count in shared if count > 1)) == (22, 47)
    instants = Counter((row["workcenterId"], row["transactionDate"]) for row in production if row["quantity"])
    assert (len(instants), sum(count > 1 for count in instants.values())) == (1386, 38)
    starts = Counter((row["workcenterId"], row["logDate"]) for row in status)
    assert sum(count > 1 for count in starts.values()) == 67
