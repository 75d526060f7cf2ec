"""Rules of assets, events, labels, data sets and relationships that the SDK's own tests and the API's pages tell of."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import (
    AssetWrite,
    DataSetWrite,
    EventUpdate,
    EventWrite,
    LabelDefinitionWrite,
    RelationshipWrite,
)
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteNotFoundError
from sandbox_cdf_client import AnyJson, Cdf

SPARK = "API: update assets, as AssetHierarchyBuilderTest.scala of cognitedata/cdp-spark-datasource tests it"


def tree(cdf: Cdf) -> dict[str, dict[str, Any]]:
    """Two trees: root > a > a1, root > b; other > o."""
    parents = {"root": None, "a": "root", "b": "root", "a1": "a", "other": None, "o": "other"}
    items = [
        {"externalId": name, "name": name} | ({"parentExternalId": parent} if parent else {})
        for name, parent in parents.items()
    ]
    return {row["externalId"]: row for row in cdf.items("/assets", *items)}


def moved(name: str, parent: str) -> dict[str, Any]:
    return {"externalId": name, "update": {"parentExternalId": {"set": parent}}}


def listed(cdf: Cdf, path: str, **body: AnyJson) -> list[str]:
    status, answer = cdf.post(f"{path}/list", body)
    assert status == 200, answer
    return [row["externalId"] for row in answer["items"]]


# --- the forest of assets --------------------------------------------------------------------------------------------


@pytest.mark.source(SPARK)
@pytest.mark.parametrize(
    ("name", "parent", "message"),
    [
        ("root", "o", "Changing from/to being root isn't allowed"),
        ("a", "other", "Asset must stay within same asset hierarchy root"),
        ("a", "a1", "cannot be moved below itself"),
    ],
)
def test_a_move_that_would_break_a_tree_is_refused_in_cdfs_words(
    cdf: Cdf, name: str, parent: str, message: str
) -> None:
    tree(cdf)
    assert message in cdf.refused("/assets/update", {"items": [moved(name, parent)]})["message"]
    assert cdf.client.assets.retrieve(external_id="a").parent_external_id == "root"


@pytest.mark.source(SPARK)
def test_assets_of_one_request_may_be_turned_around(cdf: Cdf) -> None:
    rows = tree(cdf)
    changed = cdf.items("/assets/update", moved("a1", "b"), moved("a", "a1"))
    assert [(row["parentId"], row["rootId"]) for row in changed] == [
        (rows["b"]["id"], rows["root"]["id"]),
        (rows["a1"]["id"], rows["root"]["id"]),
    ]
    assert cdf.refused("/assets/update", {"items": [moved("b", "a"), moved("a1", "root"), moved("a", "b")]})


@pytest.mark.source("Assumed: parentExternalId is read from the parent")
@pytest.mark.parametrize("order", [("a", "a1", "b"), ("b", "a1", "a")])
def test_a_parent_that_is_renamed_in_the_same_request_is_named_anew(cdf: Cdf, order: tuple[str, ...]) -> None:
    tree(cdf)
    updates = {
        "a": {"externalId": {"set": "A"}},
        "a1": {"description": {"set": "changed too"}},
        "b": {"parentExternalId": {"set": "a"}},
    }
    cdf.items("/assets/update", *({"externalId": name, "update": updates[name]} for name in order))
    assert {asset.parent_external_id for asset in cdf.client.assets.retrieve_multiple(external_ids=["a1", "b"])} == {
        "A"
    }
    assert listed(cdf, "/assets", filter={"parentExternalIds": ["A"]}) == ["b", "a1"]
    assert listed(cdf, "/assets", filter={"parentExternalIds": ["a"]}) == []


@pytest.mark.source("SDK tests test_assets.py")
@pytest.mark.parametrize("mode", ["patch", "replace"])
def test_a_hierarchy_is_upserted_and_moved(cdf: Cdf, mode: str) -> None:
    old = [AssetWrite(name="old", external_id=f"t{n}", source="s", metadata={"old": "1"}, labels=[]) for n in range(4)]
    for n in range(1, 4):
        old[n].parent_external_id = f"t{n - 1}"
    cdf.client.assets.create_hierarchy(old[:3])
    new = [AssetWrite(name="new", external_id=f"t{n}", metadata={"new": "2"}) for n in range(3)] + old[3:]
    new[2].parent_external_id = "t0"
    done = cdf.client.assets.create_hierarchy(new, upsert=True, upsert_mode=mode)
    by_name = {asset.external_id: asset for asset in done}
    assert by_name["t2"].parent_external_id == "t0"
    assert by_name["t3"].parent_external_id == "t2"
    assert by_name["t1"].source == ("s" if mode == "patch" else None)
    assert by_name["t1"].metadata == ({"old": "1", "new": "2"} if mode == "patch" else {"new": "2"})
    with pytest.raises(CogniteAPIError, match="Asset id duplicated") as refused:
        cdf.client.assets.create_hierarchy(new, upsert=False)
    assert refused.value.code == 409


@pytest.mark.source("SDK _api/assets.py delete")
def test_a_tree_is_deleted_whole_or_not_at_all(cdf: Cdf) -> None:
    tree(cdf)
    with pytest.raises(CogniteNotFoundError):
        cdf.client.assets.delete(external_id=["root", "nowhere"], recursive=True)
    assert cdf.client.assets.aggregate_count() == 6
    cdf.client.assets.delete(external_id=["root", "a1", "nowhere"], recursive=True, ignore_unknown_ids=True)
    assert listed(cdf, "/assets") == ["other", "o"]
    (again,) = cdf.items("/assets", {"name": "a", "externalId": "a", "parentExternalId": "o"})
    assert again["rootId"] == cdf.client.assets.retrieve(external_id="other").id


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.source("API: update events")
@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("both", {"endTime": {"set": 4}}),
        ("both", {"startTime": {"set": 11}}),
        ("both", {"startTime": {"set": 20}, "endTime": {"set": 19}}),
        ("started", {"endTime": {"set": 4}}),
        ("ended", {"startTime": {"set": 11}}),
    ],
)
def test_no_update_ends_an_event_before_it_starts(cdf: Cdf, name: str, update: AnyJson) -> None:
    times = {"both": {"startTime": 5, "endTime": 10}, "started": {"startTime": 5}, "ended": {"endTime": 10}}
    before = cdf.items("/events", *({"externalId": each} | times[each] for each in times))
    error = cdf.refused("/events/update", {"items": [{"externalId": name, "update": update}]})
    assert "endTime" in error["message"]
    assert cdf.items("/events/byids", *({"externalId": each} for each in times)) == before


@pytest.mark.source("API: update events")
def test_an_event_may_end_when_it_starts_and_lose_an_end(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "e", "startTime": 5, "endTime": 10})
    event = cdf.client.events.update(EventUpdate(external_id="e").start_time.set(10))
    assert (event.start_time, event.end_time) == (10, 10)
    event = cdf.client.events.update(EventUpdate(external_id="e").end_time.set(None).start_time.set(12))
    assert (event.start_time, event.end_time) == (12, None)


@pytest.mark.source("SDK tests test_events.py")
@pytest.mark.parametrize("mode", ["patch", "replace"])
def test_an_upsert_changes_what_exists_and_creates_the_rest(cdf: Cdf, mode: str) -> None:
    asset = cdf.client.assets.create(AssetWrite(name="x"))
    cdf.items("/events", {"externalId": "old", "type": "t", "assetIds": [asset.id], "metadata": {"a": "1"}})
    done = cdf.client.events.upsert(
        [EventWrite(external_id="new"), EventWrite(external_id="old", subtype="s", metadata={"b": "2"})], mode=mode
    )
    assert [event.external_id for event in done] == ["new", "old"]
    old = done[1]
    assert (old.type, old.subtype) == (("t" if mode == "patch" else None), "s")
    assert old.metadata == ({"a": "1", "b": "2"} if mode == "patch" else {"b": "2"})
    assert old.asset_ids == ([asset.id] if mode == "patch" else None)


@pytest.mark.source("API: update events; SDK _api/events.py")
def test_asset_ids_are_added_and_removed(cdf: Cdf) -> None:
    one, two = (cdf.client.assets.create(AssetWrite(name=name)).id for name in "xy")
    event = cdf.client.events.create(EventWrite(asset_ids=[one]))
    assert cdf.client.events.update(EventUpdate(event.id).asset_ids.add([two, one])).asset_ids == [one, two]
    assert cdf.client.events.update(EventUpdate(event.id).asset_ids.remove([one])).asset_ids == [two]
    wrong: AnyJson
    for wrong in ({"remove": ["x"]}, {"add": [0]}, {"add": {}}, {"add": [99]}):
        body = {"items": [{"id": event.id, "update": {"assetIds": wrong}}]}
        assert cdf.refused("/events/update", body)["code"] == 400
    assert cdf.refused("/events/update", {"items": [{"id": event.id, "update": {"metadata": {"remove": [1]}}}]})


@pytest.mark.source("SDK data_classes/events.py EndTimeFilter")
def test_ongoing_events(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "on", "startTime": 1}, {"externalId": "over", "startTime": 1, "endTime": 2})
    assert listed(cdf, "/events", filter={"endTime": {"isNull": True}}) == ["on"]
    assert listed(cdf, "/events", filter={"endTime": {"isNull": False}}) == ["over"]
    for wrong in (
        {"endTime": {"isNull": "no"}},
        {"endTime": {"isNull": True, "max": 3}},
        {"startTime": {"isNull": True}},
    ):
        assert cdf.refused("/events/list", {"filter": wrong})["code"] == 400


@pytest.mark.source("SDK tests test_events.py; Toolkit client/api/filemetadata.py, timeseries.py")
def test_root_assets_are_named_as_each_resource_names_them(cdf: Cdf) -> None:
    rows = tree(cdf)
    cdf.items("/events", {"externalId": "e", "assetIds": [rows["a1"]["id"]]}, {"externalId": "f"})
    cdf.items("/timeseries", {"externalId": "s", "assetId": rows["o"]["id"]})
    assert listed(cdf, "/events", filter={"rootAssetIds": [{"externalId": "root"}]}) == ["e"]
    assert listed(cdf, "/events", filter={"rootAssetIds": [{"id": rows["root"]["id"]}]}) == ["e"]
    assert listed(cdf, "/timeseries", filter={"rootAssetIds": [rows["other"]["id"]]}) == ["s"]
    assert cdf.refused("/events/list", {"filter": {"rootAssetIds": [rows["root"]["id"]]}})["code"] == 400
    assert cdf.refused("/timeseries/list", {"filter": {"rootAssetIds": [{"externalId": "root"}]}})["code"] == 400


@pytest.mark.source("SDK tests test_events.py")
def test_filters_by_assets_that_nobody_knows_find_nothing(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "e"})
    assert cdf.client.events.list(asset_external_ids=["a", "b"]) == []
    assert cdf.client.events.list(asset_ids=[0, 1]) == []


# --- unknown and repeated rows ---------------------------------------------------------------------------------------


@pytest.mark.source("API: create assets, create events; SDK exceptions.py")
@pytest.mark.parametrize("api", ["assets", "events", "labels", "relationships", "data_sets"])
def test_a_row_that_occurs_twice_in_a_request_is_duplicated(cdf: Cdf, api: str) -> None:
    one: Any = {
        "assets": AssetWrite(name="x", external_id="x"),
        "events": EventWrite(external_id="x"),
        "labels": LabelDefinitionWrite("x", "x"),
        "relationships": RelationshipWrite("x", "s", "asset", "t", "asset"),
        "data_sets": DataSetWrite(external_id="x"),
    }[api]
    path = {"data_sets": "/datasets"}.get(api, f"/{api}")
    body = {"items": [one.dump(), one.dump()]}
    assert cdf.refused(path, body) == {
        "code": 409,
        "message": cdf.refused(path, body)["message"],
        "duplicated": [{"externalId": "x"}],
    }
    getattr(cdf.client, api).create(one)
    if api != "labels":  # The SDK reads an error of labels by the wrong class, and fails over it.
        with pytest.raises(CogniteDuplicatedError) as refused:
            getattr(cdf.client, api).create(one)
        assert refused.value.duplicated == [{"externalId": "x"}]


@pytest.mark.source("API: retrieve, update and delete assets: all ids must be unique")
def test_one_row_by_both_of_its_ids_is_named_twice(cdf: Cdf) -> None:
    (row,) = cdf.items("/assets", {"name": "x", "externalId": "x"})
    both: list[dict[str, Any]] = [{"id": row["id"]}, {"externalId": "x"}]
    for path, more in (("byids", {}), ("delete", {}), ("update", {"update": {"name": {"set": "y"}}})):
        error = cdf.refused(f"/assets/{path}", {"items": [each | more for each in both]})
        assert error["duplicated"] == [{"externalId": "x"}]
    assert cdf.client.assets.retrieve(external_id="x").name == "x"
