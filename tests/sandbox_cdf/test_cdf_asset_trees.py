"""Trees of assets: how they are moved, upserted and deleted, and what is found by their roots."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import AssetWrite
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from sandbox_cdf_classic import listed, tree
from sandbox_cdf_client import Cdf

SPARK = "API: update assets, as AssetHierarchyBuilderTest.scala of cognitedata/cdp-spark-datasource tests it"


def moved(name: str, parent: str) -> dict[str, Any]:
    return {"externalId": name, "update": {"parentExternalId": {"set": parent}}}


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
