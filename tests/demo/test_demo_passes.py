"""How the demo runs what is deployed: facilities side by side, the schedules of each in order and until done."""

from __future__ import annotations

from threading import Barrier, Lock
from typing import Any, cast

import pytest

from sandbox.demo.calls import Call
from sandbox.demo.passes import MOST_ROUNDS, Desk, run_schedules
from sandbox.demo.reading import Cdf, Plex, Row

FUNCTIONS = {1: "plex_quality", 2: "plex_jobs", 3: "plex_master_data"}


class FakeCdf:
    """A CDF whose functions end with the statuses that they are given, the last of them again and again.

    They end at once; those of facilities that are `together` begin when each of them has one that is to.
    """

    def __init__(
        self, schedules: dict[int, tuple[int, int]], together: Barrier | None = None, **statuses: list[str]
    ) -> None:
        self._schedules = schedules
        self._statuses = statuses
        self._together = together
        self._lock = Lock()
        self.ran: list[tuple[int, str]] = []

    def post(self, path: str, _body: Row) -> Any:
        if path == "/functions/list":
            return {"items": [{"id": key, "externalId": name} for key, name in FUNCTIONS.items()]}
        assert path == "/functions/schedules/list"
        return {"items": [{"id": key, "functionId": function} for key, (function, _) in self._schedules.items()]}

    def get(self, path: str) -> Any:
        if path.endswith("/input_data"):
            function, pcn = self._schedules[int(path.split("/")[3])]
            return {"data": {"pipeline": FUNCTIONS[function].replace("plex", f"plex_{pcn}", 1)}}
        statuses = self._statuses.get(self.ran[int(path.split("/")[4]) - 1][1], ["success"])
        return {"response": {"status": statuses.pop(0) if len(statuses) > 1 else statuses[0]}}

    def control(self, _method: str, path: str) -> Row:
        function, pcn = self._schedules[int(path.split("/")[2])]
        if self._together:
            self._together.wait(timeout=30)
        with self._lock:
            self.ran.append((pcn, FUNCTIONS[function]))
            call_id = len(self.ran)
        ends = {"startTime": 1000, "endTime": 2500}
        return {"id": call_id, "functionId": function, "status": "Completed", **ends}

    def requests_of(self, call_id: int) -> list[Row]:
        path = "/api/v1/projects/p/assets"
        body = {"items": [{"externalId": f"PCN{self.ran[call_id - 1][0]}_PART_1"}]}
        return [{"method": "POST", "path": path, "status": 201, "body": body, "callId": call_id}]


class FakePlex:
    def __init__(self, pcn: int) -> None:
        self.pcn = pcn

    def take_requests(self) -> list[Row]:
        return [{}] * self.pcn


def run(cdf: FakeCdf) -> list[Call]:
    done: list[Call] = []
    desks = [Desk(cast("Cdf", cdf), cast("Plex", FakePlex(pcn))) for pcn in (1, 2)]
    result = run_schedules(desks, 1, done.append)
    assert sorted(done, key=lambda call: call.pcn) == result.calls
    return result.calls


def test_calls_are_told_by_facility_and_what_others_link_to_comes_first() -> None:
    cdf = FakeCdf({10: (1, 2), 11: (2, 1), 12: (3, 1), 13: (1, 1), 14: (3, 2)})
    calls = run(cdf)
    order = [(1, "plex_master_data"), (1, "plex_jobs"), (1, "plex_quality")]
    expected = [*order, (2, "plex_master_data"), (2, "plex_quality")]
    assert [(call.pcn, call.function) for call in calls] == expected
    assert sorted(cdf.ran) == sorted(expected)
    assert [each for each in cdf.ran if each[0] == 1] == order
    for call in calls:
        assert (call.plex_calls, call.cdf_calls, call.seconds) == (call.pcn, 1, 1.5)
        assert [write.ids for write in call.writes] == [(f"PCN{call.pcn}_PART_1",)]


def test_facilities_run_side_by_side() -> None:
    calls = run(FakeCdf({10: (3, 1), 11: (3, 2)}, Barrier(2)))
    assert [call.status for call in calls] == ["success", "success"]


def test_when_one_facility_cannot_go_on_the_others_end_too() -> None:
    class Broken(FakeCdf):
        def post(self, path: str, body: Row) -> Any:
            if path.endswith("/byids"):
                return {"items": [{"id": 1, "functionId": 3, "status": "Running"}]}
            return super().post(path, body)

        def control(self, method: str, path: str) -> Row:
            row = super().control(method, path)
            if self.ran[row["id"] - 1][0] == 1:
                raise ConnectionError(path)
            return row | {"status": "Running"}

    cdf = Broken({10: (3, 1), 11: (3, 2), 12: (1, 2)}, Barrier(2))
    with pytest.raises(ConnectionError):
        run(cdf)
    assert sorted(cdf.ran) == [(1, "plex_master_data"), (2, "plex_master_data")]


def test_an_unfinished_load_is_continued_and_every_call_is_shown() -> None:
    cdf = FakeCdf({10: (2, 1), 11: (1, 1)}, plex_jobs=["partial", "partial", "success"])
    assert [(call.function, call.status) for call in run(cdf)] == [
        ("plex_jobs", "partial"),
        ("plex_jobs", "partial"),
        ("plex_jobs", "success"),
        ("plex_quality", "success"),
    ]


def test_a_load_that_never_ends_is_given_up() -> None:
    calls = run(FakeCdf({10: (2, 1)}, plex_jobs=["partial"]))
    assert len(calls) == MOST_ROUNDS
    assert [call.is_good for call in calls] == [True] * (MOST_ROUNDS - 1) + [False]
