"""What a stream declares: where its rows come from, how they are read, what they become."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from plex_cdf.config import Settings
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import Record
from plex_cdf.resources import Resource

RecordT = TypeVar("RecordT", bound=Record)
SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True)
class Whole:
    """A list that is read whole in every run."""

    path: str


@dataclass(frozen=True)
class Changes:
    """A list that is read whole nightly; between, only the things that another endpoint names as changed.

    Attributes:
        path: The list; its `id` parameter may be repeated.
        changes: The endpoint that names what has changed.
        since: Its parameter for the beginning.
        key: Its field with the key.
    """

    path: str
    changes: str
    since: str
    key: str


@dataclass(frozen=True)
class OpenAndClosed:
    """A list without a filter on changes: open rows by status and lately closed ones by date every run, whole nightly.

    Attributes:
        path: The list; `path/{key}` answers for one thing.
        status: The row's field with the status.
        statuses: The list parameter that selects by status.
        open_statuses: The statuses of open rows; empty where the configuration names none: then the list is read
        whole every run.
        closed: The row's field with the instant of closing.
        closed_begin: The parameter for the beginning of that instant.
        closed_end: The parameter for its end.
    """

    path: str
    status: str
    statuses: str
    open_statuses: tuple[str, ...]
    closed: str
    closed_begin: str
    closed_end: str

    def is_open(self, row: dict[str, Any]) -> bool:
        """Whether a row counts as open; where no status is configured, while it has not been closed."""
        if self.open_statuses:
            return row.get(self.status) in self.open_statuses
        return row.get(self.closed) is None


@dataclass(frozen=True)
class Children:
    """One call per row of another stream, from a queue with a budget of calls per run.

    Attributes:
        path: With `{key}` for the parent's key.
        parent: The name of the parent stream, which is read as `OpenAndClosed`.
        parent_kind: That stream's `kind`.
        budget: Calls that one run may spend.
        closed: Whether parents that were closed before they were first seen are read too.
    """

    path: str
    parent: str
    parent_kind: str
    budget: int
    closed: bool


ReadBy = Whole | Changes | OpenAndClosed | Children


@dataclass(frozen=True)
class Stream(Generic[RecordT]):
    """One kind of Plex rows.

    Attributes:
        name: As in answers, logs and state.
        read: How its rows are read.
        key: The row's field with Plex's key.
        kind: The part of an external id that says what the thing is, for example `JOB`.
        record: What a row must hold.
        map: A record as resources; pure.
        domain: The data set that it writes to.
    """

    name: str
    read: ReadBy
    key: str
    kind: str
    record: type[RecordT]
    map: Callable[[RecordT, Naming], Iterable[Resource]]
    domain: str


@dataclass(frozen=True)
class Extractor(Generic[SettingsT]):
    """What a function runs: its settings and, given them, its streams in the order in which they are read."""

    name: str
    settings: type[SettingsT]
    streams: Callable[[SettingsT], tuple[Stream[Any], ...]]
