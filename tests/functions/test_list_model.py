"""Whatever happens to a plant's lists and to the runs: after clean runs and a night, CDF holds what the plant holds.

Rows are new, changed, moved to another parent, bad, doubled and deleted, one by one or all at once; the clock moves on
by any step; Plex fails for a list; calls are few; runs are killed at any request to CDF, and repeated.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from bench import Bench, Row, bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from list_plant import BOMS, KINDS, PATHS, ListPlant
from lists_judge import Judge
from plex_cdf.errors import TransientError
from plex_cdf.run.call import Outside
from test_kill import killed_at
from writes import writes

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "15"))
DAY = 24 * 60
NARROW, WIDE = {"share": 0.5, "number": 1}, {"share": 1, "number": 1000}
IDLE = ["/models/instances", "/models/instances", "/raw/dbs/plex_340884/tables/state/rows"]
IDLE += ["/models/instances/delete", "/extpipes/runs"]
EXTRACTORS = ("master_data", "jobs")
WHOLE = {
    "OPERATION": "operations",
    "PARTOPERATION": "part_operations",
    "BUILDING": "buildings",
    "WORKCENTER": "workcenters",
    "LINE": "production_lines",
    "EQUIPMENT": "equipment",
    "SUPPLYITEM": "supply_items",
}
STREAMS = {"master_data": "boms", "jobs": "job_operations"}


@contextmanager
def asleep_at(facility: Bench, position: int, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Before its request number `position`, a run sleeps; something else happens, and then it goes on."""
    counter = itertools.count(1)
    patch = pytest.MonkeyPatch()

    def sleepy(send: Callable[..., Any]) -> Callable[..., Any]:
        def request(*args: Any, **kwargs: Any) -> Any:
            if next(counter) == position:
                patch.undo()
                meanwhile()
            return send(*args, **kwargs)

        return request

    with patch.context():
        patch.setattr(facility.client, "get", sleepy(facility.client.get))
        patch.setattr(facility.client, "post", sleepy(facility.client.post))
        try:
            yield
        finally:
            patch.undo()


class Story:
    """A plant, the facility that reads it, and who looks at both."""

    def __init__(self, facility: Bench, plant: ListPlant) -> None:
        self.facility = facility
        self.plant = plant
        self.judge = Judge(facility, plant)
        self.runs = 0
        self.undisturbed = True
        self.calls, self.limit = dict.fromkeys(EXTRACTORS, 100), NARROW
        self._configure()

    def happen(self, name: str, *values: Any) -> None:
        getattr(self if hasattr(self, name) else self.plant, name)(*values)

    def budget(self, calls: int) -> None:
        """How many calls a run may spend on operations, or on components."""
        self.calls = dict.fromkeys(EXTRACTORS, calls)
        self._configure()

    def begin(self) -> None:
        """The first load of a plant that has some of everything."""
        for kind in KINDS:
            for number in range(4):
                self.plant.put(kind, number, number, number % 2, max(0, number - 1) if kind == "JOB" else number)
        self.step(1)
        for extractor in EXTRACTORS:
            self.run(extractor)

    def allow(self, limit: Row) -> None:
        """How much may vanish."""
        self.limit = limit
        self._configure()

    def _configure(self) -> None:
        for extractor, name in (("master_data", "bomCallBudget"), ("jobs", "callBudget")):
            limits = {"vanishLimit": self.limit, "quarantineLimit": WIDE}
            self.facility.configure(extractor, **{name: self.calls[extractor]}, **limits)

    def step(self, minutes: int) -> None:
        self.plant.step(minutes)
        self.facility.at(self.plant.now.isoformat())
        self.judge.look()

    def run(self, extractor: str, mode: str = "incremental", fault: Row | None = None, kill: Any = None) -> Row | None:
        """One run; its answer, None where it was killed or has failed."""
        self.runs += 1
        hours = self.runs
        self.facility.outside = Outside(now=lambda: time.time() + 3600 * hours, sleep=lambda _: None)
        payload: Row = {"mode": mode}
        if mode == "dry":
            payload = {"dryRun": True}
        elif mode == "one stream":
            payload = {"streams": [STREAMS[extractor]]}
        self.facility.faults(*([fault] if fault else []))
        before = self.judge.marked()
        answer: Row | None = None
        with self._ended(kill, extractor), suppress(TransientError), self._watched(mode, kill):
            answer = self.facility.run(extractor, **payload)
        self.facility.faults()
        self._assert_braked(before)
        self.judge.remember()
        self.undisturbed &= kill is None and answer is not None
        if answer and self.undisturbed and fault is None and (extractor, mode) == ("master_data", "incremental"):
            self._assert_said(answer["notes"], before[0])
        return answer

    @contextmanager
    def _watched(self, mode: str, kill: Any) -> Iterator[None]:
        """A dry run writes nothing; while it sleeps, another one may."""
        if mode != "dry" or (kill and kill[1] == "asleep"):
            yield
            return
        with self.facility.requests() as record:
            yield
        assert writes(record) == []

    def _ended(self, kill: Any, extractor: str) -> Any:
        """A run is killed, or it sleeps until another one has taken over and ended."""
        if kill and kill[1] == "asleep":
            return asleep_at(self.facility, kill[0], lambda: self.run(extractor))
        return killed_at(self.facility, kill[0], after=kill[1]) if kill else nullcontext()

    def _assert_braked(self, before: tuple[dict[str, set[str]], dict[str, set[str]]]) -> None:
        """No list has lost more than it may."""
        inactive = self.judge.marked()[1]
        for kind, there in before[0].items():
            newly = len(there & inactive.get(kind, set()))
            assert newly <= self.limit["number"] or newly <= self.limit["share"] * len(there), kind

    def _assert_said(self, notes: list[str], before: dict[str, set[str]]) -> None:
        """Of the lists that every run reads whole, all that is gone is marked, or nothing, and then the run says so."""
        inactive = self.judge.marked()[1]
        for kind, stream in WHOLE.items():
            there = before.get(kind, set())
            left = {name for name in there if name.split("_", 2)[2] not in self.plant.rows[kind]}
            much = len(left) > self.limit["number"] and len(left) > self.limit["share"] * len(there)
            assert there & inactive.get(kind, set()) == (set() if much else left), kind
            assert any(note.startswith(f"{stream}: ") and "vanishLimit" in note for note in notes) == much, kind

    def end(self) -> None:
        """A person allows what is gone to be gone, and clean runs go on until nothing waits."""
        self.calls["jobs"] = 100
        self.allow(WIDE)
        # The first run may be the one with which the days of a round of components begin to count.
        for days in (1, 8):
            self.step(days * DAY)
            for extractor in EXTRACTORS:
                self._finish(extractor)

    def _finish(self, extractor: str) -> None:
        for _ in range(40):
            answer = self.run(extractor)
            assert answer is not None
            if not any(stream["pending"] for stream in answer["streams"].values()):
                return
            self.step(1)
        raise AssertionError("something waits for ever")

    def assert_idle(self) -> None:
        """One more run of each writes nothing."""
        for extractor in EXTRACTORS:
            with self.facility.requests() as record:
                self.run(extractor)
            assert writes(record) == IDLE


kinds = st.sampled_from([*KINDS, "PART", "PARTOPERATION", "BOM", "BOM", "JOB", "JOB", "JOBOPERATION", "JOBOPERATION"])
few = st.integers(0, 3)
changes = st.one_of(
    st.tuples(st.just("put"), kinds, few, few, few, few),
    st.tuples(st.just("put"), kinds, few, few, few, few),
    st.tuples(st.just("put"), kinds, few, few, few, few),
    st.tuples(st.just("delete"), kinds, few),
    st.tuples(st.just("clear"), kinds),
    st.tuples(st.just("spoil"), kinds, few, st.sampled_from(["bad", "twin", "same", "keyless", None])),
    st.tuples(st.just("budget"), st.sampled_from([1, 2, 100])),
    st.tuples(st.just("allow"), st.sampled_from([NARROW, WIDE])),
)
LISTS = [*PATHS.values(), BOMS, "/inventory/v1/inventory-definitions/parts"]
faults = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        lambda path, status: {"path": path, "kind": "error", "status": status},
        st.sampled_from(LISTS),
        st.sampled_from([404, 500]),
    ),
    st.just({"path": "/scheduling/v1/jobs/*/operations", "kind": "error", "status": 500}),
    st.just({"path": "/scheduling/v1/jobs/*", "kind": "error", "status": 500}),
)
modes = st.sampled_from(["incremental"] * 5 + ["full", "replay", "one stream", "dry"])
kills = st.one_of(st.none(), st.tuples(st.integers(1, 45), st.sampled_from([False, True, "asleep"])))
runs = st.tuples(st.sampled_from(EXTRACTORS), modes, faults, kills)
steps = st.tuples(
    st.lists(changes, max_size=8), st.sampled_from([1, 20, 13 * 60, DAY, 3 * DAY]), st.lists(runs, max_size=3)
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(steps, min_size=1, max_size=5), loaded=st.booleans())
def test_after_clean_runs_and_a_night_cdf_holds_what_the_plant_holds(story: list[Any], loaded: bool) -> None:
    plant = ListPlant()
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), plant.plant()) as facility:
        told = Story(facility, plant)
        if loaded:
            told.begin()
        for happened, minutes, asked in story:
            for name, *values in happened:
                told.happen(name, *values)
            told.step(minutes)
            for run in asked:
                told.run(*run)
        told.end()
        told.judge.assert_arrived()
        told.assert_idle()
