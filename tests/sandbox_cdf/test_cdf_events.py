"""Events: what may be written, how it is changed and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import EventUpdate, EventWrite
from sandbox_cdf_client import Cdf


@pytest.mark.source("API: create events")
def test_create_answers_in_order_with_ids_and_times(cdf: Cdf) -> None:
    created = cdf.client.events.create([EventWrite(external_id=str(n)) for n in range(5)])
    assert [event.external_id for event in created] == ["0", "1", "2", "3", "4"]
    assert len({event.id for event in created}) == 5
    assert all(0 < event.id < 2**53 for event in created)
    assert all(event.created_time == event.last_updated_time > 1_600_000_000_000 for event in created)


@pytest.mark.source("SDK _api/assets.py")
def test_one_bad_item_refuses_all(cdf: Cdf) -> None:
    error = cdf.refused("/events", {"items": [{"externalId": "a"}, {"externalId": "b", "startTime": -1}]})
    assert error["code"] == 400
    assert "items[1]" in error["message"]
    assert cdf.client.events.retrieve(external_id="a") is None


@pytest.mark.source("SDK data_classes/events.py; Toolkit yaml_classes/event.py")
@pytest.mark.parametrize(
    "item",
    [
        {"startTime": 2, "endTime": 1},
        {"startTime": -1},
        {"endTime": -1},
        {"startTime": 1.5},
        {"startTime": "now"},
        {"startTime": True},
        {"type": "x" * 65},
        {"type": "é" * 33},
        {"subtype": "x" * 65},
        {"description": "x" * 501},
        {"description": "é" * 251},
        {"source": "x" * 129},
        {"externalId": "x" * 256},
        {"externalId": ""},
        {"externalId": 7},
        {"metadata": {"k": 1}},
        {"metadata": {"k": None}},
        {"metadata": {"k" * 129: "v"}},
        {"metadata": {"k": "v" * 128_001}},
        {"metadata": {"k": "é" * 64_001}},
        {"metadata": {str(n): "v" for n in range(257)}},
        {"metadata": {"a": "v" * 100_000, "b": "v" * 100_000}},
        {"metadata": []},
        {"assetIds": [1]},
        {"assetIds": 1},
        {"assetIds": ["1"]},
        {"dataSetId": 1},
        {"dataSetId": "1"},
        {"unknown": 1},
        {"id": 1},
    ],
)
def test_what_the_api_refuses(cdf: Cdf, item: dict[str, Any]) -> None:
    error = cdf.refused("/events", {"items": [item]})
    assert error["code"] == 400
    assert "missing" not in error


@pytest.mark.source("SDK data_classes/events.py; Toolkit yaml_classes/event.py")
def test_what_is_just_within_the_limits(cdf: Cdf) -> None:
    items: list[dict[str, Any]] = [
        {"type": "é" * 32, "subtype": "x" * 64, "description": "é" * 250, "source": "x" * 128},
        {"externalId": "x" * 255, "startTime": 0, "endTime": 0},
        {"metadata": {"k" * 128: "v" * 128_000}},
        {"metadata": {str(n): "v" for n in range(256)}},
        {"endTime": 1},
        {"startTime": 5},
        {"description": None, "metadata": {}},
    ]
    assert len(cdf.items("/events", *items)) == len(items)


@pytest.mark.source("SDK _basic_api_client.py; Assumed: all of them are named")
def test_duplicates_are_named_all_and_nothing_is_written(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "a"}, {"externalId": "b"})
    ids = ["a", "c", "b", "d", "d"]
    error = cdf.refused("/events", {"items": [{"externalId": each} for each in ids]})
    assert error["code"] == 409
    assert error["duplicated"] == [{"externalId": "a"}, {"externalId": "b"}, {"externalId": "d"}]
    assert len(cdf.client.events.list(limit=None)) == 2


@pytest.mark.source("SDK exceptions.py")
def test_byids_keeps_order_and_names_all_missing(cdf: Cdf) -> None:
    first, second = cdf.items("/events", {"externalId": "a"}, {"externalId": "b"})
    assert cdf.items("/events/byids", {"externalId": "b"}, {"id": first["id"]}) == [second, first]
    error = cdf.refused("/events/byids", {"items": [{"externalId": "x"}, {"id": first["id"]}, {"id": 5}]})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"id": 5}])
    found = cdf.items("/events/byids", {"externalId": "x"}, {"externalId": "a"}, ignoreUnknownIds=True)
    assert found == [first]
    assert cdf.get(f"/events/{first['id']}") == (200, first)
    assert cdf.get("/events/5")[0] == 400


@pytest.mark.source("SDK utils/_identifier.py")
@pytest.mark.parametrize("item", [{}, {"id": 1, "externalId": "a"}, {"name": "a"}])
def test_an_identifier_is_one_of_two(cdf: Cdf, item: dict[str, Any]) -> None:
    assert cdf.refused("/events/byids", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK data_classes/events.py EventUpdate")
def test_update_operations(cdf: Cdf) -> None:
    (asset,) = cdf.items("/assets", {"name": "a"})
    event = {
        "externalId": "e",
        "type": "t",
        "metadata": {"a": "1", "b": "2"},
        "assetIds": [asset["id"]],
        "startTime": 1,
    }
    (created,) = cdf.items("/events", event)
    update = {
        "type": {"set": "u"},
        "startTime": {"setNull": True},
        "metadata": {"add": {"c": "3", "a": "9"}, "remove": ["b"]},
        "assetIds": {"remove": [asset["id"]]},
        "description": {"set": "d"},
    }
    (changed,) = cdf.items("/events/update", {"externalId": "e", "update": update})
    assert changed["type"] == "u"
    assert changed["metadata"] == {"a": "9", "c": "3"}
    assert "assetIds" not in changed
    assert changed["description"] == "d"
    assert "startTime" not in changed
    assert changed["id"] == created["id"]
    assert changed["createdTime"] == created["createdTime"]
    assert changed["lastUpdatedTime"] >= created["lastUpdatedTime"]
    (changed,) = cdf.items(
        "/events/update",
        {"id": created["id"], "update": {"metadata": {"set": {"z": "0"}}, "assetIds": {"add": [asset["id"]]}}},
    )
    assert (changed["metadata"], changed["assetIds"]) == ({"z": "0"}, [asset["id"]])


@pytest.mark.source("SDK data_classes/events.py EventUpdate")
@pytest.mark.parametrize(
    "update",
    [
        {"type": {"set": "x" * 65}},
        {"type": {"set": None}},
        {"type": {"add": ["x"]}},
        {"type": {"set": "a", "setNull": True}},
        {"type": {}},
        {"type": "a"},
        {"metadata": {"set": {}, "add": {}}},
        {"metadata": {"add": ["a"]}},
        {"metadata": {"add": {"k": 1}}},
        {"assetIds": {"add": [1]}},
        {"dataSetId": {"set": 1}},
        {"startTime": {"set": 11}},
        {"unknown": {"set": 1}},
        {"createdTime": {"set": 1}},
        None,
    ],
)
def test_a_refused_update_changes_nothing(cdf: Cdf, update: object) -> None:
    before = cdf.items("/events", {"externalId": "a"}, {"externalId": "b", "endTime": 10, "type": "t"})
    good = {"externalId": "a", "update": {"type": {"set": "new"}}}
    assert cdf.refused("/events/update", {"items": [good, {"externalId": "b", "update": update}]})["code"] == 400
    assert cdf.items("/events/byids", {"externalId": "a"}, {"externalId": "b"}) == before


@pytest.mark.source("SDK _api_client.py")
def test_update_names_all_missing(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "a"})
    items = [{"externalId": each, "update": {"type": {"set": "t"}}} for each in "axy"]
    error = cdf.refused("/events/update", {"items": items})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"externalId": "y"}])
    assert cdf.client.events.retrieve(external_id="a").type is None


@pytest.mark.source("SDK data_classes/events.py EventUpdate")
def test_an_external_id_can_be_changed_unless_it_is_taken(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "a"}, {"externalId": "b"})
    error = cdf.refused("/events/update", {"items": [{"externalId": "a", "update": {"externalId": {"set": "b"}}}]})
    assert (error["code"], error["duplicated"]) == (409, [{"externalId": "b"}])
    cdf.items("/events/update", {"externalId": "a", "update": {"externalId": {"set": "c"}}})
    assert cdf.client.events.retrieve(external_id="a") is None
    assert cdf.client.events.retrieve(external_id="c")


@pytest.mark.source("SDK _api/events.py")
def test_delete_is_all_or_nothing(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "a"}, {"externalId": "b"})
    error = cdf.refused("/events/delete", {"items": [{"externalId": "a"}, {"externalId": "x"}]})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}])
    assert len(cdf.client.events.list()) == 2
    assert cdf.post(
        "/events/delete", {"items": [{"externalId": "a"}, {"externalId": "x"}], "ignoreUnknownIds": True}
    ) == (
        200,
        {},
    )
    assert [event.external_id for event in cdf.client.events.list()] == ["b"]
    cdf.items("/events", {"externalId": "a"})


@pytest.mark.source("SDK _api_client.py")
def test_sdk_upsert_works(cdf: Cdf) -> None:
    cdf.client.events.create(EventWrite(external_id="old", type="a", metadata={"kept": "1"}))
    cdf.client.events.upsert(
        [
            EventWrite(external_id="old", type="b", metadata={"new": "2"}),
            EventWrite(external_id="fresh", type="c"),
        ]
    )
    old, fresh = cdf.client.events.retrieve_multiple(external_ids=["old", "fresh"])
    assert (old.type, old.metadata, fresh.type) == ("b", {"kept": "1", "new": "2"}, "c")
    cdf.client.events.update(EventUpdate(external_id="old").metadata.set({}).type.set(None))
    assert cdf.client.events.retrieve(external_id="old").type is None
    cdf.client.events.upsert(EventWrite(external_id="old"), mode="replace")
