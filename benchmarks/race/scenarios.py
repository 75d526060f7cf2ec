"""What happens to a plant, and what a contestant took to bring CDF after it."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.race.facility import ROOT, Facility, difference
from benchmarks.race.servers import Call, Servers

CONTESTANTS = {"ours": "plex_jobs", "sdk_script": "SDK upsert", "floor": "floor"}
"""Module and name."""


@dataclass(frozen=True)
class Scenario:
    """What happens before a run.

    Attributes:
        name: As tables have it.
        happens: To a plant of so many jobs; returns how many events have to be written for it.
    """

    name: str
    happens: Callable[[Facility, int], int]


def _new(facility: Facility, jobs: int) -> int:
    facility.add(jobs // 100)
    return jobs // 100


def _changed(facility: Facility, jobs: int) -> int:
    facility.change(jobs // 100)
    return jobs // 100


SCENARIOS = (
    Scenario("first load", lambda _, jobs: jobs),
    Scenario("nothing changed", lambda _, __: 0),
    Scenario("1 % new", _new),
    Scenario("1 % changed", _changed),
)
"""One after the other, in one CDF."""


@dataclass(frozen=True)
class Measured:
    """One run of one contestant in one scenario.

    Attributes:
        scenario: Its name.
        contestant: Its module.
        records: Jobs that Plex answered.
        cpu_seconds: Of the client's process.
        wall_seconds: From call to return.
        peak_megabytes: Of the client's process.
        plex_calls: Requests to Plex.
        cdf_calls: Requests to CDF.
        rewritten: Events that were written although nothing about them had changed.
        state_rows: Rows of RAW that were written.
        sent_bytes: Of bodies to CDF, on the wire.
        plain_bytes: The same before they were compressed.
        wrong: How CDF's content differs from what it should be.
    """

    scenario: str
    contestant: str
    records: int
    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float
    plex_calls: int
    cdf_calls: int
    rewritten: int
    state_rows: int
    sent_bytes: int
    plain_bytes: int
    wrong: str


def race(servers: Servers, contestant: str, jobs: int) -> list[Measured]:
    """One contestant, from an empty CDF through all scenarios."""
    facility = Facility(servers)
    return [_measured(servers, facility, contestant, scenario, jobs) for scenario in SCENARIOS]


def _measured(servers: Servers, facility: Facility, contestant: str, scenario: Scenario, jobs: int) -> Measured:
    facility.next_day()
    due = scenario.happens(facility, jobs)
    records = len(facility.jobs())  # also has the plant's answer ready, which Plex builds once for each instant
    facility.plex_calls()
    servers.calls()
    took = _run(contestant, facility)
    plex_calls, calls = facility.plex_calls(), servers.calls()
    written = sum(call.items for call in calls if _taken(call) and call.path in {"/events", "/events/update"})
    return Measured(
        scenario=scenario.name,
        contestant=contestant,
        records=records,
        cpu_seconds=took["cpuSeconds"],
        wall_seconds=took["wallSeconds"],
        peak_megabytes=took["peakMegabytes"],
        plex_calls=plex_calls,
        cdf_calls=len(calls),
        rewritten=written - due,
        state_rows=sum(call.items for call in calls if _taken(call) and call.path.startswith("/raw/")),
        sent_bytes=sum(call.sent for call in calls),
        plain_bytes=sum(call.plain for call in calls),
        wrong=difference(facility.due(), facility.held()),
    )


def _taken(call: Call) -> bool:
    return call.status < 300


def _run(contestant: str, facility: Facility) -> dict[str, float]:
    """A run in a process of its own, with the folders that the platform puts a function's files into."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(FUNCTION)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.race.contestant", contestant],
        cwd=ROOT,
        env=environment,
        input=json.dumps(dataclasses.asdict(facility.place)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{contestant} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


FUNCTION = [str(ROOT / "functions/plex_jobs"), str(ROOT / "shared")]
