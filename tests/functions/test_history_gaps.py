"""Windows that Plex answers by 404: not subscribed, or no data. What is not known to be read is not taken for read."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from bench import Row
from plex_cdf.naming import iso
from plex_cdf.stream import Sources, Windows
from shop import MADE, Shop, made, ms

ENTRIES = "production_entries"
ABSENT = "production_entries: Plex answers 404"


@contextmanager
def nothing_in_a_window_without_rows() -> Iterator[list[tuple[str, str]]]:
    """A Plex that answers 404 where it has no rows; the ranges it is asked for."""
    read = Windows.rows
    asked: list[tuple[str, str]] = []

    def rows(self: Windows, sources: Sources, begin: int, end: int) -> list[Row] | None:
        if self.path == MADE:
            asked.append((iso(begin)[:10], iso(end)[:10]))
        return read(self, sources, begin, end) or None

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(Windows, "rows", rows)
        yield asked


@contextmanager
def absent_from(begin: int) -> Iterator[None]:
    """A Plex that answers 404 to every window that begins at an instant or later."""
    read = Windows.rows

    def rows(self: Windows, sources: Sources, first: int, last: int) -> list[Row] | None:
        return None if self.path == MADE and first >= begin else read(self, sources, first, last)

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(Windows, "rows", rows)
        yield


def _notes(shop: Shop) -> list[str]:
    return [note for note in shop.run(streams=[ENTRIES])["notes"] if ABSENT in note]


def _state(shop: Shop) -> Row:
    state: Row = shop.facility.raw("state")["production_incremental"]["streams"][ENTRIES]
    return state


def test_a_nightly_reading_that_is_answered_by_404_is_not_done(shop: Shop) -> None:
    shop.facility.at("2023-07-10T12:00:00Z")
    shop.run()
    before = _state(shop)
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(8, 31)))
    shop.facility.at("2023-07-11T03:00:00Z")
    shop.facility.faults({"path": MADE, "kind": "error", "status": 404})
    assert len(_notes(shop)) == 1
    assert {name: _state(shop)[name] for name in ("watermark", "reconciled")} == {
        name: before[name] for name in ("watermark", "reconciled")
    }
    assert shop.events() == []
    shop.facility.faults()
    assert _notes(shop) == []
    assert len(shop.events()) == 23
    assert _state(shop)["reconciled"] > before["reconciled"]


def test_one_that_is_answered_by_404_on_its_way_goes_on_from_there(shop: Shop) -> None:
    shop.facility.at("2023-07-10T12:00:00Z")
    shop.run()
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(8, 31)))
    shop.facility.at("2023-07-11T03:00:00Z")
    with absent_from(ms("06T00:00")):
        assert len(_notes(shop)) == 1
    assert ms("05T00:00") <= _state(shop)["reconciling"] <= ms("10T00:00")
    assert _notes(shop) == []
    assert len(shop.events()) == 23
    assert "reconciling" not in _state(shop)


def test_a_404_that_passes_loses_no_row_and_costs_one_call(shop: Shop) -> None:
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(1, 11)))
    shop.facility.faults({"path": MADE, "kind": "error", "status": 404, "count": 1})
    assert _notes(shop) == []
    assert len(shop.good()) == 10
    assert len([request for request in shop.facility.plex_requests() if request["path"].startswith(MADE)]) <= 6


def test_a_quiet_time_before_and_among_the_rows_is_passed(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-05-01")
    shop.has(MADE, made("01T08:00", 1), made("10T08:00", 2))
    with nothing_in_a_window_without_rows() as asked:
        assert _notes(shop) == []
        assert sum(shop.good().values()) == 3
        assert _state(shop)["watermark"] > ms("10T00:00")
        asked.clear()
        assert _notes(shop) == []
    assert asked == [("2023-06-09", "2023-06-10")]


def test_rows_that_begin_years_after_the_start_date_are_found(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2018-01-01")
    shop.has(MADE, made("01T08:00", 1), made("10T08:00", 2))
    with nothing_in_a_window_without_rows():
        assert _notes(shop) == []
    assert sum(shop.good().values()) == 3


def test_a_quiet_time_up_to_now_is_read_again_until_there_is_a_row(shop: Shop) -> None:
    shop.has(MADE, made("02T08:00", 1))
    with nothing_in_a_window_without_rows():
        assert len(_notes(shop)) == 1
        mark = _state(shop)["watermark"]
        assert mark < ms("05T00:00")
        shop.facility.at("2023-06-25T12:00:00Z")
        assert len(_notes(shop)) == 1
        assert _state(shop)["watermark"] >= mark
        shop.has(MADE, made("02T08:00", 1), made("24T08:00", 5))
        assert _notes(shop) == []
        assert sum(shop.good().values()) == 6
        assert _state(shop)["watermark"] > ms("25T00:00")


def test_a_stream_that_is_not_subscribed_to_is_asked_a_few_times(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2013-01-01")
    shop.facility.faults({"path": MADE, "kind": "error", "status": 404})
    shop.facility.forget_plex_requests()
    assert len(_notes(shop)) == 1
    assert len([request for request in shop.facility.plex_requests() if request["path"].startswith(MADE)]) <= 9
    assert _state(shop).get("watermark") is None
