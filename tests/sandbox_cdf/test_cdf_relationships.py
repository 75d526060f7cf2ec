"""Relationships: their ends, types and times."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import RelationshipUpdate, RelationshipWrite
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from sandbox_cdf_client import AnyJson, Cdf


def relation(name: str, source: str, target: str, **more: AnyJson) -> RelationshipWrite:
    return RelationshipWrite(
        external_id=name,
        source_external_id=source,
        source_type="event",
        target_external_id=target,
        target_type="event",
        **more,
    )


@pytest.mark.source("SDK _api/relationships.py")
def test_relationships(cdf: Cdf) -> None:
    relationships = cdf.client.relationships
    cdf.items("/events", {"externalId": "job"})
    relationships.create([relation("r1", "job", "op1"), relation("r2", "job", "op2", confidence=0.5)])
    assert relationships.retrieve("r1").source_external_id == "job"
    assert relationships.retrieve("unknown") is None
    found = relationships.list(source_external_ids=["job"], target_external_ids=["op2"], fetch_resources=True)
    assert [each.external_id for each in found] == ["r2"]
    assert found[0].source.external_id == "job"
    assert found[0].target is None
    assert relationships.list(target_types=["asset"]) == []
    relationships.update(RelationshipUpdate("r1").confidence.set(0.9).start_time.set(5))
    assert relationships.retrieve("r1").confidence == 0.9
    relationships.upsert([relation("r1", "job", "op9"), relation("r3", "job", "op3")])
    assert {each.target_external_id for each in relationships.list(limit=None)} == {"op9", "op2", "op3"}
    with pytest.raises(CogniteAPIError) as duplicate:
        relationships.create([relation("r1", "a", "b")])
    assert duplicate.value.duplicated == [{"externalId": "r1"}]
    with pytest.raises(CogniteNotFoundError):
        relationships.delete(["r1", "unknown"])
    relationships.delete(["r1", "r2", "unknown"], ignore_unknown_ids=True)
    assert [each.external_id for each in relationships.list()] == ["r3"]


@pytest.mark.source("Toolkit yaml_classes/relationship.py")
@pytest.mark.parametrize(
    "change",
    [
        {"externalId": None},
        {"sourceType": "part"},
        {"sourceExternalId": None},
        {"targetExternalId": "x" * 256},
        {"confidence": 1.1},
        {"startTime": 2, "endTime": 1},
        {"dataSetId": 5},
        {"labels": [{"externalId": "unknown"}]},
    ],
)
def test_what_relationships_refuse(cdf: Cdf, change: dict[str, Any]) -> None:
    item = relation("r", "a", "b").dump() | change
    assert cdf.refused("/relationships", {"items": [item]})["code"] == 400


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


@pytest.mark.source("SDK tests test_relationships.py")
def test_relationship_types_come_in_any_case(cdf: Cdf) -> None:
    api = cdf.client.relationships
    made = api.create(RelationshipWrite("r", "a", "asset", "t", "timeseries"))
    assert made.target_type == "timeSeries"
    assert api.update(RelationshipUpdate("r").target_type.set("EVENT")).target_type == "event"
    assert len(api.list(target_types=["Event"])) == 1
    assert len(api.list(partitions=5, limit=None)) == 1
