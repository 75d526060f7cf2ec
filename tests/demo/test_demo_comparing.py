"""CDF against Plex: what agrees is kept, and every way to differ is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
    tenant,
    uuid,
)

from sandbox.demo import comparing
from sandbox.demo.content import Content
from sandbox.demo.reading import Row
from sandbox.demo.tenant import Tenant

NOON, LATER = "2024-03-01T12:00:00.1239999Z", "2024-03-02T08:00:00.0000000Z"
MIDNIGHT, NOON_MS, LATER_MS = 1_709_251_200_000, 1_709_294_400_123, 1_709_366_400_000
LOCATION = uuid(20)
GOOD, SCRAP = (f"{PREFIX}_WORKCENTER_{WORKCENTER}_{figure}" for figure in ("GOOD", "SCRAP"))


def asset(kind: str, key: str, **fields: Any) -> Row:
    return {"id": hash((kind, key)), "externalId": f"{PREFIX}_{kind}_{key}", **fields}


def entry(quantity: float | None, when: str = NOON, **fields: Any) -> Row:
    row = {"workcenterId": WORKCENTER, "partOperationId": None, "jobId": JOB, "serialNo": None, "scrapReason": None}
    return row | {"transactionDate": when, "quantity": quantity} | fields


def event(number: int, kind: str, start: int, row: Row) -> Row:
    metadata = {name: f"{value:g}" if isinstance(value, float) else value for name, value in row.items() if value}
    return {
        "id": number,
        "externalId": f"{PREFIX}_{kind}_{number}",
        "type": kind,
        "startTime": start,
        "metadata": metadata,
    }


def numbered(*rows: Row) -> dict[str, Row]:
    return {str(number): row for number, row in enumerate(rows)}


def test_rows_are_compared_key_by_key() -> None:
    events: list[Row] = [
        {"id": 1, "externalId": f"{PREFIX}_JOB_{JOB}", "type": "job"},
        {"id": 2, "externalId": f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}", "type": "job_operation"},
    ]
    kinds = {"PART": PART, "OPERATION": OPERATION, "PARTOPERATION": PART_OPERATION, "WORKCENTER": WORKCENTER}
    content = Content([asset(kind, key) for kind, key in kinds.items()], events)
    assert comparing.holds_what_plex_holds(content, tenant(), 1).held
    more = replace(content, assets=[*content.assets, asset("PART", OTHER_PART), asset("CONTAINER", "S1")])
    promise = comparing.holds_what_plex_holds(more, tenant(operations={uuid(99): {"id": uuid(99)}}), 1)
    assert not promise.held
    for said in (
        f"parts {OTHER_PART} is not in Plex",
        f"operations {uuid(99)} is missing",
        f"operations {OPERATION} is not in Plex",
        "containers S1 is not in Plex",
    ):
        assert said in promise.detail


def test_a_row_in_quarantine_is_not_missing() -> None:
    waiting = Content(quarantine={PCN: [{"key": "parts/1", "columns": {"payload": {"id": OTHER_PART}}}]})
    plex: dict[str, dict[str, Row]] = {name: {} for name in tenant()} | {"parts": {OTHER_PART: {"id": OTHER_PART}}}
    promise = comparing.holds_what_plex_holds(waiting, plex, 1)
    assert promise.held
    assert "1 in quarantine" in promise.detail


def test_an_operation_without_its_relationship_is_named() -> None:
    plex = tenant(jobOperations={JOB_OPERATION: {"jobOperationId": JOB_OPERATION, "jobId": JOB}})
    source, target = f"{PREFIX}_JOB_{JOB}", f"{PREFIX}_JOBOPERATION_{JOB_OPERATION}"
    events = [
        {"id": 1, "externalId": source, "type": "job"},
        {"id": 2, "externalId": target, "type": "job_operation"},
    ]
    content = Content(events=events)
    assert not comparing.operations_related(content, plex).held
    related = [{"externalId": "r", "sourceExternalId": source, "targetExternalId": target}]
    assert comparing.operations_related(replace(content, relationships=related), plex).held


def test_the_last_progress_is_compared_with_plex() -> None:
    job = {"id": JOB, "jobStatus": "Open", "quantity": 8, "quantityCompleted": 2}
    seen, now = tenant(jobs={JOB: job}), tenant(jobs={JOB: job | {"jobStatus": "Complete", "quantityCompleted": 7}})
    assert not comparing.progress_kept(Content(), seen, seen).held
    content = Content(points={f"{PREFIX}_JOB_{JOB}_PROGRESS": {2: 25, 1: 99}})
    assert comparing.progress_kept(content, seen, seen).held
    assert comparing.progress_kept(content, seen, now).detail == f"{JOB}: 25.0 instead of 87.50 %"
    assert comparing.progress_kept(content, now, now).held


def test_every_entry_is_one_event() -> None:
    twins = [entry(4.0), entry(4.0), entry(4.0, serialNo="S1")]
    plex = tenant(production=numbered(*twins))
    events = [event(number, "production", NOON_MS, row) for number, row in enumerate(twins)]
    assert comparing.histories_told(Content(events=events), plex).held
    for wrong in (events[:2], [*events, events[0]], [*events[:2], events[2] | {"startTime": NOON_MS + 1}]):
        assert not comparing.histories_told(Content(events=wrong), plex).held
    retracted = [*events, events[0] | {"metadata": {"plexState": "retracted"}}]
    assert comparing.histories_told(Content(events=retracted), plex).held


def test_pieces_of_one_instant_are_summed() -> None:
    plex = tenant(
        production=numbered(entry(4.0), entry(6.0), entry(None), entry(5.0, LATER), entry(9.0, workcenterId=None)),
        scrap=numbered(entry(2.0)),
    )
    content = Content(points={GOOD: {NOON_MS: 10.0, LATER_MS: 5.0}, SCRAP: {NOON_MS: 2.0}})
    promise = comparing.pieces_add_up(content, plex)
    assert promise.held
    assert promise.detail == "15 good at 2 instants, 2 scrapped at 1 instants"


@pytest.mark.parametrize(
    "points",
    [
        {GOOD: {NOON_MS: 6.0}},
        {GOOD: {NOON_MS: 10.0, LATER_MS: 1.0}},
        {GOOD: {NOON_MS + 1: 10.0}},
        {GOOD: {NOON_MS: 10.0}, SCRAP: {NOON_MS: 1.0}},
        {},
    ],
    ids=["last write wins", "too many", "another instant", "scrap", "nothing"],
)
def test_pieces_that_differ_are_named(points: dict[str, Any]) -> None:
    plex = tenant(production=numbered(entry(4.0), entry(6.0)))
    promise = comparing.pieces_add_up(Content(points=points), plex)
    assert not promise.held
    assert WORKCENTER in promise.detail


def test_what_is_on_hand_is_the_sum_of_the_containers_and_0_where_there_are_none() -> None:
    def container(quantity: float | None, location: str | None = LOCATION) -> Row:
        return {"locationId": location, "partId": PART, "quantity": quantity}

    plex = tenant(containers=numbered(container(4.0), container(6.0), container(None), container(3.0, None)))
    series, emptied = (f"{PREFIX}_ONHAND_{LOCATION}_{part}" for part in (PART, OTHER_PART))
    content = Content(points={series: {1: 3.0, 2: 10.0}, emptied: {1: 7.0, 2: 0.0}})
    assert comparing.stock_adds_up(content, plex).held
    forgotten = Content(points={series: {1: 3.0, 2: 10.0}, emptied: {1: 7.0}})
    assert not comparing.stock_adds_up(forgotten, plex).held
    assert not comparing.stock_adds_up(Content(), plex).held


def oee(quality: float = 0.8, value: float = 0.36) -> Content:
    series = {"AVAILABILITY": 0.9, "PERFORMANCE": 0.5, "QUALITY": quality, "OEE": value}
    return Content(
        points={f"{PREFIX}_WORKCENTER_{WORKCENTER}_{name}_DAY": {MIDNIGHT: each} for name, each in series.items()}
    )


def test_oee_is_a_product_and_its_quality_that_of_the_pieces() -> None:
    plex = tenant(production=numbered(entry(6.0), entry(2.0)), scrap=numbered(entry(2.0)))
    assert comparing.oee_holds(oee(), plex).held
    assert "0.37 instead of 0.3600" in comparing.oee_holds(oee(value=0.37), plex).detail
    assert "0.7 quality instead of 0.8" in comparing.oee_holds(oee(quality=0.7, value=0.315), plex).detail
    assert not comparing.oee_holds(oee(), tenant()).held
    assert "there is no OEE" in comparing.oee_holds(Content(), tenant()).detail


def test_a_line_of_a_bill_of_material_is_a_row_of_a_sequence() -> None:
    plex: Tenant = tenant(components={"b1": {"id": "b1", "partId": PART, "quantity": 2.5}})
    lines = [{"bomId": "b1", "quantity": 2.5}]
    assert comparing.components_listed(Content(lines={"PART_BOM": lines, "PART_RATES": [{"targetRate": 1}]}), plex).held
    for wrong in ([], [{"bomId": "b1", "quantity": 2}], [*lines, {"bomId": "b2", "quantity": 1}]):
        assert not comparing.components_listed(Content(lines={"PART_BOM": wrong}), plex).held


def approved(workcenter: str = WORKCENTER, **fields: Any) -> Row:
    row = {"partId": PART, "partOperationId": PART_OPERATION, "workcenterId": workcenter}
    return row | {"targetRate": 40.0, "setupTime": None} | fields


def rates(*rows: Row) -> list[Row]:
    return [
        {
            "operationExternalId": f"{PREFIX}_PARTOPERATION_{row['partOperationId']}",
            "workcenterExternalId": f"{PREFIX}_WORKCENTER_{row['workcenterId']}",
            **{name: row[name] for name in ("targetRate", "setupTime")},
        }
        for row in rows
    ]


def test_an_approved_workcenter_is_a_row_of_its_parts_rates() -> None:
    rows = [approved(), approved(uuid(30), targetRate=12.5, setupTime=0.5)]
    plex = tenant(approvedWorkcenters=numbered(*rows, approved(uuid(31), partId=None)))
    name, other = (f"{PREFIX}_PART_{part}_RATES" for part in (PART, OTHER_PART))
    promise = comparing.rates_listed(Content(lines={name: rates(*rows), "PART_BOM": [{"bomId": "b"}]}), plex)
    assert promise.held
    assert promise.detail == "2 approved workcenters of 1 parts"
    for wrong in (
        {name: rates(rows[0])},
        {name: rates(*rows, rows[0])},
        {name: rates(rows[0], rows[1] | {"setupTime": None})},
        {name: rates(rows[0], rows[1] | {"targetRate": 12})},
        {name: rates(rows[0]), other: rates(rows[1])},
    ):
        assert not comparing.rates_listed(Content(lines=wrong), plex).held
