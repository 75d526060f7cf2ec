"""Rows that a request names twice."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import AssetWrite, DataSetWrite, EventWrite, LabelDefinitionWrite, RelationshipWrite
from cognite.client.exceptions import CogniteDuplicatedError
from sandbox_cdf_client import Cdf


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
