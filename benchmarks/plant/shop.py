"""The plant: the size that one real shop measured, or a part of it."""

from __future__ import annotations

from sandbox.plex import Plant, Size, generated_plants

DAYS = Size().days
"""How long the plant's history is."""

SHOP = {
    "jobs": 114_684,
    "parts": 16_921,
    "workcenters": 143,
    "containers": 10_676,
    "adjustments": 6_298,
    # What the shop did not tell: as many as fit to the rest.
    "operations": 122,
    "locations": 1_270,
    "supply_items": 2_516,
    "deviations": 200,
    "inspections": 2_000,
    "problems": 200,
}
"""How many of each it has."""


def shop(scale: float, days: int) -> Plant:
    """The plant, untidy as real ones.

    Args:
        scale: Share of the shop's size, above 0 and at most 1; there is at least one of everything.
        days: How long its history is.
    """
    numbers = {name: max(1, round(scale * number)) for name, number in SHOP.items()}
    (plant,) = generated_plants(size=Size(**numbers, days=days))
    return plant
