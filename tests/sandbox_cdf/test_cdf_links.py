"""Relationships and sequences."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import (
    RelationshipUpdate,
    RelationshipWrite,
    SequenceColumnWrite,
    SequenceWrite,
)
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


@pytest.fixture
def bom(cdf: Cdf) -> Cdf:
    """A project with the sequence ``bom`` of component, quantity and position."""
    cdf.client.sequences.create(
        SequenceWrite(
            external_id="bom",
            columns=[
                SequenceColumnWrite(external_id="component", value_type="STRING"),
                SequenceColumnWrite(external_id="quantity", value_type="DOUBLE"),
                SequenceColumnWrite(external_id="position", value_type="LONG"),
            ],
        )
    )
    return cdf


@pytest.mark.source("SDK _api/sequence_data.py")
def test_sequence_rows(bom: Cdf) -> None:
    data = bom.client.sequences.data
    columns = ["component", "quantity", "position"]
    data.insert([(1, ["bolt", 4.0, 10]), (2, ["nut", 4, None])], columns, external_id="bom")
    data.insert([(2, [20])], ["position"], external_id="bom")
    rows = data.retrieve(external_id="bom")
    assert dict(rows.items()) == {1: ["bolt", 4.0, 10], 2: ["nut", 4, 20]}
    assert rows.column_external_ids == columns
    assert data.retrieve(external_id="bom", columns=["quantity"], start=2).get_column("quantity") == [4]
    assert dict(data.retrieve_last_row(external_id="bom").items()).keys() == {2}
    data.delete(rows=[1, 7], external_id="bom")
    assert dict(data.retrieve(external_id="bom").items()).keys() == {2}
    data.insert([(n, ["x", 1, n]) for n in range(2500)], columns, external_id="bom")
    assert len(data.retrieve(external_id="bom")) == 2500
    data.delete_range(start=0, end=None, external_id="bom")
    assert dict(data.retrieve(external_id="bom").items()) == {}


@pytest.mark.source("API: insert rows")
@pytest.mark.parametrize(
    ("columns", "values"),
    [
        (["component"], [1]),
        (["component"], ["é" * 128]),
        (["quantity"], ["4"]),
        (["position"], [1.5]),
        (["unknown"], [1]),
        (["quantity"], [1, 2]),
    ],
)
def test_what_sequence_rows_refuse(bom: Cdf, columns: list[str], values: list[Any]) -> None:
    rows = [{"rowNumber": 1, "values": values}]
    body = {"items": [{"externalId": "bom", "columns": columns, "rows": rows}]}
    assert bom.refused("/sequences/data", body)["code"] == 400


@pytest.mark.source("SDK data_classes/sequences.py SequenceUpdate")
def test_columns_can_be_added_changed_and_removed(bom: Cdf) -> None:
    update = {
        "columns": {
            "add": [{"externalId": "unit", "valueType": "STRING"}],
            "remove": [{"externalId": "position"}],
            "modify": [{"externalId": "quantity", "update": {"name": {"set": "Quantity"}}}],
        },
        "description": {"set": "d"},
    }
    (changed,) = bom.items("/sequences/update", {"externalId": "bom", "update": update})
    assert [column["externalId"] for column in changed["columns"]] == ["component", "quantity", "unit"]
    assert (changed["columns"][1]["name"], changed["description"]) == ("Quantity", "d")
    unknown = {"items": [{"externalId": "bom", "update": {"columns": {"remove": [{"externalId": "x"}]}}}]}
    assert bom.refused("/sequences/update", unknown)["code"] == 400


@pytest.mark.source("Toolkit yaml_classes/sequence.py")
@pytest.mark.parametrize("columns", [None, [{}], [{"externalId": "a", "valueType": "INT"}]])
def test_a_sequence_needs_columns(cdf: Cdf, columns: object) -> None:
    assert cdf.refused("/sequences", {"items": [{"externalId": "s", "columns": columns}]})["code"] == 400
