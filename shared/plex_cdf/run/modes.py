"""What each mode of a call reads of a stream."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from plex_cdf.cdf.entries import is_day
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.errors import ConfigurationError
from plex_cdf.naming import iso
from plex_cdf.reading.base import Batch, Reading, Scope
from plex_cdf.reading.children import children
from plex_cdf.reading.lists import read_by
from plex_cdf.reading.windows import DAY, Window, again, backfill, floor, history_settings, incremental, recent
from plex_cdf.run.call import Call
from plex_cdf.stream import HOUR, Children, Stream, Windowed


class Modes:
    """Chooses the way of reading.

    Args:
        call: Has the mode, and the range of a backfill.
        reading: What the ways of reading share.
        quarantine: Has the rows that a replay tries again.
        scheduled: What the streams of the scheduled runs keep: a backfill ends where those begin.
    """

    def __init__(
        self, call: Call, reading: Reading, quarantine: Quarantine, scheduled: dict[str, dict[str, Any]]
    ) -> None:
        self._call = call
        self._reading = reading
        self._quarantine = quarantine
        self._scheduled = scheduled

    def batches(self, stream: Stream[Any]) -> Iterator[Batch]:
        """The rows that this call has to look at.

        Raises:
            ConfigurationError: A backfill of a range that the scheduled runs read.
            OutOfTimeError: The run's time is up.
        """
        window, payload = stream.windowed, self._call.payload
        if payload.mode == "replay":
            yield from self._replayed(stream, window)
        elif window and payload.since and payload.until:  # as every backfill has, and nothing else
            yield from backfill(self._reading, stream, window, self._range(stream, payload.since, payload.until))
        elif window:
            yield from incremental(self._reading, stream, window)
        elif isinstance(stream.read, Children):
            yield from children(self._reading, stream, stream.read)
        else:
            yield from read_by(self._reading, stream)

    def _range(self, stream: Stream[Any], since: datetime, until: datetime) -> Window:
        """The days to read again, up to where the scheduled runs are at work."""
        settings = history_settings(self._reading)
        watermark = self._scheduled.get(stream.name, {}).get("watermark")
        begins = floor(settings.start_date)
        if watermark is not None:
            begins = max(begins, floor(watermark - int(settings.overlap_hours * HOUR)))
        wanted = (floor(since), floor(until) + (DAY if until.timestamp() * 1000 % DAY else 0))
        if wanted[0] >= begins:
            raise ConfigurationError(
                f"the call's data: since is {since.isoformat()}, and from {iso(begins)} on the scheduled runs read "
                f"{stream.name}; a backfill ends before"
            )
        if wanted[1] > begins:
            self._call.report.note(f"{stream.name}: the backfill ends at {iso(begins)}, where the scheduled runs begin")
        return wanted[0], min(wanted[1], begins)

    def _replayed(self, stream: Stream[Any], window: Windowed | None) -> Iterator[Batch]:
        """The rows in quarantine: days of a history are read again, other rows are tried as they were."""
        if window:
            since = "" if self._call.payload.dry_run or self._reading.may_reconcile() else recent(self._reading, stream)
            days = [scope for scope in self._quarantine.scopes(stream.name) if is_day(scope) and scope >= since]
            yield from again(self._reading, stream, window, days)
            return
        waiting = self._quarantine.payloads(stream.name)
        for scope, digests in self._quarantine.scopes(stream.name).items():
            # All of a scope at once: of two rows with one key none is written.
            yield [Scope(scope, [waiting[digest] for digest in digests if digest in waiting], complete=False)]
