"""The plant's benchmark: it calls until nothing is left, counts what was written, and says what is wrong."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any, cast

import pytest

from benchmarks.plant import __main__ as command
from benchmarks.plant import report
from benchmarks.plant.calls import MOST_CALLS, Call, Caller
from benchmarks.plant.shop import SHOP, shop
from benchmarks.plant.verdict import faults
from sandbox.cdf.record import Entry, Record
from sandbox.demo.passes import Schedule
from sandbox.demo.reading import Cdf, Plex, Row
from sandbox.demo.writes import OTHER, WRITES
from sandbox.plex.endpoints import master_data as endpoints
from sandbox.plex.plants.clock import stamp

NOTHING = dict.fromkeys([*WRITES, OTHER], 0)
JOBS = Schedule(340884, 1, "plex_jobs", 7)
GOOD = Call("load", "plex_jobs", "success", "", 60.0, 30.0, 500.0, 10, 20, 1000, 1000, 0, {**NOTHING, "events": 1000})
IDLE = replace(GOOD, scenario="idle", created=0, writes=NOTHING)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.plant.calls.PAUSE", 0)


def entry(path: str, body: bytes, call_id: int | None) -> Entry:
    path = f"/api/v1/projects/p{path}"
    return Entry("POST", path, "", 200, "plex-340884", call_id, 0.1, "", body, None, None)


class FakeCdf:
    """A CDF whose calls end as they are told to, the last of them again and again; each writes the same."""

    def __init__(self, *answers: tuple[str, int]) -> None:
        self._answers = list(answers)
        self._calls = 0
        self.record = Record()

    def control(self, method: str, path: str) -> Any:
        if method == "GET":
            assert path == f"/calls/{self._calls}/usage"
            return {"cpuSeconds": 1.25, "peakBytes": 200_500_000} if self._answers[0][0] != "Failed" else None
        self._calls += 1
        self.record.entries += [
            entry("/events", b'{"items": [{"externalId": "A"}, {"externalId": "B"}]}', self._calls),
            entry("/raw/dbs/plex_1/tables/fingerprints_jobs/rows", b'{"items": [{"key": "1"}]}', self._calls),
            entry("/raw/dbs/plex_1/tables/state/rows", b'{"items": [{"key": "jobs"}]}', self._calls),
            entry("/events/byids", b'{"items": [{"externalId": "A"}]}', self._calls),
            # The benchmark's own look.
            entry("/functions/1/calls/byids", b'{"items": [{"id": 1}]}', None),
        ]
        return {"id": self._calls, "functionId": 1, "status": "Running", "startTime": 1000}

    def post(self, _path: str, _body: Row) -> Any:
        status = "Failed" if self._answers[0][0] == "Failed" else "Completed"
        error = {"error": "Killed."} if status == "Failed" else {}
        row = {"id": self._calls, "functionId": 1, "status": status, "startTime": 1000, "endTime": 2500}
        return {"items": [row | error]}

    def get(self, _path: str) -> Any:
        status, pending = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if status == "Failed":
            return {"response": None}
        return {"response": {"status": status, "streams": {"jobs": {"rows": 3, "created": 2, "pending": pending}}}}


class FakePlex:
    def take_requests(self) -> list[Row]:
        return [{}, {}, {}]


def calls(cdf: FakeCdf) -> list[Call]:
    caller = Caller(cast("Cdf", cdf), cast("Plex", FakePlex()), cdf.record)
    return list(caller.until_done(JOBS, "load"))


def test_a_function_is_called_until_nothing_waits_and_each_call_is_measured() -> None:
    made = calls(FakeCdf(("partial", 9), ("success", 4), ("success", 0)))
    assert [(call.status, call.pending) for call in made] == [("partial", 9), ("success", 4), ("success", 0)]
    assert faults(made) == []
    first = made[0]
    assert (first.seconds, first.rows, first.created, first.plex_calls, first.cdf_calls) == (1.5, 3, 2, 3, 4)
    assert first.writes == {**NOTHING, "events": 2, "fingerprints": 1}


def test_what_a_process_used_is_shown() -> None:
    (call,) = calls(FakeCdf(("success", 0)))
    assert (call.cpu_seconds, call.peak_mb) == (1.25, 200.5)
    assert report.line(call) == "| load | `plex_jobs` | success | 1.5 | 1.2 | 200.5 | 3 | 4 | 3 | 2 | 0 |"


def test_a_failed_function_is_not_called_again() -> None:
    (call,) = calls(FakeCdf(("Failed", 0)))
    assert faults([call]) == ["plex_jobs, load: Failed: Killed."]
    assert "killed" in report.line(call)


def test_a_load_that_never_ends_is_wrong() -> None:
    made = calls(FakeCdf(("success", 1)))
    assert len(made) == MOST_CALLS
    assert faults(made) == ["plex_jobs, load: never ends: success, 1 pending"]


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (replace(GOOD, seconds=541.0), "plex_jobs, load: took 541 s, more than 540"),
        (replace(GOOD, peak_mb=1500.6), "plex_jobs, load: held 1501 MB, more than 1500"),
        (replace(IDLE, status="skipped"), "plex_jobs, idle: skipped: "),
        (replace(IDLE, status="partial"), "plex_jobs, idle: partial with 0 pending, although nothing had changed"),
        (replace(IDLE, pending=5), "plex_jobs, idle: success with 5 pending, although nothing had changed"),
    ],
)
def test_what_is_beyond_a_limit_is_wrong(call: Call, wrong: str) -> None:
    assert faults([GOOD, call])[0] == wrong


@pytest.mark.parametrize("kind", WRITES)
def test_an_idle_call_writes_nothing(kind: str) -> None:
    assert faults([GOOD, IDLE]) == []
    wrong = faults([GOOD, replace(IDLE, writes={**NOTHING, kind: 3})])
    assert wrong == [f"plex_jobs, idle: wrote {{'{kind}': 3}} although nothing had changed"]
    # By night a plant has moved on.
    assert faults([GOOD, replace(IDLE, scenario="night", writes={**NOTHING, kind: 3})]) == []


def test_the_summary_says_how_long_it_would_be_at_plex_s_pace() -> None:
    assert report.summary([GOOD, replace(GOOD, plex_calls=490), IDLE]) == [
        "load: 2 calls, 500 of Plex (2.5 minutes at 200 a minute), wrote 2,000 events",
        "idle: 1 calls, 10 of Plex (0.1 minutes at 200 a minute), wrote nothing",
    ]


def test_a_part_of_the_shop_is_smaller_by_as_much() -> None:
    plant = shop(0.01, days=3)
    ends = stamp(plant.ends)
    assert (plant.ends - plant.begins).days == 3
    assert len(plant.rows(endpoints.PARTS.path, ends)) == round(SHOP["parts"] / 100)
    assert len(plant.rows(endpoints.JOBS.path, ends)) == round(SHOP["jobs"] / 100)
    assert len(plant.rows(endpoints.WORKCENTERS.path, ends)) == 1


@pytest.mark.parametrize(("idle", "code"), [(IDLE, 0), (replace(IDLE, writes={**NOTHING, "events": 1}), 1)])
def test_the_command_fails_when_something_is_wrong(
    idle: Call, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["plant", "--scale", "0.001", "--days", "1"])
    monkeypatch.setattr(command, "deployed", lambda *_: nullcontext((None, None)))
    monkeypatch.setattr(command, "measure", lambda *_: iter([GOOD, idle]))
    assert command.main() == code
    assert ("although nothing had changed" in capsys.readouterr().out) == bool(code)


@pytest.mark.parametrize("wrong", [["--scale", "0"], ["--scale", "2"], ["--days", "0"]])
def test_a_size_that_makes_no_sense_is_refused(wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["plant", *wrong])
    with pytest.raises(SystemExit, match="2"):
        command.main()
