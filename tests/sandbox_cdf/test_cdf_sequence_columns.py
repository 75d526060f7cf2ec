"""Columns of sequences: their types, and what becomes of values when they change."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import SequenceColumnUpdate, SequenceColumnWrite, SequenceUpdate, SequenceWrite
from sandbox_cdf_client import Cdf


@pytest.fixture
def table(cdf: Cdf) -> Cdf:
    columns = [{"externalId": "a", "valueType": "String"}, {"externalId": "b", "valueType": "Long"}]
    cdf.items("/sequences", {"externalId": "s", "columns": columns})
    cdf.client.sequences.data.insert({1: ["x", 10]}, ["a", "b"], external_id="s")
    return cdf


@pytest.mark.source("SDK tests test_sequences.py")
def test_value_types_are_answered_in_capitals(table: Cdf) -> None:
    assert table.client.sequences.retrieve(external_id="s").column_value_types == ["STRING", "LONG"]


@pytest.mark.source("SDK tests test_sequences.py")
def test_values_follow_a_renamed_column_and_go_with_a_removed_one(table: Cdf) -> None:
    api = table.client.sequences
    renamed = SequenceColumnUpdate(external_id="b").external_id.set("c")
    api.update(SequenceUpdate(external_id="s").columns.modify([renamed]))
    assert dict(api.data.retrieve(external_id="s", columns=["c"]).items()) == {1: [10]}
    api.update(SequenceUpdate(external_id="s").columns.remove("c"))
    api.update(SequenceUpdate(external_id="s").columns.add({"externalId": "c", "valueType": "LONG"}))
    assert dict(api.data.retrieve(external_id="s").items()) == {1: ["x", None]}


@pytest.mark.source("SDK data_classes/sequences.py")
@pytest.mark.parametrize(
    "columns",
    [
        {"add": [{"externalId": "a"}]},
        {"remove": [{"externalId": "a"}, {"externalId": "b"}]},
        {"modify": [{"externalId": "a", "update": {"externalId": {"set": "b"}}}]},
        {"modify": [{"externalId": "a", "update": {"valueType": {"set": "LONG"}}}]},
        {"set": []},
    ],
)
def test_columns_stay_distinct_and_some(table: Cdf, columns: dict[str, Any]) -> None:
    body = {"items": [{"externalId": "s", "update": {"columns": columns, "name": {"set": "new"}}}]}
    assert table.refused("/sequences/update", body)["code"] in {400, 409}
    assert table.client.sequences.retrieve(external_id="s").name is None


@pytest.mark.source("SDK tests test_sequences.py")
def test_an_upsert_changes_columns(table: Cdf) -> None:
    columns = [SequenceColumnWrite("b", value_type="LONG", name="B"), SequenceColumnWrite("d", value_type="DOUBLE")]
    table.client.sequences.upsert(SequenceWrite(external_id="s", columns=columns), mode="replace")
    found = table.client.sequences.retrieve(external_id="s").columns
    assert {column.external_id: column.name for column in found} == {"b": "B", "d": None}
