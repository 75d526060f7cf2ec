"""What goes wrong at Plex, or takes too long, while a history is read."""

import itertools
import time
from typing import Any

import plex_cdf.reading.windows
import pytest
from bench import Bench, Row
from plex_cdf.errors import PlexCdfError, TransientError
from plex_cdf.run.call import Outside
from shop import MADE, Shop, at, impatient, made, ms
from test_kill import SlowPlex

ENTRIES = "production_entries"
CUT = {"path": MADE, "kind": "cut"}


def _tries(facility: Bench, path: str = MADE) -> list[Row]:
    return [request for request in facility.plex_requests() if request["path"].startswith(path)]


@pytest.mark.parametrize("fault", [CUT, {"path": MADE, "kind": "drip", "seconds": 1e6}])
def test_a_window_whose_body_breaks_off_is_halved_until_it_passes(shop: Shop, fault: Row) -> None:
    shop.has(MADE, *(made(f"10T{hour:02}:00", hour) for hour in range(12)))
    plex = {"url": shop.facility.plex, "callsPerMinute": 100_000, "timeoutSeconds": 0.5}
    shop.facility.configure("production", startDate="2023-06-10", plex=plex)
    shop.facility.outside = impatient()
    # More often than one range is asked for.
    shop.facility.faults({**fault, "count": 7})
    assert shop.run(ENTRIES)["created"] == 12
    assert sum(shop.good().values()) == 66
    assert len({request["path"] for request in _tries(shop.facility)}) >= 3


def test_so_is_one_whose_body_comes_so_slowly_that_it_would_outlast_the_run(shop: Shop) -> None:
    shop.has(MADE, *(made(f"10T{hour:02}:00", hour) for hour in range(12)))
    plex = {"url": shop.facility.plex, "callsPerMinute": 100_000, "timeoutSeconds": 5}
    shop.facility.configure("production", startDate="2023-06-10", plex=plex)
    looks = itertools.count()
    shop.facility.outside = Outside(monotonic=lambda: next(looks) / 20, sleep=lambda _: None)
    # Never silent: a byte every few milliseconds.
    shop.facility.faults({"path": MADE, "kind": "drip", "seconds": 10, "count": 1})
    assert shop.run(ENTRIES)["created"] == 12
    assert len({request["path"] for request in _tries(shop.facility)}) == 3
    assert len(_tries(shop.facility)) == 3


@pytest.mark.parametrize("kind", ["error", "resetBefore"])
def test_a_window_whose_answer_does_not_begin_is_tried_a_few_times_and_not_halved(shop: Shop, kind: str) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.facility.configure("production", startDate="2023-06-10")
    shop.facility.outside = impatient()
    shop.facility.faults({"path": MADE, "kind": kind})
    with pytest.raises(TransientError):
        shop.run(ENTRIES)
    assert len(_tries(shop.facility)) == 6
    assert len({request["path"] for request in _tries(shop.facility)}) == 1


def test_a_plex_that_cuts_everything_fails_the_run_and_moves_no_watermark(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.facility.outside = impatient()
    shop.facility.faults(CUT)
    with pytest.raises(PlexCdfError, match="cut its answer"):
        shop.run(ENTRIES)
    assert len(_tries(shop.facility)) < 200
    assert shop.facility.runs("production")[0]["status"] == "failure"
    shop.facility.faults()
    assert shop.run(ENTRIES)["created"] == 1


@pytest.mark.parametrize("kind", ["error", "html", "resetBefore", "resetAfter", "cut", "throttle"])
def test_what_passes_by_itself_is_not_seen(shop: Shop, kind: str) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.facility.outside = impatient()
    shop.facility.faults({"path": "/production/*", "kind": kind, "count": 2})
    assert shop.run()["streams"][ENTRIES]["created"] == 1


@pytest.mark.parametrize("kind", ["error", "html", "resetBefore", "throttle"])
def test_what_does_not_pass_fails_the_run_and_the_next_one_reads_all(shop: Shop, kind: str) -> None:
    shop.run()
    shop.has(MADE, made("10T13:00"))
    shop.facility.at(at("10T14:00"))
    shop.facility.outside = impatient()
    shop.facility.faults({"path": MADE, "kind": kind})
    with pytest.raises(PlexCdfError):
        shop.run()
    shop.facility.faults()
    shop.facility.outside = Outside(now=lambda: time.time() + 1000)
    shop.facility.at(at("12T14:00"))
    assert shop.run()["streams"][ENTRIES]["created"] == 1


def test_an_empty_answer_for_a_full_day_is_not_believed(shop: Shop) -> None:
    rows = [made(f"10T08:{minute:02}", minute) for minute in range(40)]
    shop.has(MADE, *rows, made("09T08:00"))
    shop.run()
    shop.facility.faults({"path": MADE, "kind": "empty"})
    answer = shop.run()
    assert answer["streams"][ENTRIES]["retracted"] == 1
    assert any("40 of 40 are absent" in note and "2023-06-10" in note for note in answer["notes"])
    assert len(shop.events()) == len(shop.good()) == 40
    shop.facility.faults()
    assert shop.run(ENTRIES)["retracted"] == 0
    assert len(shop.events()) == len(shop.good()) == 41


def test_nor_is_half_an_answer_and_sums_stay_as_they_were(shop: Shop) -> None:
    rows = [made("10T08:00", 1, serialNo=f"s-{number}") for number in range(60)]
    shop.has(MADE, *rows)
    shop.run()
    shop.has(MADE, *rows[:30], made("10T09:00", 7))
    answer = shop.run()
    figures = answer["streams"][ENTRIES]
    assert (figures["retracted"], figures["created"]) == (0, 1)
    assert shop.good() == {ms("10T08:00"): 60, ms("10T09:00"): 7}
    shop.facility.configure("production", startDate="2023-06-01", vanishLimit={"share": 1, "number": 100})
    assert shop.run(ENTRIES)["retracted"] == 30
    assert shop.good() == {ms("10T08:00"): 30, ms("10T09:00"): 7}


def test_a_read_that_is_not_subscribed_to_is_noted_and_changes_nothing(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()
    shop.facility.faults({"path": MADE, "kind": "error", "status": 404})
    shop.facility.at(at("10T14:00"))
    answer = shop.run()
    assert any("production_entries: Plex answers 404" in note for note in answer["notes"])
    assert answer["streams"][ENTRIES]["watermark"] is None
    assert len(shop.events()) == 1


class Hour:
    """An hour of runs, one every five minutes by the real clock, in which Plex is down."""

    def __init__(self, facility: Bench) -> None:
        self.now = time.time()
        self.facility = facility
        facility.outside = Outside(now=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, shop: Shop) -> list[str]:
        ends: list[str] = []
        for _ in range(12):
            self.now += 300
            try:
                ends.append(shop.run()["status"])
            except PlexCdfError as error:
                ends.append(type(error).__name__)
        return ends


@pytest.mark.parametrize("path", ["*", "/production/*"])
def test_a_plex_that_is_down_for_an_hour_is_asked_a_few_times(shop: Shop, path: str) -> None:
    shop.has(MADE, made("10T08:00"))
    hour = Hour(shop.facility)
    shop.facility.faults({"path": path, "kind": "error"})
    ends = hour.run(shop)
    assert "success" not in ends
    # Six at first, then one each time; where the tenants are answered, a run tries for itself.
    assert len(shop.facility.plex_requests()) <= (20 if path == "*" else 12 * 10)
    shop.facility.faults()
    hour.now += 900
    assert shop.run()["status"] == "success"
    assert len(shop.events()) == 1


def test_a_run_out_of_time_ends_as_partial_and_the_next_ones_go_on_from_there(shop: Shop) -> None:
    shop.facility.at("2023-08-31T12:00:00Z")
    rows = [
        made("01T08:00", day) | {"transactionDate": f"2023-{month:02}-{day:02}T08:00:00Z"}
        for month in range(6, 9)
        for day in range(1, 31)
    ]
    shop.has(MADE, *rows)
    shop.facility.configure("production", startDate="2023-06-01", timeLimitMinutes=1)
    ends: list[str] = []
    marks: list[str] = []
    while "success" not in ends:
        assert len(ends) < 12
        plex = SlowPlex(9)
        shop.facility.outside = plex.outside()
        answer = shop.facility.run("production", streams=[ENTRIES])
        ends.append(answer["status"])
        marks.append(answer["streams"][ENTRIES]["watermark"])
        assert plex.now <= 60
    assert ends[0] == "partial"
    assert marks == sorted(marks)
    assert len(shop.good()) == 90
    shop.facility.outside = Outside()
    assert shop.run(ENTRIES)["created"] == 0


def test_a_first_load_over_years_takes_few_calls(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2013-01-01")
    shop.facility.at("2023-06-10T12:00:00Z")
    years = [made("01T08:00", year) | {"transactionDate": f"{year}-06-01T08:00:00Z"} for year in range(2013, 2024)]
    shop.has(MADE, *years)
    shop.facility.forget_plex_requests()
    answer = shop.run()
    assert answer["streams"][ENTRIES]["created"] == 11
    # 3,813 days of four histories, eight at a time after the first ones.
    assert len(shop.facility.plex_requests()) <= 4 * 480 + 2
    with shop.facility.requests() as record:
        shop.run()
    assert len(record) == 9


def test_nightly_readings_that_run_out_of_time_go_on_where_they_stopped(shop: Shop) -> None:
    shop.facility.at("2023-07-10T12:00:00Z")
    shop.run()
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(8, 31)))
    shop.facility.configure("production", startDate="2023-06-01", timeLimitMinutes=1)
    shop.facility.at("2023-07-11T03:00:00Z")
    ends: list[str] = []
    while "success" not in ends:
        assert len(ends) < 6
        shop.facility.outside = SlowPlex(9).outside()
        ends.append(shop.facility.run("production", streams=[ENTRIES])["status"])
    assert ends[0] == "partial"
    assert len(shop.good()) == 23
    shop.facility.outside = Outside()
    shop.facility.forget_plex_requests()
    shop.run(ENTRIES)
    assert len(_tries(shop.facility)) == 1


def test_every_row_of_a_busy_day_comes_whatever_the_size_of_the_windows(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plex_cdf.reading.windows, "ROWS_PER_WINDOW", 5)
    rows: list[Any] = [made(f"{day:02}T{hour:02}:00", 1) for day in range(1, 11) for hour in range(0, 12, 2)]
    shop.has(MADE, *rows)
    assert shop.run(ENTRIES)["created"] == 60
    assert sum(shop.good().values()) == 60
