"""A plant: what one Plex tenant holds, as it reads at any instant."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
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
    """A row that appears at an instant, changes at later ones, and may go for good.

    Attributes:
        since: When the row first exists.
        row: How it reads then.
        changes: Instants in ascending order, each with the fields that then take other values.
        until: When the row is gone, None for never.
    """

    since: str
    row: Row
    changes: tuple[tuple[str, Row], ...] = ()
    until: str | None = None

    def at(self, instant: str) -> Row | None:
        """The row as it reads at an instant, None before it exists and after it is gone."""
        if instant < self.since or (self.until is not None and instant >= self.until):
            return None
        if not self.changes or instant < self.changes[0][0]:
            return self.row
        row = dict(self.row)
        for when, values in self.changes:
            if when > instant:
                break
            row.update(values)
        return row


class Lazy(Iterable[Life]):
    """Rows that are made when they are first read.

    Args:
        make: Makes them.
    """

    def __init__(self, make: Callable[[], Iterable[Life]]) -> None:
        self._make = make
        self._made: list[Life] | None = None

    def __iter__(self) -> Iterator[Life]:
        if self._made is None:
            self._made = list(self._make())
        return iter(self._made)


class Timeline:
    """Rows without number, made day by day as windows ask for them.

    Args:
        first: The first day that has any.
        day: Makes the rows whose date is on a day; the same ones each time.
    """

    def __init__(self, first: date, day: Callable[[date], Iterable[Life]]) -> None:
        self._first = first
        self._day = lru_cache(maxsize=8)(lambda day_: tuple(day(day_)))

    def between(self, begin: str, end: str) -> Iterator[Life]:
        """The rows of all days that a window touches."""
        day = max(self._first, date.fromisoformat(begin[:10])) if begin else self._first
        while day.isoformat() <= end[:10]:
            yield from self._day(day)
            day += timedelta(days=1)


def tenant_id(pcn: int) -> str:
    """The tenant UUID of a facility of the stand-in."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"tenant-{pcn}.plex.sandbox"))


def with_revision(number: str | None, revision: str | None) -> str | None:
    """Part number and revision in one, as Plex writes them in `partNumberRevision` and its likes."""
    return f"{number}-{revision}" if number and revision else number


def integer_key(identity: object) -> int | None:
    """The integer by which data sources know what the REST API knows by a UUID; None for what is none."""
    try:
        return int.from_bytes(uuid.UUID(str(identity)).bytes[:4]) & 0x7FFF_FFFF
    except ValueError:
        return None


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
            called with the id in the path (or in the query, where that says whose rows are due), and knows what to do
            with one that it never heard of: nothing.
        timelines: Path of an endpoint with a window to its rows, where they are too many for a table.
    """

    pcn: int
    code: str
    begins: datetime
    ends: datetime
    tables: Mapping[str, Iterable[Life]]
    children: Mapping[str, Callable[[str], Iterable[Life]]] = field(default_factory=dict)
    timelines: Mapping[str, Timeline] = field(default_factory=dict)

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

    def between(self, path: str, instant: str, window: tuple[str, str]) -> list[Row]:
        """The rows of a timeline at an instant: those of a window's days, none of which is after the instant."""
        begin, end = window
        lives = self.timelines[path].between(begin, min(end, instant))
        return [row for life in lives if (row := life.at(instant)) is not None]

    def _children(self, path: str, parent: str) -> Iterable[Life]:
        children = self.children.get(path)
        return children(parent) if children else ()
