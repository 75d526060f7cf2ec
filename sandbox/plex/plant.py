"""A plant: what one Plex tenant holds, as it reads at any instant."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

Row = dict[str, Any]


class Life(Protocol):
    """One row over time."""

    def at(self, instant: str) -> Row | None:
        """The row as it reads at an instant, None before it exists. The caller doesn't change it."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """A row that appears at an instant and changes at later ones.

    Attributes:
        since: When the row first exists.
        row: How it reads then.
        changes: Instants in ascending order, each with the fields that then take other values.
    """

    since: str
    row: Row
    changes: tuple[tuple[str, Row], ...] = ()

    def at(self, instant: str) -> Row | None:
        """The row as it reads at an instant, None before it exists."""
        if instant < self.since:
            return None
        if not self.changes or instant < self.changes[0][0]:
            return self.row
        row = dict(self.row)
        for when, values in self.changes:
            if when > instant:
                break
            row.update(values)
        return row


def tenant_id(pcn: int) -> str:
    """The tenant UUID of a facility of the stand-in."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"tenant-{pcn}.plex.sandbox"))


def with_revision(number: str | None, revision: str | None) -> str | None:
    """Part number and revision in one, as Plex writes them in `partNumberRevision` and its likes."""
    return f"{number}-{revision}" if number and revision else number


class Ids:
    """The stable UUIDs of one tenant: the same key always gives the same id, in another tenant another one."""

    def __init__(self, pcn: int) -> None:
        self._namespace = uuid.UUID(tenant_id(pcn))

    def __call__(self, kind: str, key: object) -> str:
        """The UUID of the thing of this kind with this natural key."""
        return str(uuid.uuid5(self._namespace, f"{kind}/{key}"))


@dataclass(frozen=True)
class Plant:
    """One tenant and its rows.

    Attributes:
        pcn: Plexus Customer Number.
        code: The tenant's code.
        begins: When the first row exists.
        ends: When the last row has been created: a sensible start for the clock.
        tables: Path of a list endpoint to its rows.
        children: Path of an endpoint below a row (`…/{id}/…`) to a function that gives that row's children; it is
            called with the id in the path, and knows what to do with one that it never heard of: nothing.
    """

    pcn: int
    code: str
    begins: datetime
    ends: datetime
    tables: Mapping[str, Iterable[Life]]
    children: Mapping[str, Callable[[str], Iterable[Life]]] = field(default_factory=dict)

    @property
    def tenant_id(self) -> str:
        """The tenant's UUID."""
        return tenant_id(self.pcn)

    def rows(self, path: str, instant: str, parent: str | None = None) -> list[Row]:
        """The rows of an endpoint at an instant.

        Args:
            path: The endpoint's path, as declared.
            instant: The plants' time.
            parent: The id in the path of an endpoint below a row.
        """
        lives = self.tables.get(path, ()) if parent is None else self._children(path, parent)
        return [row for life in lives if (row := life.at(instant)) is not None]

    def _children(self, path: str, parent: str) -> Iterable[Life]:
        children = self.children.get(path)
        return children(parent) if children else ()
