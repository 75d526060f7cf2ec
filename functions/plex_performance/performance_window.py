"""How the performance of workcenters is read: as if Plex had a row for each workcenter, hour and production day."""

import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from oee import Bucket, Class, Entry, Status, buckets, figures, timeline, times
from plex_cdf.naming import iso
from plex_cdf.patterns import Patterns
from plex_cdf.plex.client import Row
from plex_cdf.plex.records.base import Record
from plex_cdf.plex.records.performance import Pieces, RateName, Rates, StatusTime
from plex_cdf.status_classes import StatusClasses
from plex_cdf.stream import Sources
from pydantic import ValidationError

APPROVED = "/production/v1/production-definitions/approved-workcenters"
HISTORY = "/production/v1/production-history"
# In pieces an hour; what is not above it is as good as none.
LEAST_RATE = 1e-6
RecordT = TypeVar("RecordT", bound=Record)


class Approved(NamedTuple):
    """What is known of the approved workcenters: target rates by workcenter and part operation, codes by workcenter."""

    rates: dict[tuple[str, str | None], float]
    codes: dict[str, str]


@dataclass
class Log:
    """What happened at one workcenter."""

    statuses: list[StatusTime] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class PerformanceWindow:
    """Rows that are computed from what Plex has.

    A status counts for `lookback` at most, so that a bucket is the same whichever window it is read with.

    Attributes:
        classes: Of the statuses.
        workcenters: Patterns of the codes of those that are read.
        zone: The plant's.
        day_start: When its days begin.
        lookback: How far before a window statuses are read, ms.
        targets: The fields with the target rate, the most wanted one first.
        approved: What was read of the approved workcenters, once in a run.
        lock: Windows are read by several threads.
    """

    classes: StatusClasses
    workcenters: Patterns
    zone: ZoneInfo
    day_start: time
    lookback: int
    targets: tuple[RateName, ...]
    approved: list[Approved] = field(default_factory=list, compare=False, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @property
    def instant(self) -> str:
        """The row's field with the begin of its bucket."""
        return "begin"

    def rows(self, sources: Sources, begin: int, end: int) -> list[Row] | None:
        """A row for each workcenter and bucket that begins in a time range, where anything is known of the two.

        A bucket counts to its own end, which may lie behind the range's, or to where Plex's clock stands. None where
        Plex answers 404 for all of the history, or for the approved workcenters.
        """
        now = sources.plex.now
        found = [each for each in buckets(begin, end, self.zone, self.day_start) if each.begin < now]
        if not found:
            return []
        wanted = [bucket._replace(end=min(bucket.end, now)) for bucket in found]
        until = max(bucket.end for bucket in wanted)
        answers = (
            _history(sources, "workcenter-status-entries", begin - self.lookback, until),
            _history(sources, "production-entries", begin, until),
            _history(sources, "scrap-entries", begin, until),
        )
        approved = self._approved(sources)
        if all(rows is None for rows in answers) or approved is None:
            # Figures without their other half would be wrong.
            return None
        # The three are one API: where one answers, the 404 of another says that there is no data, such as no scrap.
        statuses, made, scrapped = (rows or [] for rows in answers)
        return list(self._computed(wanted, statuses, made, scrapped, approved))

    def _approved(self, sources: Sources) -> Approved | None:
        with self.lock:
            if not self.approved:
                rows = sources.plex.rows(APPROVED)
                if rows is None:
                    return None
                self.approved.append(_approved(rows, self.targets))
            return self.approved[0]

    def _computed(
        self, wanted: Sequence[Bucket], statuses: list[Row], made: list[Row], scrapped: list[Row], approved: Approved
    ) -> Iterator[Row]:
        logs: dict[str, Log] = defaultdict(Log)
        codes: dict[str, str] = {}
        for status in _valid(StatusTime, statuses):
            logs[status.workcenter_id].statuses.append(status)
            _remember(codes, status)
        for rows, is_scrap in ((made, False), (scrapped, True)):
            for row in _valid(Pieces, rows):
                good, scrap = (0.0, row.quantity or 0.0) if is_scrap else (row.quantity or 0.0, 0.0)
                rate = approved.rates.get((row.workcenter_id, row.part_operation_id))
                logs[row.workcenter_id].entries.append(Entry(row.transaction_date, good, scrap, rate))
                _remember(codes, row)
        codes |= approved.codes
        for workcenter, log in sorted(logs.items()):
            code = codes.get(workcenter)
            if self.workcenters.match(code):
                yield from self._of_workcenter(workcenter, code, log, wanted)

    def _of_workcenter(self, workcenter: str, code: str | None, log: Log, wanted: Sequence[Bucket]) -> Iterator[Row]:
        spent_in = timeline(self._ended(log.statuses))
        entries = sorted(log.entries, key=_instant)
        for bucket in wanted:
            spent = times(spent_in, bucket)
            first, last = (bisect_left(entries, instant, key=_instant) for instant in (bucket.begin, bucket.end))
            # Where a status is known there is a row even without a figure: its class may yet change.
            if first < last or any(spent.values()):
                yield {
                    "workcenterId": workcenter,
                    "workcenterCode": code,
                    "begin": iso(bucket.begin),
                    "bucket": bucket.kind,
                    **figures(spent, entries[first:last])._asdict(),
                }

    def _ended(self, statuses: Sequence[StatusTime]) -> Iterator[Status]:
        """Statuses with their ends: what has no duration lasts until the workcenter's next status begins."""
        begins = sorted({status.log_date for status in statuses})
        for status in statuses:
            end = status.log_date + self.lookback
            if status.duration is not None:
                # Plex gives seconds.
                end = status.log_date + round(1000 * max(0.0, min(status.duration, self.lookback / 1000)))
            elif (following := bisect_right(begins, status.log_date)) < len(begins):
                end = min(end, begins[following])
            yield Status(status.log_date, end, Class(self.classes.rank(status.workcenter_status or "")))


def _history(sources: Sources, name: str, begin: int, end: int) -> list[Row] | None:
    return sources.plex.rows(f"{HISTORY}/{name}", {"beginDate": iso(begin), "endDate": iso(end)})


def _approved(rows: Iterable[Row], targets: Sequence[RateName]) -> Approved:
    """The target rates, the highest where a workcenter is approved for a part operation twice, and the codes."""
    approved = Approved({}, {})
    for row in _valid(Rates, rows):
        values = row.model_dump(by_alias=True)
        rate = next((values[name] for name in targets if (values[name] or 0.0) > LEAST_RATE), 0.0)
        place = (row.workcenter_id, row.part_operation_id)
        if rate > approved.rates.get(place, 0.0):
            approved.rates[place] = rate
        _remember(approved.codes, row)
    return approved


def _valid(record: type[RecordT], rows: Iterable[Row]) -> Iterator[RecordT]:
    """The rows that can be read."""
    for row in rows:
        try:
            yield record.model_validate(row)
        except ValidationError:
            continue


def _remember(codes: dict[str, str], row: StatusTime | Pieces | Rates) -> None:
    """Notes a workcenter's code; of two, the last in the alphabet, whatever the order of the rows."""
    if row.workcenter_code:
        codes[row.workcenter_id] = max(row.workcenter_code, codes.get(row.workcenter_id, ""))


def _instant(entry: Entry) -> int:
    return entry.instant
