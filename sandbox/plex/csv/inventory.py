"""The inventory of a log, which knows none: made up so that no endpoint is empty, and always the same.

Every workcenter is a location, and there is a warehouse. What a job has made is in one container from the job's end; an
hour later that is moved to the warehouse, and five days later it is shipped. Pieces held for review leave it again. An
insert is taken from stock for every set-up.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.plex.csv.log import PRODUCTION
from sandbox.plex.endpoints import inventory, quality
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids
from sandbox.plex.rows.containers import Adjustment, Container, Move, Place, item_adjustment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.plex.csv.log import Report
    from sandbox.plex.plants.plant import Life, Row
    from sandbox.plex.rows.shopfloor import Work

WAREHOUSE = "WAREHOUSE"
REVIEWED, MOVED, SHIPPED = timedelta(minutes=30), timedelta(hours=1), timedelta(days=5)
STOCK = 10_000.0


class StockBook:
    """Makes the inventory of a log.

    Args:
        reports: The log.
        ids: The tenant's ids.
        since: When the master data begin.
        work: Gives what a report worked on.
    """

    def __init__(self, reports: Sequence[Report], ids: Ids, since: str, work: Callable[[Report], Work]) -> None:
        self._reports = reports
        self._ids = ids
        self._since = since
        self._work = work

    def tables(self, parts: Iterable[Row]) -> dict[str, list[Life]]:
        """Path to rows.

        Args:
            parts: The rows of the parts.
        """
        by_id = {row["id"]: row for row in parts}
        containers = [each for reports in self._orders() for each in self._containers(reports, by_id)]
        codes = [WAREHOUSE, *sorted({report.workcenter for report in self._reports})]
        events = [(each, event) for each in containers for event in each.events]
        return {
            inventory.LOCATIONS.path: [History(self._since, self._location(code)) for code in codes],
            inventory.ALL_CONTAINERS.path: list(containers),
            inventory.CONTAINER_MOVES.path: [
                History(event.when, each.move_row(event)) for each, event in events if isinstance(event, Move)
            ],
            inventory.CONTAINER_ADJUSTMENTS.path: [
                History(event.when, each.adjustment_row(event))
                for each, event in events
                if isinstance(event, Adjustment)
            ],
        }

    def item_adjustments(self, items: Sequence[Row]) -> dict[str, list[Life]]:
        """Supply item id to its history; the second item is the one that set-ups use."""
        rows: dict[str, list[Life]] = {
            item["id"]: [item_adjustment(self._since, item, self._place(WAREHOUSE), STOCK, "PO Receipt")]
            for item in items
        }
        used = items[1]
        rows[used["id"]] += [
            item_adjustment(stamp(report.begins), used, self._place(WAREHOUSE), -1.0, "Checkout")
            for report in self._reports
            if report.kind == "S"
        ]
        return rows

    def boms(self, parts: Sequence[Row], items: Sequence[Row]) -> dict[str, list[Life]]:
        """Part id to its components: the first supply item, and the part that follows, which the last one lacks."""
        following = [*parts[1:], None]
        return {
            part["id"]: [
                History(self._since, row)
                for row in [self._line(part, 1, item=items[0]), *([self._line(part, 2, other=other)] if other else [])]
            ]
            for part, other in zip(parts, following, strict=True)
        }

    def _orders(self) -> list[list[Report]]:
        orders: dict[str, list[Report]] = defaultdict(list)
        for report in self._reports:
            orders[report.work_order].append(report)
        return list(orders.values())

    def _place(self, code: str) -> Place:
        return Place(self._ids("location", code), code)

    def _location(self, code: str) -> Row:
        return inventory.LOCATIONS.row(
            locationId=self._ids("location", code),
            locationCode=code,
            buildingName="Main plant",
            buildingCode="MAIN",
            locationType="Warehouse" if code == WAREHOUSE else "Workcenter",
            inventoryLocation=True,
            supplyLocation=code == WAREHOUSE,
            tankSilo=False,
        )

    def _containers(self, reports: Sequence[Report], parts: dict[str, Row]) -> list[Container]:
        """The container of an order, if that has made anything."""
        last = max(reports, key=lambda report: report.ends)
        made: dict[str, float] = defaultdict(float)
        for report in reports:
            made[report.operation] += report.produced
        quantity = min(max(made.values()), last.order_quantity)
        if not quantity:
            return []
        review = min(quantity, sum(report.for_review for report in reports if report.kind == PRODUCTION))
        place, work = self._place(last.workcenter), self._work(last)
        move = Move(stamp(last.ends + MOVED), place, self._place(WAREHOUSE))
        reviewed = Adjustment(stamp(last.ends + REVIEWED), -review, "MRB")
        return [
            Container(
                serial=f"C-{last.work_order}",
                work=work,
                part=parts[str(work.part_id)],
                created=stamp(last.ends),
                place=place,
                quantity=quantity,
                events=(reviewed, move) if review else (move,),
                gone=stamp(last.ends + SHIPPED),
            )
        ]

    def _line(self, part: Row, sort: int, *, item: Row | None = None, other: Row | None = None) -> Row:
        component, item = other or {}, item or {}
        return quality.BOMS.row(
            id=self._ids("bom", (part["id"], sort)),
            partId=part["id"],
            partNumber=part["number"],
            partNumberRevision=part["number"],
            componentPartId=component.get("id"),
            componentPartNumber=component.get("number"),
            componentPartNumberRevision=component.get("number"),
            componentSupplyItemId=item.get("id"),
            componentSupplyItemNumber=item.get("supplyItemNumber"),
            componentUnitOfMeasure=item.get("inventoryUnit", "Ea"),
            quantity=float(sort),
            quantityFixed=False,
            sortOrder=float(sort),
            active=True,
            position=str(10 * sort),
            scaling=False,
            validate=False,
            autoDeplete=True,
            transferHeat=False,
        )
