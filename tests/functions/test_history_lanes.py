"""Backfill, full, replay and the scheduled runs beside one another."""

import json
from typing import Any

import pytest
import requests
from bench import Bench, Row
from plex_cdf.errors import ConfigurationError
from plex_cdf.run.call import Outside
from shop import CONTAINERS, MADE, Shop, container, made, ms

ENTRIES = "production_entries"
NIGHT = "2023-06-11T03:00:00Z"
RANGE: dict[str, Any] = {"mode": "backfill", "since": "2023-06-02", "until": "2023-06-05"}


def test_a_backfill_takes_nothing_from_the_scheduled_runs(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00", 3), made("09T13:00", 9), made("10T08:00", 10))
    shop.run()
    at_hand = {name for name in shop.facility.raw("fingerprints_production") if name.startswith(f"{ENTRIES}/2023-")}
    shop.has(MADE, made("03T08:00", 4), made("09T13:00", 9), made("10T08:00", 10))

    assert shop.run(ENTRIES, **RANGE)["updated"] == 1

    assert at_hand == {f"{ENTRIES}/2023-06-09", f"{ENTRIES}/2023-06-10"}
    assert at_hand <= shop.facility.raw("fingerprints_production").keys()
    figures = shop.run(ENTRIES)
    assert (figures["unchanged"], figures["created"], figures["updated"]) == (2, 0, 0)
    shop.has(MADE, made("03T08:00", 4), made("10T08:00", 10))
    assert shop.run(ENTRIES)["retracted"] == 1
    assert shop.good() == {ms("03T08:00"): 4, ms("10T08:00"): 10}


def test_a_backfill_and_a_scheduled_run_work_at_the_same_time(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00", 3), made("10T08:00", 10))
    shop.run()
    shop.has(MADE, made("03T08:00", 4), made("03T09:00", 5), made("10T08:00", 11), made("10T09:00", 12))
    answers = _during(shop.facility, "/events", shop.run, lambda: shop.run(**RANGE))
    assert [answer["status"] for answer in answers] == ["success", "success"]
    assert shop.quantities() == ["4", "5", "11", "12"]
    shop.facility.at(NIGHT)
    figures = shop.run(ENTRIES)
    assert (figures["unchanged"], figures["created"], figures["updated"]) == (4, 0, 0)


def _during(facility: Bench, ending: str, inner: Any, outer: Any) -> list[Row]:
    """Runs `inner` when `outer` asks CDF for something that ends so for the first time."""
    answers: list[Row] = []
    post = facility.client.post

    def between(url: str, *args: Any, **kwargs: Any) -> Any:
        if url.endswith(ending) and not answers:
            answers.append({})
            answers[0] = inner()
        return post(url, *args, **kwargs)

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(facility.client, "post", between)
        answers.append(outer())
    return answers


def test_two_backfills_never_work_at_the_same_time(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("03T08:00"))
    answers = _during(shop.facility, "/events", lambda: shop.run(**RANGE), lambda: shop.run(**RANGE))
    assert [answer["status"] for answer in answers] == ["skipped", "success"]


def test_the_nightly_reading_waits_for_a_backfill(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00"))
    shop.run()
    shop.has(MADE, made("03T08:00"), made("10T08:00"), made("10T13:00"))
    shop.hold("backfill")
    shop.facility.at(NIGHT)
    answer = shop.run()
    assert (answer["status"], answer["streams"][ENTRIES]["created"]) == ("success", 1)
    assert any("older days" in note for note in answer["notes"])
    shop.let_go("backfill")
    assert shop.run(ENTRIES)["created"] == 1


def test_the_nightly_reading_takes_the_lane_of_backfills_once_and_gives_it_back(shop: Shop) -> None:
    shop.run()
    shop.facility.at(NIGHT)
    with shop.facility.requests() as record:
        shop.run()
    assert sum(request["path"].endswith("/models/instances/delete") for request in record) == 2
    assert shop.run(**RANGE)["status"] == "success"


def test_a_backfill_ends_where_the_scheduled_runs_begin(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(2, 11)))
    answer = shop.run(mode="backfill", since="2023-06-05", until="2023-06-30")
    assert any("the backfill ends at 2023-06-09T00:00:00.000Z" in note for note in answer["notes"])
    assert shop.quantities() == ["5", "6", "7", "8"]
    shop.run()
    assert shop.quantities() == ["5", "6", "7", "8", "9", "10"]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"mode": "backfill", "since": "2023-06-09", "until": "2023-06-30"}, "a backfill ends before"),
        ({"mode": "backfill", "since": "2023-06-09"}, "needs since and until"),
        ({"mode": "backfill", "since": "2023-06-09", "until": "2023-06-09"}, "must lie before until"),
        ({"mode": "backfill", "since": "2023-06-01", "until": "2023-06-02", "streams": ["workcenter_setups"]}, "lists"),
        ({"since": "2023-06-01"}, "belong to mode backfill"),
    ],
)
def test_a_backfill_that_cannot_be_is_refused(shop: Shop, payload: dict[str, Any], words: str) -> None:
    shop.run()
    with pytest.raises(ConfigurationError, match=words):
        shop.facility.run("production", **payload)


def test_before_the_first_run_a_backfill_ends_at_the_start_date(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00"))
    with pytest.raises(ConfigurationError, match=r"from 2023-06-01T00:00:00.000Z on the scheduled runs"):
        shop.run(**RANGE)
    row = made("03T08:00") | {"transactionDate": "2023-05-03T08:00:00Z"}
    shop.has(MADE, row)
    assert shop.run(ENTRIES, mode="backfill", since="2023-05-01", until="2023-06-30")["created"] == 1


def test_the_same_backfill_again_writes_nothing(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("03T08:00"), made("03T08:00"), made("04T08:00"))
    assert shop.run(ENTRIES, **RANGE)["created"] == 3
    with shop.facility.requests() as record:
        assert shop.run(ENTRIES, **RANGE)["unchanged"] == 3
    assert not [request for request in record if request["path"].endswith(("/events", "/events/update", "/data"))]


def test_a_backfill_retracts_what_has_vanished(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00"), made("04T08:00"))
    shop.run()
    shop.has(MADE, made("04T08:00"))
    assert shop.run(ENTRIES, **RANGE)["retracted"] == 1
    assert shop.good() == {ms("04T08:00"): 5}


BAD = made("03T08:00", 3) | {"quantity": "three"}


def test_quarantined_rows_of_older_days_are_tried_again_by_a_replay(shop: Shop) -> None:
    shop.has(MADE, BAD, made("03T08:00", 4, jobId="j-2"), made("10T08:00"))
    assert shop.run(ENTRIES)["quarantined"] == 1
    assert shop.good() == {ms("03T08:00"): 4, ms("10T08:00"): 5}
    assert shop.run(ENTRIES, mode="replay")["quarantined"] == 1
    shop.has(MADE, made("03T08:00", 3), made("03T08:00", 4, jobId="j-2"), made("10T08:00"))
    assert shop.run(ENTRIES)["created"] == 0
    assert shop.run(ENTRIES, mode="replay")["created"] == 1
    assert shop.good() == {ms("03T08:00"): 7, ms("10T08:00"): 5}
    assert shop.facility.raw("quarantine") == {}


def test_so_are_those_that_a_backfill_found(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, BAD)
    assert shop.run(ENTRIES, **RANGE)["quarantined"] == 1
    shop.has(MADE, made("03T08:00", 3))
    assert shop.run(ENTRIES, mode="replay")["created"] == 1
    assert shop.facility.raw("quarantine") == {}
    assert shop.run(ENTRIES, **RANGE)["unchanged"] == 1


def test_a_replayed_container_does_not_stand_for_all_that_is_on_hand(shop: Shop) -> None:
    series = "PCN340884_ONHAND_l-1_p-1"
    shop.facility.configure("inventory", startDate="2023-06-01", contract={"containers": "discard_row"})
    shop.has(CONTAINERS, container("c-1", 10), container("c-2", 20))
    shop.facility.run("inventory", streams=["containers"])
    shop.facility.rows("/inventory/v1/inventory-tracking/containers", upsert=[container("c-3", 5, colour="red")])
    answer = shop.facility.run("inventory", streams=["containers"])
    assert answer["streams"]["containers"]["quarantined"] == 1
    shop.facility.configure("inventory", startDate="2023-06-01")
    shop.facility.at("2023-06-10T13:00:00Z")
    shop.facility.run("inventory", streams=["containers"], mode="replay")
    assert set(shop.facility.points(series).values()) == {30}
    shop.facility.at("2023-06-10T14:00:00Z")
    shop.facility.run("inventory", streams=["containers"])
    assert list(shop.facility.points(series).values())[-1] == 35


def test_what_was_tried_for_too_long_leaves_quarantine(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-06-01", quarantineDays=30, reconcileDays=5)
    shop.has(MADE, BAD, made("10T08:00"))
    shop.run()
    shop.facility.at("2023-07-09T12:00:00Z")
    shop.run()
    assert len(shop.facility.raw("quarantine")) == 1
    shop.facility.at("2023-07-11T12:00:00Z")
    answer = shop.run()
    assert any("1 rows have left quarantine" in note for note in answer["notes"])
    assert shop.facility.raw("quarantine") == {}


def test_a_bad_row_that_leaves_plex_leaves_quarantine(shop: Shop) -> None:
    shop.has(MADE, BAD, made("03T09:00"))
    shop.run()
    (row,) = shop.facility.raw("quarantine").values()
    assert (row["scope"], json.loads(row["payload"])["quantity"]) == ("2023-06-03", "three")
    shop.has(MADE, made("03T09:00"))
    shop.facility.at(NIGHT)
    shop.run()
    assert shop.facility.raw("quarantine") == {}


@pytest.mark.parametrize(
    ("contract", "created", "quarantined"), [("evolve", 1, 0), ("discard_row", 0, 1), ("freeze", None, None)]
)
def test_a_field_that_plex_did_not_send_before(
    shop: Shop, contract: str, created: int | None, quarantined: int | None
) -> None:
    shop.facility.configure("production", startDate="2023-06-01", contract={ENTRIES: contract})
    shop.has(MADE, made("10T08:00", 1))
    shop.run()
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 2, moonPhase="full"))
    if created is None:
        with pytest.raises(ConfigurationError, match=r"moonPhase; contract.production_entries is freeze"):
            shop.run()
        assert shop.quantities() == ["1"]
    else:
        answer = shop.run()
        figures = answer["streams"][ENTRIES]
        assert (figures["created"], figures["quarantined"]) == (created, quarantined)
        assert any("moonPhase" in note for note in answer["notes"])
    shop.facility.configure("production", startDate="2023-06-01")
    shop.run(mode="replay")
    shop.run()
    answer = shop.run()
    assert shop.quantities() == ["1", "2"]
    assert shop.facility.raw("quarantine") == {}
    assert not any("moonPhase" in note for note in answer["notes"])


@pytest.mark.parametrize("contract", ["evolve", "freeze", "discard_row"])
def test_what_plex_sends_from_its_first_row_on_is_nothing_new(shop: Shop, contract: str) -> None:
    """The days before that row are empty."""
    shop.facility.configure("production", startDate="2023-06-01", contract={ENTRIES: contract})
    shop.has(MADE, made("10T08:00", 1, moonPhase="full"))
    answer = shop.run()
    assert (answer["streams"][ENTRIES]["created"], answer["notes"]) == (1, [])


def test_of_ten_calls_that_overlap_one_works(shop: Shop) -> None:
    shop.has(MADE, *(made(f"{day:02}T08:00", day) for day in range(1, 11)))
    others: list[Row] = []

    def nine_more(*_: object, **__: object) -> None:
        if not others:
            shop.facility.outside = Outside()
            others.append({})
            others[:] = [shop.run() for _ in range(9)]

    def session() -> requests.Session:
        made_here = requests.Session()
        made_here.hooks["response"].append(nine_more)
        return made_here

    shop.facility.outside = Outside(session=session)
    first = shop.run()
    assert first["status"] == "success"
    assert [answer["status"] for answer in others] == ["skipped"] * 9
    assert {answer["plexCalls"] for answer in others} == {0}
    assert len(shop.events()) == 10


def test_a_dry_run_tells_what_would_change_and_touches_nothing(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 2))
    shop.run()
    shop.has(MADE, made("10T08:00", 3), made("10T10:00", 4))
    with shop.facility.requests() as record:
        plan = shop.run(ENTRIES, dryRun=True)["plan"]
    assert len(plan["create"]) == 1
    assert [each["why"].get("metadata.quantity") for each in plan["update"]] == [["1", "3"], None]
    assert [each["why"] for each in plan["retract"]] == ["no longer in Plex"] * 2
    reads = ("/byids", "/list", "/config")
    assert not [request for request in record if request["method"] == "POST" and not request["path"].endswith(reads)]
