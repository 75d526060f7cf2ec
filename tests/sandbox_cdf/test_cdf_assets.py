"""Assets: the hierarchy, its limits, and what the Toolkit and the extractors do with it."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import AssetHierarchy, AssetUpdate, AssetWrite
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import AnyJson, Cdf


def tree(cdf: Cdf) -> dict[str, dict[str, Any]]:
    """``root`` with ``a`` (which has ``a1``) and ``b``; ``other`` is a root of its own."""
    created = cdf.items(
        "/assets",
        {"externalId": "a1", "name": "A1", "parentExternalId": "a"},
        {"externalId": "a", "name": "A", "parentExternalId": "root"},
        {"externalId": "b", "name": "B", "parentExternalId": "root"},
        {"externalId": "root", "name": "Root"},
        {"externalId": "other", "name": "Other"},
    )
    return {item["externalId"]: item for item in created}


@pytest.mark.source("SDK _api/assets.py")
def test_parents_may_come_in_the_same_request_in_any_order(cdf: Cdf) -> None:
    rows = tree(cdf)
    root = rows["root"]["id"]
    assert rows["a1"]["parentId"] == rows["a"]["id"]
    assert rows["a1"]["parentExternalId"] == "a"
    assert {rows[name]["rootId"] for name in ("root", "a", "a1", "b")} == {root}
    assert rows["other"]["rootId"] == rows["other"]["id"]
    assert "parentId" not in rows["root"]


@pytest.mark.source("SDK data_classes/assets.py")
def test_parents_may_exist_already(cdf: Cdf) -> None:
    rows = tree(cdf)
    by_id, by_name = cdf.items(
        "/assets",
        {"name": "x", "parentId": rows["a1"]["id"]},
        {"name": "y", "externalId": "y", "parentExternalId": "a1"},
    )
    assert (by_id["parentExternalId"], by_name["parentId"]) == ("a1", rows["a1"]["id"])
    assert by_id["rootId"] == by_name["rootId"] == rows["root"]["id"]


@pytest.mark.source("SDK data_classes/assets.py; Toolkit yaml_classes/asset.py")
@pytest.mark.parametrize(
    "item",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": "x" * 141},
        {"name": "é" * 71},
        {"name": "x", "description": "x" * 501},
        {"name": "x", "source": "x" * 129},
        {"name": "x", "externalId": "x" * 256},
        {"name": "x", "parentExternalId": "nowhere"},
        {"name": "x", "parentId": 5},
        {"name": "x", "externalId": "self", "parentExternalId": "self"},
        {"name": "x", "dataSetId": 5},
        {"name": "x", "labels": [{"externalId": "unknown"}]},
        {"name": "x", "metadata": {"k": "v" * 10_241}},
        {"name": "x", "metadata": {"a": "v" * 5120, "b": "v" * 5120}},
        {"name": "x", "metadata": {"k" * 129: "v"}},
        {"name": "x", "metadata": {str(n): "v" for n in range(257)}},
        {"name": "x", "rootId": 5},
    ],
)
def test_what_the_api_refuses(cdf: Cdf, item: dict[str, Any]) -> None:
    assert cdf.refused("/assets", {"items": [{"name": "good"}, item]})["code"] == 400
    assert cdf.client.assets.list() == []


@pytest.mark.source("SDK data_classes/assets.py AssetHierarchy")
def test_both_parents_or_a_cycle_are_refused(cdf: Cdf) -> None:
    rows = tree(cdf)
    both = {"name": "x", "parentId": rows["a"]["id"], "parentExternalId": "a"}
    assert cdf.refused("/assets", {"items": [both]})["code"] == 400
    cycle = [
        {"name": "x", "externalId": "x", "parentExternalId": "y"},
        {"name": "y", "externalId": "y", "parentExternalId": "x"},
    ]
    assert cdf.refused("/assets", {"items": cycle})["code"] == 400


@pytest.mark.source("Assumed: a hierarchy keeps its root, as no page says otherwise")
def test_an_asset_moves_within_its_root_alone(cdf: Cdf) -> None:
    tree(cdf)

    def move(name: str, parent: str) -> dict[str, Any]:
        return {"items": [{"externalId": name, "update": {"parentExternalId": {"set": parent}}}]}

    assert cdf.post("/assets/update", move("a1", "b"))[0] == 200
    assert cdf.client.assets.retrieve(external_id="a1").parent_external_id == "b"
    assert [child.external_id for child in cdf.client.assets.retrieve(external_id="b").children()] == ["a1"]
    assert cdf.refused("/assets/update", move("a1", "other"))["code"] == 400
    assert cdf.refused("/assets/update", move("b", "a1"))["code"] == 400
    assert cdf.refused("/assets/update", move("b", "b"))["code"] == 400
    assert cdf.refused("/assets/update", move("root", "a"))["code"] == 400
    assert cdf.refused("/assets/update", move("a1", "nowhere"))["code"] == 400
    null = {"items": [{"externalId": "a1", "update": {"parentId": {"setNull": True}}}]}
    assert cdf.refused("/assets/update", null)["code"] == 400


@pytest.mark.source("Assumed: parentExternalId is read from the parent")
def test_children_follow_a_parent_that_changes_its_external_id(cdf: Cdf) -> None:
    tree(cdf)
    cdf.client.assets.update(AssetUpdate(external_id="a").external_id.set("renamed"))
    assert cdf.client.assets.retrieve(external_id="a1").parent_external_id == "renamed"


@pytest.mark.source("SDK _api/assets.py")
def test_deleting_a_parent_needs_recursive(cdf: Cdf) -> None:
    tree(cdf)
    assert cdf.refused("/assets/delete", {"items": [{"externalId": "a"}]})["code"] == 400
    assert len(cdf.client.assets.list()) == 5
    assert cdf.refused("/assets/delete", {"items": [{"externalId": "a"}, {"externalId": "x"}]})["missing"] == [
        {"externalId": "x"}
    ]
    cdf.post("/assets/delete", {"items": [{"externalId": "a"}, {"externalId": "a1"}]})
    assert {asset.external_id for asset in cdf.client.assets.list()} == {"root", "b", "other"}
    cdf.client.assets.delete(external_id=["root", "b"], recursive=True)
    assert [asset.external_id for asset in cdf.client.assets.list()] == ["other"]


@pytest.mark.source("SDK data_classes/assets.py")
def test_aggregates_when_asked_for(cdf: Cdf) -> None:
    rows = tree(cdf)
    found = cdf.client.assets.list(aggregated_properties=["child_count", "depth", "path"], external_id_prefix="a")
    by_name = {asset.external_id: asset.aggregates for asset in found}
    assert (by_name["a"].child_count, by_name["a"].depth) == (1, 1)
    assert (by_name["a1"].child_count, by_name["a1"].depth) == (0, 2)
    assert [step["id"] for step in by_name["a1"].path] == [rows[name]["id"] for name in ("root", "a", "a1")]
    assert "aggregates" not in cdf.items("/assets/byids", {"externalId": "a"})[0]


@pytest.mark.source("SDK data_classes/assets.py AssetFilter")
def test_filters(cdf: Cdf) -> None:
    rows = tree(cdf)

    def found(**wanted: AnyJson) -> set[str]:
        return {asset.external_id for asset in cdf.client.assets.list(limit=None, **wanted)}

    assert found(root=True) == {"root", "other"}
    assert found(parent_external_ids=["root"]) == {"a", "b"}
    assert found(parent_ids=[rows["a"]["id"]]) == {"a1"}
    assert found(asset_subtree_external_ids=["a"]) == {"a", "a1"}
    assert found(name="B") == {"b"}
    assert found(external_id_prefix="a") == {"a", "a1"}
    assert cdf.client.assets.aggregate_count() == 5
    assert len(cdf.client.assets.retrieve_subtree(external_id="root")) == 4
    assert [asset.external_id for asset in cdf.client.assets.search(name="oth")] == ["other"]


@pytest.mark.source("SDK data_classes/assets.py AssetUpdate")
def test_labels(cdf: Cdf) -> None:
    cdf.items("/labels", {"externalId": "l", "name": "Label"}, {"externalId": "m", "name": "More"})
    cdf.items("/assets", {"name": "x", "externalId": "x", "labels": [{"externalId": "l"}]}, {"name": "y"})
    update = {"externalId": "x", "update": {"labels": {"add": [{"externalId": "m"}], "remove": [{"externalId": "l"}]}}}
    (changed,) = cdf.items("/assets/update", update)
    assert changed["labels"] == [{"externalId": "m"}]
    status, page = cdf.post("/assets/list", {"filter": {"labels": {"containsAny": [{"externalId": "m"}]}}})
    assert (status, [item["externalId"] for item in page["items"]]) == (200, ["x"])


@pytest.mark.source("SDK _api/assets.py")
def test_the_sdk_creates_hierarchies_larger_than_a_request(cdf: Cdf) -> None:
    assets = [AssetWrite(name="root", external_id="root")]
    assets += [AssetWrite(name=f"{n}", external_id=f"n{n}", parent_external_id="root") for n in range(40)]
    assets += [AssetWrite(name=f"{n}", external_id=f"m{n}", parent_external_id=f"n{n % 40}") for n in range(1200)]
    assert len(cdf.client.assets.create_hierarchy(AssetHierarchy(assets))) == 1241
    again = cdf.client.assets.create_hierarchy(assets, upsert=True)
    assert len(again) == 1241
    with pytest.raises(CogniteAPIError) as error:
        cdf.client.assets.create_hierarchy(assets[:1])
    assert error.value.code == 409
    cdf.client.assets.delete(external_id="root", recursive=True)
    assert cdf.client.assets.list(limit=None) == []


@pytest.mark.source("SDK data_classes/shared.py; Assumed: a search by place is not modelled")
def test_places_are_kept_and_not_searched(cdf: Cdf) -> None:
    place = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}
    (asset,) = cdf.items("/assets", {"name": "x", "geoLocation": place})
    assert asset["geoLocation"] == place
    for path in ("/assets/list", "/files/list"):
        assert "places" in cdf.refused(path, {"filter": {"geoLocation": {"relation": "WITHIN"}}})["message"]
