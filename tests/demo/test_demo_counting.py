"""What is counted, on content that was put into the stand-in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_world import World, open_world

from sandbox.demo.counting import Content, count_writes
from sandbox.demo.promises import (
    everything_linked,
    holds_what_plex_holds,
    only_changes_written,
    operations_related,
    progress_kept,
)
from sandbox.demo.tenant import Tenant

PCN = 340884
PREFIX = f"PCN{PCN}"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


PART, OTHER_PART, OPERATION, PART_OPERATION, WORKCENTER, JOB, JOB_OPERATION = (uuid(number) for number in range(1, 8))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


def tenant(**streams: dict[str, dict[str, object]]) -> Tenant:
    rows: dict[str, dict[str, dict[str, object]]] = {
        "parts": {PART: {"id": PART}},
        "operations": {OPERATION: {"id": OPERATION}},
        "partOperations": {PART_OPERATION: {"id": PART_OPERATION}},
        "workcenters": {WORKCENTER: {"workcenterId": WORKCENTER}},
        "jobs": {JOB: {"id": JOB, "partId": PART}},
        "jobOperations": {JOB_OPERATION: {"jobOperationId": JOB_OPERATION, "workcenterId": WORKCENTER}},
    }
    return rows | streams


def fill(world: World, *, job_links: bool = True, operation_links: bool = True) -> None:
    root = world.asset(f"{PREFIX}_FACILITY")
    world.asset(f"{PREFIX}_PARTS_LIBRARY", parentId=root)
    world.asset(f"{PREFIX}_PRODUCTION_LINES", parentId=root)
    part = world.asset(f"{PREFIX}_PART_{PART}", parentId=root)
    workcenter = world.asset(f"{PREFIX}_WORKCENTER_{WORKCENTER}", parentId=root)
    world.asset(f"{PREFIX}_OPERATION_{OPERATION}", parentId=root)
    world.asset(f"{PREFIX}_PARTOPERATION_{PART_OPERATION}", parentId=root)
    world.event(f"{PREFIX}_JOB_{JOB}", "job", *[part] * job_links, partId=PART)
    links = [workcenter] * operation_links
    world.event(f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}", "job_operation", *links, workcenterId=WORKCENTER)


def test_each_kind_is_counted_and_the_skeleton_is_not(world: World) -> None:
    fill(world)
    assert Content.read(world.cdf, PCN).counts(tenant()) == {
        "jobs": 1,
        "jobOperations": 1,
        "parts": 1,
        "operations": 1,
        "partOperations": 1,
        "workcenters": 1,
        "unlinked": 0,
    }


def test_everything_is_counted_over_several_pages(world: World) -> None:
    items = [{"externalId": f"{PREFIX}_PART_{uuid(n)}", "name": "p"} for n in range(1500)]
    for start in (0, 1000):
        world.post("/assets", {"items": items[start : start + 1000]})
    content = Content.read(world.cdf, PCN)
    assert content.counts(tenant())["parts"] == 1500


def test_an_event_without_its_asset_is_unlinked(world: World) -> None:
    fill(world, job_links=False, operation_links=False)
    content = Content.read(world.cdf, PCN)
    assert content.unlinked(tenant()) == [f"{PREFIX}_JOB_{JOB}", f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}"]
    promise = everything_linked(content, tenant())
    assert not promise.held
    assert f"{PREFIX}_JOB_{JOB}" in promise.detail


def test_a_link_to_another_asset_does_not_count(world: World) -> None:
    other = world.asset(f"{PREFIX}_PART_{OTHER_PART}")
    world.event(f"{PREFIX}_JOB_{JOB}", "job", other, partId=PART)
    assert Content.read(world.cdf, PCN).unlinked(tenant()) == [f"{PREFIX}_JOB_{JOB}"]


def test_nothing_can_link_to_what_plex_does_not_list(world: World) -> None:
    world.event(f"{PREFIX}_JOB_{JOB}", "job", partId=OTHER_PART)
    plex = tenant(jobs={JOB: {"id": JOB, "partId": OTHER_PART}})
    assert Content.read(world.cdf, PCN).unlinked(plex) == []


def test_what_is_gone_from_plex_does_not_count(world: World) -> None:
    world.asset(f"{PREFIX}_PART_{PART}", metadata={"plexState": "inactive"})
    world.event(f"{PREFIX}_JOB_{JOB}", "job", partId=PART, plexState="retracted")
    counts = Content.read(world.cdf, PCN).counts(tenant())
    assert (counts["parts"], counts["jobs"], counts["unlinked"]) == (0, 0, 0)


def test_cdf_and_plex_are_compared_key_by_key(world: World) -> None:
    fill(world)
    assert holds_what_plex_holds(Content.read(world.cdf, PCN), tenant(), 1).held
    world.asset(f"{PREFIX}_PART_{OTHER_PART}")
    more = tenant(operations={uuid(99): {"id": uuid(99)}})
    promise = holds_what_plex_holds(Content.read(world.cdf, PCN), more, 1)
    assert not promise.held
    assert f"parts {OTHER_PART} is not in Plex" in promise.detail
    assert f"operations {uuid(99)} is missing" in promise.detail
    assert f"operations {OPERATION} is not in Plex" in promise.detail


def test_an_operation_without_its_relationship_is_named(world: World) -> None:
    fill(world)
    plex = tenant(jobOperations={JOB_OPERATION: {"jobOperationId": JOB_OPERATION, "jobId": JOB}})
    assert not operations_related(Content.read(world.cdf, PCN), plex).held
    source, target = f"{PREFIX}_JOB_{JOB}", f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}"
    relation = {"sourceExternalId": source, "sourceType": "event", "targetExternalId": target, "targetType": "event"}
    world.post("/relationships", {"items": [{"externalId": "r", **relation}]})
    assert operations_related(Content.read(world.cdf, PCN), plex).held


def test_the_last_progress_is_compared_with_plex(world: World) -> None:
    job = {"id": JOB, "jobStatus": "Open", "quantity": 8, "quantityCompleted": 2}
    seen, now = tenant(jobs={JOB: job}), tenant(jobs={JOB: job | {"jobStatus": "Complete", "quantityCompleted": 7}})
    series = f"{PREFIX}_JOB_{JOB}_PROGRESS"
    world.post("/timeseries", {"items": [{"externalId": series, "isString": False}]})
    assert not progress_kept(Content.read(world.cdf, PCN), seen, seen).held
    world.post("/timeseries/data", {"items": [{"externalId": series, "datapoints": [{"timestamp": 1, "value": 25}]}]})
    content = Content.read(world.cdf, PCN)
    assert progress_kept(content, seen, seen).held
    assert progress_kept(content, seen, now).detail == f"{JOB}: 25.0 instead of 87.50 %"
    assert progress_kept(content, now, now).held


def test_a_row_in_quarantine_is_not_missing(world: World) -> None:
    fill(world)
    world.post("/raw/dbs", {"items": [{"name": f"plex_{PCN}"}]})
    world.post(f"/raw/dbs/plex_{PCN}/tables", {"items": [{"name": "quarantine"}]})
    row = {"key": "parts/1", "columns": {"reason": "name: null", "payload": {"id": OTHER_PART}}}
    world.post(f"/raw/dbs/plex_{PCN}/tables/quarantine/rows", {"items": [row]})
    plex = tenant(parts={PART: {"id": PART}, OTHER_PART: {"id": OTHER_PART}})
    promise = holds_what_plex_holds(Content.read(world.cdf, PCN), plex, 1)
    assert promise.held
    assert "1 rows in quarantine" in promise.detail


def test_writes_of_the_named_calls_are_counted_by_kind(world: World) -> None:
    table = f"/raw/dbs/plex_{PCN}/tables"
    world.post("/raw/dbs", {"items": [{"name": f"plex_{PCN}"}]})
    world.post(table, {"items": [{"name": name} for name in ("state", "fingerprints_jobs")]})
    world.post("/assets", {"items": [{"externalId": "a", "name": "a"}, {"externalId": "b", "name": "b"}]}, call=7)
    world.post("/assets/update", {"items": [{"externalId": "a", "update": {"name": {"set": "c"}}}]}, call=7)
    world.post("/assets/byids", {"items": [{"externalId": "a"}]}, call=7)
    world.post("/assets/list", {"limit": 10}, call=7)
    world.post("/events", {"items": [{"externalId": "e", "type": "job"}]}, call=8)
    world.post("/events", {"items": [{"externalId": "f", "type": "job"}]}, call=9)
    world.post("/timeseries", {"items": [{"externalId": "t", "isString": False}]}, call=7)
    points = [{"timestamp": instant, "value": 1.0} for instant in (1, 2, 3)]
    world.post("/timeseries/data", {"items": [{"externalId": "t", "datapoints": points}]}, call=8)
    rows = {"items": [{"key": "k", "columns": {"hash": "1"}}, {"key": "l", "columns": {"hash": "2"}}]}
    world.post(f"{table}/fingerprints_jobs/rows", rows, call=8)
    world.post(f"{table}/state/rows", rows, call=8)
    record = world.cdf.take_requests()
    assert count_writes(record, [7, 8]) == {
        "assets": 3,
        "events": 1,
        "timeSeries": 1,
        "datapoints": 3,
        "relationships": 0,
        "fingerprints": 2,
    }
    assert not any(count_writes(record, [10]).values())
    assert world.cdf.take_requests() == []


def test_a_needless_write_is_named(world: World) -> None:
    before, after = tenant(), tenant(jobs={JOB: {"id": JOB, "partId": PART, "jobStatus": "Complete"}})
    world.event(f"{PREFIX}_JOB_{JOB}", "job", partId=PART)
    assert only_changes_written([], world.cdf.take_requests(), before, after).held
    world.asset(f"{PREFIX}_PART_{PART}")
    promise = only_changes_written([], world.cdf.take_requests(), before, after)
    assert not promise.held
    assert promise.detail == f"{PREFIX}_PART_{PART}"
