"""A window in CDF equals the window in Plex: new rows appear, changed ones change, vanished ones are retracted."""

from itertools import permutations

import pytest
from bench import PCN, Row
from plex_cdf.stream import Sources, Windows
from shop import MADE, STATUS, STATUSES, Shop, exclusive_ends, impatient, made, ms, status

ENTRIES = "production_entries"
BROKEN = {"statusClasses": {"run": ["Production"], "unplannedDown": ["Breakdown"]}}


def test_twins_are_kept_and_their_quantities_summed(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", 5), made("10T08:00", 0), made("10T08:00", 2))
    shop.run()
    assert shop.quantities() == ["0", "2", "5", "5"]
    assert shop.good() == {ms("10T08:00"): 12}
    assert shop.run()["streams"][ENTRIES]["unchanged"] == 4


def test_a_quantity_that_cannot_be_stored_does_not_stop_its_neighbours_of_the_day(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 1e200), made("10T08:00", 3, jobId="j-2"), made("10T09:00", 7))
    figures = shop.run(ENTRIES)
    assert (figures["created"], figures["quarantined"]) == (2, 1)
    assert shop.good() == {ms("10T08:00"): 3, ms("10T09:00"): 7}
    assert "beyond what CDF stores" in next(iter(shop.facility.raw("quarantine").values()))["reason"]


def test_a_sum_that_cannot_be_stored_stops_its_own_rows_alone(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 9e99), made("10T08:00", 9e99, jobId="j-2"), made("10T09:00", 7))
    figures = shop.run(ENTRIES)
    assert (figures["created"], figures["quarantined"]) == (1, 2)
    assert shop.good() == {ms("10T09:00"): 7}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_twins_are_told_apart_in_whatever_order_they_arrive(shop: Shop, order: tuple[int, ...]) -> None:
    rows = [made("10T08:00", 5), made("10T08:00", 5), made("10T08:00", 2)]
    shop.has(MADE, *(rows[number] for number in order))
    shop.run()
    shop.has(MADE, *rows)
    figures = shop.run(ENTRIES)
    assert (figures["updated"], figures["created"], figures["retracted"]) == (0, 0, 0)


def test_a_twin_that_goes_takes_its_part_along(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", 5), made("10T08:00", 2))
    shop.run()
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", 2))
    shop.run()
    assert (shop.quantities(), shop.good(), len(shop.retracted())) == (["2", "5"], {ms("10T08:00"): 7}, 1)


def test_a_correction_changes_the_event_and_the_sum_and_makes_no_second_one(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", 3, jobId="j-2"))
    shop.run()
    before = set(shop.facility.events("production"))
    shop.has(MADE, made("10T08:00", 4), made("10T08:00", 3, jobId="j-2"))
    figures = shop.run(ENTRIES)
    assert (figures["updated"], figures["unchanged"], figures["created"]) == (1, 1, 0)
    assert set(shop.facility.events("production")) == before
    assert (shop.quantities(), shop.good()) == (["3", "4"], {ms("10T08:00"): 7})


def test_a_vanished_row_is_retracted_and_its_datapoint_follows(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", 3, jobId="j-2"), made("10T09:00", 7))
    shop.run()
    shop.has(MADE, made("10T08:00", 3, jobId="j-2"))
    assert shop.run(ENTRIES)["retracted"] == 2
    assert (shop.quantities(), shop.good()) == (["3"], {ms("10T08:00"): 3})
    assert {row["subtype"] for row in shop.retracted()} == {"retracted"}
    assert all(
        row["metadata"].items() >= {"plexState": "retracted", "jobId": "j-1"}.items() for row in shop.retracted()
    )
    assert all(row["metadata"]["retractedTime"] == "2023-06-10T12:00:00.000Z" for row in shop.retracted())


def test_a_row_that_returns_is_as_if_it_had_never_gone(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5, operationCode="Turn"), made("10T09:00", 1))
    shop.run()
    whole = _found(shop)
    shop.has(MADE, made("10T09:00", 1))
    shop.run()
    shop.has(MADE, made("10T08:00", 5, operationCode="Turn"), made("10T09:00", 1))
    shop.run()
    assert whole == _found(shop)
    assert shop.good() == {ms("10T08:00"): 5, ms("10T09:00"): 1}


def _found(shop: Shop) -> dict[str, tuple[object, object]]:
    return {name: (row.get("subtype"), row["metadata"]) for name, row in shop.facility.events("production").items()}


def test_a_retracted_row_is_retracted_once(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T09:00", 1))
    shop.run()
    shop.has(MADE, made("10T09:00", 1))
    shop.run()
    with shop.facility.requests() as record:
        assert shop.run(ENTRIES)["retracted"] == 0
    # One of them looks for the assets that are lacking.
    assert len(record) == 9


def test_a_null_quantity_has_no_part_in_a_sum(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", None), made("10T09:00", 2))
    shop.run()
    assert shop.good() == {ms("10T09:00"): 2}
    shop.has(MADE, made("10T08:00", 3), made("10T09:00", None))
    shop.run()
    assert shop.good() == {ms("10T08:00"): 3}


def test_a_reversal_is_a_row_of_its_own_with_fewer_than_none(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 5), made("10T08:00", -5, serialNo="s-2"))
    shop.run()
    assert (shop.quantities(), shop.good()) == (["-5", "5"], {ms("10T08:00"): 0})


def test_of_statuses_at_one_instant_the_highest_class_stands(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-06-01", **BROKEN)
    rows = [
        status("10T08:00", "Production"),
        status("10T08:00", "Breakdown", jobId="j-2"),
        status("10T08:00", "Lunch"),
        status("10T09:00", "Zebra"),
        status("10T09:00", "Ape"),
    ]
    shop.has(STATUS, *rows)
    shop.run()
    assert len(shop.events("workcenter_status")) == 5
    assert shop.facility.points(STATUSES) == {ms("10T08:00"): "Breakdown", ms("10T09:00"): "Zebra"}
    shop.has(STATUS, *rows[:1], *rows[2:4])
    shop.run()
    assert shop.facility.points(STATUSES) == {ms("10T08:00"): "Production", ms("10T09:00"): "Zebra"}


def test_other_classes_in_the_configuration_rank_what_is_read_again(shop: Shop) -> None:
    shop.has(STATUS, status("10T08:00", "Setup"), status("10T08:00", "Breakdown", jobId="j-2"))
    shop.run()
    assert shop.facility.points(STATUSES) == {ms("10T08:00"): "Setup"}
    shop.facility.configure("production", startDate="2023-06-01", **BROKEN)
    shop.run()
    assert shop.facility.points(STATUSES) == {ms("10T08:00"): "Breakdown"}


def test_a_status_grows_in_its_event(shop: Shop) -> None:
    shop.has(STATUS, status("10T08:00", "Production", 60))
    shop.run()
    shop.has(STATUS, status("10T08:00", "Production", 7200.5))
    shop.run()
    assert [row["endTime"] - row["startTime"] for row in shop.events("workcenter_status")] == [7_200_500]


def test_a_late_row_within_the_overlap_is_read_by_the_next_run(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()
    shop.has(MADE, made("09T13:00", 2), made("10T08:00"))
    assert shop.run(ENTRIES)["created"] == 1


def test_a_later_one_is_read_by_the_nightly_reading(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()
    shop.has(MADE, made("03T13:00", 2), made("10T08:00"))
    assert shop.run(ENTRIES)["created"] == 0
    shop.facility.at("2023-06-11T03:00:00Z")
    assert shop.run(ENTRIES)["created"] == 1
    assert shop.good() == {ms("03T13:00"): 2, ms("10T08:00"): 5}


def test_so_are_corrections_and_rows_that_vanish_later(shop: Shop) -> None:
    shop.has(MADE, made("03T13:00", 2), made("03T13:00", 3, jobId="j-2"), made("10T08:00"))
    shop.run()
    shop.has(MADE, made("03T13:00", 9), made("10T08:00"))
    shop.facility.at("2023-06-11T03:00:00Z")
    figures = shop.run(ENTRIES)
    assert (figures["updated"], figures["retracted"], figures["created"]) == (1, 1, 0)
    assert shop.good() == {ms("03T13:00"): 9, ms("10T08:00"): 5}


def test_what_is_entered_later_than_that_needs_a_backfill(shop: Shop) -> None:
    shop.facility.at("2023-08-01T12:00:00Z")
    shop.run()
    shop.has(MADE, made("20T13:00", 2))
    shop.facility.at("2023-08-02T03:00:00Z")
    assert shop.run(ENTRIES)["created"] == 0
    assert shop.run(ENTRIES, mode="backfill", since="2023-06-20", until="2023-06-21")["created"] == 1
    assert shop.good() == {ms("20T13:00"): 2}


def test_while_nothing_ran_rows_that_were_late_are_not_lost(shop: Shop) -> None:
    """Ten days late, entered while the extractor was off for thirty."""
    shop.facility.at("2023-06-20T12:00:00Z")
    shop.run()
    shop.has(MADE, made("12T13:00", 2))
    shop.facility.at("2023-07-20T12:00:00Z")
    assert shop.run(ENTRIES)["created"] == 1


@pytest.mark.parametrize("mode", ["incremental", "full"])
def test_reading_older_days_again_writes_nothing_when_nothing_has_changed(shop: Shop, mode: str) -> None:
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(1, 11)))
    shop.run()
    shop.facility.at("2023-06-11T03:00:00Z")
    shop.run()
    shop.facility.at("2023-06-11T04:00:00Z")
    if mode == "incremental":
        shop.facility.at("2023-06-12T03:00:00Z")
    with shop.facility.requests() as record:
        figures = shop.run(mode=mode)["streams"][ENTRIES]
    assert figures["unchanged"] >= 10
    assert (figures["created"], figures["updated"]) == (0, 0)
    assert not [request for request in record if "/timeseries" in request["path"] and "byids" not in request["path"]]
    assert not [request for request in record if request["path"].endswith(("/events", "/events/update"))]


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_row_at_the_end_of_a_window_is_read_once(shop: Shop, exclusive: bool) -> None:
    shop.has(MADE, *(made(f"{day:02}T00:00", day) for day in range(1, 10)))
    if exclusive:
        with exclusive_ends():
            shop.run()
    else:
        shop.run()
    assert len(shop.facility.events("production")) == 9
    assert shop.good() == {ms(f"{day:02}T00:00"): day for day in range(1, 10)}


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_row_at_the_middle_of_a_window_that_was_halved_is_read_once(shop: Shop, exclusive: bool) -> None:
    shop.has(MADE, made("02T00:00"), made("01T12:00"), made("01T06:00"))
    shop.facility.outside = impatient()
    # As long as the first window is asked for whole, and then by halves.
    shop.facility.faults({"path": MADE, "kind": "cut", "count": 18})
    if exclusive:
        with exclusive_ends():
            shop.run(ENTRIES)
    else:
        shop.run(ENTRIES)
    assert len(shop.events()) == 3
    assert shop.good() == {ms("01T06:00"): 5, ms("01T12:00"): 5, ms("02T00:00"): 5}


def test_rows_outside_the_window_are_dropped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [made("09T08:00"), made("10T08:00"), made("10T11:59:50"), made("10T13:00"), made("25T08:00")]
    read = Windows.rows

    def rows(self: Windows, sources: Sources, begin: int, end: int) -> list[Row] | None:
        found = read(self, sources, begin, end)
        return list(everything) if self.begin == "beginDate" and self.instant == "transactionDate" else found

    monkeypatch.setattr(Windows, "rows", rows)
    assert shop.run(ENTRIES)["rows"] == 2
    assert [row["startTime"] for row in shop.events()] == [ms("09T08:00"), ms("10T08:00")]


def test_a_row_younger_than_the_settling_time_waits(shop: Shop) -> None:
    shop.has(MADE, made("10T11:59:45"))
    assert shop.run(ENTRIES)["rows"] == 0
    shop.facility.at("2023-06-10T12:05:00Z")
    assert shop.run(ENTRIES)["created"] == 1


def test_a_longer_settling_time_retracts_nothing(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"), made("10T11:30"))
    shop.run()
    shop.facility.configure("production", startDate="2023-06-01", settleSeconds=3600)
    assert shop.run(ENTRIES)["retracted"] == 0


def test_instants_that_differ_by_less_than_a_millisecond_are_kept_apart(shop: Shop) -> None:
    rows = [made("10T08:00", 1) | {"transactionDate": f"2023-06-10T08:00:00.123{digits}Z"} for digits in ("4567", "9")]
    shop.has(MADE, *rows)
    shop.run()
    assert shop.quantities() == ["1", "1"]
    assert shop.good() == {ms("10T08:00:00.123"): 2}


def test_an_idle_run_costs_eight_calls_and_nine_with_links_that_wait(shop: Shop) -> None:
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(1, 11)))
    shop.has(STATUS, status("10T08:00", "Production"))
    shop.run()
    with shop.facility.requests() as record:
        answer = shop.run()
    assert len(record) == answer["cdfCalls"] == 9
    names = ("WORKCENTER_wc-1", "PART_p-1", "PARTOPERATION_po-1")
    assets = [{"externalId": f"PCN{PCN}_{name}", "name": name} for name in names]
    shop.facility.post("/assets", {"items": assets})
    assert sum(stream["linked"] for stream in shop.run()["streams"].values()) == 13
    with shop.facility.requests() as record:
        answer = shop.run()
    assert len(record) == answer["cdfCalls"] == 8
    assert all(len(row["assetIds"]) == 3 for row in shop.events())
