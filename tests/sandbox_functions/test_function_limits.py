"""What a function and its calls may use, and what the platform says when they want more."""

from collections.abc import Iterator
from typing import Any

import pytest
from cognite.client.data_classes import Function
from functions_bench import Bench, running_bench, until

HANDLER = """
def handle(data):
    if "megabytes" in data:
        held = bytearray(data["megabytes"] * 1_000_000)
        for place in range(0, len(held), 4096):
            held[place] = 1
        __import__("time").sleep(data.get("seconds", 0))
    for number in range(data.get("lines", 0)):
        print(number, "x" * data["width"])
    return "done"
"""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def function(bench: Bench) -> Function:
    return bench.deploy(HANDLER)


def ended(bench: Bench, function: Function, **data: object) -> dict[str, Any]:
    call = function.call(data, wait=False)
    until(lambda: bench.call(function, call.id).status != "Running")
    found = bench.post(f"/functions/{function.id}/calls/byids", {"items": [{"id": call.id}]}).json()
    row: dict[str, Any] = found["items"][0]
    return row


@pytest.mark.source("Docs: functions, technical details")
def test_a_call_that_takes_too_much_memory_is_killed(
    bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1.5 GB is the default of https://docs.cognite.com/cdf/functions/technical; it is documented without words."""
    row = bench.project.functions.functions[function.id].row
    assert row["memory"] == 1.5
    monkeypatch.setitem(row, "memory", 0.2)
    assert ended(bench, function, megabytes=20)["status"] == "Completed"
    call = ended(bench, function, megabytes=400, seconds=60)
    assert (call["status"], call["error"]) == (
        "Failed",
        "The function used more than the 0.2 GB of memory that it may use.",
    )


@pytest.mark.source("Assumed: a log has some limit, which no page gives")
def test_a_log_is_kept_up_to_a_size_and_says_so(bench: Bench, function: Function) -> None:
    call = function.call({"lines": 30, "width": 50_000}, wait=False)
    until(lambda: bench.call(function, call.id).status == "Completed")
    lines = [entry.message for entry in call.get_logs()]
    assert len(lines) == 20
    assert lines[18].startswith("18 xxx")
    assert lines[19] == "The log is full: what was written after its first 1000000 bytes is not kept."


@pytest.mark.source("Assumed: a line has some limit, which no page gives")
def test_a_line_without_an_end_does_not_fill_the_server(bench: Bench, function: Function) -> None:
    call = function.call({"lines": 1, "width": 100_000}, wait=False)
    until(lambda: bench.call(function, call.id).status == "Completed")
    assert [len(entry.message) for entry in call.get_logs()] == [65_536, 100_002 - 65_536]


@pytest.mark.source("SDK data_classes/functions.py")
def test_calls_are_listed_by_their_times(bench: Bench, function: Function) -> None:
    """SDK data_classes/functions.py FunctionCallsFilter: status, scheduleId, startTime and endTime."""
    first, second = (ended(bench, function) for _ in range(2))
    calls = bench.client.functions.calls
    late = calls.list(function_id=function.id, start_time={"min": second["startTime"]})
    assert [call.id for call in late] == [second["id"]]
    early = calls.list(function_id=function.id, end_time={"max": first["endTime"]}, status="Completed")
    assert first["id"] in [call.id for call in early]
    assert second["id"] not in [call.id for call in early]


@pytest.mark.source("Docs: functions, technical details")
def test_a_function_has_a_hundred_schedules(bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://docs.cognite.com/cdf/functions/technical: 1000 a project, 100 a function."""
    monkeypatch.setattr("sandbox.cdf.functions.schedules.SCHEDULES_PER_FUNCTION", 1)
    item = {"name": "s", "functionId": function.id, "cronExpression": "0 0 1 1 *"}
    made = [bench.post("/functions/schedules", {"items": [item | {"nonce": bench.nonce()}]}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 400]
