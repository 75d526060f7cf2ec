"""The plant's benchmark on a tiny plant, all but the deploying: loaded, idle, and a night."""

from __future__ import annotations

from datetime import timedelta

import pytest
from plant_by_hand import by_hand

from benchmarks.plant.calls import Call
from benchmarks.plant.scenarios import measure
from benchmarks.plant.shop import SHOP, shop
from benchmarks.plant.verdict import faults
from sandbox.demo.main import reader
from sandbox.demo.writes import WRITES
from sandbox.plex import Clock

SCALE = 0.002
FUNCTIONS = ["plex_master_data", "plex_jobs"]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    plant = shop(SCALE, days=2)
    clock = Clock(plant.ends + timedelta(minutes=1))
    with by_hand(plant, clock, tmp_path_factory.mktemp("code")) as stand_ins, reader(stand_ins) as cdf:
        return list(measure(stand_ins, cdf, plant, clock))


def test_every_function_loads_is_idle_and_runs_by_night(calls: list[Call]) -> None:
    scenarios = ("load", "idle", "night")
    assert [(call.scenario, call.function) for call in calls] == [(s, f) for s in scenarios for f in FUNCTIONS]
    assert all(call.is_done for call in calls), [(call.function, call.error, call.notes) for call in calls]
    assert faults(calls) == []


def test_the_load_writes_the_plant_and_an_idle_call_nothing(calls: list[Call]) -> None:
    master_data, jobs, *later = calls
    assert jobs.streams["jobs"]["created"] == round(SCALE * SHOP["jobs"])
    assert jobs.writes["events"] == jobs.created
    assert master_data.streams["parts"]["created"] == round(SCALE * SHOP["parts"])
    assert min(master_data.writes[kind] for kind in ("assets", "sequences", "relationships", "fingerprints")) > 0
    assert [call.writes[kind] for call in later[:2] for kind in WRITES] == [0] * 2 * len(WRITES)


def test_every_call_is_measured(calls: list[Call]) -> None:
    assert min(call.cpu_seconds or 0 for call in calls) > 0.1
    assert min(call.peak_mb or 0 for call in calls) > 20
    assert min(call.plex_calls for call in calls) > 0
    # The full list is read again by night.
    assert [call.rows for call in calls if call.function == "plex_jobs"][2] > round(SCALE * SHOP["jobs"])
