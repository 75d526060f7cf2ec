"""Whatever happens in a plant and to the runs: after one clean run and a night, CDF holds what the plant holds.

Rows are new, late, corrected, reversed and deleted, containers come and go, statuses last; the clock moves on by any
step; runs are killed at any request to CDF, and repeated.
"""

import os
import tempfile
import time
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import plain_model
import pytest
from bench import PCN, Bench, Row, bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plex_cdf.errors import ConfigurationError
from plex_cdf.run.call import Outside
from shop import CONTAINERS, MADE, STATUS
from test_kill import killed_at

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "25"))
BEGIN = datetime(2023, 7, 15, 12, tzinfo=UTC)
DAY = 24 * 60
AGES = [1, 300, 1500, 5 * DAY, 20 * DAY, 30 * DAY]
WRITES = ("/assets", "/events", "/timeseries", "/timeseries/data", "/update")
ASSETS = [f"PCN{PCN}_{name}" for name in ("WORKCENTER_w-1", "PART_p-1", "PARTOPERATION_po-1")]


class Plant:
    """Rows that change, and the facility that reads them."""

    def __init__(self, facility: Bench) -> None:
        self.facility = facility
        self.now = BEGIN
        self.runs = 0
        self.made: list[Row] = []
        self.statuses: list[Row] = []
        self.lasting: list[Row] = []
        self.containers: dict[str, Row] = {}
        self.assets: set[str] = set()
        for extractor in ("production", "inventory"):
            own = {"statusClasses": plain_model.CLASSES} if extractor == "production" else {}
            facility.configure(extractor, startDate="2023-06-01", **own)

    def _instant(self, age: int) -> str:
        """So many minutes ago, at a full quarter of a day, where others are too."""
        moment = self.now - timedelta(minutes=age)
        return moment.replace(hour=moment.hour // 6 * 6, minute=0).strftime("%Y-%m-%dT%H:%M:00.0000000Z")

    def make(self, age: int, workcenter: str, job: str | None, quantity: float | None, code: str | None) -> None:
        row = {"transactionDate": self._instant(age), "workcenterId": workcenter, "workcenterCode": code, "jobId": job}
        self.made.append({**row, "partId": "p-1", "partOperationId": "po-1", "serialNo": "s", "quantity": quantity})

    def status(self, age: int, workcenter: str, job: str | None, text: str, seconds: float | None) -> None:
        row = {"logDate": self._instant(age), "workcenterId": workcenter, "workcenterCode": "Lathe", "jobId": job}
        self.statuses.append({**row, "partOperationId": "po-1", "workcenterStatus": text, "duration": seconds or 0.0})
        if seconds is None:
            self.lasting.append(self.statuses[-1])

    def correct(self, at: int, quantity: float | None) -> None:
        if row := self._changeable(at):
            row["quantity"] = quantity

    def reverse(self, at: int) -> None:
        row = self._changeable(at)
        if row and row["quantity"]:
            self.made.append({**row, "quantity": -row["quantity"], "serialNo": "reversal"})

    def twin(self, at: int) -> None:
        if row := self._changeable(at):
            self.made.append(dict(row))

    def delete(self, at: int) -> None:
        if row := self._changeable(at):
            self.made = [other for other in self.made if other is not row]

    def vanish(self, at: int) -> None:
        fresh = [row for row in self.statuses if self._is_fresh(row["logDate"])]
        if fresh:
            gone = fresh[at % len(fresh)]
            self.statuses = [row for row in self.statuses if row is not gone]
            self.lasting = [row for row in self.lasting if row is not gone]

    def _changeable(self, at: int) -> Row | None:
        fresh = [row for row in self.made if self._is_fresh(row["transactionDate"])]
        return fresh[at % len(fresh)] if fresh else None

    def _is_fresh(self, instant: str) -> bool:
        return datetime.fromisoformat(instant) >= self.now - timedelta(days=34)

    def put(self, serial: str, location: str, quantity: float) -> None:
        row = {"serialNo": serial, "partId": "p-1", "partNo": "Shaft", "locationId": location, "location": location}
        self.containers[serial] = {**row, "quantity": quantity, "active": True}

    def take(self, serial: str) -> None:
        self.containers.pop(serial, None)

    def arrive(self, asset: str) -> None:
        if asset not in self.assets:
            self.assets.add(asset)
            self.facility.post("/assets", {"items": [{"externalId": asset, "name": asset}]})

    def step(self, minutes: int) -> None:
        """Time goes on, and Plex shows what has become of its rows."""
        self.now += timedelta(minutes=minutes)
        for row in self.lasting:
            # What still changes after reconcileDays is read by a backfill alone.
            lasted = min(self.now - datetime.fromisoformat(row["logDate"]), timedelta(days=33))
            row["duration"] = lasted.total_seconds()
        self.facility.at(self.now.isoformat())
        for path, rows in ((MADE, self.made), (STATUS, self.statuses), (CONTAINERS, list(self.containers.values()))):
            self.facility.rows(path, reset=True, upsert=rows)

    def run(self, extractor: str, mode: str, kill: tuple[int, bool] | None) -> None:
        self.runs += 1
        self.facility.outside = Outside(now=lambda: time.time() + 3600 * self.runs)
        payload: Row = {"mode": mode}
        if mode == "backfill":
            payload |= {"since": (self.now - timedelta(days=38)).isoformat(), "until": self.now.isoformat()}
        elif mode == "one stream":
            payload = {"streams": ["scrap_entries" if extractor == "production" else "locations"]}
        # A backfill before the first run has nothing to do.
        refused = suppress(ConfigurationError) if mode == "backfill" else nullcontext()
        with killed_at(self.facility, kill[0], after=kill[1]) if kill else nullcontext(), refused:
            self.facility.run(extractor, **payload)

    def assert_arrived(self) -> None:
        facility = self.facility
        names = {row["id"]: name for name, row in facility.assets().items()}
        found = [row for kind in ("production", "workcenter_status") for row in facility.events(kind).values()]
        fields = ("type", "subtype", "startTime", "endTime", "metadata")
        standing = [
            {name: row.get(name) for name in fields}
            | {"links": sorted(names[each] for each in row.get("assetIds", ()))}
            for row in found
            if row["metadata"].get("plexState") != "retracted"
        ]
        expected = [plain_model.event("production", row, "transactionDate", self.assets) for row in self.made]
        expected += [plain_model.event("workcenter_status", row, "logDate", self.assets) for row in self.statuses]
        assert sorted(map(_text, standing)) == sorted(map(_text, expected))
        self._assert_series()
        active = {
            row["name"]
            for name, row in facility.assets().items()
            if "_CONTAINER_" in name and row["metadata"].get("plexState") != "inactive"
        }
        assert active == self.containers.keys()

    def _assert_series(self) -> None:
        series = self.facility.series()
        expected = plain_model.points(self.made, self.statuses)
        held = {name: self.facility.points(name) for name in series}
        assert {name: points for name, points in held.items() if points and "_ONHAND_" not in name} == expected
        sums = plain_model.on_hand(self.containers)
        now = {name: list(points.values())[-1] for name, points in held.items() if "_ONHAND_" in name}
        assert now == {name: sums.get(name, 0) for name in now}
        assert sums.keys() <= now.keys()
        for row in self.made:
            if row["workcenterCode"] and row["quantity"] is not None:
                assert series[f"PCN{PCN}_WORKCENTER_{row['workcenterId']}_GOOD"]["name"] == "Lathe good quantity"


def _text(event: Row) -> str:
    return repr(event | {"metadata": sorted(event["metadata"].items())})


places = st.integers(0, 9)
quantities = st.sampled_from([None, 0.0, 1.0, 2.5, 7.0])
jobs = st.sampled_from([None, "j-1", "j-2"])
workcenters = st.sampled_from(["w-1", "w-2"])
serials, locations = st.sampled_from(["c-1", "c-2", "c-3"]), st.sampled_from(["l-1", "l-2"])
texts = st.sampled_from(["Production", "Lunch", "Breakdown", "Zebra", "Ape"])
ages = st.sampled_from(AGES)
changes = st.one_of(
    st.tuples(st.just("make"), ages, workcenters, jobs, quantities, st.sampled_from(["Lathe", "Lathe", None])),
    st.tuples(st.just("make"), ages, workcenters, jobs, quantities, st.just("Lathe")),
    st.tuples(st.just("status"), ages, workcenters, jobs, texts, st.sampled_from([None, 60.0, 90000.5])),
    st.tuples(st.just("correct"), places, quantities),
    st.tuples(st.just("reverse"), places),
    st.tuples(st.just("twin"), places),
    st.tuples(st.just("delete"), places),
    st.tuples(st.just("vanish"), places),
    st.tuples(st.just("put"), serials, locations, st.sampled_from([0.0, 5.0, 10.0])),
    st.tuples(st.just("take"), serials),
    st.tuples(st.just("arrive"), st.sampled_from(ASSETS)),
)
modes = st.sampled_from(["incremental"] * 6 + ["full", "backfill", "replay", "one stream"])
kills = st.one_of(st.none(), st.tuples(st.integers(1, 60), st.booleans()))
runs = st.tuples(st.sampled_from(["production", "production", "inventory"]), modes, kills)
steps = st.tuples(
    st.lists(changes, max_size=6),
    st.sampled_from([5, 60, 13 * 60, DAY, 3 * DAY, 20 * DAY, 40 * DAY]),
    st.lists(runs, max_size=2),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=st.lists(steps, min_size=1, max_size=5))
def test_after_a_clean_run_and_a_night_cdf_holds_what_the_plant_holds(story: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as facility:
        plant = Plant(facility)
        for happened, minutes, asked in story:
            for name, *values in happened:
                getattr(plant, name)(*values)
            plant.step(minutes)
            for extractor, mode, kill in asked:
                plant.run(extractor, mode, kill)
        plant.step(DAY)
        for extractor in ("production", "inventory"):
            plant.run(extractor, "incremental", None)
        plant.assert_arrived()


@pytest.mark.parametrize("repeated", ["incremental", "full", "backfill", "replay"])
def test_a_run_repeated_changes_nothing(repeated: str) -> None:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as facility:
        plant = Plant(facility)
        for age in AGES:
            plant.make(age, "w-1", "j-1", 2.0, "Lathe")
            plant.status(age, "w-1", "j-1", "Lunch", 60.0)
        plant.twin(0)
        plant.put("c-1", "l-1", 5.0)
        plant.step(5)
        for extractor in ("production", "inventory"):
            plant.run(extractor, "incremental", None)
        for extractor in ("production", "inventory"):
            with facility.requests() as record:
                plant.run(extractor, repeated, None)
            assert not [request for request in record if request["path"].endswith(WRITES)]
        plant.assert_arrived()
