"""What a batch asks of CDF, and why."""

from dataclasses import dataclass, field
from typing import Any

from plex_cdf.cdf.classic import LEVELS, POINTS, READINGS, Item
from plex_cdf.cdf.entries import SHARED, Entry

Place = tuple[str, str, str]
"""Where the entry of a thing lies: scope, row's key, and the name of the thing there."""


@dataclass(slots=True)
class Plan:
    """The writes of a batch, each with the place of its entry.

    Attributes:
        creates: Things that are thought to be new.
        updates: Things that are thought to exist.
        retires: Things that have left Plex, by their id.
        before: What was known of a thing until now.
        left: Rows that are no longer in Plex, by scope and key.
        moved: Rows that are now in another scope, by scope and key.
    """

    creates: list[tuple[Place, Item]] = field(default_factory=list)
    updates: list[tuple[Place, Item]] = field(default_factory=list)
    retires: list[tuple[Place, str]] = field(default_factory=list)
    before: dict[str, Entry | None] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: Place, item: Item, before: Entry | None, *, new: bool) -> None:
        """Plans to write a thing."""
        self.before[item.id] = before
        (self.creates if new else self.updates).append((place, item))

    def retire(self, place: Place, item_id: str, before: Entry) -> None:
        """Plans to mark a thing as gone."""
        self.before[item_id] = before
        self.retires.append((place, item_id))

    def writes(self) -> list[tuple[Place, Item]]:
        """Everything to be created or updated."""
        return self.creates + self.updates

    def leave_out(self, rows: set[tuple[str, str]]) -> None:
        """Takes out what rows, by scope and key, stand for that have to wait."""
        if rows:
            self.creates = [(place, item) for place, item in self.creates if place[:2] not in rows]
            self.updates = [(place, item) for place, item in self.updates if place[:2] not in rows]

    def __bool__(self) -> bool:
        return bool(self.creates or self.updates or self.retires)


def name_of(item_id: str, main: str) -> str:
    """A thing's name among those of its row: its letter and what its external id adds to the row's own."""
    rest = item_id[2:].removeprefix(main) if item_id[2:].startswith(main) else None
    return item_id[0] + rest if rest is not None and (not rest or rest[0] == "_") else item_id


def id_of(name: str, main: str) -> str:
    """The id of a thing, from its name among those of its row."""
    return name if name[1:2] == ":" else f"{name[0]}:{main}{name[1:]}"


def shared(scope: str, item_id: str) -> Place:
    """The place of a thing that belongs to no single row."""
    return scope, SHARED, item_id


def explain_update(item: Item, current: dict[str, Any] | None) -> dict[str, Any]:
    """The item's id with each value that would change: what CDF holds now, and what it would hold."""
    if item.kind in (READINGS, LEVELS, POINTS):
        return {"externalId": item.external_id, "why": {"value": ["another", item.body["value"]]}}
    if current is None:
        return {"externalId": item.external_id, "why": "it is no longer in CDF"}
    now, then = _flat(item, current), _flat(item, item.body)
    changes = {
        key: [now.get(key), then.get(key)] for key in sorted(now.keys() | then.keys()) if now.get(key) != then.get(key)
    }
    return {"externalId": item.external_id, "why": changes or "its links"}


def _flat(item: Item, body: dict[str, Any]) -> dict[str, Any]:
    fields = {
        name: body[name]
        for name in item.kind.fields
        if name in body and name not in ("metadata", "assetIds", "assetId", "columns")
    }
    return fields | {f"metadata.{key}": value for key, value in body.get("metadata", {}).items()}
