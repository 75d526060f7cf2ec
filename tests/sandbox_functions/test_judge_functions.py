"""Functions as the SDK's own integration tests expect them, and what a call may do for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cognite.client.data_classes import Function, FunctionSchedule, FunctionScheduleWrite
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from functions_bench import Bench, running_bench, until

HANDLER = """
from cognite.client.data_classes import EventWrite
from cognite.client.exceptions import CogniteAPIError

def handle(client, data):
    if "write" in data:
        try:
            return client.events.create(EventWrite(type="t")).type
        except CogniteAPIError as error:
            return [error.code, error.message]
    if "number" in data:
        return float(data["number"])
    return client.iam.token.inspect().subject
"""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def function(bench: Bench) -> Function:
    return bench.deploy(HANDLER)


def ended(bench: Bench, function: Function, data: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The call as it ended, and what it answered."""
    started = bench.post(f"/functions/{function.id}/call", {"data": data, "nonce": nonce})
    assert started.status_code == 201, started.text
    until(lambda: bench.call(function, started.json()["id"]).status != "Running")
    call = bench.call(function, started.json()["id"])
    return call.dump() | {"response": call.get_response()}


def schedule(bench: Bench, function: Function, **more: Any) -> FunctionSchedule:
    made: FunctionSchedule = bench.client.functions.schedules.create(
        FunctionScheduleWrite(name="s", cron_expression="0 0 1 1 *", function_id=function.id, **more)
    )
    return made


@pytest.mark.source("SDK tests test_functions.py: call with a one-shot session")
def test_a_one_shot_session_calls_once(bench: Bench, function: Function) -> None:
    session = bench.client.iam.sessions.create(session_type="ONESHOT_TOKEN_EXCHANGE")
    assert session.nonce is not None
    assert ended(bench, function, {}, session.nonce)["response"] == "deployer"
    with pytest.raises(CogniteAPIError) as spent:
        bench.client.functions.call(id=function.id, nonce=session.nonce)
    assert spent.value.code == 400


@pytest.mark.source("SDK tests test_functions.py: schedules")
def test_a_schedule_reads_as_it_was_written(bench: Bench, function: Function) -> None:
    schedules = bench.client.functions.schedules
    made = schedule(bench, function, data={"key": "value"})
    written = FunctionScheduleWrite("s", "0 0 1 1 *", function_id=function.id, data={"key": "value"})
    assert made.as_write().dump() == written.dump()
    found = schedules.retrieve(made.id)
    assert found is not None
    assert found.dump() == made.dump()
    assert schedules.retrieve(123) is None
    assert [each.id for each in schedules.retrieve([made.id, 123], ignore_unknown_ids=True)] == [made.id]
    with pytest.raises(CogniteNotFoundError):
        schedules.retrieve([123])
    schedules.delete(made.id)


@pytest.mark.source("SDK data_classes/functions.py: when is generated from the cron expression")
def test_when_a_schedule_runs_is_said_once_and_for_all(bench: Bench, function: Function) -> None:
    made = schedule(bench, function)
    bench.project.functions.schedules[made.id].next_fire += 86_400_000
    found = bench.client.functions.schedules.retrieve(made.id)
    assert found is not None
    assert found.when == made.when
    assert made.cron_expression in made.when
    bench.client.functions.schedules.delete(made.id)


@pytest.mark.source("SDK _api/functions/schedules.py; Docs: function schedules, filter")
def test_schedules_are_found_by_either_name_of_their_function(bench: Bench, function: Function) -> None:
    schedules = bench.client.functions.schedules
    made = schedule(bench, function)
    assert [each.id for each in schedules.list(function_external_id=function.external_id)] == [made.id]
    assert [each.id for each in schedules.list(function_id=function.id)] == [made.id]
    assert schedules.list(function_external_id="another") == []
    both = {"filter": {"functionId": function.id, "functionExternalId": function.external_id}}
    assert bench.post("/functions/schedules/list", both).status_code == 400
    refused = bench.post("/functions/schedules/list", {"filter": {"functionId": "1"}})
    assert (refused.status_code, "functionId" in refused.text) == (400, True)
    schedules.delete(made.id)


@pytest.mark.source("Docs: sessions")
def test_a_call_may_do_what_its_session_may_and_no_more(bench: Bench, function: Function) -> None:
    bench.project.identities.join({"runner": ["readers"]})
    reads = {"eventsAcl": {"actions": ["READ"], "scope": {"all": {}}}}
    bench.post("/groups", {"items": [{"name": "g", "sourceId": "readers", "capabilities": [reads]}]})

    def nonce() -> str:
        opened = bench.post("/sessions", {"items": [{"clientId": "runner", "clientSecret": "s"}]})
        return str(opened.json()["items"][0]["nonce"])

    assert ended(bench, function, {}, nonce())["response"] == "runner"
    code, message = ended(bench, function, {"write": True}, nonce())["response"]
    assert (code, "insufficient access rights" in message) == (403, True)
    # Its caller may write.
    assert ended(bench, function, {"write": True}, bench.nonce())["response"] == "t"


@pytest.mark.source("Assumed: an answer is JSON, which has no such numbers")
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_an_answer_that_is_no_json_fails_the_call(bench: Bench, function: Function, number: str) -> None:
    call = ended(bench, function, {"number": number}, bench.nonce())
    assert (call["status"], call["response"]) == ("Failed", None)


@pytest.mark.source("Docs: functions, technical details")
def test_data_may_have_36_kilobytes_of_text_in_any_script(bench: Bench, function: Function) -> None:
    def sent(text: str) -> int:
        return bench.post(f"/functions/{function.id}/call", {"data": {"x": text}, "nonce": bench.nonce()}).status_code

    frame = len('{"x":""}')
    assert sent("ä" * ((36_000 - frame) // 2)) == 201
    assert sent("ä" * ((36_000 - frame) // 2) + "a") == 400


@pytest.mark.source("SDK data_classes/functions.py: statuses of a function")
def test_a_function_whose_code_does_not_import_cannot_be_called(bench: Bench) -> None:
    broken = bench.deploy("import no_such_module\ndef handle(): return 1")
    assert broken.status == "Failed"
    assert broken.error is not None
    assert "no_such_module" in broken.error["message"]
    with pytest.raises(CogniteAPIError) as refused:
        broken.call(wait=False)
    assert (refused.value.code, "Failed" in refused.value.message) == (400, True)
    assert broken.list_calls() == []


@pytest.mark.source("SDK _api/functions/calls.py: list")
def test_calls_are_listed_by_status_schedule_and_time(bench: Bench) -> None:
    function = bench.deploy(HANDLER)
    by_hand = ended(bench, function, {}, bench.nonce())
    failed = ended(bench, function, {"number": "x"}, bench.nonce())
    made = schedule(bench, function)
    fired = bench.client.post(f"/__cdf__/schedules/{made.id}/run").json()["id"]
    until(lambda: bench.call(function, fired).status != "Running")

    def found(**wanted: Any) -> list[int]:
        return [call.id for call in function.list_calls(limit=None, **wanted)]

    assert found() == [fired, failed["id"], by_hand["id"]]
    assert found(status="Failed") == [failed["id"]]
    assert found(status="Completed") == [fired, by_hand["id"]]
    assert found(schedule_id=made.id) == [fired]
    assert found(schedule_id=1) == []
    assert found(start_time={"min": failed["startTime"], "max": failed["startTime"]})[-1] == failed["id"]
    assert found(end_time={"max": by_hand["startTime"] - 1}) == []
