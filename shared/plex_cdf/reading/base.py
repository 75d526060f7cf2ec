"""What all ways of reading share: the rows of one read, and what a reader has to know."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.config import Settings
from plex_cdf.naming import Naming, iso
from plex_cdf.plex.client import Row
from plex_cdf.report import Report
from plex_cdf.stream import Sources, Stream


@dataclass
class Scope:
    """The rows of one read.

    Attributes:
        name: What was read: the whole list, the key of a parent, a day of a history.
        rows: As Plex sent them.
        complete: Whether these are all, so that what is absent is gone.
        gone: Keys that Plex says it does not know.
        certain: Whether what is absent is gone however much it is, since that is concluded and not answered.
        mark: Noted once the rows are in CDF.
        undated: Whether these are rows of a history that belong to no day.
        braked: Set by the engine when so much is absent that nothing was declared gone.
    """

    name: str
    rows: list[Row]
    complete: bool
    gone: list[str] = field(default_factory=list)
    certain: bool = False
    mark: str | None = None
    undated: bool = False
    braked: bool = False


Batch = list[Scope]


@dataclass
class Reading:
    """What the ways of reading share.

    Attributes:
        sources: Where rows come from, and the time.
        settings: When the nightly read is due, and how much may vanish.
        naming: The facility's.
        fingerprints: Tells children's readers which parents there are.
        states: What each stream keeps between runs, by its name; changed in place.
        force_full: Everything is read whole, whatever the time.
        report: Takes notes and watermarks.
        may_reconcile: Asked before older days of a history are read again, which a backfill may be at.
    """

    sources: Sources
    settings: Settings
    naming: Naming
    fingerprints: Fingerprints
    states: dict[str, dict[str, Any]]
    force_full: bool
    report: Report
    may_reconcile: Callable[[], bool] = lambda: True

    @property
    def now(self) -> int:
        """The instant of Plex's clock, ms."""
        return self.sources.plex.now

    def state(self, stream: Stream[Any]) -> dict[str, Any]:
        """What the stream keeps between runs."""
        return self.states.setdefault(stream.name, {})

    def is_full(self, stream: Stream[Any]) -> bool:
        """Whether this run reads the stream's list whole in any case: by order, for the first time, or nightly."""
        last = self.state(stream).get("lastFull")
        at, zone = self.settings.full_read_at, self.settings.time_zone
        return self.force_full or last is None or nightly_due(last, self.now, at, zone)

    def advance(self, stream: Stream[Any], watermark: int, *, full: bool = False) -> None:
        """Notes up to which instant CDF agrees with Plex."""
        state = self.state(stream)
        state["watermark"] = watermark
        if full:
            state["lastFull"] = watermark
        self.report.stream(stream.name).watermark = iso(watermark)

    def not_there(self, stream: Stream[Any], path: str) -> None:
        """Notes that Plex answers 404."""
        self.report.note(
            f"{stream.name}: Plex answers 404 for {path}: either the key's app is not subscribed to it, "
            "or there is no data"
        )


def nightly_due(last: int, now: int, at: time, zone: str) -> bool:
    """Whether the local time `at` has come since `last`. Both instants in ms since 1970.

    A time that clocks show twice comes with the first, one that they skip as long after midnight as ever.
    """
    here = ZoneInfo(zone)
    day = datetime.fromtimestamp(now / 1000, UTC).astimezone(here).date()
    # As instants: clocks that have skipped `at` show a later time before it has come.
    while (due := datetime.combine(day, at, tzinfo=here).timestamp() * 1000) > now:
        day -= timedelta(days=1)
    return last < due
