"""What a factory comes to in CDF: how many of each kind, and what lacks a link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import fsum

from sandbox.demo.content import EVENTS, HISTORY_EVENTS, Content, key_of
from sandbox.demo.reading import Row
from sandbox.demo.tenant import Tenant

COUNTED = ("jobs", "jobOperations", "parts", "operations", "partOperations", "workcenters")
"""The streams with a key that the demo gives a number for."""

BREAKDOWN = "Breakdown"
"""What the plants of the stand-in call the status of a workcenter that is out of order."""

AT_WORK = {"workcenterId": "workcenters", "partId": "parts", "partOperationId": "partOperations"}
SET_UP = {
    "workcenterId": "workcenters",
    "parentPartId": "parts",
    "parentPartOperationId": "partOperations",
    "childPartId": "parts",
    "childPartOperationId": "partOperations",
}
STORED = {
    "serialNo": "containers",
    "locationId": "locations",
    "movedFromLocationId": "locations",
    "partId": "parts",
}
LINKS: Mapping[str, Mapping[str, str]] = {
    "jobs": {"partId": "parts"},
    "jobOperations": {"workcenterId": "workcenters"},
    "production": AT_WORK,
    "scrap": AT_WORK,
    "statuses": AT_WORK,
    "setups": SET_UP,
    "moves": STORED,
    "adjustments": STORED,
}
"""Which field of an event's row leads to an asset of which stream."""


def counts(content: Content, tenant: Tenant) -> dict[str, int | float]:
    """The figures of one facility.

    Args:
        content: What CDF holds of it.
        tenant: What Plex answers at the same instant.
    """
    good = [value for points in content.figures("GOOD").values() for value in points.values()]
    scrap = [value for points in content.figures("SCRAP").values() for value in points.values()]
    statuses = content.events_of(HISTORY_EVENTS["statuses"])
    return {
        **{stream: len(content.present[stream]) for stream in COUNTED},
        "unlinked": len(unlinked(content, tenant)),
        "productionEvents": len(content.events_of(HISTORY_EVENTS["production"])),
        "goodPieces": _whole(fsum(good)),
        "goodDatapoints": sum(value > 0 for value in good),
        "statusEvents": len(statuses),
        "breakdowns": sum(event.get("subtype") == BREAKDOWN for event in statuses),
        "setups": len(content.events_of(HISTORY_EVENTS["setups"])),
        "scrapPieces": _whole(fsum(scrap)),
    }


def summed(counted: Iterable[Mapping[str, int | float]]) -> dict[str, int | float]:
    """The figures of several facilities together."""
    total: dict[str, int | float] = {}
    for one in counted:
        total |= {name: total.get(name, 0) + count for name, count in one.items()}
    return {name: _whole(count) for name, count in total.items()}


def unlinked(content: Content, tenant: Tenant) -> list[str]:
    """External ids of events that are not linked to an asset that their row names.

    What an event should be linked to is what its row in Plex says, or its own metadata where the row has no key or is
    gone; a key that Plex itself does not list can be no link.
    """
    assets = {row["id"]: key_of(row) for row in content.assets}
    return [
        str(event.get("externalId"))
        for stream, event in linking(content)
        if _named(event, stream, tenant) - {assets.get(asset_id, "") for asset_id in event.get("assetIds") or []}
    ]


def linking(content: Content) -> Iterator[tuple[str, Row]]:
    """The events that ought to have links, each with its stream."""
    for stream in LINKS:
        for event in content.events_of(EVENTS.get(stream) or HISTORY_EVENTS[stream]):
            yield stream, event


def _named(event: Row, stream: str, tenant: Tenant) -> set[str]:
    """Plex's keys of what an event should be linked to."""
    row = tenant.get(stream, {}).get(key_of(event), event.get("metadata") or {})
    return {str(row.get(name)) for name, target in LINKS[stream].items() if str(row.get(name)) in tenant[target]}


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number
