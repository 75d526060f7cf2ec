"""How much of a history is in memory at once, and how many calls it takes, whatever lies behind an empty time."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.config import HistorySettings
from plex_cdf.errors import TransientError
from plex_cdf.naming import Naming, iso
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.records.base import Record
from plex_cdf.reading.base import Reading
from plex_cdf.reading.windows import DAY, incremental
from plex_cdf.report import Report
from plex_cdf.stream import Sources, Stream

START = datetime(2014, 1, 1, tzinfo=UTC)
BEGIN = int(START.timestamp() * 1000)
ROWS = 1000  # of a slice


@pytest.fixture(autouse=True)
def _slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plex_cdf.reading.windows.ROWS_PER_WINDOW", ROWS)


class Counted(dict[str, Any]):
    """A row that knows how many others there are."""

    alive = most = 0

    def __init__(self, instant: int | None) -> None:
        super().__init__(at=None if instant is None else iso(instant))
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)

    def __del__(self) -> None:
        Counted.alive -= 1


class Source:
    """A plant with so many rows on a day, the first one counted as 0; None where Plex answers 404."""

    instant = "at"

    def __init__(self, rows_of: Callable[[int], int | None]) -> None:
        self.rows_of = rows_of
        self.asked: list[tuple[int, int]] = []

    def rows(self, _: Sources, begin: int, end: int) -> list[dict[str, Any]] | None:
        self.asked.append((begin, end))
        days = range((begin - BEGIN) // DAY, -((BEGIN - end) // DAY))
        counts = {day: self.rows_of(day) for day in days}
        if all(count is None for count in counts.values()):
            return None
        return [
            Counted(BEGIN + day * DAY + n * DAY // count)
            for day, count in counts.items()
            if count
            for n in range(count)
        ]


class AtOnce(Executor):
    """Reads as far ahead as ever it may, before the engine gets anything."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


def _history(source: Source, days: int) -> tuple[Reading, Stream[Any]]:
    """A first load of so many days."""

    class Plex:
        now = BEGIN + days * DAY

    Counted.alive = Counted.most = 0
    facility = {"pcn": 1, "tenantId": str(UUID(int=1))}
    settings = HistorySettings.model_validate({"facility": facility, "startDate": START, "settleSeconds": 0})
    sources = Sources(cast("PlexClient", Plex()), threads=AtOnce())
    report = Report("production", 1, "run", "incremental", dry_run=False)
    prints = cast("Fingerprints", None)
    reading = Reading(sources, settings, Naming(1), prints, {}, force_full=False, report=report)
    return reading, Stream("entries", source, ("at",), "X", Record, lambda *_: (), "production")


def _load(source: Source, days: int) -> list[tuple[str, int, int]]:
    """The slices that the engine gets: first day, rows, and the watermark after each."""
    slices: list[tuple[str, int, int]] = []
    reading, stream = _history(source, days)
    batches = incremental(reading, stream, source)
    batch = next(batches, None)
    while batch:
        given = batch[0].name, sum(len(scope.rows) for scope in batch)
        batch = next(batches, None)
        slices.append((*given, reading.state(stream)["watermark"]))
    return slices


@pytest.mark.parametrize("quiet", [0, 1, 10], ids=["empty", "hardly any", "a pilot"])
def test_a_plant_that_goes_live_after_a_quiet_time_fits_into_memory(quiet: int) -> None:
    source = Source(lambda day: quiet if day < 120 else 300)
    slices = _load(source, 180)
    assert sum(rows for _, rows, _ in slices) == 120 * quiet + 60 * 300
    # Eight days, and the slice that the engine has just been given.
    assert Counted.most <= 8 * 300 + ROWS
    assert max(rows for _, rows, _ in slices) <= ROWS


def test_so_does_one_that_plex_answers_by_404_until_then() -> None:
    source = Source(lambda day: None if day < 120 else 300)
    assert sum(rows for _, rows, _ in _load(source, 180)) == 60 * 300
    # The newest days are asked for while others have been read.
    assert Counted.most <= 2 * 8 * 300 + ROWS


def test_the_watermark_follows_each_slice_and_every_day_comes_once() -> None:
    slices = _load(Source(lambda day: 0 if day < 120 else 300), 180)
    marks = [mark for _, _, mark in slices]
    assert [iso(mark)[:10] for mark in marks[:-1]] == [first for first, _, _ in slices[1:]]
    assert marks == sorted(set(marks))
    assert marks[-1] == BEGIN + 180 * DAY


def test_a_day_with_more_rows_than_a_slice_is_given_whole() -> None:
    slices = _load(Source(lambda _: 2 * ROWS), 4)
    assert [rows for _, rows, _ in slices] == [2 * ROWS] * 4


def test_rows_without_a_day_come_with_the_first_slice() -> None:
    class Untidy(Source):
        def rows(self, sources: Sources, begin: int, end: int) -> list[dict[str, Any]] | None:
            return [*(super().rows(sources, begin, end) or []), Counted(None)]

    slices = _load(Untidy(lambda _: ROWS), 4)
    assert [(first, rows) for first, rows, _ in slices][:2] == [
        ("undated", ROWS + 1),
        ("2014-01-02", ROWS),
    ]


@pytest.mark.parametrize("rows", [0, 100])
def test_ten_years_take_460_calls(rows: int) -> None:
    source = Source(lambda day: rows if day % 30 == 0 else 0)
    _load(source, 3652)
    assert len(source.asked) <= 460


def test_a_source_that_does_not_answer_is_not_asked_for_halves() -> None:
    class Down(Source):
        def rows(self, sources: Sources, begin: int, end: int) -> list[dict[str, Any]] | None:
            super().rows(sources, begin, end)
            raise TransientError("no answer")

    source = Down(lambda _: 1)
    with pytest.raises(TransientError):
        _load(source, 2)
    assert source.asked == [(BEGIN, BEGIN + 2 * DAY)]


def test_busy_days_are_read_ahead_of_the_engine() -> None:
    source = Source(lambda _: ROWS // 2)
    reading, stream = _history(source, 30)
    batches = incremental(reading, stream, source)
    for _ in range(8):
        next(batches)
    assert source.asked[-1][1] - reading.state(stream)["watermark"] > 2 * DAY
