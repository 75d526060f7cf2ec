"""What function calls wrote, from the record of requests that the stand-in keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_world import PCN, PREFIX, WORKCENTER, World, open_world

from sandbox.demo.calls import Call
from sandbox.demo.content import Content
from sandbox.demo.promises import kept_apart, nothing_written, only_changes_written
from sandbox.demo.writes import OTHER, count_writes, writes_of


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


def call_of(world: World, *, pcn: int = PCN) -> Call:
    """The call that made all requests since the last time."""
    requests = [row for row in world.cdf.take_requests() if row["callId"]]
    return Call(3, "plex_jobs", 7, "success", pcn=pcn, writes=tuple(writes_of(requests)))


def read(world: World) -> Content:
    content = Content.read(world.cdf, PCN)
    world.cdf.take_requests()
    return content


def tables(world: World, *names: str) -> str:
    path = f"/raw/dbs/plex_{PCN}/tables"
    world.post("/raw/dbs", {"items": [{"name": f"plex_{PCN}"}]})
    world.post(path, {"items": [{"name": name} for name in names]})
    return path


def test_writes_are_counted_by_kind(world: World) -> None:
    table = tables(world, "state", "fingerprints_jobs", "history_production")
    world.post("/assets", {"items": [{"externalId": "a", "name": "a"}, {"externalId": "b", "name": "b"}]}, call=7)
    world.post("/assets/update", {"items": [{"externalId": "a", "update": {"name": {"set": "c"}}}]}, call=7)
    world.post("/assets/byids", {"items": [{"externalId": "a"}]}, call=7)
    world.post("/assets/list", {"limit": 10}, call=7)
    world.post("/events", {"items": [{"externalId": "e", "type": "job"}]}, call=7)
    world.post("/timeseries", {"items": [{"externalId": "t", "isString": False}]}, call=7)
    points = [{"timestamp": instant, "value": 1.0} for instant in (1, 2, 3)]
    world.post("/timeseries/data", {"items": [{"externalId": "t", "datapoints": points}]}, call=7)
    world.post("/timeseries/data/delete", {"items": [{"externalId": "t", "inclusiveBegin": 3}]}, call=7)
    world.post("/timeseries/data/latest", {"items": [{"externalId": "t"}]}, call=7)
    columns = [{"externalId": "c", "valueType": "LONG"}]
    world.post("/sequences", {"items": [{"externalId": "s", "columns": columns}]}, call=7)
    lines = {"externalId": "s", "columns": ["c"], "rows": [{"rowNumber": 0, "values": [1]}]}
    world.post("/sequences/data", {"items": [lines]}, call=7)
    rows = {"items": [{"key": "k", "columns": {"hash": "1"}}, {"key": "l", "columns": {"hash": "2"}}]}
    world.post(f"{table}/fingerprints_jobs/rows", rows, call=7)
    world.post(f"{table}/history_production/rows", rows, call=7)
    world.post(f"{table}/state/rows", rows, call=7)
    counted = {"assets": 3, "events": 1, "timeSeries": 1, "datapoints": 4, "sequences": 2, "relationships": 0}
    assert count_writes(call_of(world).writes) == counted | {"fingerprints": 4}
    assert call_of(world).writes == ()


def test_upkeep_is_no_write_and_everything_else_is(world: World) -> None:
    table = tables(world, "state", "quarantine")
    rows = {"items": [{"key": "k", "columns": {"reason": "1"}}]}
    world.post(f"{table}/state/rows", rows, call=7)
    world.post("/assets/list", {"limit": 1}, call=7)
    quiet = call_of(world)
    assert nothing_written([quiet]).held
    world.post(f"{table}/quarantine/rows", rows, call=7)
    loud = call_of(world)
    assert [write.kind for write in loud.writes] == [OTHER]
    promise = nothing_written([loud])
    assert not promise.held
    assert promise.detail.endswith("/quarantine/rows")


def test_a_write_that_changes_nothing_is_named(world: World) -> None:
    series = f"{PREFIX}_WORKCENTER_{WORKCENTER}_GOOD"
    world.asset(f"{PREFIX}_PART_1")
    world.series(series, {1: 5, 2: 6})
    before = read(world)
    point = {"items": [{"externalId": series, "datapoints": [{"timestamp": 2, "value": 7}]}]}
    update = {"items": [{"externalId": f"{PREFIX}_PART_1", "update": {"name": {"set": "new"}}}]}
    world.post("/timeseries/data", point, call=7)
    world.post("/assets/update", update, call=7)
    call = call_of(world)
    after = read(world)
    assert only_changes_written([call], before, after).held
    promise = only_changes_written([call], after, after)
    assert not promise.held
    assert promise.detail == f"{PREFIX}_PART_1, {series}@2"


def test_what_was_deleted_or_created_has_changed(world: World) -> None:
    series = f"{PREFIX}_WORKCENTER_{WORKCENTER}_GOOD"
    world.series(series, {1: 5, 2: 6})
    before = read(world)
    world.post("/timeseries/data/delete", {"items": [{"externalId": series, "inclusiveBegin": 2}]}, call=7)
    world.post("/events", {"items": [{"externalId": f"{PREFIX}_JOB_1", "type": "job"}]}, call=7)
    call = call_of(world)
    assert only_changes_written([call], before, read(world)).held


def test_facilities_are_kept_apart(world: World) -> None:
    sets = [{"externalId": f"plex_{pcn}_master"} for pcn in (PCN, 1)]
    own, other = (row["id"] for row in world.post("/datasets", {"items": sets})["items"])
    names = world.cdf.data_sets()
    world.cdf.take_requests()
    item = {"externalId": f"{PREFIX}_PART_1", "name": "p", "dataSetId": own}
    part = world.post("/assets", {"items": [item]}, call=7)["items"][0]["id"]
    call = call_of(world)
    assert kept_apart(read(world), names, [call]).held

    assert f"plex_jobs of 1 wrote {PREFIX}_PART_1" in kept_apart(read(world), names, [call_as(call, 1)]).detail
    mixed = {"externalId": "PCN1_JOB_1", "type": "job", "assetIds": [part], "dataSetId": other}
    world.post("/events", {"items": [mixed]})
    assert "PCN1_JOB_1 refers to another facility" in kept_apart(read(world), names, []).detail
    world.post("/events", {"items": [{"externalId": f"{PREFIX}_JOB_2", "type": "job", "dataSetId": other}]})
    assert f"{PREFIX}_JOB_2 is not in a data set of its facility" in kept_apart(read(world), names, []).detail


def call_as(call: Call, pcn: int) -> Call:
    return Call(3, call.function, 7, "success", pcn=pcn, writes=call.writes)
