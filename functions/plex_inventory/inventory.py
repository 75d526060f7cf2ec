"""The streams of plex_inventory: where things are kept, in what, how that changes, and how much is on hand."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plex_cdf.config import HistorySettings
from plex_cdf.mapping import label, lacking, links
from plex_cdf.naming import Naming, as_text
from plex_cdf.patterns import Patterns
from plex_cdf.plex.records.inventory import Container, ContainerAdjustment, ContainerMove, Location
from plex_cdf.resources import Asset, Event, Level, Resource, TimeSeries
from plex_cdf.stream import Extractor, Stream, Whole, Windows


class InventorySettings(HistorySettings):
    """What plex_inventory adds to the config of an extractor of histories.

    Attributes:
        locations: Patterns of the codes of the locations that are read, with what is there and what happens there.
    """

    locations: Patterns = Patterns.model_construct()


def location(row: Location, naming: Naming, locations: Patterns) -> Iterator[Resource]:
    """A location, named by its code."""
    if not locations.match(row.location_code):
        return
    yield Asset(
        naming.id("LOCATION", row.location_id),
        row.location_code or row.location_id,
        naming.branch("LOCATIONS"),
        label(row.location_type, row.building_name or row.building_code),
        row.metadata(),
    )


def container(row: Container, naming: Naming, locations: Patterns) -> Iterator[Resource]:
    """An active container, named by its serial number, and its part of what is on hand at its location."""
    if not locations.match(row.location):
        return
    yield Asset(
        naming.id("CONTAINER", row.serial_no),
        row.serial_no,
        naming.branch("CONTAINERS"),
        label(row.part_no_revision or row.part_no, row.part_name),
        row.metadata(),
    )
    yield from _on_hand(row, naming)


def _on_hand(row: Container, naming: Naming) -> Iterator[Resource]:
    """A container's part of the quantity of its part at its location, in the part's inventory unit."""
    if not row.location_id or not row.part_id or row.quantity is None:
        return
    series = naming.id("ONHAND", f"{row.location_id}_{row.part_id}")
    yield TimeSeries(
        series,
        f"{row.part_no_revision or row.part_no or row.part_id} on hand at {row.location or row.location_id}",
        unit=row.quantity_inventory_unit,
        asset=naming.id("LOCATION", row.location_id),
        metadata={"partExternalId": naming.id("PART", row.part_id)},
        lacks=lacking(row.quantity_inventory_unit, row.location, row.part_no_revision, row.part_no),
    )
    yield Level(series, row.quantity)


def container_move(row: ContainerMove, naming: Naming, locations: Patterns) -> Iterator[Resource]:
    """A container that went from one location to another, read when either of them is."""
    if not locations.match(row.location, row.moved_from_location):
        return
    yield Event(
        naming.id("CONTAINERMOVE", row.row_key),
        type="container_move",
        subtype=row.adjustment_code,
        start=row.adjustment_date,
        end=row.adjustment_date,
        description=f"{_container(row)} moved from {row.moved_from_location or '?'} to {row.location or '?'}",
        assets=links(
            naming,
            ("CONTAINER", row.serial_no),
            ("LOCATION", row.location_id),
            ("LOCATION", row.moved_from_location_id),
            ("PART", row.part_id),
        ),
        metadata=row.metadata(),
    )


def container_adjustment(row: ContainerAdjustment, naming: Naming, locations: Patterns) -> Iterator[Resource]:
    """A change of the quantity in a container."""
    if not locations.match(row.location):
        return
    amount = "an unknown quantity" if row.quantity is None else as_text(row.quantity)
    yield Event(
        naming.id("CONTAINERADJUSTMENT", row.row_key),
        type="container_adjustment",
        subtype=row.adjustment_code,
        start=row.adjustment_date,
        end=row.adjustment_date,
        description=f"{_container(row)} changed by {amount} at {row.location or '?'}",
        assets=links(naming, ("CONTAINER", row.serial_no), ("LOCATION", row.location_id), ("PART", row.part_id)),
        metadata=row.metadata(),
    )


def _container(row: ContainerMove | ContainerAdjustment) -> str:
    return f"Container {row.serial_no or '?'}"


HISTORY = "/inventory/v1/inventory-history"
ADJUSTED = ("serialNo", "adjustmentDate", "partOperationId", "locationId")


def streams(settings: InventorySettings) -> tuple[Stream[Any], ...]:
    """Locations and containers, then what happened to them."""
    only = settings.locations
    moves = Windows(f"{HISTORY}/container-location-moves", "beginDate", "endDate", "adjustmentDate")
    adjustments = Windows(f"{HISTORY}/container-adjustments", "beginDate", "endDate", "adjustmentDate")
    return (
        Stream(
            "locations",
            Whole("/inventory/v1/inventory-definitions/locations"),
            "locationId",
            "LOCATION",
            Location,
            partial(location, locations=only),
            "inventory",
        ),
        Stream(
            "containers",
            Whole("/inventory/v1/inventory-tracking/containers"),
            "serialNo",
            "CONTAINER",
            Container,
            partial(container, locations=only),
            "inventory",
        ),
        Stream(
            "container_location_moves",
            moves,
            (*ADJUSTED, "movedFromLocationId"),
            "CONTAINERMOVE",
            ContainerMove,
            partial(container_move, locations=only),
            "inventory",
        ),
        Stream(
            "container_adjustments",
            adjustments,
            ADJUSTED,
            "CONTAINERADJUSTMENT",
            ContainerAdjustment,
            partial(container_adjustment, locations=only),
            "inventory",
        ),
    )


INVENTORY = Extractor("inventory", InventorySettings, streams)
