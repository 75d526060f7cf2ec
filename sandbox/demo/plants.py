"""The plants that the demo makes up when it is given no log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.plex import Plant, Size, generated_plants
from sandbox.plex.endpoints import master_data
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Life, Row

FACILITIES = 2

SEED = 1

DAYS = 14
"""How long a plant's time is. The last pass comes a good third of it after the one before; what Plex has changed
meanwhile must lie within the days that an extractor reads again (`reconcileDays`), as it would with a pass every few
minutes."""

SLOWEST, STEP = 30.0, 1.5
"""Target rate of the first workcenter, and how much more each further one is to make, in pieces an hour: what the
generator's workcenters make when they run well."""

SETUP = 0.5
"""How long a setup is to take, in hours."""


def demo_plants() -> list[Plant]:
    """Two plants, untidy as real ones, whose workcenters are approved for all that they do."""
    return [_approved(plant) for plant in generated_plants(FACILITIES, SEED, Size(days=DAYS))]


def _approved(plant: Plant) -> Plant:
    """A plant with a target rate for all work.

    The generator approves one workcenter for each part operation, and has any workcenter do any of them, or work
    without a job; a day with work that lacks a rate has no OEE.
    """
    path = master_data.APPROVED_WORKCENTERS.path
    return replace(plant, tables={**plant.tables, path: list(_approvals(plant))})


def _approvals(plant: Plant) -> Iterator[Life]:
    ends = stamp(plant.ends)
    part_operations: list[Row] = plant.rows(master_data.PART_OPERATIONS.path, ends)
    for number, workcenter in enumerate(plant.rows(master_data.WORKCENTERS.path, ends)):
        for part_operation in (*part_operations, {}):
            row = master_data.APPROVED_WORKCENTERS.row(
                workcenterId=workcenter["workcenterId"],
                workcenterCode=workcenter["workcenterCode"],
                workcenterName=workcenter["name"],
                partId=part_operation.get("partId"),
                partOperationId=part_operation.get("id"),
                operationId=part_operation.get("operationId"),
                operationNo=part_operation.get("operationNumber"),
                targetRate=SLOWEST + STEP * number,
                setupTime=SETUP,
            )
            yield History(stamp(plant.begins), row)
