"""Schedules that fire: by a clock that can be moved, each when it is due, whatever else runs."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cognite.client.data_classes import ClientCredentials, Function, FunctionSchedule
from functions_bench import Bench, running_bench, until

HANDLER = """
import time

def handle(data, function_call_info):
    while data.get("until") and not __import__("os").path.exists(data["until"]):
        time.sleep(0.01)
    return function_call_info
"""
NOON = "2030-01-01T12:00:30+00:00"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench(cron=True) as bench:
        yield bench


@pytest.fixture
def function(bench: Bench) -> Iterator[Function]:
    function = bench.deploy(HANDLER)
    assert function.status == "Ready", function.error
    yield function
    # Its schedules with it: they would fire in the next test.
    bench.client.functions.delete(id=function.id)


def clock(bench: Bench, **change: object) -> dict[str, Any]:
    answer = requests.put(f"{bench.url}/__cdf__/clock", json=change, timeout=30)
    result: dict[str, Any] = answer.json() | {"status": answer.status_code}
    return result


def schedule(bench: Bench, function: Function, cron: str, **data: object) -> FunctionSchedule:
    return bench.client.functions.schedules.create(
        name=cron,
        cron_expression=cron,
        function_id=function.id,
        client_credentials=ClientCredentials("runner", "s"),
        data=data,
    )


def calls(bench: Bench, function: Function) -> list[dict[str, Any]]:
    """The function's calls, the oldest first."""
    items: list[dict[str, Any]] = bench.post(f"/functions/{function.id}/calls/list", {"limit": 1000}).json()["items"]
    return items[::-1]


def due(bench: Bench, function: Function) -> list[str]:
    """When its calls were due, as hours and minutes."""
    times = [call["scheduledTime"] / 1000 for call in calls(bench, function)]
    return [datetime.fromtimestamp(time, UTC).strftime("%H:%M") for time in times]


def ended(bench: Bench, function: Function) -> list[dict[str, Any]]:
    until(lambda: all(call["status"] != "Running" for call in calls(bench, function)))
    return calls(bench, function)


@pytest.mark.source("API: create schedules; Assumed: UTC")
def test_a_schedule_fires_whenever_it_is_due_in_utc(bench: Bench, function: Function) -> None:
    """https://docs.cognite.com/20230101/function-schedules/create-schedules: five fields, asynchronous calls."""
    clock(bench, now=NOON)
    made = schedule(bench, function, "*/10 * * * *")
    assert made.when == "At */10 * * * * (UTC)"
    clock(bench, advanceSeconds=9 * 60)
    assert calls(bench, function) == []
    clock(bench, advanceSeconds=22 * 60)
    assert due(bench, function) == ["12:10", "12:20", "12:30"]
    for call in ended(bench, function):
        assert (call["status"], call["scheduleId"]) == ("Completed", made.id)
        answered = bench.call(function, call["id"]).get_response()
        assert answered == {
            "function_id": function.id,
            "call_id": call["id"],
            "schedule_id": made.id,
            "scheduled_time": call["scheduledTime"],
        }
    shown = bench.client.functions.schedules.retrieve(made.id)
    assert shown is not None
    assert shown.when == made.when


@pytest.mark.source("Ours: PUT /__cdf__/clock")
def test_setting_the_clock_makes_up_for_nothing(bench: Bench, function: Function) -> None:
    clock(bench, now=NOON)
    schedule(bench, function, "0 * * * *")
    clock(bench, now="2030-01-05T08:59:30Z")
    assert calls(bench, function) == []
    clock(bench, advanceSeconds=30)
    assert due(bench, function) == ["09:00"]
    ended(bench, function)


@pytest.mark.source("API: create schedules")
def test_time_itself_fires(bench: Bench, function: Function) -> None:
    clock(bench, now="2030-01-01T12:04:59.9")
    schedule(bench, function, "5 12 * * *")
    until(lambda: calls(bench, function))
    assert due(bench, function) == ["12:05"]
    ended(bench, function)


@pytest.mark.source("Assumed: no page promises that calls do not overlap")
def test_a_schedule_does_not_wait_for_its_last_call(bench: Bench, function: Function, tmp_path: Path) -> None:
    """No document promises otherwise, and a function may have a hundred calls at once."""
    clock(bench, now=NOON)
    schedule(bench, function, "* * * * *", until=str(tmp_path / "go"))
    clock(bench, advanceSeconds=120)
    assert [call["status"] for call in calls(bench, function)] == ["Running", "Running"]
    (tmp_path / "go").touch()
    assert [call["status"] for call in ended(bench, function)] == ["Completed", "Completed"]


@pytest.mark.source("Toolkit client/resource_classes/function_call.py")
def test_a_scheduled_call_over_the_limit_is_recorded_and_skipped(
    bench: Bench, function: Function, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is one of the Toolkit's FunctionCallStatus (client/resource_classes/function_call.py)."""
    monkeypatch.setattr("sandbox.cdf.functions.calls.RUNNING_PER_PROJECT", 1)
    clock(bench, now=NOON)
    schedule(bench, function, "* * * * *", until=str(tmp_path / "go"))
    clock(bench, advanceSeconds=120)
    first, second = calls(bench, function)
    assert (first["status"], second["status"]) == ("Running", "ConcurrencyLimitExceeded")
    assert second["error"] == "Too many calls are running"
    assert second["endTime"] == second["startTime"]
    (tmp_path / "go").touch()
    ended(bench, function)


@pytest.mark.source("SDK _api/functions/schedules.py")
def test_a_deleted_schedule_revokes_its_session_and_fires_no_more(bench: Bench, function: Function) -> None:
    """The session is kept alive for the lifetime of the schedule: SDK, functions.schedules.create."""
    clock(bench, now=NOON)
    made = schedule(bench, function, "* * * * *")
    bench.client.functions.schedules.delete(made.id)
    (session,) = bench.client.iam.sessions.retrieve([made.session_id])
    assert session.status == "REVOKED"
    clock(bench, advanceSeconds=120)
    assert calls(bench, function) == []


@pytest.mark.source("Docs: sessions; Assumed: the call is recorded as failed")
def test_a_schedule_whose_session_has_ended_fails_its_calls(bench: Bench, function: Function) -> None:
    clock(bench, now=NOON)
    made = schedule(bench, function, "* * * * *")
    bench.client.iam.sessions.revoke(made.session_id)
    clock(bench, advanceSeconds=60)
    (call,) = calls(bench, function)
    assert call["status"] == "Failed"
    assert "session" in call["error"]


@pytest.mark.source("Toolkit resource_ios/_function.py")
def test_a_deleted_function_takes_its_schedules_and_their_sessions_with_it(bench: Bench) -> None:
    function = bench.deploy(HANDLER)
    made = schedule(bench, function, "0 0 1 1 *")
    bench.client.functions.delete(id=function.id)
    assert bench.client.functions.schedules.retrieve(made.id) is None
    (session,) = bench.client.iam.sessions.retrieve([made.session_id])
    assert session.status == "REVOKED"


@pytest.mark.source("Ours: PUT /__cdf__/clock")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"now": "tomorrow"},
        {"now": 1},
        {"advanceSeconds": -1},
        {"advanceSeconds": 90_000},
        {"more": 1},
        {"cron": "no"},
    ],
)
def test_a_clock_that_cannot_be_moved_so(bench: Bench, change: dict[str, object]) -> None:
    assert clock(bench, **change)["status"] == 400


@pytest.mark.source("Ours: python -m sandbox up --state FILE")
def test_what_fell_due_while_the_server_was_stopped_is_not_made_up_for(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running_bench(state_file=state, cron=True) as bench:
        function = bench.deploy(HANDLER)
        clock(bench, now=NOON)
        schedule(bench, function, "0 0 1 1 *")
    with running_bench(state_file=state, cron=True) as bench:
        clock(bench, now="2031-01-02T00:00:00Z")
        clock(bench, advanceSeconds=1)
        assert calls(bench, function) == []


@pytest.mark.source("Ours: PUT /__cdf__/clock")
def test_without_cron_schedules_run_on_demand_alone() -> None:
    with running_bench(cron=False) as bench:
        function = bench.deploy(HANDLER)
        clock(bench, now=NOON)
        schedule(bench, function, "* * * * *")
        clock(bench, advanceSeconds=600)
        assert calls(bench, function) == []


@pytest.mark.source("Ours: PUT /__cdf__/clock")
def test_what_fell_due_while_firing_was_switched_off_is_not_made_up_for(bench: Bench, function: Function) -> None:
    clock(bench, now=NOON)
    schedule(bench, function, "* * * * *")
    assert clock(bench, cron=False)["cron"] is False
    clock(bench, advanceSeconds=600)
    assert clock(bench, cron=True)["cron"] is True
    assert calls(bench, function) == []
    clock(bench, advanceSeconds=60)
    assert len(calls(bench, function)) == 1


@pytest.mark.source("Ours: PUT /__cdf__/clock")
def test_the_clock_is_the_real_one_until_it_is_moved() -> None:
    with running_bench(cron=True) as bench:
        shown = requests.get(f"{bench.url}/__cdf__/clock", timeout=30).json()
    assert abs(datetime.fromisoformat(shown["now"]).timestamp() - time.time()) < 10
    assert shown["cron"] is True
