"""Sequences: their columns and rows."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import SequenceColumnWrite, SequenceWrite
from sandbox_cdf_client import Cdf


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
