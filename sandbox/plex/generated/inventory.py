"""The generator's inventory: locations, containers over their lives, supply items in and out, components of parts."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import inventory, quality
from sandbox.plex.generated.production import REASONS, taken_back, work_on
from sandbox.plex.generated.untidiness import Clerk, missing
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import History, Lazy
from sandbox.plex.rows.containers import Adjustment, Container, Move, Place, item_adjustment
from sandbox.plex.rows.shopfloor import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sandbox.plex.generated.basis import Basis
    from sandbox.plex.plants.plant import Life, Row

STAY = timedelta(days=30)
"""How long a container is there after the plant's end, at most; one in two stays for good."""
GONE_EVERY = 4
"""For every so many active containers there is one that is gone by the plant's end."""
KEEP = ("adjustmentDate", "serialNo")
KINDS = ("PO Receipt", "Checkout", "Correction", "Check In", None)


class Stock:
    """Makes the inventory of one plant.

    Args:
        basis: What it is made from.
    """

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._locations = [self._location(number) for number in range(1, basis.size.locations + 1)]
        self._places = [Place(row["locationId"], row["locationCode"]) for row in self._locations]
        self._parts = {part.row["id"]: index for index, part in enumerate(basis.master.parts)}
        self._items = {item["id"]: item for item in basis.master.supply_items}
        self._containers = Lazy(self._made)

    def tables(self) -> dict[str, Iterable[Life]]:
        """Path to rows."""
        since = stamp(self._basis.begins)
        reasons = [History(since, inventory.SCRAP_REASONS.row(reason=reason)) for reason in REASONS]
        return {
            inventory.LOCATIONS.path: [History(since, row) for row in self._locations],
            inventory.SCRAP_REASONS.path: reasons,
            inventory.ALL_CONTAINERS.path: self._containers,
            inventory.CONTAINER_MOVES.path: Lazy(lambda: self._history(Move)),
            inventory.CONTAINER_ADJUSTMENTS.path: Lazy(lambda: self._history(Adjustment)),
        }

    def components(self, part: str) -> list[Life]:
        """The BOM of a part: parts that come after it in the list, so that none contains itself, and supply items."""
        index = self._parts.get(part)
        if index is None:
            return []
        random = Random(f"{self._basis.seed}-bom-{part}")
        following, items = self._basis.master.parts[index + 1 : index + 50], self._basis.master.supply_items
        own = self._basis.master.parts[index].row
        lines: list[Life] = []
        for number in range(1, random.randint(1, 3) + 1):
            component = random.choice(following).row if following and random.random() < 0.7 else None
            item = random.choice(items) if items and component is None else None
            row = self._component(own, number, component or {}, item or {}, random)
            for name in missing(random, quality.BOMS.fields, self._basis.untidy.nulls):
                if name not in {"id", "partId"}:
                    row[name] = None
            lines.append(History(stamp(self._basis.begins), row))
        return lines

    def item_adjustments(self, item: str) -> list[Life]:
        """The history of a supply item."""
        if item not in self._items:
            return []
        random = Random(f"{self._basis.seed}-item-{item}")
        lives: list[Life] = []
        for _ in range(random.randint(0, 8)):
            when = stamp(self._basis.moment(random.random()))
            kind = random.choice(KINDS)
            quantity = float(random.randint(1, 200)) * (-1 if kind == "Checkout" else 1)
            lives.append(item_adjustment(when, self._items[item], random.choice(self._places), quantity, kind))
        return lives

    def _location(self, number: int) -> Row:
        building = self._basis.master.buildings[number % len(self._basis.master.buildings)]
        return inventory.LOCATIONS.row(
            locationId=self._basis.ids("location", number),
            # Now and then the code that the neighbour has.
            locationCode=f"L-{number - 1 if number % 50 == 0 else number:04}",
            buildingName=building["name"],
            buildingCode=building["buildingCode"],
            locationType="Shelf",
            inventoryLocation=True,
            supplyLocation=number % 3 == 0,
            tankSilo=False,
        )

    def _made(self) -> Iterator[Container]:
        """All containers: as many as are active at the plant's end, and those that are gone by then."""
        gone = self._basis.size.containers // GONE_EVERY
        for number in range(self._basis.size.containers + gone):
            per, more = divmod(self._basis.size.adjustments, max(1, self._basis.size.containers))
            adjustments = per + (number < more) if number < self._basis.size.containers else 0
            yield self._container(number, adjustments, gone=number >= self._basis.size.containers)

    def _container(self, number: int, adjustments: int, *, gone: bool) -> Container:
        random = Random(f"{self._basis.seed}-container-{number}")
        created = self._basis.moment(random.random() * 0.9)
        leaves = None
        if gone:
            leaves = created + (self._basis.ends - created) * random.random()
        elif random.random() < 0.5:
            leaves = self._basis.ends + STAY * (0.01 + random.random())
        last = min(leaves or self._basis.ends, self._basis.ends)

        def moment() -> str:
            return stamp(created + (last - created) * random.random(), tenths=random.randint(0, 9))

        place = at = random.choice(self._places)
        events: list[Move | Adjustment] = [
            Adjustment(moment(), float(random.randint(-5, 5)), random.choice(("Cycle Count", "Scrap", "Correction")))
            for _ in range(adjustments)
        ]
        moves = sorted(moment() for _ in range(random.randint(0, 3)))
        if leaves and random.random() >= self._basis.untidy.vanishing * 5:
            moves.append(stamp(leaves))
        for when in moves:
            target = random.choice(self._places)
            events.append(Move(when, at, target))
            at = target
        part = random.choice(self._basis.master.parts).row
        work = self._work(part, created, random)
        lacks = missing(random, inventory.CONTAINERS.fields, self._basis.untidy.nulls)
        return Container(
            serial=f"S{number:08}",
            work=work,
            part=part,
            created=stamp(created),
            place=place,
            quantity=float(random.randint(20, 500)),
            events=tuple(sorted(events, key=lambda event: event.when)),
            gone=stamp(leaves) if leaves else None,
            missing=tuple(name for name in lacks if name != "serialNo"),
        )

    def _work(self, part: Row, created: datetime, random: Random) -> Work:
        """What is in a container: the pieces of a job that there was by then, or just pieces of a part."""
        job = random.choice(self._basis.jobs) if self._basis.jobs else None
        if job and job.part and job.begins < stamp(created):
            return work_on(job, self._basis.routings, Work(""), random)
        return Work(
            "", part_id=part["id"], part_number=part["number"], part_name=part["name"], revision=part["revision"]
        )

    def _history(self, kind: type[Move | Adjustment]) -> Iterator[Life]:
        """The history of moves, or of adjustments, as it was entered."""
        clerk = Clerk(self._basis.untidy, Random(f"{self._basis.seed}-{kind.__name__}"))
        for container in self._containers:
            if not isinstance(container, Container):
                continue
            for event in container.events:
                if not isinstance(event, kind):
                    continue
                row = container.move_row(event) if isinstance(event, Move) else container.adjustment_row(event)
                yield from clerk.enter(
                    row,
                    moment_of(event.when) + timedelta(microseconds=1),
                    keep=KEEP,
                    correct=lambda row: {"quantity": (row["quantity"] or 0) + 1},
                    reverse=taken_back if kind is Adjustment else None,
                )

    def _component(self, part: Row, number: int, component: Row, item: Row, random: Random) -> Row:
        steps = self._basis.master.part_operations[part["id"]]
        step = random.choice(steps)
        return quality.BOMS.row(
            id=self._basis.ids("bom", (part["id"], number)),
            partId=part["id"],
            partNumber=part["number"],
            partRevision=part["revision"],
            partOperationId=step["id"],
            partOperationCode=self._basis.routings.codes.get(step["operationId"]),
            partOperationNumber=step["operationNumber"],
            partOperationType="Production",
            componentPartId=component.get("id"),
            componentPartNumber=component.get("number"),
            componentPartRevision=component.get("revision"),
            componentSupplyItemId=item.get("id"),
            componentSupplyItemNumber=item.get("supplyItemNumber"),
            componentUnitOfMeasure=item.get("inventoryUnit", "Ea"),
            quantity=round(random.uniform(0.01, 12), 3),
            quantityFixed=False,
            sortOrder=float(number),
            active=random.random() < 0.95,
            position=str(10 * number),
            scaling=False,
            validate=False,
            autoDeplete=True,
            transferHeat=False,
        )
