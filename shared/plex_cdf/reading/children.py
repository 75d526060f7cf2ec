"""Rows that Plex only gives by their parent: one call each, from a queue with a budget of calls per run."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from plex_cdf.cdf.entries import INTENDED, RETIRED, WHOLE, digest, is_gone
from plex_cdf.errors import OutOfTimeError, ParameterError
from plex_cdf.plex.client import Row
from plex_cdf.reading.base import Batch, Reading, Scope
from plex_cdf.stream import Children, Stream

ROWS_PER_BATCH = 2000
PARENTS_PER_BATCH = 200
_DAY = 24 * 3600 * 1000
Parent = tuple[str, str]
"""A parent's key, and the digest of what it is in CDF."""


def children(reading: Reading, stream: Stream[Any], read: Children) -> Iterator[Batch]:
    """The children of those parents that are worth a call."""
    state = reading.state(stream)
    open_now = set(reading.states.get(read.parent, {}).get("open", []))
    if orphans := _orphans(reading, stream, read):
        yield orphans
    turn: set[str] = set()
    queue = _queue(reading, stream, read, open_now, turn)
    report = reading.report.stream(stream.name)
    report.pending = len(queue)
    parents = iter(queue[: read.budget])
    out_of_time: OutOfTimeError | None = None
    while out_of_time is None:
        batch: Batch = []
        try:
            while _has_room(batch) and (parent := next(parents, None)):
                rows = _rows(reading, stream, read, parent[0])
                batch.append(Scope(parent[0], rows or [], complete=rows is not None, mark=parent[1]))
        except OutOfTimeError as error:
            out_of_time = error
        if not batch:
            break
        yield batch
        report.pending -= len(batch)
        keys = [scope.name for scope in batch]
        if taken := [key for key in keys if key in turn]:
            state["round"] |= {"after": taken[-1], "owed": state["round"]["owed"] - len(taken)}
        _note_reads(reading, state, keys, open_now)
    if out_of_time:
        raise out_of_time


def _note_reads(reading: Reading, state: dict[str, Any], keys: list[str], open_now: set[str]) -> None:
    """Open parents are read again in the order of their last read; a closed one only when it changes."""
    read_at: dict[str, int] = state.setdefault("readAt", {})
    read_at.update({key: reading.now for key in keys if key in open_now})
    for key in [key for key in read_at if key not in open_now]:
        del read_at[key]


def _rows(reading: Reading, stream: Stream[Any], read: Children, parent: str) -> list[Row] | None:
    """One parent's rows; None when Plex does not know the parent, or does not take its key for one."""
    try:
        if read.parameter is None:
            return reading.sources.plex.rows(read.path.format(key=quote(parent, safe="")))
        return reading.sources.plex.rows(read.path, {read.parameter: parent})
    except ParameterError as error:
        reading.report.note(f"{stream.name} of {parent} were not read: {error}")
        return None


def _queue(reading: Reading, stream: Stream[Any], read: Children, open_now: set[str], turn: set[str]) -> list[Parent]:
    """Parents in the order in which their children are worth a call.

    First the changed ones: of those that may be open or closed, only the ones that are open, or were when last read.
    Then open ones, both by the age of their last read; or those whose turn it is in the round. Then closed ones that
    were never read, where the configuration asks for them. `turn` takes the keys of those in the round.
    """
    read_at: dict[str, int] = reading.state(stream).get("readAt", {})
    changed: list[Parent] = []
    by_age: list[Parent] = []
    closed: list[Parent] = []
    others: list[Parent] = []
    for key, (_, items) in reading.fingerprints.prints(read.parent, WHOLE):
        mark = digest(items.get("e") or items.get("a"))
        if mark in (None, RETIRED, INTENDED):
            continue
        before = reading.fingerprints.mark(stream.name, key)
        always = read.refresh_days is not None or key in open_now
        if before != mark and (always or before):
            changed.append((key, str(mark)))
        elif read.refresh_days is not None:
            others.append((key, str(mark)))
        elif key in open_now:
            by_age.append((key, str(mark)))
        elif not before and read.closed:
            closed.append((key, str(mark)))
    for parents in (changed, by_age):
        parents.sort(key=lambda parent: (read_at.get(parent[0], 0), parent[0]))
    in_round = _in_round(reading, stream, read, sorted(others))
    turn |= {key for key, _ in in_round}
    return changed + by_age + in_round + sorted(closed)


def _in_round(reading: Reading, stream: Stream[Any], read: Children, parents: list[Parent]) -> list[Parent]:
    """The parents whose turn it is, so that all are read once in so many days, a few in each run.

    How many are owed grows with time, and only what has been read is taken off: who is not reached keeps the turn.
    """
    if read.refresh_days is None or not parents:
        return []
    round_ = reading.state(stream).setdefault("round", {"at": reading.now, "after": ""})
    due = round_.get("owed", 0.0) + len(parents) * (reading.now - round_["at"]) / (read.refresh_days * _DAY)
    round_ |= {"at": reading.now, "owed": min(due, len(parents))}
    # After the last one the round begins anew.
    first = bisect_right(parents, round_["after"], key=lambda parent: parent[0])
    return [*parents[first:], *parents[:first]][: int(round_["owed"])]


def _orphans(reading: Reading, stream: Stream[Any], read: Children) -> Batch:
    """Children of retired parents: gone with them, which costs no call."""
    retired = [key for key, (_, items) in reading.fingerprints.prints(read.parent, WHOLE) if is_gone(items)]
    return [
        Scope(key, [], complete=True, certain=True, mark=RETIRED)
        for key in retired
        if reading.fingerprints.mark(stream.name, key) not in ("", RETIRED)
    ]


def _has_room(batch: Batch) -> bool:
    return len(batch) < PARENTS_PER_BATCH and sum(len(scope.rows) for scope in batch) < ROWS_PER_BATCH
