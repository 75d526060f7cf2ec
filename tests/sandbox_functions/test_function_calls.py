"""What a call of `handle()` gets, and what the platform makes of its end."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cognite.client.data_classes import ClientCredentials, Function, FunctionCall
from cognite.client.exceptions import CogniteAPIError
from functions_bench import Bench, running_bench, until

EVERYTHING = """
import json, os, sys, threading, time
from pathlib import Path

def handle(client, data, secrets, function_call_info):
    do = data.get("do")
    if do == "answer":
        return {"data": data, "secrets": secrets, "info": function_call_info, "project": client.config.project}
    if do == "print":
        print("to stdout", data["text"])
        print("to stderr", file=sys.stderr)
        os.write(1, b"past Python\\n")
        return None
    if do == "look":
        found = {}
        for name in data["modules"]:
            try:
                found[name] = bool(__import__(name))
            except ImportError:
                found[name] = False
        return {"modules": found, "path": sys.path, "variables": dict(os.environ), "stdin": sys.stdin.read()}
    if do == "fail":
        return inner()
    if do == "exit":
        os._exit(7)
    if do == "sleep":
        print("asleep")
        os.system("sleep 60")
    if do == "meet":
        # Ends only if another call comes while this one runs.
        Path(data["folder"], data["me"]).touch()
        while not Path(data["folder"], data["other"]).exists():
            time.sleep(0.01)
        return data["me"]
    if do == "repeat":
        return "x" * data["bytes"]
    if do == "odd":
        return {1, 2}
    if do == "thread":
        threading.Thread(target=time.sleep, args=(60,)).start()
        return "done"
    if do == "identity":
        return len(client.assets.list())

def inner():
    raise ValueError("no such thing")
"""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def function(bench: Bench) -> Function:
    function = bench.deploy(EVERYTHING, secrets={"api-key": "hush"}, env_vars={"SITE": "oslo"})
    assert function.status == "Ready", function.error
    return function


def finished(call: FunctionCall) -> FunctionCall:
    def ended() -> bool:
        call.update()
        return call.status != "Running"

    until(ended)
    return call


def run(function: Function, **data: object) -> FunctionCall:
    return finished(function.call(data, wait=False))


def answer_of(call: FunctionCall) -> Any:
    assert call.status == "Completed", call.error
    return call.get_response()


def logs_of(call: FunctionCall) -> list[str]:
    return [entry.message for entry in call.get_logs()]


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_a_call_gets_client_data_secrets_and_its_own_ids(function: Function) -> None:
    call = run(function, do="answer", number=1)
    assert answer_of(call) == {
        "data": {"do": "answer", "number": 1},
        "secrets": {"api-key": "hush"},
        "info": {"function_id": function.id, "call_id": call.id},
        "project": "p",
    }
    assert call.end_time is not None
    assert call.start_time <= call.end_time


@pytest.mark.source("Docs: functions")
def test_nothing_but_the_zip_and_its_requirements_is_within_reach(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ".:shared")
    monkeypatch.setenv("CDF_CLIENT_SECRET", "private")
    modules = ["sandbox", "plex_cdf", "starlette", "pytest", "cognite.client", "handler"]
    seen = answer_of(run(function, do="look", modules=modules))
    assert {name for name, there in seen["modules"].items() if there} == {"cognite.client", "handler"}
    assert "PYTHONPATH" not in seen["variables"]
    assert "private" not in seen["variables"].values()
    assert "hush" not in seen["variables"].values()
    assert seen["variables"]["SITE"] == "oslo"
    assert seen["variables"]["TZ"] == "UTC"
    assert seen["stdin"] == ""


@pytest.mark.source("SDK data_classes/functions.py")
def test_lines_of_stdout_and_stderr_are_the_log(function: Function) -> None:
    before = time.time() * 1000 - 1
    call = run(function, do="print", text="grüße")
    assert answer_of(call) is None
    assert logs_of(call) == ["to stdout grüße", "to stderr", "past Python"]
    assert all(entry.timestamp is not None and entry.timestamp >= before for entry in call.get_logs())


@pytest.mark.source("Docs: functions, technical details; SDK data_classes/functions.py")
def test_the_log_can_be_read_while_the_call_runs_and_the_time_limit_kills_it(
    bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.runner, "time_limit", 2.0)
    call = function.call({"do": "sleep"}, wait=False)
    until(lambda: logs_of(call) == ["asleep"])
    call.update()
    assert call.status == "Running"
    assert finished(call).status == "Timeout"
    assert call.get_response() is None


@pytest.mark.source("Toolkit client/resource_classes/function_call.py")
def test_an_exception_fails_the_call_with_its_trace(function: Function) -> None:
    call = run(function, do="fail")
    assert call.status == "Failed"
    # Text: the Toolkit reads nothing else (client/resource_classes/function_call.py), and the SDK takes anything.
    assert str(call.error) == "ValueError: no such thing"
    trace = logs_of(call)
    assert trace[-1] == "ValueError: no such thing"
    assert any("in inner" in line for line in trace)
    assert not any("child.py" in line for line in trace)


@pytest.mark.source("Assumed: a call whose process is gone has failed")
def test_a_process_that_dies_fails_the_call(function: Function) -> None:
    call = run(function, do="exit")
    assert call.status == "Failed"
    assert "exit code 7" in json.dumps(call.error)


@pytest.mark.source("Docs: functions, technical details")
def test_a_response_may_have_a_megabyte(function: Function) -> None:
    assert len(answer_of(run(function, do="repeat", bytes=999_990))) == 999_990
    call = run(function, do="repeat", bytes=1_000_000)
    assert call.status == "Failed"
    assert "1000002 bytes" in json.dumps(call.error)
    assert call.get_response() is None


@pytest.mark.source("SDK data_classes/functions.py")
def test_a_response_must_be_json(function: Function) -> None:
    call = run(function, do="odd")
    assert call.status == "Failed"
    assert "set is not JSON serializable" in json.dumps(call.error)


@pytest.mark.source("Assumed: a call ends when handle returns")
def test_threads_left_behind_do_not_hold_the_call(function: Function) -> None:
    assert answer_of(run(function, do="thread")) == "done"


@pytest.mark.source("Docs: functions, technical details")
def test_calls_overlap(function: Function, tmp_path: Path) -> None:
    one = function.call({"do": "meet", "folder": str(tmp_path), "me": "a", "other": "b"}, wait=False)
    two = function.call({"do": "meet", "folder": str(tmp_path), "me": "b", "other": "a"}, wait=False)
    assert [answer_of(finished(call)) for call in (one, two)] == ["a", "b"]


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_requests_of_a_call_are_recorded_under_its_id(bench: Bench, function: Function) -> None:
    call = run(function, do="identity")
    assert answer_of(call) == 0
    record = requests.get(f"{bench.url}/__cdf__/requests", timeout=30).json()
    own = [entry for entry in record if entry["callId"] == call.id]
    assert [(entry["path"], entry["clientId"]) for entry in own] == [("/api/v1/projects/p/assets/list", "deployer")]
    assert requests.get(f"{bench.url}/__cdf__/requests", params={"callId": call.id}, timeout=30).json() == own


@pytest.mark.source("Docs: functions, technical details")
def test_too_much_data_is_refused(bench: Bench, function: Function) -> None:
    with pytest.raises(CogniteAPIError, match="more than the 36000 allowed") as refused:
        bench.client.functions.call(function.id, data={"text": "x" * 36_000}, wait=False)
    assert refused.value.code == 400


@pytest.mark.source("Docs: functions, technical details")
def test_only_a_hundred_calls_of_a_function_run_at_once(
    bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.cdf.functions.calls.RUNNING_PER_FUNCTION", 1)
    monkeypatch.setattr(bench.runner, "time_limit", 2.0)
    call = function.call({"do": "sleep"}, wait=False)
    refused = bench.post(f"/functions/{function.id}/call", {"data": {}, "nonce": bench.nonce()})
    assert refused.status_code == 429
    assert finished(call).status == "Timeout"


@pytest.mark.source("Docs: sessions")
def test_a_nonce_starts_one_call(bench: Bench, function: Function) -> None:
    order = {"data": {"do": "answer"}, "nonce": bench.nonce()}
    started = bench.post(f"/functions/{function.id}/call", order)
    assert started.status_code == 201
    assert started.json()["status"] == "Running"
    assert bench.post(f"/functions/{function.id}/call", order).status_code == 400
    assert bench.post(f"/functions/{function.id}/call", {"data": {}}).status_code == 400
    assert bench.post("/functions/1/call", order).status_code == 404


@pytest.mark.source("SDK _api/functions/calls.py")
def test_calls_are_listed_newest_first_by_page_and_by_filter(bench: Bench) -> None:
    function = bench.deploy("def handle(data):\n    return 1 / data['by']\n")
    calls = [run(function, by=by) for by in (1, 0, 2)]
    assert [call.id for call in function.list_calls()] == [call.id for call in reversed(calls)]
    assert [call.id for call in function.list_calls(status="Failed")] == [calls[1].id]
    pages = []
    cursor = None
    for _ in calls:
        page = bench.post(f"/functions/{function.id}/calls/list", {"limit": 1, "cursor": cursor}).json()
        cursor = page.get("nextCursor")
        pages += [row["id"] for row in page["items"]]
    assert pages == [call.id for call in reversed(calls)]
    assert cursor is None
    assert bench.call(function, calls[0].id).status == "Completed"
    assert bench.client.functions.calls.retrieve(call_id=1, function_id=function.id) is None


@pytest.mark.source("SDK _api/functions/schedules.py")
def test_a_schedule_is_kept_with_its_data_and_runs_on_demand(bench: Bench, function: Function) -> None:
    schedules = bench.client.functions.schedules
    schedule = schedules.create(
        name="often",
        cron_expression="*/5 * * * *",
        function_id=function.id,
        client_credentials=ClientCredentials("runner", "s"),
        data={"do": "answer"},
    )
    assert schedule.when
    assert schedules.get_input_data(schedule.id) == {"do": "answer"}
    assert [one.id for one in schedules.list(function_id=function.id)] == [schedule.id]

    started = requests.post(f"{bench.url}/__cdf__/schedules/{schedule.id}/run", timeout=30)
    assert started.status_code == 201
    call = finished(bench.call(function, started.json()["id"]))
    assert (call.schedule_id, call.scheduled_time) == (schedule.id, started.json()["scheduledTime"])
    assert answer_of(call)["info"] == {
        "function_id": function.id,
        "call_id": call.id,
        "schedule_id": schedule.id,
        "scheduled_time": call.scheduled_time,
    }
    assert [one.id for one in function.list_calls(schedule_id=schedule.id)] == [call.id]

    schedules.delete(schedule.id)
    assert schedules.retrieve(schedule.id) is None
    assert requests.post(f"{bench.url}/__cdf__/schedules/{schedule.id}/run", timeout=30).status_code == 404


@pytest.mark.source("SDK _api/functions/schedules.py")
def test_a_scheduled_call_acts_as_the_schedules_own_principal(bench: Bench, function: Function) -> None:
    schedule = bench.client.functions.schedules.create(
        name="own principal",
        cron_expression="0 2 * * *",
        function_id=function.id,
        client_credentials=ClientCredentials("runner", "s"),
        data={"do": "identity"},
    )
    started = requests.post(f"{bench.url}/__cdf__/schedules/{schedule.id}/run", timeout=30).json()
    finished(bench.call(function, started["id"]))
    record = requests.get(f"{bench.url}/__cdf__/requests", timeout=30).json()
    assert {entry["clientId"] for entry in record if entry["callId"] == started["id"]} == {"runner"}


@pytest.mark.source("Docs: sessions")
def test_a_schedule_whose_session_was_revoked_does_not_run(bench: Bench, function: Function) -> None:
    schedule = bench.client.functions.schedules.create(
        name="revoked", cron_expression="0 2 * * *", function_id=function.id, data={"do": "answer"}
    )
    bench.client.iam.sessions.revoke(schedule.session_id)
    refused = requests.post(f"{bench.url}/__cdf__/schedules/{schedule.id}/run", timeout=30)
    assert refused.status_code == 400
    assert "session" in refused.json()["error"]["message"]


@pytest.mark.source("API: create schedules")
@pytest.mark.parametrize("expression", ["* * * *", "*/5 * * * * *", "61 * * * *", "@daily", ""])
def test_a_schedule_needs_a_cron_expression_of_five_fields(bench: Bench, function: Function, expression: str) -> None:
    item = {"name": "s", "functionId": function.id, "cronExpression": expression, "nonce": bench.nonce()}
    refused = bench.post("/functions/schedules", {"items": [item]})
    assert refused.status_code == 400
    assert "cronExpression" in refused.json()["error"]["message"]
