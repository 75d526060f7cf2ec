"""Events are written with the links that resolve; the others are completed when their assets come, on any day."""

from typing import Any

import pytest
from bench import PCN, Bench, Row
from shop import MADE, STATUS, Shop, made, slow_requests, status

ENTRIES = "production_entries"
HISTORY = {"startDate": "2024-02-01"}
KINDS = (
    *("production", "scrap", "workcenter_status", "setup", "container_move", "container_adjustment"),
    *("job", "job_operation", "deviation"),
)
LINKED = {
    "workcenterId": "WORKCENTER",
    "partId": "PART",
    "partOperationId": "PARTOPERATION",
    "parentPartId": "PART",
    "parentPartOperationId": "PARTOPERATION",
    "serialNo": "CONTAINER",
    "locationId": "LOCATION",
    "movedFromLocationId": "LOCATION",
}


def _asset(name: str) -> dict[str, str]:
    return {"externalId": f"PCN{PCN}_{name}", "name": name}


def _links_that_should_stand(event: dict[str, Any], assets: set[str]) -> set[str]:
    """The assets in CDF that an event's own metadata name."""
    named = {f"PCN{PCN}_{kind}_{value}" for key, kind in LINKED.items() if (value := event["metadata"].get(key))}
    if event["type"] == "job":
        named = {name for name in named if "_PART_" in name}
    elif event["type"] == "job_operation":
        named = {name for name in named if "_WORKCENTER_" in name}
    elif event["type"].startswith("container_"):
        named = {name for name in named if "_PARTOPERATION_" not in name}
    elif event["type"] in ("production", "scrap"):
        named = {name for name in named if "_CONTAINER_" not in name}
    return named & assets


def assert_links(facility: Bench) -> int:
    ids = {row["id"]: name for name, row in facility.assets().items()}
    events = [row for kind in KINDS for row in facility.events(kind).values()]
    for event in events:
        found = {ids[each] for each in event.get("assetIds", ())}
        if event["type"] != "deviation":
            assert found == _links_that_should_stand(event, set(ids.values())), event["externalId"]
    return len(events)


@pytest.mark.parametrize("gap", ["2024-03-05T10:05:00Z", "2024-04-20T10:00:00Z"])
def test_histories_that_are_loaded_before_the_master_data_get_every_link(facility: Bench, gap: str) -> None:
    for extractor in ("jobs", "production", "inventory", "quality"):
        facility.run(extractor)
    assert not any(event.get("assetIds") for event in facility.events("production").values())
    facility.at(gap)
    for extractor in ("master_data", "jobs", "production", "inventory", "quality"):
        facility.run(extractor)
    assert assert_links(facility) > 20
    assert all(row.get("assetId") for name, row in facility.series().items() if "_WORKCENTER_" in name)
    facility.at(f"{gap[:14]}30:00Z")
    for extractor in ("jobs", "production", "inventory", "quality"):
        with facility.requests() as record:
            answer = facility.run(extractor)
        assert sum(stream["linked"] for stream in answer["streams"].values()) == 0
        assert not any(request["path"].endswith("/update") for request in record)


def test_an_asset_that_comes_after_others_completes_what_was_completed_in_part(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00"), made("10T08:00"))
    shop.run()
    for name in ("PART_p-1", "PARTOPERATION_po-1", "WORKCENTER_wc-1"):
        shop.facility.post("/assets", {"items": [_asset(name)]})
        shop.run()
    assert [len(row["assetIds"]) for row in shop.events()] == [3, 3]


def test_a_thousand_links_that_never_come_do_not_keep_others_waiting(shop: Shop) -> None:
    shop.facility.at("2023-06-20T12:00:00Z")
    shop.has(MADE, *(made("03T08:00", 1, partId=f"p-{n}", partOperationId=f"po-{n}") for n in range(700)))
    shop.run(ENTRIES)
    shop.facility.post("/assets", {"items": [_asset("WORKCENTER_wc-1"), _asset("PART_p-0")]})
    linked = [shop.run(ENTRIES)["linked"] for _ in range(3)]
    assert sum(linked) >= 700
    assert all(row["assetIds"] for row in shop.events())
    with shop.facility.requests() as record:
        shop.run(ENTRIES)
    assert len(record) == 9


def test_however_many_links_never_come_an_idle_run_looks_once(shop: Shop) -> None:
    shop.has(MADE, *(made("10T08:00", 1, partId=f"p-{n}", partOperationId=f"po-{n}") for n in range(700)))
    shop.run(ENTRIES)
    for _ in range(3):
        with shop.facility.requests() as record:
            shop.run(ENTRIES)
        assert len(record) == 9


def test_a_backlog_of_links_that_takes_longer_than_a_run_is_completed_by_several(shop: Shop) -> None:
    when = [f"2023-{month:02}-03T08:{minute:02}:{second:02}Z" for month in (1, 2, 3) for minute, second in _INSTANTS]
    shop.facility.configure("production", startDate="2023-01-01", timeLimitMinutes=1)
    shop.has(MADE, *(made("03T08:00", 1) | {"transactionDate": instant} for instant in when))
    shop.run(ENTRIES)
    shop.facility.post("/assets", {"items": [_asset("WORKCENTER_wc-1")]})
    answers: list[Row] = []
    while not answers or answers[-1]["status"] != "success":
        assert len(answers) < 4
        with slow_requests(shop.facility, "/events/update", seconds=25):
            answers.append(shop.run())
    linked = [answer["streams"][ENTRIES]["linked"] for answer in answers]
    assert sum(linked) == len(when) + 1  # and the series
    assert linked[-1] == 0
    assert [answer["status"] for answer in answers] == ["partial", "partial", "success"]
    assert {len(row["assetIds"]) for row in shop.events()} == {1}


_INSTANTS = [divmod(number, 60) for number in range(1100)]


def test_links_of_older_days_wait_while_a_backfill_may_be_at_them(shop: Shop) -> None:
    shop.has(MADE, made("03T08:00"), made("10T08:00"))
    shop.run()
    shop.facility.post("/assets", {"items": [_asset("WORKCENTER_wc-1")]})
    shop.hold("backfill")
    answer = shop.run()
    assert [len(row.get("assetIds", ())) for row in shop.events()] == [0, 1]
    assert any("older days" in note for note in answer["notes"])
    shop.let_go("backfill")
    shop.run()
    assert [len(row.get("assetIds", ())) for row in shop.events()] == [1, 1]


def test_what_a_backfill_could_not_link_is_completed_after_the_nightly_reading(shop: Shop) -> None:
    shop.run()
    shop.has(MADE, made("03T08:00"))
    shop.run(ENTRIES, mode="backfill", since="2023-06-02", until="2023-06-05")
    shop.facility.post("/assets", {"items": [_asset("WORKCENTER_wc-1")]})
    shop.facility.at("2023-06-11T03:00:00Z")
    shop.run()
    shop.facility.at("2023-06-11T03:05:00Z")
    shop.run()
    assert [len(row["assetIds"]) for row in shop.events()] == [1]
    names = [name for name in shop.facility.raw("fingerprints_production") if name.startswith("waiting")]
    assert names
    assert not [name for name in names if "backfill" in name]


def test_a_link_of_a_series_is_completed_too(shop: Shop) -> None:
    shop.has(STATUS, status("10T08:00", "Production"))
    shop.run()
    shop.facility.post("/assets", {"items": [_asset("WORKCENTER_wc-1")]})
    shop.run()
    assert shop.facility.series()[f"PCN{PCN}_WORKCENTER_wc-1_STATUS"]["assetId"]
