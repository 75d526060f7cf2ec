"""What the demo says and how it ends when a promise did not hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from demo_world import tenant

from sandbox.demo import promises
from sandbox.demo.calls import Call
from sandbox.demo.content import Content
from sandbox.demo.factory import Factory
from sandbox.demo.main import Findings, conclude
from sandbox.demo.passes import Pass
from sandbox.demo.writes import WRITES, Write
from sandbox.plex import generated_plants

GOOD = Call(1, "plex_jobs", 7, "success", cdf_calls=8)
NOTHING = dict.fromkeys(WRITES, 0)


def wrote(**kinds: int) -> Call:
    writes = (Write(kind, f"/{kind}", is_accepted=True, ids=("",) * count) for kind, count in kinds.items())
    return replace(GOOD, writes=tuple(writes))


def findings(*held: promises.Promise) -> Findings:
    factories = [Factory("a plant", plant, tenant(), tenant()) for plant in generated_plants(2, 1)]
    passes = [Pass(number, [replace(GOOD, number=number)]) for number in (1, 2, 3)]
    return Findings(factories, passes=passes, promises=list(held))


def test_a_failed_call_breaks_its_promise() -> None:
    failed = Call(2, "plex_jobs", 8, "Failed", error="ConfigurationError: the API key is refused")
    promise = promises.calls_succeeded([GOOD, failed])
    assert not promise.held
    assert promise.detail == "plex_jobs: ConfigurationError: the API key is refused (pass 2)"


@pytest.mark.parametrize(
    ("call", "good"),
    [
        (GOOD, True),
        (replace(GOOD, status="partial"), True),
        (replace(GOOD, status="partial", finished=False), False),
        (replace(GOOD, status="skipped"), False),
        (replace(GOOD, status="Timeout"), False),
    ],
)
def test_only_finished_work_is_good(call: Call, good: bool) -> None:
    assert promises.calls_succeeded([call]).held is good


def test_a_write_for_nothing_is_named_with_its_number() -> None:
    assert promises.nothing_written([GOOD]).held
    promise = promises.nothing_written([wrote(events=3, fingerprints=1)])
    assert not promise.held
    assert promise.detail == "3 events, 1 fingerprints"


def test_a_call_that_failed_proves_nothing() -> None:
    failed = replace(GOOD, status="Failed")
    for promise in (
        promises.nothing_written([failed]),
        promises.cheap_when_unchanged([failed]),
        promises.only_changes_written([failed], Content(), Content()),
    ):
        assert not promise.held
        assert promise.detail == "plex_jobs ended as Failed"


def test_a_dear_call_is_named() -> None:
    promise = promises.cheap_when_unchanged([GOOD, replace(GOOD, cdf_calls=11)])
    assert not promise.held
    assert "11" in promise.detail


def test_a_deploy_that_changes_something_is_named() -> None:
    assert promises.second_deploy_unchanged([]).held
    assert not promises.second_deploy_unchanged(["POST /functions"]).held


def test_long_lists_of_offenders_are_cut() -> None:
    assert promises.second_deploy_unchanged([f"POST /{n}" for n in range(9)]).detail.endswith("and 4 more")


def test_a_promise_of_several_facilities_holds_when_it_holds_in_all() -> None:
    kept, broken = promises.judged("p", [], "5 rows"), promises.judged("p", ["one"], "")
    assert promises.together({"Millbrook": kept}) == kept
    assert promises.together({"A": kept, "B": kept}) == promises.Promise("p", True, "A: 5 rows; B: 5 rows")
    assert promises.together({"A": kept, "B": broken}) == promises.Promise("p", False, "B: one")


def test_the_demo_ends_well_when_all_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    assert conclude(findings(promises.nothing_written([GOOD])), figures, tmp_path / "report.html") == 0
    content = json.loads(figures.read_text())
    assert content["secondPass"]["writes"] == NOTHING
    assert content["counts"]["unlinked"] == 0
    assert [one["pcn"] for one in content["facilities"]] == [340884, 340885]
    assert [call["pass"] for call in content["calls"]] == [1, 2, 3]
    assert "BROKEN" not in capsys.readouterr().out


def test_the_demo_names_what_broke_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = promises.nothing_written([wrote(assets=2)])
    report = tmp_path / "report.html"
    assert conclude(findings(broken), None, report) == 1
    said = capsys.readouterr().out
    assert "BROKEN  Nothing written for nothing, pass 2: 2 assets" in said
    assert "1 of 1 promises broken" in report.read_text()
