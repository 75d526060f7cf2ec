"""Containers over their lives, and the history rows that their moves and adjustments leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import inventory
from sandbox.plex.endpoints.endpoint import PART_GROUP, PART_SOURCE, PART_TYPE
from sandbox.plex.plants.plant import History, with_revision

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Row
    from sandbox.plex.rows.shopfloor import Work


@dataclass(frozen=True, slots=True)
class Place:
    """A location: its id and its code."""

    id: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """A container gets to another place."""

    when: str
    source: Place
    target: Place


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A container gains pieces, or loses them."""

    when: str
    quantity: float
    code: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container.

    Attributes:
        serial: Its serial number.
        work: The part in it, and the job that filled it.
        part: The part's row.
        created: When it comes up.
        place: Where.
        quantity: With how many pieces.
        events: Its moves and adjustments, in the order of their time.
        gone: When it is emptied or shipped, None for never.
        missing: The fields that are null whatever they should be.
    """

    serial: str
    work: Work
    part: Row
    created: str
    place: Place
    quantity: float
    events: tuple[Move | Adjustment, ...]
    gone: str | None
    missing: tuple[str, ...] = ()

    def at(self, instant: str) -> Row | None:
        """What is known of it at an instant, None before it exists."""
        if instant < self.created:
            return None
        place, quantity, changed = self.place, self.quantity, self.created
        for event in self.events:
            if event.when > instant:
                break
            changed = event.when
            if isinstance(event, Move):
                place = event.target
            else:
                quantity += event.quantity
        active = self.gone is None or instant < self.gone
        if not active:
            changed, quantity = str(self.gone), 0.0
        work = self.work
        row = inventory.CONTAINERS.row(
            serialNo=self.serial,
            partId=work.part_id,
            partNo=work.part_number,
            revision=work.revision,
            partNoRevision=with_revision(work.part_number, work.revision),
            partName=work.part_name,
            partOperationId=work.part_operation_id,
            operationNo=work.operation_number,
            operationCode=work.operation_code,
            containerStatus="OK",
            locationId=place.id,
            location=place.code,
            quantity=quantity,
            quantityInventoryUnit="Ea",
            containerType="Box",
            addDateTime=self.created,
            updateDateTime=changed,
            inventoryType="FG" if self.part.get("type") == "Finished Good" else "WIP",
            jobId=work.job_id,
            jobNumber=work.job_number,
            active=active,
        )
        for name in self.missing:
            row[name] = None
        return row

    def move_row(self, move: Move) -> Row:
        """A row of the history of moves."""
        return {
            **inventory.CONTAINER_MOVES.row(),
            **self._entry(move.when, self._quantity(move.when), "Move", move.target),
            "movedFromLocation": move.source.code,
            "movedFromLocationId": move.source.id,
            PART_TYPE: self.part.get("type"),
            PART_GROUP: self.part.get("group"),
            PART_SOURCE: self.part.get("source"),
        }

    def adjustment_row(self, adjustment: Adjustment) -> Row:
        """A row of the history of adjustments."""
        place = self.place
        for event in self.events:
            if isinstance(event, Move) and event.when <= adjustment.when:
                place = event.target
        return {
            **inventory.CONTAINER_ADJUSTMENTS.row(),
            **self._entry(adjustment.when, adjustment.quantity, adjustment.code, place),
        }

    def _quantity(self, instant: str) -> float:
        adjustments = (event for event in self.events if isinstance(event, Adjustment) and event.when <= instant)
        return self.quantity + sum(event.quantity for event in adjustments)

    def _entry(self, when: str, quantity: float, code: str, place: Place) -> Row:
        work = self.work
        return {
            "adjustmentDate": when,
            "serialNo": self.serial,
            "quantity": quantity,
            "adjustmentCode": code,
            "partId": work.part_id,
            "partNumber": work.part_number,
            "revision": work.revision,
            "partNumberRevision": with_revision(work.part_number, work.revision),
            "partOperationId": work.part_operation_id,
            "operationCode": work.operation_code,
            "operationNumber": work.operation_number,
            "location": place.code,
            "locationId": place.id,
        }


def item_adjustment(when: str, item: Row, place: Place, quantity: float, kind: str | None) -> History:
    """A row of the history of supply items: what one place got, or gave."""
    row = inventory.ITEM_ADJUSTMENTS.row(
        adjustmentDate=when,
        itemId=item["id"],
        itemNo=item["supplyItemNumber"],
        location=place.code,
        locationId=place.id,
        quantity=quantity,
        transactionType=kind,
    )
    return History(when, row)
