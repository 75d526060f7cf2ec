"""What rows of the inventory become."""

from typing import Any

import pytest
from inventory import INVENTORY, InventorySettings
from plex_cdf.config import read_settings
from plex_cdf.naming import Naming
from plex_cdf.resources import Asset, Event, Level, Resource, TimeSeries

NAMING = Naming(340884)
CONFIG = """
facility: {pcn: 340884, tenantId: 97016117-143c-5059-babf-7d1e7b3a8e7e}
startDate: 2024-03-01
"""
LOCATION = {
    "locationId": "l-1",
    "locationCode": "A-01",
    "buildingName": "Main plant",
    "buildingCode": "MAIN",
    "locationType": "Shelf",
    "inventoryLocation": True,
}
CONTAINER = {
    "serialNo": "SN000123",
    "partId": "p-1",
    "partNo": "82695",
    "partNoRevision": "82695-AAA",
    "partName": "Hex Bolt",
    "locationId": "l-1",
    "location": "A-01",
    "quantity": 12.5,
    "quantityInventoryUnit": "kg",
}
HAPPENED = {
    "rowKey": "K1",
    "adjustmentDate": "2026-04-09T14:03:27.1230000Z",
    "serialNo": "SN000123",
    "quantity": -2,
    "adjustmentCode": "Cycle Count",
    "partId": "p-1",
    "locationId": "l-1",
    "location": "A-01",
}
MOVED = {**HAPPENED, "movedFromLocationId": "l-2", "movedFromLocation": "B-01"}
AT = 1775743407123


def made_of(name: str, row: dict[str, Any], more: str = "") -> list[Resource]:
    """What a stream makes of a row, `more` lines added to its config."""
    settings = read_settings(InventorySettings, "plex_340884_inventory", CONFIG + more)
    (stream,) = [stream for stream in INVENTORY.streams(settings) if stream.name == name]
    return list(stream.map(stream.record.model_validate(row), NAMING))


def test_a_location_is_an_asset_named_by_its_code() -> None:
    (asset,) = made_of("locations", LOCATION)
    assert asset == Asset(
        "PCN340884_LOCATION_l-1",
        "A-01",
        "PCN340884_LOCATIONS",
        "Shelf Main plant",
        {**LOCATION, "inventoryLocation": "true"},  # type: ignore[dict-item]
    )


def test_a_container_is_an_asset_and_a_part_of_what_is_on_hand() -> None:
    asset, series, level = made_of("containers", CONTAINER)
    assert asset == Asset(
        "PCN340884_CONTAINER_SN000123",
        "SN000123",
        "PCN340884_CONTAINERS",
        "82695-AAA Hex Bolt",
        {**CONTAINER, "quantity": "12.5"},  # type: ignore[dict-item]
    )
    assert series == TimeSeries(
        "PCN340884_ONHAND_l-1_p-1",
        "82695-AAA on hand at A-01",
        unit="kg",
        asset="PCN340884_LOCATION_l-1",
        metadata={"partExternalId": "PCN340884_PART_p-1"},
    )
    assert level == Level("PCN340884_ONHAND_l-1_p-1", 12.5)


@pytest.mark.parametrize("field", ["locationId", "partId", "quantity"])
def test_a_container_of_which_too_little_is_known_is_only_an_asset(field: str) -> None:
    (asset,) = made_of("containers", {**CONTAINER, field: None})
    assert isinstance(asset, Asset)


def test_an_empty_container_counts_as_nothing() -> None:
    assert made_of("containers", {**CONTAINER, "quantity": 0})[2] == Level("PCN340884_ONHAND_l-1_p-1", 0.0)


def test_a_move_knows_both_locations() -> None:
    (event,) = made_of("container_location_moves", MOVED)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == (
        "PCN340884_CONTAINERMOVE_K1",
        "container_move",
        "Cycle Count",
    )
    assert (event.start, event.end) == (AT, AT)
    assert event.description == "Container SN000123 moved from B-01 to A-01"
    assert event.assets == (
        "PCN340884_CONTAINER_SN000123",
        "PCN340884_LOCATION_l-1",
        "PCN340884_LOCATION_l-2",
        "PCN340884_PART_p-1",
    )
    assert event.metadata["movedFromLocationId"] == "l-2"


def test_an_adjustment_says_by_how_much() -> None:
    (event,) = made_of("container_adjustments", HAPPENED)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == (
        "PCN340884_CONTAINERADJUSTMENT_K1",
        "container_adjustment",
        "Cycle Count",
    )
    assert (event.start, event.end) == (AT, AT)
    assert event.description == "Container SN000123 changed by -2 at A-01"
    assert event.assets == ("PCN340884_CONTAINER_SN000123", "PCN340884_LOCATION_l-1", "PCN340884_PART_p-1")


@pytest.mark.parametrize(
    ("name", "row"),
    [("locations", LOCATION), ("containers", CONTAINER), ("container_adjustments", HAPPENED)],
)
def test_patterns_narrow_what_is_at_a_location(name: str, row: dict[str, Any]) -> None:
    everything = made_of(name, row)
    assert made_of(name, row, "locations: {include: ['A-*']}") == everything
    assert made_of(name, row, "locations: {include: ['B-*']}") == []
    assert made_of(name, row, "locations: {exclude: ['A-0?']}") == []


def test_a_move_is_read_when_it_begins_or_ends_at_a_location_that_is() -> None:
    both = made_of("container_location_moves", MOVED)
    assert made_of("container_location_moves", MOVED, "locations: {include: ['A-*']}") == both
    assert made_of("container_location_moves", MOVED, "locations: {exclude: ['A-*']}") == both
    assert made_of("container_location_moves", MOVED, "locations: {include: ['C-*']}") == []
    assert made_of("container_location_moves", MOVED, "locations: {exclude: ['A-*', 'B-*']}") == []
