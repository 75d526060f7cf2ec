"""A run that was killed in the middle of a history: what it announced is never taken for written."""

from typing import Any

import pytest
from bench import PCN, Bench
from plex_cdf.errors import TransientError
from shop import CONTAINERS, MADE, Shop, container, impatient, killed_by, later, made, ms

ENTRIES = "production_entries"
NIGHT = "2023-06-11T03:00:00Z"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("ending", ["/events", "/events/update", "/timeseries/data", "/rows"])
def test_an_older_day_that_a_killed_run_was_at_is_not_confirmed_by_a_run_that_does_not_read_it(
    shop: Shop, ending: str, after: bool
) -> None:
    shop.has(MADE, made("03T08:00", 1), made("03T09:00", 3), made("10T08:00"))
    shop.run()
    shop.has(MADE, made("03T08:00", 2), made("03T09:00", 3), made("03T10:00", 4), made("10T08:00"))
    shop.facility.at(NIGHT)
    with killed_by(shop.facility, ending, after=after):
        shop.run(ENTRIES)
    later(shop.facility)
    shop.run("scrap_entries")
    shop.run(ENTRIES)
    assert shop.quantities() == ["2", "3", "4", "5"]
    assert shop.good() == {ms("03T08:00"): 2, ms("03T09:00"): 3, ms("03T10:00"): 4, ms("10T08:00"): 5}


def test_nor_is_a_recent_one(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("10T08:00", 2), made("10T09:00"))
    with killed_by(shop.facility, "/events"):
        shop.run(ENTRIES)
    later(shop.facility)
    shop.run("scrap_entries")
    shop.run(ENTRIES)
    assert shop.quantities() == ["2", "5"]


def test_nor_is_what_several_killed_runs_left(shop: Shop) -> None:
    shop.run()
    for number in range(3):
        rows = [made(f"{day:02}T08:00", day) for day in range(1, 4 + number)]
        shop.has(MADE, *rows)
        shop.facility.at(f"2023-06-{11 + number}T03:00:00Z")
        later(shop.facility, number + 1)
        with killed_by(shop.facility, "/events", after=number == 1):
            shop.run(ENTRIES)
    later(shop.facility, 5)
    shop.run("scrap_entries")
    shop.run("scrap_entries")
    shop.run("scrap_entries")
    shop.run(ENTRIES)
    assert shop.quantities() == [str(day) for day in range(1, 6)]


def test_a_killed_backfill_is_not_confirmed_by_another_one(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("02T08:00", 2), made("05T08:00", 5))
    with killed_by(shop.facility, "/events"):
        shop.run(ENTRIES, mode="backfill", since="2023-06-02", until="2023-06-03")
    later(shop.facility)
    shop.run(ENTRIES, mode="backfill", since="2023-06-05", until="2023-06-06")
    shop.run(ENTRIES, mode="backfill", since="2023-06-02", until="2023-06-03")
    assert shop.quantities() == ["2", "5"]


def test_what_a_killed_backfill_wrote_is_known_to_the_nightly_reading(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("02T08:00", 2), made("03T08:00", 3))
    with killed_by(shop.facility, "/timeseries/data"):
        shop.run(ENTRIES, mode="backfill", since="2023-06-02", until="2023-06-05")
    later(shop.facility)
    shop.has(MADE, made("03T08:00", 3))
    shop.facility.at(NIGHT)
    shop.run(ENTRIES)
    assert (shop.quantities(), len(shop.retracted()), shop.good()) == (["3"], 1, {ms("03T08:00"): 3})


@pytest.mark.parametrize("after", [False, True])
def test_a_retraction_that_was_cut_off_is_finished(shop: Shop, after: bool) -> None:
    shop.has(MADE, made("10T08:00", 2), made("10T08:00", 3, jobId="j-2"), made("10T09:00", 4))
    shop.run()
    shop.has(MADE, made("10T08:00", 3, jobId="j-2"))
    with killed_by(shop.facility, "/events/update", after=after):
        shop.run(ENTRIES)
    later(shop.facility)
    shop.run(ENTRIES)
    assert (shop.quantities(), len(shop.retracted()), shop.good()) == (["3"], 2, {ms("10T08:00"): 3})


def test_job_operations_that_were_cut_off_are_read_again(facility: Bench) -> None:
    """The kill comes between the fingerprints of the last commit and the state row that confirms them."""
    with killed_by(facility, "/state/rows"):
        facility.run("jobs")
    later(facility)
    facility.cycle()
    facility.run("jobs")
    steps = facility.events("job_operation")
    workcenters = {row["id"] for name, row in facility.assets().items() if f"PCN{PCN}_WORKCENTER_" in name}
    assert len(steps) == 5
    assert all(set(row["assetIds"]) <= workcenters for row in steps.values())


def _by_serial_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a data source may be declared: by a number that stays, and placed by a date that people correct."""
    monkeypatch.setattr("production.MADE", ("serialNo",))


@pytest.mark.parametrize(("before", "after"), [("09T13:00", "10T08:00"), ("10T08:00", "09T13:00")])
@pytest.mark.parametrize("read_again", [False, True])
def test_a_row_that_moves_to_another_day_is_not_gone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, before: str, after: str, read_again: bool
) -> None:
    _by_serial_number(monkeypatch)
    shop.has(MADE, made(before, 1), made("10T09:00", 2, serialNo="s-2"))
    shop.run()
    shop.has(MADE, made(after, 1), made("10T09:00", 2, serialNo="s-2"))
    if read_again:
        monkeypatch.setattr("plex_cdf.reading.windows._FIRST_DAYS", 1)
    shop.run(ENTRIES)
    assert (shop.quantities(), shop.retracted()) == (["1", "2"] if after < "10T09" else ["2", "1"], [])
    assert shop.good() == {ms(after): 1, ms("10T09:00"): 2}
    assert shop.run(ENTRIES)["unchanged"] == 2


def test_nor_when_it_moves_beyond_what_every_run_reads(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _by_serial_number(monkeypatch)
    for number, (before, after) in enumerate([("03T08:00", "10T08:00"), ("10T08:00", "03T08:00")]):
        shop.facility.at(f"2023-06-1{number}T12:00:00Z")
        shop.has(MADE, made(before, 1))
        shop.run()
        shop.has(MADE, made(after, 1))
        shop.run()
        shop.facility.at(f"2023-06-1{number + 1}T03:00:00Z")
        shop.run()
        assert (shop.quantities(), shop.retracted()) == (["1"], [])
        assert shop.good() == {ms(after): 1}


def test_doubt_about_a_sum_outlives_the_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    facility, post = shop.facility, shop.facility.client.post
    rows = [container(f"c-{number}", 1) for number in range(9)]
    facility.rows(CONTAINERS, upsert=rows)
    facility.run("inventory", streams=["containers"])

    def away(url: str, *args: Any, **kwargs: Any) -> Any:
        if url.endswith("/timeseries/data"):
            raise KeyError("message")
        return post(url, *args, **kwargs)

    facility.rows(CONTAINERS, reset=True, upsert=rows[1:])
    facility.outside = impatient()
    with monkeypatch.context() as patched:
        patched.setattr(facility.client, "post", away)
        with pytest.raises(TransientError):
            facility.run("inventory", streams=["containers"])
    facility.at("2023-06-10T13:00:00Z")
    facility.run("inventory", streams=["containers"])
    assert list(facility.points("PCN340884_ONHAND_l-1_p-1").values()) == [9, 8]
