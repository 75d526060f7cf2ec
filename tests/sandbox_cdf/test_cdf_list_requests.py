"""Lists of classic resources: what their filters, sorts and aggregates take, and what they refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cognite.client.data_classes import (
    AssetFilter,
    AssetWrite,
    DataSetFilter,
    DataSetWrite,
    EventFilter,
    aggregations,
    filters,
)
from cognite.client.data_classes.assets import AssetProperty
from cognite.client.data_classes.events import EventProperty
from sandbox_cdf_classic import tree
from sandbox_cdf_client import AnyJson, Cdf

LIMITS = "API: filter assets, limits of advancedFilter"


@pytest.mark.source(
    "SDK data_classes: AssetFilter, EventFilter, DataSetFilter, LabelDefinitionFilter, RelationshipFilter"
)
@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/assets", {"description": "x"}),
        ("/assets", {"externalId": "x"}),
        ("/assets", {"root": "false"}),
        ("/assets", {"name": 1}),
        ("/assets", {"parentIds": [None]}),
        ("/assets", {"parentIds": ["1"]}),
        ("/assets", {"parentExternalIds": [1]}),
        ("/assets", {"parentExternalIds": "root"}),
        ("/assets", {"metadata": {"k": 1}}),
        ("/assets", {"externalIdPrefix": 1}),
        ("/assets", {"createdTime": {"after": 1}}),
        ("/events", {"description": "x"}),
        ("/events", {"externalId": "x"}),
        ("/datasets", {"name": "x"}),
        ("/datasets", {"writeProtected": "true"}),
        ("/labels", {"createdTime": {"min": 0}}),
        ("/labels", {"description": "x"}),
        ("/relationships", {"externalIdPrefix": "x"}),
        ("/relationships", {"sourceTypes": ["node"]}),
        ("/relationships", {"sourceExternalIds": [1]}),
    ],
)
def test_a_filter_that_the_resource_does_not_have_is_refused(cdf: Cdf, path: str, wrong: dict[str, Any]) -> None:
    (key,) = wrong
    assert key in cdf.refused(f"{path}/list", {"filter": wrong})["message"]


@pytest.mark.source("SDK _api: what each list, search, byids and delete sends")
@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/events/list", {"fliter": {"type": "x"}}, "fliter"),
        ("/events/list", {"aggregatedProperties": ["childCount"]}, "aggregatedProperties"),
        ("/labels/list", {"advancedFilter": {"exists": {"property": ["name"]}}}, "advancedFilter"),
        ("/datasets/list", {"sort": [{"property": ["name"]}]}, "sort"),
        ("/datasets/aggregate", {"properties": [{"property": ["name"]}]}, "properties"),
        ("/events/search", {"search": {"description": "x"}, "cursor": "x"}, "cursor"),
        ("/events/search", {"search": {"query": "x"}}, "query"),
        ("/events/byids", {"items": [{"id": 1}], "recursive": True}, "recursive"),
        ("/events/byids", {"items": [{"id": 1, "name": "x"}]}, "name"),
        ("/events/delete", {"items": [{"id": 1}], "ignoreUnknownIds": "true"}, "ignoreUnknownIds"),
        ("/assets/delete", {"items": [{"id": 1}], "recursive": 1}, "recursive"),
        ("/assets/delete", {"items": [{"id": 1}], "force": True}, "force"),
        ("/assets/update", {"items": [{"id": 1, "update": {}, "set": {}}]}, "set"),
        ("/assets", {"items": [{"name": "x"}], "upsert": True}, "upsert"),
        ("/relationships/list", {"fetchResources": "yes"}, "fetchResources"),
    ],
)
def test_what_a_request_may_not_hold_is_refused_and_named(cdf: Cdf, path: str, body: AnyJson, name: str) -> None:
    error = cdf.refused(path, body)
    assert error["code"] == 400
    assert name in error["message"]
    assert "missing" not in error


@pytest.mark.source(LIMITS)
@pytest.mark.parametrize(
    "advanced",
    [
        {"search": {"property": ["source"], "value": "x"}},
        {"search": {"property": ["name"], "value": "  "}},
        {"search": {"property": ["name"], "value": "x" * 129}},
        {"and": [{"search": {"property": ["name"], "value": "x"}}] * 3},
        {"prefix": {"property": ["createdTime"], "value": "1"}},
        {"prefix": {"property": ["labels"], "value": "1"}},
        {"equals": {"property": ["labels"], "value": "l"}},
        {"in": {"property": ["labels"], "values": ["l"]}},
        {"containsAny": {"property": ["name"], "values": ["x"]}},
        {"containsAll": {"property": ["labels"], "values": [{"externalId": "l"}]}},
        {"range": {"property": ["id"], "gt": 1, "gte": 1}},
        {"range": {"property": ["id"], "lt": 1, "lte": 1}},
        {"range": {"property": ["id"], "min": 1}},
        {"equals": {"property": ["metadata", " "], "value": "x"}},
        {"equals": {"property": ["metadata", "k" * 129], "value": "x"}},
        {"equals": {"property": ["metadata", "k"], "value": "x" * 129}},
        {"equals": {"property": ["externalId"], "value": "x" * 256}},
        {"equals": {"property": ["parentExternalId"], "value": "x"}},
        {"equals": {"property": ["name"], "value": "x", "caseSensitive": False}},
        {"matchAll": {}},
        {"nested": {}},
        {"and": [], "or": []},
        [],
    ],
)
def test_an_advanced_filter_beyond_its_limits(cdf: Cdf, advanced: AnyJson) -> None:
    assert cdf.refused("/assets/list", {"advancedFilter": advanced})["code"] == 400
    assert cdf.refused("/assets/aggregate", {"advancedFilter": advanced})["code"] == 400


@pytest.mark.source("API: aggregate assets, supported properties")
def test_metadata_as_a_whole_is_any_of_its_values(cdf: Cdf) -> None:
    cdf.items(
        "/assets",
        {"name": "x", "externalId": "x", "metadata": {"zone": "Europe/Oslo", "k": "1"}},
        {"name": "y", "externalId": "y", "metadata": {"zone": "America"}},
        {"name": "z", "externalId": "z", "metadata": {}},
    )
    f, whole = filters, AssetProperty.metadata

    def found(advanced: filters.Filter) -> list[str]:
        return [asset.external_id for asset in cdf.client.assets.list(advanced_filter=advanced)]

    assert found(f.Prefix(whole, "Europe")) == ["x"]
    assert found(f.In(whole, ["1", "America"])) == ["x", "y"]
    assert found(f.Exists(whole)) == ["x", "y"]
    assert found(f.Not(f.Equals(whole, "1"))) == ["y", "z"]
    assert cdf.client.assets.aggregate_count(whole) == 2


@pytest.mark.source("SDK data_classes: SortableAssetProperty, SortableEventProperty")
@pytest.mark.parametrize(
    "rule",
    [
        {"property": ["nowhere"]},
        {"property": ["assetIds"]},
        {"property": ["metadata"]},
        {"property": "startTime"},
        {"property": ["startTime"], "direction": "asc"},
        {"property": ["_score_"]},
        "startTime:asc",
    ],
)
def test_a_sort_by_what_has_no_order(cdf: Cdf, rule: AnyJson) -> None:
    cdf.items("/events", {"startTime": 1})
    assert cdf.refused("/events/list", {"sort": [rule]})["code"] == 400


@pytest.mark.source("API: filter events; SDK _api/events.py list")
def test_sorted_pages_are_whole_and_end(cdf: Cdf) -> None:
    cdf.items("/events", *({"externalId": f"e{n}", "type": str(n % 3), "startTime": 9 - n} for n in range(10)))
    body = {"sort": [{"property": ["type"], "order": "desc"}, {"property": ["startTime"]}], "limit": 3}
    names: list[str] = []
    cursor = None
    for _ in range(4):
        status, page = cdf.post("/events/list", body | ({"cursor": cursor} if cursor else {}))
        assert status == 200
        names += [row["externalId"] for row in page["items"]]
        cursor = page.get("nextCursor")
    assert cursor is None
    assert names == ["e8", "e5", "e2", "e7", "e4", "e1", "e9", "e6", "e3", "e0"]


@pytest.mark.source("Assumed: a cursor that this API did not give is refused")
@pytest.mark.parametrize("content", ["5", "null", '["a", 1]', "[1]", "{}", "[-1, 0]"])
def test_a_cursor_that_somebody_made_up(cdf: Cdf, content: str) -> None:
    cursor = base64.urlsafe_b64encode(content.encode()).decode()
    assert "cursor" in cdf.refused("/events/list", {"cursor": cursor})["message"]


@pytest.mark.source("API: list assets, filter.labels")
@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"containsAny": []},
        {"containsAny": [{"id": 1}]},
        {"containsAny": ["l"]},
        {"containsAny": [{"externalId": "l"}], "containsAll": [{"externalId": "l"}]},
        {"containsNone": [{"externalId": "l"}]},
    ],
)
def test_a_filter_by_labels_that_cannot_be(cdf: Cdf, labels: AnyJson) -> None:
    assert "labels" in cdf.refused("/assets/list", {"filter": {"labels": labels}})["message"]


@pytest.mark.source("API: aggregate events")
def test_a_count_of_a_property_counts_rows(cdf: Cdf) -> None:
    one, two = (cdf.client.assets.create(AssetWrite(name=name)).id for name in "xy")
    cdf.items("/events", {"assetIds": [one, two], "type": "a"}, {"assetIds": [one]}, {"type": "A"})
    api = cdf.client.events
    assert api.aggregate_count(EventProperty.asset_ids) == 2
    assert api.aggregate_count(EventProperty.type) == 2
    assert api.aggregate_cardinality_values(EventProperty.asset_ids) == 2
    assert {(each.value, each.count) for each in api.aggregate_unique_values(property=EventProperty.asset_ids)} == {
        (one, 2),
        (two, 1),
    }
    assert api.aggregate_unique_values(property="type", aggregate_filter=aggregations.Prefix("a")).unique == ["a"]
    assert api.aggregate_count(filter=EventFilter(type="A")) == 1


@pytest.mark.source("API: aggregate assets")
@pytest.mark.parametrize(
    "body",
    [
        {"aggregate": "count", "properties": [{"property": ["nowhere"]}]},
        {"aggregate": "uniqueValues", "properties": [{"property": ["nowhere"]}]},
        {"aggregate": "uniqueValues", "properties": [{"property": []}]},
        {"aggregate": "cardinalityValues", "properties": [{"property": ["name"], "path": ["x"]}]},
        {"aggregate": "uniqueProperties", "path": ["name"]},
        {"aggregate": "cardinalityProperties", "path": ["nowhere"]},
    ],
)
def test_an_aggregate_of_what_is_not_there(cdf: Cdf, body: AnyJson) -> None:
    assert cdf.refused("/assets/aggregate", body)["code"] == 400


@pytest.mark.source("SDK tests test_data_sets.py, test_assets.py")
def test_counts_by_a_filter(cdf: Cdf) -> None:
    assert cdf.client.data_sets.create(DataSetWrite()).id
    cdf.client.data_sets.create(DataSetWrite(external_id="d", metadata={"1": "1"}))
    assert cdf.client.data_sets.aggregate_count(filter=DataSetFilter(metadata={"1": "1"})) == 1
    tree(cdf)
    assert cdf.client.assets.aggregate_count(filter=AssetFilter(root=False)) == 4
