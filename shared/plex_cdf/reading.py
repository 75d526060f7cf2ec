"""How rows come out of Plex: one function for each way of reading that a stream may declare.

Each is a generator of batches. What it notes for the next run it notes after the yield, when the engine has seen the
batch into CDF.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from plex_cdf.cdf.fingerprints import INTENDED, RETIRED, WHOLE, Fingerprints, digest
from plex_cdf.config import Settings
from plex_cdf.errors import OutOfTimeError, ParameterError
from plex_cdf.naming import Naming, iso
from plex_cdf.plex.client import PlexClient, Row
from plex_cdf.report import Report
from plex_cdf.stream import Changes, Children, OpenAndClosed, Stream, Whole

OVERLAP = timedelta(hours=24)
# Above this many changed things a list is cheaper than asking for each.
CHANGES_AT_MOST = 1000
ROWS_PER_BATCH = 2000
PARENTS_PER_BATCH = 200


@dataclass
class Scope:
    """The rows of one read.

    Attributes:
        name: What was read: the whole list, or the key of a parent.
        rows: As Plex sent them.
        complete: Whether these are all, so that what is absent is gone.
        gone: Keys that Plex says it does not know.
        mark: Noted once the rows are in CDF.
        braked: Set by the engine when so much is absent that nothing was declared gone.
    """

    name: str
    rows: list[Row]
    complete: bool
    gone: list[str] = field(default_factory=list)
    mark: str | None = None
    braked: bool = False


Batch = list[Scope]


@dataclass
class Reader:
    """Reads streams, given what earlier runs noted.

    Attributes:
        plex: Where rows come from, and the time.
        settings: When the nightly read is due, and how much may vanish.
        naming: The facility's.
        fingerprints: Tells children's readers which parents there are.
        states: What each stream keeps between runs, by its name; changed in place.
        force_full: Everything is read whole, whatever the time.
        report: Takes notes and watermarks.
    """

    plex: PlexClient
    settings: Settings
    naming: Naming
    fingerprints: Fingerprints
    states: dict[str, dict[str, Any]]
    force_full: bool
    report: Report

    def read(self, stream: Stream[Any]) -> Iterator[Batch]:
        """The stream's rows, in batches that may be committed one by one."""
        state = self.states.setdefault(stream.name, {})
        full = self.is_full(stream)
        match stream.read:
            case Whole(path):
                yield from self._whole(stream, path, state)
            case Changes():
                yield from (
                    self._whole(stream, stream.read.path, state) if full else self._changes(stream, stream.read, state)
                )
            case OpenAndClosed():
                yield from self._open_and_closed(stream, stream.read, state, full=full)
            case Children():
                yield from self._children(stream, stream.read, state)

    def is_full(self, stream: Stream[Any]) -> bool:
        """Whether this run reads the stream's list whole in any case: by order, for the first time, or nightly."""
        last = self.states.setdefault(stream.name, {}).get("lastFull")
        at, zone = self.settings.full_read_at, self.settings.time_zone
        return self.force_full or last is None or nightly_due(last, self.plex.now, at, zone)

    def _whole(self, stream: Stream[Any], path: str, state: dict[str, Any]) -> Iterator[Batch]:
        began = self.plex.now
        rows = self.plex.rows(path)
        if rows is None:
            self._not_there(stream, path)
            return
        scope = Scope(WHOLE, rows, complete=True)
        yield [scope]
        if not scope.braked:
            self._advance(stream, state, began, full=True)

    def _changes(self, stream: Stream[Any], read: Changes, state: dict[str, Any]) -> Iterator[Batch]:
        began = self.plex.now
        since = state["watermark"] - int(OVERLAP.total_seconds() * 1000)
        changed = self.plex.rows(read.changes, {read.since: iso(since)})
        if changed is None:
            self._not_there(stream, read.changes)
            return
        keys = sorted({str(row[read.key]) for row in changed if row.get(read.key)})
        if len(keys) > CHANGES_AT_MOST:
            yield from self._whole(stream, read.path, state)
            return
        yield [Scope(WHOLE, self.plex.rows_by_id(read.path, keys), complete=False)]
        self._advance(stream, state, began)

    def _open_and_closed(
        self, stream: Stream[Any], read: OpenAndClosed, state: dict[str, Any], *, full: bool
    ) -> Iterator[Batch]:
        began = self.plex.now
        if not read.open_statuses:
            self.report.note("openStatuses is not set in the pipeline's config, so the full list of jobs was read")
        if full or not read.open_statuses:
            rows = self.plex.rows(read.path)
            if rows is None:
                self._not_there(stream, read.path)
                return
            scope = Scope(WHOLE, rows, complete=True)
        else:
            scope = self._lately(stream, read, state)
        yield [scope]
        still_open = {str(row[stream.key]) for row in scope.rows if row.get(stream.key) and read.is_open(row)}
        if scope.braked:
            still_open |= set(state.get("open", []))
        state["open"] = sorted(still_open)
        if not scope.braked:
            self._advance(stream, state, began, full=scope.complete)

    def _lately(self, stream: Stream[Any], read: OpenAndClosed, state: dict[str, Any]) -> Scope:
        """Open rows, lately closed rows, and by its key what was open before and is in neither."""
        since = state["watermark"] - int(OVERLAP.total_seconds() * 1000)
        still_open = self.plex.rows(read.path, {read.statuses: list(read.open_statuses)})
        closed = self.plex.rows(read.path, {read.closed_begin: iso(since), read.closed_end: iso(self.plex.now)})
        # A job that closes between the two reads is in both; the later one is true.
        rows = list({str(row.get(stream.key)): row for row in [*(still_open or []), *(closed or [])]}.values())
        scope = Scope(WHOLE, rows, complete=False)
        if still_open is None:
            scope.braked = True
            self._not_there(stream, read.path)
            return scope
        before = state.get("open", [])
        seen = {str(row.get(stream.key)) for row in rows}
        absent = [key for key in before if key not in seen]
        if self.settings.vanish_limit.exceeded(len(absent), len(before)):
            scope.braked = True
            self.report.note(
                f"{len(absent)} of {len(before)} open jobs are absent from Plex's answer, more than vanishLimit "
                "allows: they stay as they are until the next full read"
            )
            return scope
        for key in absent:
            try:
                row = self.plex.row(f"{read.path}/{quote(key, safe='')}")
            except ParameterError as error:
                self.report.note(f"{stream.name} {key} was not read: {error}")
                continue
            if row is None:
                scope.gone.append(key)
            else:
                rows.append(row)
        return scope

    def _children(self, stream: Stream[Any], read: Children, state: dict[str, Any]) -> Iterator[Batch]:
        read_at: dict[str, int] = state.setdefault("readAt", {})
        open_now = set(self.states.get(read.parent, {}).get("open", []))
        if orphans := self._orphans(stream, read):
            yield orphans
        queue = self._queue(stream, read, read_at, open_now)
        report = self.report.stream(stream.name)
        report.pending = len(queue)
        parents = iter(queue[: read.budget])
        out_of_time: OutOfTimeError | None = None
        while out_of_time is None:
            batch: Batch = []
            try:
                while _has_room(batch) and (parent := next(parents, None)):
                    rows = self._child_rows(stream, read, parent[0])
                    batch.append(Scope(parent[0], rows or [], complete=rows is not None, mark=parent[1]))
            except OutOfTimeError as error:
                out_of_time = error
            if not batch:
                break
            yield batch
            report.pending -= len(batch)
            # Open parents are read again in the order of their last read; a closed one only when it changes.
            read_at.update({scope.name: self.plex.now for scope in batch if scope.name in open_now})
        for key in [key for key in read_at if key not in open_now]:
            del read_at[key]
        if out_of_time:
            raise out_of_time

    def _child_rows(self, stream: Stream[Any], read: Children, parent: str) -> list[Row] | None:
        """One parent's rows; None when Plex does not know the parent, or does not take its key for one."""
        try:
            return self.plex.rows(read.path.format(key=quote(parent, safe="")))
        except ParameterError as error:
            self.report.note(f"{stream.name} of {parent} were not read: {error}")
            return None

    def _queue(
        self, stream: Stream[Any], read: Children, read_at: dict[str, int], open_now: set[str]
    ) -> list[tuple[str, str]]:
        """Parents in the order in which their children are worth a call: key and mark.

        First the changed ones that are open, or were when last read; then open ones, both by the age of their last
        read; then closed ones that were never read, where the configuration asks for them.
        """
        prefix = "e:" + self.naming.id(read.parent_kind, "")
        changed, by_age, closed = [], [], []
        for item, entry in self.fingerprints.items(read.parent, WHOLE):
            if not item.startswith(prefix) or digest(entry) in (RETIRED, INTENDED):
                continue
            key, mark = item.removeprefix(prefix), str(digest(entry))
            before = self.fingerprints.mark(stream.name, key)
            if before != mark and (key in open_now or before is not None):
                changed.append((key, mark))
            elif key in open_now:
                by_age.append((key, mark))
            elif before is None and read.closed:
                closed.append((key, mark))
        for parents in (changed, by_age):
            parents.sort(key=lambda parent: (read_at.get(parent[0], 0), parent[0]))
        return changed + by_age + sorted(closed)

    def _orphans(self, stream: Stream[Any], read: Children) -> Batch:
        """Children of retired parents: gone with them, which costs no call."""
        prefix = "e:" + self.naming.id(read.parent_kind, "")
        retired = [
            item.removeprefix(prefix)
            for item, entry in self.fingerprints.items(read.parent, WHOLE)
            if item.startswith(prefix) and digest(entry) == RETIRED
        ]
        return [
            Scope(key, [], complete=True, mark=RETIRED)
            for key in retired
            if self.fingerprints.mark(stream.name, key) not in (None, RETIRED)
        ]

    def _advance(self, stream: Stream[Any], state: dict[str, Any], watermark: int, *, full: bool = False) -> None:
        state["watermark"] = watermark
        if full:
            state["lastFull"] = watermark
        self.report.stream(stream.name).watermark = iso(watermark)

    def _not_there(self, stream: Stream[Any], path: str) -> None:
        self.report.note(
            f"{stream.name}: Plex answers 404 for {path}: either the key's app is not subscribed to it, "
            "or there is no data"
        )


def _has_room(batch: Batch) -> bool:
    return len(batch) < PARENTS_PER_BATCH and sum(len(scope.rows) for scope in batch) < ROWS_PER_BATCH


def nightly_due(last: int, now: int, at: time, zone: str) -> bool:
    """Whether the local time `at` has come since `last`. Both instants in ms since 1970."""
    local = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone))
    due = datetime.combine(local.date(), at, tzinfo=ZoneInfo(zone))
    if due > local:
        due = datetime.combine(local.date() - timedelta(days=1), at, tzinfo=ZoneInfo(zone))
    return last < due.timestamp() * 1000
