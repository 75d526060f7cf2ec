"""The generator's master data: what stands in a plant from its first day, with every untidiness of a real one."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import master_data
from sandbox.plex.generated.untidiness import missing
from sandbox.plex.plants.clock import stamp
from sandbox.plex.plants.plant import History, Ids, Row

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from sandbox.plex.endpoints.endpoint import Endpoint
    from sandbox.plex.generated.size import Size

LONG_SHARE = 0.01
"""Share of parts with a name and a note beyond every limit; the first part always has them."""
CHANGED_SHARE = 0.1
"""Share of parts that were changed after their creation."""
TWIN_EVERY = 5
"""Every so many codes is that of the one before."""

NOUNS = ("Flansch Ø", "Valve body", "軸受ハウジング", "Вал", "Gear", "Bolt", "Support à billes", "Piston 🔩")


class MasterData:
    """The rows of one plant's definitions; each list is made when it is first asked for.

    Args:
        size: How much of everything.
        ids: The tenant's ids.
        random: The chance.
        ends: The end of the plant's time; it begins `size.days` before.
        nulls: Share of rows that lack one to three of their fields.
    """

    def __init__(self, size: Size, ids: Ids, random: Random, ends: datetime, nulls: float) -> None:
        self._nulls = nulls
        self._size = size
        self._ids = ids
        self._random = random
        self._begins = ends - timedelta(days=size.days)
        self._ends = ends
        self._since = stamp(self._begins)

    @cached_property
    def equipment(self) -> list[Row]:
        """One piece for every workcenter."""
        return [self._equipment(workcenter) for workcenter in self.workcenters]

    def _untidy(self, endpoint: Endpoint, keep: tuple[str, ...] = (), **values: object) -> Row:
        """A row of an endpoint, with nulls where chance has them; never in its key, nor in what is to be kept."""
        row = endpoint.row(**values)
        for name in missing(self._random, endpoint.fields, self._nulls):
            if name not in endpoint.key and name not in keep:
                row[name] = None
        return row

    def _code(self, prefix: str, number: int) -> str:
        """A code; now and then the one that its neighbour has."""
        return f"{prefix}-{number - 1 if number % TWIN_EVERY == 0 else number:03}"

    def _moment(self) -> str:
        """Some instant of the plant's time, to the seventh digit."""
        return stamp(
            self._begins + (self._ends - self._begins) * self._random.random(), tenths=self._random.randint(0, 9)
        )

    @cached_property
    def buildings(self) -> list[Row]:
        """The buildings."""
        return [
            self._untidy(
                master_data.BUILDINGS,
                id=self._ids("building", number),
                buildingCode=f"B{number}",
                buildingType="Plant",
                name=f"Building {number}",
                city="Köln",
                country="DE",
                active=True,
            )
            for number in range(1, self._size.buildings + 1)
        ]

    @cached_property
    def lines(self) -> list[Row]:
        """The production lines."""
        return [
            self._untidy(
                master_data.PRODUCTION_LINES,
                id=self._ids("line", number),
                code=self._code("LINE", number),
                description=f"Line {number}",
                active=number % 5 != 0,
                addDateTime=self._since,
                updateDateTime=self._since,
            )
            for number in range(1, self._size.production_lines + 1)
        ]

    @cached_property
    def workcenters(self) -> list[Row]:
        """The workcenters."""
        return [self._workcenter(number) for number in range(1, self._size.workcenters + 1)]

    def _workcenter(self, number: int) -> Row:
        building = self._random.choice(self.buildings)
        return self._untidy(
            master_data.WORKCENTERS,
            workcenterId=self._ids("workcenter", number),
            workcenterCode=self._code("WC", number),
            name=f"Maschine {number} – Fräsen",
            workcenterType="Mill",
            workcenterGroup="Machining",
            buildingId=building["id"],
            buildingCode=building["buildingCode"],
            tankSilo=False,
            productionLineId=self._random.choice(self.lines)["id"],
            ipAddress=f"10.0.{number // 250}.{number % 250}",
        )

    def _equipment(self, workcenter: Row) -> Row:
        key = self._ids("equipment", workcenter["workcenterId"])
        return self._untidy(
            master_data.EQUIPMENT,
            id=key,
            equipmentId=f"EQ-{key[:3]}",
            description=workcenter["name"],
            equipmentType="Machine",
            equipmentTypeId=self._ids("equipment-type", "Machine"),
            buildingId=workcenter["buildingId"],
            building=workcenter["buildingCode"],
            workcenter=workcenter["workcenterCode"],
            workcenterId=workcenter["workcenterId"],
            status="Active",
            serialNo=f"SN{key[-6:]}",
            active=True,
            equipmentAttributes=[self._attribute(key)] if self._random.random() < 0.2 else [],
            parts=[self._equipment_part()] if self._random.random() < 0.2 else None,
        )

    def _attribute(self, equipment: str) -> Row:
        return {
            "id": self._ids("equipment-attribute", equipment),
            "attributeName": "Leistung",
            "description": None,
            "unit": "kW",
            "useValues": True,
            "typeAttribute": False,
            "groupAttribute": False,
            "categoryAttribute": False,
            "smartAttribute": False,
            "active": True,
            "value": "7.5",
            "note": None,
            "plcName": None,
        }

    def _equipment_part(self) -> Row:
        part = self._random.choice(self.parts).row
        return {
            "id": part["id"],
            "partNo": part["number"],
            "revision": part["revision"],
            "partName": part["name"],
            "partType": part["type"],
        }

    @cached_property
    def supply_items(self) -> list[Row]:
        """The supply items."""
        return [
            self._untidy(
                master_data.SUPPLY_ITEMS,
                id=self._ids("supply-item", number),
                supplyItemNumber=self._code("SUP", number),
                type="Tooling",
                category="Tools & Inserts",
                description=f"Wendeschneidplatte {number}",
                briefDescription="Insert",
                inventoryUnit="Ea",
                customerUnitPrice=round(self._random.uniform(0.1, 90), 4),
                createdDate=self._since,
                modifiedDate=self._moment(),
                active=True,
            )
            for number in range(1, self._size.supply_items + 1)
        ]

    @cached_property
    def operations(self) -> list[Row]:
        """The operations."""
        return [
            self._untidy(
                master_data.OPERATIONS,
                id=self._ids("operation", number),
                code=self._code("OP", number),
                type="Production",
                inventoryType="WIP",
            )
            for number in range(1, self._size.operations + 1)
        ]

    @cached_property
    def parts(self) -> list[History]:
        """The parts, some of which change in the course of time."""
        return [self._part(number) for number in range(1, self._size.parts + 1)]

    def _part(self, number: int) -> History:
        """A part: its number is the same in every facility, its id is not."""
        long = number == 1 or self._random.random() < LONG_SHARE
        noun = NOUNS[(number - 1) % len(NOUNS)]
        row = self._untidy(
            master_data.PARTS,
            keep=("name", "note") if long else (),
            id=self._ids("part", number),
            number=f"{80_000 + number}",
            name=f"{noun} " * 90 if long else f"{noun} {number}",
            revision="AAA",
            description=f"{noun}, drawing {number}",
            type=self._random.choice(("Finished Good", "Raw Material", "Sub Assembly")),
            group=self._random.choice(("Shafts", "Housings")),
            source="Manufactured",
            status=self._random.choice(("Active", "Active", "Production", "Obsolete")),
            note=f"{noun}: prüfen! " * 900 if long else "",
            leadTimeDays=float(self._random.randint(1, 60)),
            buildingCode=self._random.choice(self.buildings)["buildingCode"],
            createdById=self._ids("user", self._random.randint(1, 9)),
            createdDate=self._since,
            modifiedById=self._ids("user", self._random.randint(1, 9)),
            modifiedDate=self._since,
            allergens=[],
        )
        if self._random.random() >= CHANGED_SHARE:
            return History(self._since, row)
        changed = self._moment()
        return History(self._since, row, ((changed, {"revision": "AAB", "modifiedDate": changed}),))

    @cached_property
    def part_operations(self) -> dict[str, list[Row]]:
        """Part id to its part-operations."""
        return {part.row["id"]: self._routing(part.row["id"]) for part in self.parts}

    def _routing(self, part_id: str) -> list[Row]:
        count = min(self._size.operations_per_part, self._size.operations)
        return [
            self._untidy(
                master_data.PART_OPERATIONS,
                id=self._ids("part-operation", (part_id, step)),
                partId=part_id,
                operationId=operation["id"],
                type="Production",
                operationNumber=10 * step,
                active=True,
                subOperation=False,
                shippable=step == count,
                multiple=1,
                netWeight=round(self._random.uniform(0.01, 20), 3),
            )
            for step, operation in enumerate(self._random.sample(self.operations, count), start=1)
        ]

    @cached_property
    def approved(self) -> list[Row]:
        """A workcenter for every part-operation."""
        codes = {row["id"]: row["code"] for row in self.operations}
        return [
            self._approved_workcenter(part.row, part_operation, codes.get(part_operation["operationId"]))
            for part in self.parts
            for part_operation in self.part_operations[part.row["id"]]
        ]

    def _approved_workcenter(self, part: Row, part_operation: Row, operation_code: str | None) -> Row:
        workcenter = self._random.choice(self.workcenters)
        return self._untidy(
            master_data.APPROVED_WORKCENTERS,
            workcenterId=workcenter["workcenterId"],
            workcenterCode=workcenter["workcenterCode"],
            workcenterName=workcenter["name"],
            partId=part["id"],
            partNo=part["number"],
            partRevision=part["revision"],
            partOperationId=part_operation["id"],
            operationId=part_operation["operationId"],
            operationNo=part_operation["operationNumber"],
            operationCode=operation_code,
            targetRate=round(self._random.uniform(1, 400), 1),
        )
