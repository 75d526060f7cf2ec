"""Events: what may be written, how it is changed, found and counted."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import AssetWrite, DataSetWrite, EventUpdate, EventWrite
from sandbox_cdf_client import AnyJson, Cdf


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


@pytest.mark.source("SDK data_classes/events.py EventFilter")
def test_filters(cdf: Cdf) -> None:
    data_set = cdf.client.data_sets.create(DataSetWrite(external_id="ds"))
    top = cdf.client.assets.create(AssetWrite(name="top", external_id="top"))
    low = cdf.client.assets.create(AssetWrite(name="low", external_id="low", parent_id=top.id))
    cdf.client.events.create(
        [
            EventWrite(
                external_id="job1", type="job", subtype="Open", start_time=100, end_time=200, metadata={"k": "1"}
            ),
            EventWrite(
                external_id="job2", type="job", subtype="Closed", start_time=300, asset_ids=[low.id], source="plex"
            ),
            EventWrite(
                external_id="op1", type="op", data_set_id=data_set.id, metadata={"k": "1", "l": "2"}, description="big"
            ),
        ]
    )

    def found(**wanted: AnyJson) -> list[str]:
        return [event.external_id for event in cdf.client.events.list(limit=None, **wanted)]

    assert found() == ["job1", "job2", "op1"]
    assert found(type="job") == ["job1", "job2"]
    assert found(type="job", subtype="Open") == ["job1"]
    assert found(source="plex") == ["job2"]
    assert found(external_id_prefix="job") == ["job1", "job2"]
    assert found(metadata={"k": "1"}) == ["job1", "op1"]
    assert found(metadata={"k": "1", "l": "2"}) == ["op1"]
    assert found(asset_ids=[low.id, 7]) == ["job2"]
    assert found(asset_external_ids=["low"]) == ["job2"]
    assert found(asset_subtree_external_ids=["top"]) == ["job2"]
    assert found(asset_subtree_ids=[top.id]) == ["job2"]
    assert found(data_set_ids=[data_set.id]) == ["op1"]
    assert found(data_set_external_ids=["ds"]) == ["op1"]
    assert found(start_time={"min": 100, "max": 299}) == ["job1"]
    assert found(start_time={"min": 300}) == ["job2"]
    assert found(end_time={"max": 200}) == ["job1"]
    assert found(end_time={"isNull": True}) == ["job2", "op1"]
    assert found(active_at_time={"min": 150, "max": 160}) == ["job1"]
    assert found(created_time={"min": 0}) == ["job1", "job2", "op1"]
    assert found(last_updated_time={"max": 0}) == []
    assert found(sort=("startTime", "desc"), type="job") == ["job2", "job1"]
    assert found(advanced_filter={"prefix": {"property": ["externalId"], "value": "op"}}) == ["op1"]
    assert found(
        advanced_filter={
            "and": [
                {"equals": {"property": ["metadata", "k"], "value": "1"}},
                {"not": {"exists": {"property": ["startTime"]}}},
            ]
        }
    ) == ["op1"]
    assert found(
        advanced_filter={
            "or": [
                {"in": {"property": ["subtype"], "values": ["Closed"]}},
                {"range": {"property": ["startTime"], "lt": 200}},
            ]
        }
    ) == ["job1", "job2"]
    assert cdf.client.events.aggregate_count(filter={"type": "job"}) == 2
    assert {each.value: each.count for each in cdf.client.events.aggregate_unique_values(property="type")} == {
        "job": 2,
        "op": 1,
    }
    assert cdf.client.events.aggregate_cardinality_values(property="type") == 2
    assert [event.external_id for event in cdf.client.events.search(description="big")] == ["op1"]


@pytest.mark.source("API: filter events")
@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"unknown": 1}},
        {"filter": {"startTime": {"above": 1}}},
        {"filter": {"startTime": {"min": "1"}}},
        {"filter": []},
        {"filter": {"dataSetIds": [{"externalId": "none"}]}},
        {"advancedFilter": {"near": {}}},
        {"advancedFilter": {"equals": {"property": ["a"]}}},
        {"limit": 0},
        {"limit": 1001},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"partition": "1/11"},
        {"partition": "3/2"},
        {"sort": [{"order": "asc"}]},
    ],
)
def test_a_listing_that_cannot_be(cdf: Cdf, body: dict[str, Any]) -> None:
    assert cdf.refused("/events/list", body)["code"] == 400


@pytest.mark.source("API: filter events")
def test_pages_hold_everything_once(cdf: Cdf) -> None:
    cdf.items("/events", *({"externalId": str(n)} for n in range(25)))
    seen: list[str] = []
    cursor = None
    while True:
        _, page = cdf.post("/events/list", {"limit": 10, "cursor": cursor})
        seen += [item["externalId"] for item in page["items"]]
        cursor = page.get("nextCursor")
        if cursor is None:
            break
        cdf.client.events.delete(external_id=seen[-1])
    assert seen == [str(n) for n in range(25)]
    assert len(cdf.client.events.list(partitions=4, limit=None)) == 23


@pytest.mark.source("API: filter events")
def test_a_cursor_belongs_to_its_query(cdf: Cdf) -> None:
    cdf.items("/events", *({"type": "a"} for _ in range(3)))
    _, page = cdf.post("/events/list", {"limit": 1, "filter": {"type": "a"}})
    body = {"limit": 1, "cursor": page["nextCursor"]}
    assert cdf.post("/events/list", body | {"filter": {"type": "a"}})[0] == 200
    assert cdf.refused("/events/list", body | {"filter": {"type": "b"}})["code"] == 400


@pytest.mark.source("API: filter events")
def test_sorted_pages(cdf: Cdf) -> None:
    cdf.items("/events", *({"startTime": start} for start in (3, 1, 2)), {})
    body = {"limit": 3, "sort": [{"property": ["startTime"]}]}
    _, page = cdf.post("/events/list", body)
    assert [item["startTime"] for item in page["items"]] == [1, 2, 3]
    _, rest = cdf.post("/events/list", body | {"cursor": page["nextCursor"]})
    assert [item.get("startTime") for item in rest["items"]] == [None]
    assert "nextCursor" not in rest
