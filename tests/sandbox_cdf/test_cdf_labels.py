"""Labels: what a row keeps of them."""

from __future__ import annotations

import pytest
from cognite.client.data_classes import AssetUpdate
from sandbox_cdf_client import Cdf


@pytest.mark.source("API: create and update assets, where a label is its external id; Assumed: its name may come along")
def test_a_label_that_came_with_its_name_is_removed_by_its_external_id(cdf: Cdf) -> None:
    cdf.items("/labels", {"externalId": "l", "name": "Label"})
    named, bare = {"externalId": "l", "name": "Label"}, {"externalId": "l"}
    (asset,) = cdf.items("/assets", {"name": "x", "externalId": "x", "labels": [named, bare]})
    assert asset["labels"] == [bare]
    (changed,) = cdf.items("/assets/update", {"externalId": "x", "update": {"labels": {"add": [named]}}})
    assert changed["labels"] == [bare]
    assert cdf.client.assets.update(AssetUpdate(external_id="x").labels.remove(["l"])).labels is None
    wrong = {"items": [{"externalId": "x", "update": {"labels": {"remove": ["l"]}}}]}
    assert "labels" in cdf.refused("/assets/update", wrong)["message"]


@pytest.mark.source("SDK tests test_assets.py: the API does not answer empty lists")
def test_an_empty_list_reads_as_absent(cdf: Cdf) -> None:
    (asset,) = cdf.items("/assets", {"name": "x", "labels": []})
    (event,) = cdf.items("/events", {"assetIds": []})
    assert "labels" not in asset
    assert "assetIds" not in event


@pytest.mark.source("API: delete labels")
def test_rows_keep_a_label_that_is_deleted(cdf: Cdf) -> None:
    cdf.items("/labels", {"externalId": "l", "name": "L"})
    cdf.items("/assets", {"name": "x", "externalId": "x", "labels": [{"externalId": "l"}]})
    cdf.client.labels.delete("l")
    changed = cdf.client.assets.update(AssetUpdate(external_id="x").name.set("y"))
    assert [label.external_id for label in changed.labels] == ["l"]
    assert cdf.client.assets.update(AssetUpdate(external_id="x").labels.remove(["l"])).labels is None
