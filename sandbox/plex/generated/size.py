"""How large a generated plant is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How much a plant holds.

    Attributes:
        jobs: Jobs of the whole time; each has `operations_per_part` operations.
        parts: Parts.
        operations: Operations.
        operations_per_part: Part-operations of each part.
        workcenters: Workcenters; each is one piece of equipment too.
        buildings: Buildings.
        production_lines: Production lines.
        supply_items: Supply items.
        locations: Locations.
        containers: Containers that are active at the end of the time; as many as a fourth of them are gone by then.
        adjustments: Adjustments of those containers; untidiness adds to them.
        deviations: Deviations.
        inspections: Checksheets.
        problems: Problem logs.
        days: How long the time is; jobs are created all over it, and the last are completed after it.
    """

    jobs: int = 200
    parts: int = 40
    operations: int = 12
    operations_per_part: int = 3
    workcenters: int = 8
    buildings: int = 2
    production_lines: int = 3
    supply_items: int = 10
    locations: int = 20
    containers: int = 60
    adjustments: int = 60
    deviations: int = 6
    inspections: int = 200
    problems: int = 20
    days: int = 90
