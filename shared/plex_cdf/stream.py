"""What a stream declares: where its rows come from, how they are read, what they become."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from plex_cdf.config import Settings
from plex_cdf.naming import Naming, iso
from plex_cdf.plex.client import PlexClient, Row
from plex_cdf.plex.records.base import Record
from plex_cdf.resources import Resource

if TYPE_CHECKING:  # most functions have no data sources
    from plex_cdf.plex.data_source import DataSources

RecordT = TypeVar("RecordT", bound=Record)
SettingsT = TypeVar("SettingsT", bound=Settings)
HOUR = 3600 * 1000
"""The shortest range of a history that is worth halving where Plex's answer breaks off, ms."""


@dataclass(frozen=True)
class Whole:
    """A list that is read whole in every run.

    Attributes:
        path: The endpoint.
        body: What a search sends; such a list is read by a POST.
    """

    path: str
    body: Mapping[str, Any] | None = None


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
        """Whether a row counts as open."""
        return is_open(row.get(self.status), row.get(self.closed), self.open_statuses)


def is_open(status: object, closed: object, open_statuses: Collection[object]) -> bool:
    """Whether a thing with a status counts as open; where no status is configured, while it has not been closed."""
    return status in open_statuses if open_statuses else closed is None


@dataclass(frozen=True)
class Children:
    """One call per row of another stream, from a queue with a budget of calls per run.

    A parent that is new or has changed comes first. After those, where the parents are read as `OpenAndClosed`, the
    open ones by the age of their last read; else every parent once in `refresh_days`.

    Attributes:
        path: With `{key}` for the parent's key.
        parent: The name of the parent stream, which is a stream of the same extractor.
        budget: Calls that one run may spend.
        parameter: The name of the parameter that takes the parent's key, where it does not stand in the path.
        closed: Whether parents that were closed before they were first seen are read too.
        refresh_days: How often children are read again whose parent says nothing of their changes.
    """

    path: str
    parent: str
    budget: int
    parameter: str | None = None
    closed: bool = False
    refresh_days: float | None = None


@dataclass(frozen=True)
class Sources:
    """Where a windowed stream may read.

    Attributes:
        plex: The REST API.
        data_sources: The Data Source API, None where the facility has no account for it.
        threads: Read ahead; whoever made them waits for their end. None where nothing is read ahead.
    """

    plex: PlexClient
    data_sources: "DataSources | None" = None
    threads: Executor | None = None

    @property
    def calls(self) -> int:
        """How many calls were made to both."""
        return self.plex.calls + (self.data_sources.calls if self.data_sources else 0)


class Windowed(Protocol):
    """A history: rows of a half-open time range, which are read again until nothing in them can change any more."""

    @property
    def instant(self) -> str:
        """The row's field with the instant that places it in a window."""

    def rows(self, sources: Sources, begin: int, end: int) -> list[Row] | None:
        """The rows of a time range in ms since 1970, perhaps with some outside of it; None where Plex says 404.

        Raises:
            IncompleteError: Plex has cut the answer; a shorter range is needed.
        """


@dataclass(frozen=True)
class Windows:
    """A history endpoint of the REST API.

    Attributes:
        path: The endpoint.
        begin: Its parameter for the beginning.
        end: Its parameter for the end; whether it is inclusive is not documented.
        instant: The row's field with its instant.
    """

    path: str
    begin: str
    end: str
    instant: str

    def rows(self, sources: Sources, begin: int, end: int) -> list[Row] | None:
        """The rows of a time range."""
        return sources.plex.rows(self.path, {self.begin: iso(begin), self.end: iso(end)})


ReadBy = Whole | Changes | OpenAndClosed | Children | Windowed


@dataclass(frozen=True)
class Stream(Generic[RecordT]):
    """One kind of Plex rows.

    Attributes:
        name: As in answers, logs and state.
        read: How its rows are read.
        key: The row's field with Plex's key; or, for rows without one, the fields that identify a row: ids and
            instants, never names, codes or values that change. The key is then their digest, which the record gets as
            `rowKey`; rows of a history that share it get an ordinal each.
        kind: The part of an external id that says what the thing is, for example `JOB`.
        record: What a row must hold.
        map: A record as resources; pure.
        domain: The data set that it writes to.
    """

    name: str
    read: ReadBy
    key: str | tuple[str, ...]
    kind: str
    record: type[RecordT]
    map: Callable[[RecordT, Naming], Iterable[Resource]]
    domain: str

    @property
    def windowed(self) -> Windowed | None:
        """How a history is read, None for any other stream."""
        return None if isinstance(self.read, Whole | Changes | OpenAndClosed | Children) else self.read


@dataclass(frozen=True)
class Extractor(Generic[SettingsT]):
    """What a function runs: its settings and, given them, its streams in the order in which they are read."""

    name: str
    settings: type[SettingsT]
    streams: Callable[[SettingsT], tuple[Stream[Any], ...]]
