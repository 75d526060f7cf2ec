"""A plant from the log of a real one: a CSV with one line per report of work.

What the log doesn't know is made up, so that no endpoint is empty: one building, three production lines to which the
workcenters are dealt in alphabetical order, one piece of equipment per workcenter, three supply items. The master data
stand from a day before the log's first report. Part-operations count 10, 20, … in the order of the file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sandbox.plex.csv.inventory import StockBook
from sandbox.plex.csv.jobs import JobBook, Routing
from sandbox.plex.csv.log import Report, read_log
from sandbox.plex.csv.production import ShopBook
from sandbox.plex.csv.quality import quality_tables
from sandbox.plex.endpoints import master_data
from sandbox.plex.endpoints.inventory import ITEM_ADJUSTMENTS
from sandbox.plex.endpoints.quality import BOMS, CONTROL_PLAN_LINES
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids, Life, Plant, Row
from sandbox.plex.rows.quality import Inspected, QualityBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

LINES = 3
SUPPLY_ITEMS = (
    ("Coolant", "Consumable", "l"),
    ("Cutting insert", "Tooling", "Ea"),
    ("Cleaning cloth", "Consumable", "Ea"),
)
Key = TypeVar("Key")


def csv_plant(path: Path, pcn: int = 340884) -> Plant:
    """Read a plant from a log.

    Args:
        path: The CSV file.
        pcn: The Plexus Customer Number that the plant gets.

    Raises:
        OSError: The file can't be read.
        ValueError: It has no lines, or one that is no report (the message names the line).
    """
    return _Builder(read_log(path), Ids(pcn)).plant(pcn)


class _Builder:
    """Turns reports into rows."""

    def __init__(self, reports: Sequence[Report], ids: Ids) -> None:
        self._reports = reports
        self._ids = ids
        self._begins = min(report.begins for report in reports) - timedelta(days=1)
        self._since = stamp(self._begins)
        self._parts = sorted({report.part for report in reports})
        self._operations = sorted({report.operation for report in reports})
        self._workcenters = sorted({report.workcenter for report in reports})
        self._building = {"buildingId": ids("building", "MAIN"), "buildingCode": "MAIN"}
        self._routing = Routing(reports)

    def plant(self, pcn: int) -> Plant:
        """The plant of the reports."""
        book = JobBook(self._reports, self._ids, self._routing, self._building)
        operations = book.operations()
        shop = ShopBook(self._reports, self._ids, self._routing, operations, self._since)
        stock = StockBook(self._reports, self._ids, self._since, shop.work)
        parts = [self._part(name) for name in self._parts]
        workcenters = [self._workcenter(code) for code in self._workcenters]
        items = [self._supply_item(number) for number in range(1, len(SUPPLY_ITEMS) + 1)]
        boms, adjustments = stock.boms(parts, items), stock.item_adjustments(items)
        quality = QualityBook(self._ids, self._building)
        inspected = {row["id"]: self._inspected(row, number) for number, row in enumerate(parts, start=1)}
        plans = {self._ids("control-plan", part.id): part for part in inspected.values()}
        return Plant(
            pcn=pcn,
            code=f"PLANT-{pcn}",
            begins=self._begins,
            ends=max(report.ends for report in self._reports),
            tables={
                **shop.tables(workcenters),
                **stock.tables(parts),
                **quality_tables(quality, list(inspected.values()), self._reports, shop.work),
                master_data.PARTS.path: [History(self._since, row) for row in parts],
                master_data.OPERATIONS.path: self._master(self._operation, self._operations),
                master_data.PART_OPERATIONS.path: self._master(self._part_operation, self._routing.numbers),
                master_data.BUILDINGS.path: self._master(self._main_building, ["MAIN"]),
                master_data.WORKCENTERS.path: [History(self._since, row) for row in workcenters],
                master_data.PRODUCTION_LINES.path: self._master(self._line, range(1, LINES + 1)),
                master_data.EQUIPMENT.path: self._master(self._equipment, self._workcenters),
                master_data.SUPPLY_ITEMS.path: [History(self._since, row) for row in items],
                master_data.APPROVED_WORKCENTERS.path: self._master(self._approved, self._routing.rates),
                master_data.JOBS.path: book.jobs(),
            },
            children={
                master_data.JOB_OPERATIONS.path: lambda job: operations.get(job, ()),
                BOMS.path: lambda part: boms.get(part, ()),
                ITEM_ADJUSTMENTS.path: lambda item: adjustments.get(item, ()),
                CONTROL_PLAN_LINES.path: lambda plan: quality.lines(plans[plan]) if plan in plans else (),
            },
        )

    def _master(self, row: Callable[[Key], Row], keys: Iterable[Key]) -> list[Life]:
        return [History(self._since, row(key)) for key in keys]

    def _inspected(self, part: Row, number: int) -> Inspected:
        """A part with its control plan, for the last of its operations."""
        name = part["number"]
        code = [operation for made, operation in self._routing.numbers if made == name][-1]
        step = self._part_operation((name, code))
        return Inspected(part["id"], name, None, name, [step], code, self._since, float(number))

    def _part(self, name: str) -> Row:
        return master_data.PARTS.row(
            id=self._ids("part", name),
            number=name,
            name=name,
            type="Finished Good",
            source="Manufactured",
            status="Production",
            buildingCode=self._building["buildingCode"],
            createdDate=self._since,
            modifiedDate=self._since,
            allergens=[],
        )

    def _operation(self, code: str) -> Row:
        return master_data.OPERATIONS.row(
            id=self._ids("operation", code), code=code, type="Production", inventoryType="WIP"
        )

    def _part_operation(self, key: tuple[str, str]) -> Row:
        part, operation = key
        return master_data.PART_OPERATIONS.row(
            id=self._ids("part-operation", key),
            partId=self._ids("part", part),
            operationId=self._ids("operation", operation),
            type="Production",
            operationNumber=self._routing.numbers[key],
            active=True,
            subOperation=False,
            shippable=False,
            multiple=1,
        )

    def _main_building(self, code: str) -> Row:
        return master_data.BUILDINGS.row(
            id=self._building["buildingId"],
            buildingCode=code,
            buildingType="Plant",
            name="Main plant",
            active=True,
        )

    def _line_of(self, workcenter: str) -> int:
        return self._workcenters.index(workcenter) % LINES + 1

    def _workcenter(self, code: str) -> Row:
        return master_data.WORKCENTERS.row(
            workcenterId=self._ids("workcenter", code),
            workcenterCode=code,
            name=code,
            **self._building,
            tankSilo=False,
            productionLineId=self._ids("line", self._line_of(code)),
        )

    def _line(self, number: int) -> Row:
        return master_data.PRODUCTION_LINES.row(
            id=self._ids("line", number),
            code=f"LINE-{number}",
            description=f"Production line {number}",
            active=True,
            addDateTime=self._since,
            updateDateTime=self._since,
        )

    def _equipment(self, workcenter: str) -> Row:
        return master_data.EQUIPMENT.row(
            id=self._ids("equipment", workcenter),
            equipmentId=f"EQ-{self._workcenters.index(workcenter) + 1:03}",
            description=workcenter,
            equipmentType="Machine",
            building=self._building["buildingCode"],
            buildingId=self._building["buildingId"],
            workcenter=workcenter,
            workcenterId=self._ids("workcenter", workcenter),
            status="Active",
            active=True,
            equipmentAttributes=[],
            parts=[],
        )

    def _supply_item(self, number: int) -> Row:
        description, kind, unit = SUPPLY_ITEMS[number - 1]
        return master_data.SUPPLY_ITEMS.row(
            id=self._ids("supply-item", number),
            supplyItemNumber=f"SUP-{number:03}",
            type=kind,
            description=description,
            briefDescription=description,
            inventoryUnit=unit,
            createdDate=self._since,
            modifiedDate=self._since,
            active=True,
        )

    def _approved(self, key: tuple[str, str, str]) -> Row:
        part, operation, workcenter = key
        return master_data.APPROVED_WORKCENTERS.row(
            workcenterId=self._ids("workcenter", workcenter),
            workcenterCode=workcenter,
            workcenterName=workcenter,
            partId=self._ids("part", part),
            partNo=part,
            partNoRevision=part,
            partOperationId=self._ids("part-operation", (part, operation)),
            operationId=self._ids("operation", operation),
            operationNo=self._routing.numbers[part, operation],
            operationCode=operation,
            targetRate=self._routing.rates[key],
        )
