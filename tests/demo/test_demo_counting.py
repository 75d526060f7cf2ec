"""What is counted, on content that was put into the stand-in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_world import (
    JOB,
    JOB_OPERATION,
    OPERATION,
    OTHER_PART,
    PART,
    PART_OPERATION,
    PCN,
    PREFIX,
    WORKCENTER,
    World,
    open_world,
    tenant,
    uuid,
)

from sandbox.demo.comparing import everything_linked
from sandbox.demo.content import Content
from sandbox.demo.counting import counts, summed, unlinked

ZERO = dict.fromkeys(
    (
        *("jobs", "jobOperations", "parts", "operations", "partOperations", "workcenters", "unlinked"),
        *("productionEvents", "goodPieces", "goodDatapoints", "statusEvents", "breakdowns", "setups", "scrapPieces"),
    ),
    0,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


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


def read(world: World) -> Content:
    return Content.read(world.cdf, PCN)


def test_each_kind_is_counted_and_the_skeleton_is_not(world: World) -> None:
    fill(world)
    keyed = ("jobs", "jobOperations", "parts", "operations", "partOperations", "workcenters")
    assert counts(read(world), tenant()) == ZERO | dict.fromkeys(keyed, 1)


def test_pieces_statuses_and_set_ups_are_counted(world: World) -> None:
    other = uuid(9)
    world.series(f"{PREFIX}_WORKCENTER_{WORKCENTER}_GOOD", {1: 10, 2: 0, 3: -1})
    world.series(f"{PREFIX}_WORKCENTER_{other}_GOOD", {1: 2.5})
    world.series(f"{PREFIX}_WORKCENTER_{WORKCENTER}_SCRAP", {1: 4})
    world.series(f"{PREFIX}_WORKCENTER_{WORKCENTER}_OEE", {1: 0.5})
    for number, status in enumerate(("Production", "Breakdown", "Setup")):
        item = {"externalId": f"{PREFIX}_WORKCENTERSTATUS_{number}", "type": "workcenter_status", "subtype": status}
        world.post("/events", {"items": [item]})
    world.event(f"{PREFIX}_PRODUCTION_1", "production")
    world.event(f"{PREFIX}_PRODUCTION_2", "production", plexState="retracted")
    world.event(f"{PREFIX}_SETUP_1", "setup")
    told = {"productionEvents": 1, "statusEvents": 3, "breakdowns": 1, "setups": 1, "scrapPieces": 4}
    counted = counts(read(world), tenant())
    assert counted == ZERO | told | {"goodPieces": 11.5, "goodDatapoints": 2}
    assert isinstance(counted["scrapPieces"], int)


def test_the_figures_of_facilities_are_summed() -> None:
    assert summed([{"jobs": 1, "goodPieces": 0.5}, {"jobs": 2, "goodPieces": 1.5}]) == {"jobs": 3, "goodPieces": 2}


def test_everything_is_counted_over_several_pages(world: World) -> None:
    items = [{"externalId": f"{PREFIX}_PART_{uuid(n)}", "name": "p"} for n in range(1500)]
    for start in (0, 1000):
        world.post("/assets", {"items": items[start : start + 1000]})
    world.series(f"{PREFIX}_WORKCENTER_{WORKCENTER}_GOOD", {1000 * n: 1.0 for n in range(25_000)})
    counted = counts(read(world), tenant())
    assert counted["parts"] == 1500
    assert counted["goodDatapoints"] == 25_000


def test_a_facility_has_what_carries_its_pcn(world: World) -> None:
    fill(world)
    world.asset(f"PCN1_PART_{PART}")
    world.event(f"PCN1_JOB_{JOB}", "job", partId=PART)
    world.series(f"PCN1_WORKCENTER_{WORKCENTER}_GOOD", {1: 10})
    everything = read(world)
    own, other = (counts(everything.facility(pcn), tenant()) for pcn in (PCN, 1))
    assert (own["parts"], own["jobs"], own["goodPieces"]) == (1, 1, 0)
    assert (other["parts"], other["jobs"], other["goodPieces"], other["workcenters"]) == (1, 1, 10, 0)
    assert everything.facility(34088).assets == []


def test_an_event_without_its_asset_is_unlinked(world: World) -> None:
    fill(world, job_links=False, operation_links=False)
    content = read(world)
    assert unlinked(content, tenant()) == [f"{PREFIX}_JOB_{JOB}", f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}"]
    promise = everything_linked(content, tenant())
    assert not promise.held
    assert f"{PREFIX}_JOB_{JOB}" in promise.detail


def test_an_entry_must_be_linked_to_all_that_it_names(world: World) -> None:
    workcenter, part = world.asset(f"{PREFIX}_WORKCENTER_{WORKCENTER}"), world.asset(f"{PREFIX}_PART_{PART}")
    named = {"workcenterId": WORKCENTER, "partId": PART}
    world.event(f"{PREFIX}_PRODUCTION_1", "production", workcenter, part, **named)
    world.event(f"{PREFIX}_PRODUCTION_2", "production", workcenter, **named)
    world.event(f"{PREFIX}_PRODUCTION_3", "production", workcenter, workcenterId=WORKCENTER, partId=OTHER_PART)
    assert unlinked(read(world), tenant()) == [f"{PREFIX}_PRODUCTION_2"]


def test_a_link_to_another_asset_does_not_count(world: World) -> None:
    other = world.asset(f"{PREFIX}_PART_{OTHER_PART}")
    world.event(f"{PREFIX}_JOB_{JOB}", "job", other, partId=PART)
    assert unlinked(read(world), tenant()) == [f"{PREFIX}_JOB_{JOB}"]


def test_nothing_can_link_to_what_plex_does_not_list(world: World) -> None:
    world.event(f"{PREFIX}_JOB_{JOB}", "job", partId=OTHER_PART)
    plex = tenant(jobs={JOB: {"id": JOB, "partId": OTHER_PART}})
    assert unlinked(read(world), plex) == []


def test_what_is_gone_from_plex_does_not_count(world: World) -> None:
    world.asset(f"{PREFIX}_PART_{PART}", metadata={"plexState": "inactive"})
    world.event(f"{PREFIX}_JOB_{JOB}", "job", partId=PART, plexState="retracted")
    assert counts(read(world), tenant()) == ZERO
