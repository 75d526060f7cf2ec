"""How workcenters are set up now: the search, the single read, and the set-up tables behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox_plex_client import JOBS

from sandbox.plex import TIDY, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

SEARCH = "/production/v1/control/workcenter-setups"
DEFINITIONS = "/production/v1/production-definitions"


def search(plex: Client, **body: object) -> list[dict[str, Any]]:
    answer = plex.post(SEARCH, body)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def lathe(plex: Client) -> dict[str, Any]:
    [row] = search(plex, workcenterCodes=["Lathe 1"])
    return row


@pytest.mark.parametrize(
    ("instant", "status", "job", "completed"),
    [
        ("2024-03-01T07:00Z", "Idle", None, None),
        ("2024-03-01T08:10Z", "Setup", "W1", 0.0),
        ("2024-03-01T08:30Z", "Idle", "W1", 0.0),
        ("2024-03-01T09:30Z", "Production", "W1", 0.0),
        ("2024-03-01T10:30Z", "Idle", "W1", 4.0),
    ],
)
def test_a_workcenter_is_in_the_status_that_began_last(
    plex: Client, instant: str, status: str, job: str | None, completed: float | None
) -> None:
    row = lathe(plex.at(instant))
    assert (row["statusDescription"], row["jobNumber"]) == (status, job)
    assert row["jobOperationQuantityCompleted"] == completed
    if completed is not None:
        assert row["jobOperationQuantityBalance"] == 10 - completed


def test_the_search_gives_every_workcenter_unless_it_is_told_which(plex: Client) -> None:
    everything = search(plex)
    workcenters = {row["workcenterId"] for row in plex.rows(f"{DEFINITIONS}/workcenters")}
    assert {row["id"] for row in everything} == workcenters
    assert search(plex, workcenterIds=[], workcenterCodes=None) == everything
    wanted = sorted(workcenters)[:2]
    assert sorted(row["id"] for row in search(plex, workcenterIds=wanted)) == wanted
    assert search(plex, workcenterIds=wanted, workcenterCodes=["Lathe 1", "Desk", "?"])


def test_a_search_that_finds_nothing_answers_204(plex: Client) -> None:
    answer = plex.post(SEARCH, {"workcenterCodes": ["?"]})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("body", [[], {"workcenterIds": "x"}, {"workcenterIds": ["x"]}])
def test_a_search_without_sense(plex: Client, body: object) -> None:
    assert plex.post(SEARCH, body).status_code == 400


def test_one_workcenter_is_read_by_its_id(plex: Client) -> None:
    row = lathe(plex.at("2024-03-01T08:10Z"))
    one = plex.get(f"/production/v1/control/workcenters/{row['id']}").json()
    assert {name: one[name] for name in ("statusId", "jobId", "code")} == {
        name: row[name] for name in ("statusId", "jobId", "code")
    }
    assert one["operators"][0]["employeeName"] == "a"
    assert "partId" not in one
    assert "operators" not in row
    assert row["statusId"] in {each["id"] for each in plex.rows(f"{DEFINITIONS}/workcenter-statuses")}
    unknown = "/production/v1/control/workcenters/00000000-0000-4000-8000-000000000000"
    assert plex.get(unknown).status_code == 404


def test_set_up_tables_are_filtered(plex: Client) -> None:
    [off] = plex.rows(f"{DEFINITIONS}/workcenter-statuses", offStatus="true")
    assert (off["description"], off["productionStatus"]) == ("Off", False)
    assert len(plex.rows(f"{DEFINITIONS}/workcenter-events", active="true")) == 3


def test_generated_workcenters_are_as_their_history_says(serve: Callable[..., Client]) -> None:
    plex = serve(generated_plants(1, untidy=TIDY))
    plex.at("2025-12-30T11:00Z")
    rows = search(plex)
    assert len(rows) == 8
    jobs = {row["id"] for row in plex.rows(JOBS)}
    assert {row["jobId"] for row in rows} - {None} <= jobs
    window = {"beginDate": "2025-12-30T00:00Z", "endDate": "2025-12-30T11:00Z"}
    history = plex.rows("/production/v1/production-history/workcenter-status-entries", **window)
    latest = {row["workcenterId"]: row["workcenterStatus"] for row in history}
    assert {row["id"]: row["statusDescription"] for row in rows} == latest
