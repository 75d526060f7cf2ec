"""How the demo runs what is deployed: it finds the schedules, and goes on until they are done."""

from __future__ import annotations

from typing import Any, cast

from sandbox.demo.calls import Call
from sandbox.demo.passes import MOST_ROUNDS, run_schedules
from sandbox.demo.reading import Cdf, Plex, Row

FUNCTIONS = {1: "plex_quality", 2: "plex_jobs", 3: "plex_master_data"}


class FakeCdf:
    """A CDF whose functions end at once with the statuses that they are given, the last of them again and again."""

    def __init__(self, schedules: dict[int, tuple[int, int]], **statuses: list[str]) -> None:
        self._schedules = schedules
        self._statuses = statuses
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
        statuses = self._statuses.get(self.ran[-1][1], ["success"])
        return {"response": {"status": statuses.pop(0) if len(statuses) > 1 else statuses[0]}}

    def control(self, _method: str, path: str) -> Row:
        function, pcn = self._schedules[int(path.split("/")[2])]
        self.ran.append((pcn, FUNCTIONS[function]))
        ends = {"startTime": 1000, "endTime": 2500}
        return {"id": len(self.ran), "functionId": function, "status": "Completed", **ends}

    def take_requests(self) -> list[Row]:
        path = "/api/v1/projects/p/assets"
        body = {"items": [{"externalId": "PCN1_PART_1"}]}
        return [{"method": "POST", "path": path, "status": 201, "body": body, "callId": len(self.ran)}]


class FakePlex:
    def take_requests(self) -> list[Row]:
        return [{}, {}]


def run(cdf: FakeCdf) -> list[Call]:
    done: list[Call] = []
    result = run_schedules(cast("Cdf", cdf), cast("Plex", FakePlex()), 1, done.append)
    assert [call.call_id for call in done] == [call.call_id for call in result.calls]
    return result.calls


def test_facilities_come_one_by_one_and_what_others_link_to_comes_first() -> None:
    cdf = FakeCdf({10: (1, 2), 11: (2, 1), 12: (3, 1), 13: (1, 1), 14: (3, 2)})
    calls = run(cdf)
    order = [(1, "plex_master_data"), (1, "plex_jobs"), (1, "plex_quality")]
    assert cdf.ran == [*order, (2, "plex_master_data"), (2, "plex_quality")]
    assert [(call.pcn, call.function) for call in calls] == cdf.ran
    assert {(call.plex_calls, call.cdf_calls, call.seconds) for call in calls} == {(2, 1, 1.5)}
    assert [write.ids for write in calls[0].writes] == [("PCN1_PART_1",)]


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
