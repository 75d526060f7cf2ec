"""How lists come out of Plex: one way for each that a stream may declare.

Each is a generator of batches. What it notes for the next run it notes after the yield, when the engine has seen the
batch into CDF.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from plex_cdf.cdf.entries import WHOLE
from plex_cdf.errors import ParameterError
from plex_cdf.naming import iso
from plex_cdf.reading.base import Batch, Reading, Scope
from plex_cdf.stream import Changes, OpenAndClosed, Stream, Whole

OVERLAP = timedelta(hours=24)
# Above this many changed things a list is cheaper than asking for each.
CHANGES_AT_MOST = 1000


def whole(reading: Reading, stream: Stream[Any], path: str, body: dict[str, Any] | None = None) -> Iterator[Batch]:
    """A list that is read whole."""
    began = reading.now
    rows = reading.sources.plex.rows(path, body=body)
    if rows is None:
        reading.not_there(stream, path)
        return
    scope = Scope(WHOLE, rows, complete=True)
    yield [scope]
    if not scope.braked:
        reading.advance(stream, began, full=True)


def changes(reading: Reading, stream: Stream[Any], read: Changes) -> Iterator[Batch]:
    """What another endpoint names as changed; the whole list where that is due, or cheaper."""
    if reading.is_full(stream):
        yield from whole(reading, stream, read.path)
        return
    began = reading.now
    since = reading.state(stream)["watermark"] - int(OVERLAP.total_seconds() * 1000)
    changed = reading.sources.plex.rows(read.changes, {read.since: iso(since)})
    if changed is None:
        reading.not_there(stream, read.changes)
        return
    keys = sorted({str(row[read.key]) for row in changed if row.get(read.key)})
    if len(keys) > CHANGES_AT_MOST:
        yield from whole(reading, stream, read.path)
        return
    yield [Scope(WHOLE, reading.sources.plex.rows_by_id(read.path, keys), complete=False)]
    reading.advance(stream, began)


def open_and_closed(reading: Reading, stream: Stream[Any], read: OpenAndClosed) -> Iterator[Batch]:
    """Open and lately closed rows; the whole list where that is due, or where nothing says which are open."""
    began, state = reading.now, reading.state(stream)
    if not read.open_statuses:
        reading.report.note("openStatuses is not set in the pipeline's config, so the full list of jobs was read")
    if reading.is_full(stream) or not read.open_statuses:
        rows = reading.sources.plex.rows(read.path)
        if rows is None:
            reading.not_there(stream, read.path)
            return
        scope = Scope(WHOLE, rows, complete=True)
    else:
        scope = _lately(reading, stream, read)
    yield [scope]
    key = str(stream.key)
    still_open = {str(row[key]) for row in scope.rows if row.get(key) and read.is_open(row)}
    if scope.braked:
        still_open |= set(state.get("open", []))
    state["open"] = sorted(still_open)
    if not scope.braked:
        reading.advance(stream, began, full=scope.complete)


def _lately(reading: Reading, stream: Stream[Any], read: OpenAndClosed) -> Scope:
    """Open rows, lately closed rows, and by its key what was open before and is in neither."""
    plex, state, key_field = reading.sources.plex, reading.state(stream), str(stream.key)
    since = state["watermark"] - int(OVERLAP.total_seconds() * 1000)
    still_open = plex.rows(read.path, {read.statuses: list(read.open_statuses)})
    closed = plex.rows(read.path, {read.closed_begin: iso(since), read.closed_end: iso(plex.now)})
    # A job that closes between the two reads is in both; the later one is true. Rows of one read are all kept.
    closed_keys = {str(row[key_field]) for row in closed or [] if row.get(key_field) is not None}
    rows = [row for row in still_open or [] if str(row.get(key_field)) not in closed_keys] + (closed or [])
    scope = Scope(WHOLE, rows, complete=False)
    if still_open is None:
        scope.braked = True
        reading.not_there(stream, read.path)
        return scope
    before = state.get("open", [])
    seen = {str(row.get(key_field)) for row in rows}
    absent = [key for key in before if key not in seen]
    if reading.settings.vanish_limit.exceeded(len(absent), len(before)):
        scope.braked = True
        reading.report.note(
            f"{len(absent)} of {len(before)} open jobs are absent from Plex's answer, more than vanishLimit "
            "allows: they stay as they are until the next full read"
        )
        return scope
    for key in absent:
        try:
            row = plex.row(f"{read.path}/{quote(key, safe='')}")
        except ParameterError as error:
            reading.report.note(f"{stream.name} {key} was not read: {error}")
            continue
        if row is None:
            scope.gone.append(key)
        else:
            rows.append(row)
    return scope


def read_by(reading: Reading, stream: Stream[Any]) -> Iterator[Batch]:
    """The batches of a list."""
    match stream.read:
        case Whole(path, body):
            yield from whole(reading, stream, path, None if body is None else dict(body))
        case Changes():
            yield from changes(reading, stream, stream.read)
        case OpenAndClosed():
            yield from open_and_closed(reading, stream, stream.read)
