"""A plant's rows as the API shows them: prebuilt for the clock's instant, with what control requests changed on top."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.plex.endpoints.endpoint import HIDDEN, UPDATED, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.plex.endpoints.parameters import Filter
    from sandbox.plex.plants.plant import Plant, Row

Key = tuple[Any, ...]


def key_of(row: Row, endpoint: Endpoint) -> Key | None:
    """What identifies a row, None when a part of it is missing or of another type, or rows have no identity here."""
    parts = [part for name in endpoint.key if isinstance(part := row.get(name), endpoint.key_type)]
    return tuple(parts) if parts and len(parts) == len(endpoint.key) else None


def _shown(row: Row) -> Row:
    """A row without what only filters may see."""
    return {name: value for name, value in row.items() if name not in HIDDEN}


class Table:
    """The rows of one endpoint at one instant.

    Args:
        endpoint: Whose rows they are.
        rows: With their hidden fields.
        hidden: Whether there are any.
    """

    def __init__(self, endpoint: Endpoint, rows: list[Row], *, hidden: bool) -> None:
        self.rows = rows
        self._endpoint = endpoint
        self._hidden = hidden

    @cached_property
    def by_key(self) -> dict[Key, Row]:
        """The rows that have a key, by it."""
        return {key: row for row in self.rows if (key := key_of(row, self._endpoint)) is not None}

    @cached_property
    def _whole(self) -> bytes:
        return self._json(self.rows)

    def body(self, filters: Sequence[Filter]) -> bytes:
        """The JSON array of the rows that pass all filters."""
        return self._json(self.matching(filters)) if filters else self._whole

    def matching(self, filters: Sequence[Filter]) -> list[Row]:
        """The rows that pass all filters."""
        rows = self.rows
        for passes in filters:
            rows = [row for row in rows if passes(row)]
        return rows

    def item(self, key: object, view: Callable[[Row], Row | None] | None) -> bytes | None:
        """The JSON object of one row, None when there is no such row.

        Args:
            key: What identifies it.
            view: Gives it the form in which it is shown, if that is another one.
        """
        row = self.by_key.get((key,))
        if row and view:
            row = view(row)
        return None if row is None else orjson.dumps(_shown(row))

    def _json(self, rows: list[Row]) -> bytes:
        return orjson.dumps([_shown(row) for row in rows] if self._hidden else rows)


@dataclass
class Overrides:
    """What control requests changed at one path."""

    replaced: dict[Key, Row] = field(default_factory=dict)
    removed: set[Key] = field(default_factory=set)
    keyless: list[Row] = field(default_factory=list)
    dropped: list[Row] = field(default_factory=list)

    def on(self, rows: list[Row], endpoint: Endpoint) -> list[Row]:
        """The rows with the changes made: replaced in their places, new ones at the end."""
        left = dict(self.replaced)
        result = []
        for row in rows:
            key = key_of(row, endpoint)
            if key is None:
                if not any(row.items() >= dropped.items() for dropped in self.dropped):
                    result.append(row)
            elif key not in self.removed:
                result.append(left.pop(key, row))
        return [*result, *left.values(), *self.keyless]


class Store:
    """One plant behind the API.

    Args:
        plant: Where the rows come from.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._overrides: dict[str, Overrides] = {}
        self._tables: dict[str, tuple[str, Table]] = {}

    def table(self, endpoint: Endpoint, instant: str) -> Table:
        """The rows of a list endpoint at an instant, built once for it."""
        built = self._tables.get(endpoint.path)
        if built is None or built[0] != instant:
            built = (instant, self._build(endpoint, instant))
            self._tables[endpoint.path] = built
        return built[1]

    def window(self, endpoint: Endpoint, instant: str, window: tuple[str, str]) -> Table:
        """The rows of a list endpoint at an instant, of which a window will be read."""
        if endpoint.path not in self.plant.timelines:
            return self.table(endpoint, instant)
        return self._table(endpoint, endpoint.path, self.plant.between(endpoint.path, instant, window))

    def children(self, endpoint: Endpoint, parent: str, instant: str) -> Table:
        """The rows of an endpoint below a row."""
        return self._table(
            endpoint, endpoint.path.replace("{id}", parent), self.plant.rows(endpoint.path, instant, parent)
        )

    def overlay(self, endpoint: Endpoint, rows: list[Row]) -> Table:
        """Rows from elsewhere, as an endpoint's table."""
        return self._table(endpoint, endpoint.path, rows)

    def change(
        self, endpoint: Endpoint, path: str, *, upsert: Iterable[Row], remove: Iterable[Any], instant: str
    ) -> None:
        """Put rows in and take rows out, whatever they hold.

        A row with the key of an existing one takes its place, a row without a key is added. It counts as updated at the
        instant; where it has kept the modified date of the row that it replaces, that becomes the instant.

        Args:
            endpoint: The path's endpoint.
            path: As in a request, with a real id where the endpoint has `{id}`.
            upsert: Rows as the endpoint answers them; any value goes.
            remove: Keys; a list of values where several fields make the key; where rows have no key, an object that
                every row goes with which has these values.
            instant: The plants' time.
        """
        if endpoint.child_of:
            before = self.children(endpoint, _parent(endpoint, path), instant)
        else:
            before = self.table(endpoint, instant)
        changes = self._overrides.setdefault(path, Overrides())
        for key in remove:
            if isinstance(key, dict):
                changes.dropped.append(key)
                changes.keyless = [row for row in changes.keyless if not row.items() >= key.items()]
                continue
            gone = tuple(key) if isinstance(key, list) else (key,)
            changes.removed.add(gone)
            changes.replaced.pop(gone, None)
        for row in upsert:
            changed = {**row, UPDATED: instant}
            row_key = key_of(row, endpoint)
            if row_key is None:
                changes.keyless.append(changed)
                continue
            old = before.by_key.get(row_key)
            if old and "modifiedDate" in old and row.get("modifiedDate") == old["modifiedDate"]:
                changed["modifiedDate"] = instant
            changes.removed.discard(row_key)
            changes.replaced[row_key] = changed
        self._tables.clear()

    def reset(self, path: str) -> None:
        """Undo what control requests changed at a path."""
        self._overrides.pop(path, None)
        self._tables.clear()

    def _build(self, endpoint: Endpoint, instant: str) -> Table:
        if endpoint.view_of and endpoint.view:
            seen = map(endpoint.view, self.table(endpoint.view_of, instant).rows)
            rows = [row for row in seen if row is not None]
        else:
            rows = self.plant.rows(endpoint.path, instant)
        return self._table(endpoint, endpoint.path, rows)

    def _table(self, endpoint: Endpoint, path: str, rows: list[Row]) -> Table:
        changes = self._overrides.get(path)
        if changes:
            rows = changes.on(rows, endpoint)
        return Table(endpoint, rows, hidden=bool(changes) or endpoint.hides or endpoint.view is not None)


def _parent(endpoint: Endpoint, path: str) -> str:
    before, _, after = endpoint.path.partition("{id}")
    return path[len(before) : len(path) - len(after)]
