"""Locations, containers, their history, supply items and components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_plex_client import EVER, PARTS

from sandbox.plex import TIDY, Size, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

CONTAINERS = "/inventory/v1/inventory-tracking/containers"
TRACKING = "/inventory-tracking/v1/containers"
MOVES = "/inventory/v1/inventory-history/container-location-moves"
ADJUSTMENTS = "/inventory/v1/inventory-history/container-adjustments"
ITEMS = "/inventory/v1-beta1/inventory-history/item-adjustments"


def test_a_container_is_filled_moved_reviewed_and_shipped(plex: Client) -> None:
    assert plex.at("2024-03-02T08:59Z").rows(CONTAINERS) == []
    [row] = plex.at("2024-03-02T09:00Z").rows(CONTAINERS)
    assert (row["serialNo"], row["location"], row["quantity"]) == ("C-W1", "Desk", 10.0)
    [row] = plex.at("2024-03-02T09:30Z").rows(CONTAINERS)
    assert (row["quantity"], row["updateDateTime"]) == (9.0, "2024-03-02T09:30:00.0000000Z")
    [row] = plex.at("2024-03-02T10:00Z").rows(CONTAINERS)
    assert row["location"] == "WAREHOUSE"
    assert row["locationId"] in {
        each["locationId"] for each in plex.rows("/inventory/v1/inventory-definitions/locations")
    }
    plex.at("2024-03-07T09:00Z")
    assert "C-W1" not in {row["serialNo"] for row in plex.rows(CONTAINERS)}


def test_a_container_that_is_gone_is_still_known_by_its_serial_number(plex: Client) -> None:
    there = plex.at("2024-03-02T10:00Z").get(f"{TRACKING}/C-W1").json()
    gone = plex.at("2024-03-10T00:00Z").get(f"{TRACKING}/C-W1").json()
    assert (there["active"], there["quantity"], there["jobNumber"]) == (True, 9.0, "W1")
    assert (gone["active"], gone["quantity"], gone["serialNumber"]) == (False, 0.0, "C-W1")
    assert plex.get(f"{TRACKING}/C-W9").status_code == 404


def test_moves_and_adjustments_tell_what_became_of_a_container(plex: Client) -> None:
    plex.at("2024-03-10T00:00Z")
    move = plex.rows(MOVES, **EVER)[0]
    assert (move["serialNo"], move["movedFromLocation"], move["location"]) == ("C-W1", "Desk", "WAREHOUSE")
    assert "_partType" not in move
    [adjustment] = plex.rows(ADJUSTMENTS, **EVER)
    assert (adjustment["quantity"], adjustment["adjustmentCode"]) == (-1.0, "MRB")
    assert plex.rows(ADJUSTMENTS, **EVER, adjustmentCode="MRB", serialNo="C-W1") == [adjustment]
    assert len(plex.rows(MOVES, **EVER, partType="Finished Good")) == len(plex.rows(MOVES, **EVER))
    assert plex.rows(MOVES, **EVER, partType="Raw Material") == []
    assert plex.rows(MOVES, **{**EVER, "endDate": "2024-03-02T09:59Z"}) == []


def test_supply_items_are_used_up(plex: Client) -> None:
    items = plex.rows("/mdm/v1/supply-items")
    seen = plex.rows("/inventory/v1/inventory-definitions/supply-items")
    assert [row["id"] for row in seen] == [row["id"] for row in items]
    rows = plex.rows(ITEMS, itemId=items[1]["id"])
    assert [(row["transactionType"], row["quantity"]) for row in rows] == [("PO Receipt", 10_000.0), ("Checkout", -1.0)]
    assert len(plex.rows(ITEMS, itemId=items[1]["id"].upper(), beginDate="2024-03-01T00:00Z")) == 1
    assert plex.rows(ITEMS, itemId=plex.rows(PARTS)[0]["id"]) == []
    assert plex.get(ITEMS).status_code == 400


def test_components_are_those_of_one_part(plex: Client) -> None:
    ring, shaft = sorted(plex.rows(PARTS), key=lambda row: str(row["number"]))
    lines = plex.rows("/engineering/v1/boms", partId=ring["id"])
    assert [line["componentPartId"] for line in lines] == [None, shaft["id"]]
    assert lines[0]["componentSupplyItemNumber"] == "SUP-001"
    assert len(plex.rows("/engineering/v1/boms", partId=shaft["id"])) == 1
    plex.change("/engineering/v1/boms", upsert=[{**lines[0], "quantity": 7.5}])
    assert plex.rows("/engineering/v1/boms", partId=ring["id"])[0]["quantity"] == 7.5
    plex.change("/engineering/v1/boms", reset=True)


def test_where_a_generated_container_is_agrees_with_its_history(serve: Callable[..., Client]) -> None:
    plex = serve(generated_plants(1, 5, Size(containers=40, adjustments=70), TIDY))
    containers = plex.rows(CONTAINERS)
    assert len(containers) == 40
    moves = plex.rows(MOVES, **EVER)
    last = {row["serialNo"]: row["locationId"] for row in sorted(moves, key=lambda row: str(row["adjustmentDate"]))}
    assert [row["locationId"] for row in containers if row["serialNo"] in last] == [
        last[row["serialNo"]] for row in containers if row["serialNo"] in last
    ]
    assert len(plex.rows(ADJUSTMENTS, **EVER)) == 70
    later = plex.at("2026-02-15T00:00Z").rows(CONTAINERS)
    gone = {row["serialNo"] for row in containers} - {row["serialNo"] for row in later}
    assert 0 < len(gone) < 40
    left = {row["serialNo"]: row["adjustmentDate"] for row in plex.rows(MOVES, **EVER)}
    assert all(left[serial] > "2026-01-01" for serial in gone)
