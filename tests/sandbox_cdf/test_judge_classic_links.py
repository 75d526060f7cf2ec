"""Rules of labels and relationships that the SDK's own tests and the API's pages tell of."""

from __future__ import annotations

import pytest
from cognite.client.data_classes import (
    AssetUpdate,
    RelationshipUpdate,
    RelationshipWrite,
)
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import Cdf

# --- labels ----------------------------------------------------------------------------------------------------------


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


# --- relationships ---------------------------------------------------------------------------------------------------


@pytest.mark.source("SDK data_classes/relationships.py: endTime must be strictly greater than startTime")
def test_a_relationship_ends_after_it_starts(cdf: Cdf) -> None:
    ends = {"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "event"}
    times = {"startTime": 5, "endTime": 5}
    assert "endTime" in cdf.refused("/relationships", {"items": [ends | {"externalId": "r"} | times]})["message"]
    cdf.items("/relationships", ends | {"externalId": "r", "startTime": 5, "endTime": 6})
    with pytest.raises(CogniteAPIError, match="endTime"):
        cdf.client.relationships.update(RelationshipUpdate("r").start_time.set(6))
    assert cdf.client.relationships.update(RelationshipUpdate("r").start_time.set(None)).end_time == 6


@pytest.mark.source("SDK tests test_relationships.py")
def test_relationships_are_upserted_and_keep_their_types_in_the_apis_case(cdf: Cdf) -> None:
    def related(name: str, target: str) -> RelationshipWrite:
        return RelationshipWrite(
            external_id=name,
            source_external_id="s",
            source_type="asset",
            target_external_id=target,
            target_type="timeseries",
        )

    cdf.client.relationships.create(related("old", "x"))
    done = cdf.client.relationships.upsert([related("new", "y"), related("old", "z")], mode="replace")
    assert [(each.external_id, each.target_external_id) for each in done] == [("new", "y"), ("old", "z")]
    assert {(each.source_type, each.target_type) for each in done} == {("asset", "timeSeries")}
    assert len(cdf.client.relationships.list(target_types=["timeSeries"], partitions=8, limit=None)) == 2
