"""What the process of a call used is counted, and it runs on the cores that it is given."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cognite.client.data_classes import Function
from functions_bench import Bench, running_bench, until

pytestmark = pytest.mark.source("Ours: a control endpoint, and the cores of calls, which the platform has not")

HANDLER = """
import os
def handle(data):
    held = b"x" * (data["megabytes"] * 1_000_000)
    __import__("time").sleep(data.get("seconds", 0))
    del held
    return sorted(os.sched_getaffinity(0))
"""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def function(bench: Bench) -> Function:
    return bench.deploy(HANDLER)


def called(bench: Bench, function: Function, **data: object) -> tuple[Any, Any]:
    """What a call answered, and what its process used."""
    call = function.call(data, wait=False)
    until(lambda: bench.call(function, call.id).status != "Running")
    return call.get_response(), requests.get(f"{bench.url}/__cdf__/calls/{call.id}/usage", timeout=10).json()


def test_a_call_s_peak_is_its_own_and_stays_although_the_memory_was_given_back(
    bench: Bench, function: Function
) -> None:
    # What the server's process holds is no part of it.
    held = b"x" * 500_000_000
    _, large = called(bench, function, megabytes=200)
    _, small = called(bench, function, megabytes=1)
    del held
    assert 200_000_000 < large["peakBytes"] < 400_000_000
    assert small["peakBytes"] < 200_000_000
    assert 0 < small["cpuSeconds"] < 60


def test_a_killed_call_has_no_figures(bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    row = bench.project.functions.functions[function.id].row
    monkeypatch.setitem(row, "memory", 0.2)
    _, used = called(bench, function, megabytes=400, seconds=60)
    assert used is None
    assert requests.get(f"{bench.url}/__cdf__/calls/1/usage", timeout=10).status_code == 404


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="The system cannot keep a process on a core.")
def test_calls_run_on_the_cores_that_they_are_given(
    bench: Bench, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = sorted(os.sched_getaffinity(0))
    assert called(bench, function, megabytes=1)[0] == own
    monkeypatch.setattr(bench.runner, "cores", {own[0]})
    assert called(bench, function, megabytes=1)[0] == own[:1]
