"""How a history comes out of Plex: window by window, read ahead by a few threads, committed in order.

Windows begin and end at days of UTC, so that a day is always read whole, or up to where Plex's clock stands. Every run
reads again what lies behind its watermark by less than the overlap, and once a day what lies behind by `reconcileDays`.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

from plex_cdf.config import HistorySettings
from plex_cdf.errors import ConfigurationError, CutError, IncompleteError
from plex_cdf.naming import EPOCH, iso
from plex_cdf.plex.client import Row
from plex_cdf.plex.records.base import Instant
from plex_cdf.reading.base import Batch, Reading, Scope, nightly_due
from plex_cdf.stream import HOUR, Stream, Windowed

DAY = 24 * 3600 * 1000
MINUTE = 60 * 1000
THREADS = 3
ROWS_PER_WINDOW = 10_000
"""As many as the engine gets at once, unless a single day has more."""
# An empty time proves nothing of the days behind it, whose rows have to fit into memory even where the plant has gone
# live: so the most days are few, also of all that is read ahead. Ten years are 457 calls.
_FIRST_DAYS, _MOST_DAYS = 2, 8
# Windows in a row that Plex answers by 404, over a month, before the last one is asked whether there is anything.
_MOST_MISSED = 6
UNDATED = "undated"
NEVER = "9999-12-31"
"""From which day on a backfill has days at hand: they belong to the scheduled runs."""
Window = tuple[int, int]


def incremental(reading: Reading, stream: Stream[Any], read: Windowed) -> Iterator[Batch]:
    """From the watermark, less the overlap, to where Plex's clock stands; once a day what lies further back first."""
    settings, state = history_settings(reading), reading.state(stream)
    end = _end(reading, stream)
    start = floor(settings.start_date)
    overlap = int(settings.overlap_hours * HOUR)
    watermark = state.get("watermark")
    begin = start if watermark is None else max(start, floor(min(watermark, end) - overlap))
    if watermark is None:
        state["reconciled"] = reading.now
    elif (reading.force_full or _reconcile_due(reading, state)) and reading.may_reconcile():
        yield from _reconcile(reading, stream, read, (max(start, _may_have_changed(settings, state, end)), begin))
    for window, batch in _read_ahead(reading, stream, read, (begin, end)):
        yield batch
        reading.advance(stream, max(window[1], state.get("watermark") or 0))


def recent(reading: Reading, stream: Stream[Any]) -> str:
    """From which day on every run reads again."""
    return day_of(floor(_end(reading, stream) - int(history_settings(reading).overlap_hours * HOUR)))


def _reconcile_due(reading: Reading, state: dict[str, Any]) -> bool:
    settings = reading.settings
    return nightly_due(state.get("reconciled", 0), reading.now, settings.full_read_at, settings.time_zone)


def _may_have_changed(settings: HistorySettings, state: dict[str, Any], end: int) -> int:
    """Since when rows may have changed: what came late after the last look counts from there."""
    return floor(min(end, state.get("reconciled", end)) - settings.reconcile_days * DAY)


def _reconcile(reading: Reading, stream: Stream[Any], read: Windowed, whole: Window) -> Iterator[Batch]:
    """Reads again what may still have changed; where time runs out, the next run goes on from there."""
    state = reading.state(stream)
    began = reading.now
    done = max(whole[0], state.get("reconciling", 0))
    for window, batch in _read_ahead(reading, stream, read, (done, whole[1])):
        yield batch
        state["reconciling"] = done = window[1]
    # Else Plex has answered 404 from there on.
    if done >= whole[1]:
        state.pop("reconciling", None)
        state["reconciled"] = began


def backfill(reading: Reading, stream: Stream[Any], read: Windowed, whole: Window) -> Iterator[Batch]:
    """A range of the past; the same range again goes on where the last call ran out of time."""
    state = reading.state(stream)
    if state.get("range") != list(whole):
        state |= {"range": list(whole), "watermark": whole[0]}
    elif state["watermark"] >= whole[1]:
        # It was finished: asked for again, it is read again.
        state["watermark"] = whole[0]
    for window, batch in _read_ahead(reading, stream, read, (state["watermark"], whole[1])):
        yield batch
        reading.advance(stream, window[1])


def again(reading: Reading, stream: Stream[Any], read: Windowed, days: list[str]) -> Iterator[Batch]:
    """Some days, each read whole."""
    end = _end(reading, stream)
    for day in sorted(days):
        begin = _begin_of(day)
        for _, batch in _read_ahead(reading, stream, read, (begin, min(begin + DAY, end))):
            yield batch


def _read_ahead(reading: Reading, stream: Stream[Any], read: Windowed, whole: Window) -> Iterator[tuple[Window, Batch]]:
    """The windows of a range in order, a few of them read while the one before is written.

    A 404 says that there is no data, or that Plex is not to be asked. Which of them, the windows behind tell: one that
    has an answer is read again together with what was left before it. Where there is none, nothing is known: nothing is
    given from there on, so that no caller takes it for read; after some such windows the newest one decides.

    Yields:
        The days of a window in order, some at a time, and the range that they are.
    """
    days = _FIRST_DAYS
    left: int | None = None  # from where on Plex has answered 404
    missed = 0
    begin, waiting = whole[0], deque[tuple[Window, Future[list[Row] | None] | None]]()
    threads = reading.sources.threads
    try:
        while begin < whole[1] or waiting:
            while begin < whole[1] and len(waiting) < THREADS:
                window = (begin, min(floor(begin) + days * DAY, whole[1]))
                if waiting and window[1] - waiting[0][0][0] > _MOST_DAYS * DAY:
                    break
                # The only one that is left is read when it is its turn, which is now.
                alone = not waiting and window[1] == whole[1]
                ahead = None if alone or threads is None else threads.submit(_rows, reading, read, window)
                waiting.append((window, ahead))
                begin = window[1]
            window, future = waiting.popleft()
            rows = future.result() if future else _rows(reading, read, window)
            days = _fitting(days, len(rows or ()), (window[1] - window[0]) / DAY)
            if rows is not None and left is not None:
                window = (left, window[1])
                rows = _rows(reading, read, window)
            if rows is not None:
                left, missed = None, 0
                yield from _slices(_by_day(read, rows, window), window)
                # Let go before the next ones are waited for.
                rows = future = None
                continue
            left, missed = window[0] if left is None else left, missed + 1
            if missed == _MOST_MISSED and _rows(reading, read, _last(window[1], whole[1])) is None:
                break
    finally:
        # What nobody will take is not read. What is being read already ends with the run.
        for _, future in waiting:
            if future:
                future.cancel()
    if left is not None:
        reading.not_there(stream, stream.name)


def _last(begin: int, end: int) -> Window:
    """The end of a range, as much as one window may be."""
    return max(begin, end - _MOST_DAYS * DAY), end


def _rows(reading: Reading, read: Windowed, window: Window) -> list[Row] | None:
    """The rows of a window; where Plex cuts its answer, or does not come to its end, those of its halves.

    An answer that has not begun says nothing of its length: where there is none, Plex is taken for down.
    """
    try:
        return read.rows(reading.sources, *window)
    except (IncompleteError, CutError) as error:
        least = MINUTE if isinstance(error, IncompleteError) else HOUR
        if window[1] - window[0] <= least:
            raise
        middle = (window[0] + window[1]) // 2
        first = _rows(reading, read, (window[0], middle))
        second = _rows(reading, read, (middle, window[1]))
        # A row in the middle may be in both.
        once = first and [row for row in first if _instant(read, row) != middle]
        return None if once is None or second is None else once + second


def _instant(read: Windowed, row: Row) -> int | None:
    """When a row was, ms; None for one that belongs to no day."""
    try:
        return Instant.parse(row.get(read.instant))
    except ValueError:
        return None


def _by_day(read: Windowed, rows: list[Row], window: Window) -> Batch:
    """The rows of a window by day; what lies outside is dropped, since nobody knows whether an end is inclusive."""
    begin, end = window
    days: dict[str, list[tuple[int, Row]]] = {day_of(day): [] for day in range(floor(begin), end, DAY)}
    undated: list[Row] = []
    for row in rows:
        instant = _instant(read, row)
        if instant is None:
            undated.append(row)
        elif begin <= instant < end:
            days[day_of(instant)].append((instant, row))
    scopes = [
        Scope(day, [row for _, row in sorted(found, key=lambda pair: pair[0])], complete=True)
        for day, found in days.items()
    ]
    if undated:
        unique = list({repr(row): row for row in undated}.values())
        scopes.insert(0, Scope(UNDATED, unique, complete=False, undated=True))
    return scopes


def _slices(scopes: Batch, window: Window) -> Iterator[tuple[Window, Batch]]:
    """The days of a window, as many at a time as have about the rows of one slice; undated rows come with the first."""
    begin, batch = window[0], Batch()
    for scope in scopes:
        if batch and sum(len(each.rows) for each in [*batch, scope]) > ROWS_PER_WINDOW and not batch[-1].undated:
            ends = _begin_of(scope.name)
            yield (begin, ends), batch
            begin, batch = ends, Batch()
        batch.append(scope)
    yield (begin, window[1]), batch


def _fitting(days: int, rows: int, length: float) -> int:
    """How many days the next windows have, so that one has about the rows of a slice and few are needed."""
    fitting = int(ROWS_PER_WINDOW / max(1.0, rows / max(length, 0.01)))
    return max(1, min(fitting, days * 2, _MOST_DAYS))


def _end(reading: Reading, stream: Stream[Any]) -> int:
    """Up to where rows are read: what is younger may not have settled yet.

    What was read once is read again, also when Plex's clock, or the setting, goes back: else it would seem to be gone.
    """
    end = reading.now - int(history_settings(reading).settle_seconds * 1000)
    watermark = reading.state(stream).get("watermark") or 0
    return watermark if end < watermark <= end + DAY else end


def history_settings(reading: Reading) -> HistorySettings:
    """The settings of an extractor of histories. Raises `ConfigurationError` where it has none."""
    if not isinstance(reading.settings, HistorySettings):
        raise ConfigurationError("a stream with windows needs startDate among its extractor's settings")
    return reading.settings


def floor(instant: int | datetime) -> int:
    """The beginning of the UTC day, ms."""
    if isinstance(instant, datetime):
        instant = (instant - EPOCH) // timedelta(milliseconds=1)
    return instant // DAY * DAY


def _begin_of(day: str) -> int:
    """The beginning of a UTC day that `day_of` has named, ms."""
    return floor(datetime.fromisoformat(day).replace(tzinfo=UTC))


def day_of(instant: int) -> str:
    """The UTC day, `2026-01-31`."""
    return iso(instant)[:10]
