"""Listings, advanced filters, aggregates and searches, as the SDK's integration tests ask for them.

Sources: cognite-sdk-python `tests_integration/test_api` (test_assets, test_events, test_time_series, test_sequences),
https://docs.cognite.com/20230101/events/filter-events and …/assets/aggregate-assets.
"""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import EventWrite, LabelDefinitionWrite, aggregations, filters
from cognite.client.data_classes.events import EventProperty, SortableEventProperty
from sandbox_cdf_client import AnyJson, Cdf


@pytest.fixture
def events(cdf: Cdf) -> Cdf:
    cdf.client.events.create(
        [
            EventWrite(external_id="t:1", type="Stop", start_time=1, metadata={"Zone": "Europe/Oslo", "k": "1"}),
            EventWrite(external_id="t:2", type="stop", start_time=2, metadata={"Zone": "America/New_York"}),
            EventWrite(external_id="t:3", type="run", description="the pump runs"),
            EventWrite(external_id="u:4", description="a pump, pumping"),
        ]
    )
    return cdf


def found(cdf: Cdf, advanced: AnyJson, **more: AnyJson) -> list[str]:
    listed = cdf.client.events.list(advanced_filter=advanced, limit=None, **more)
    return [event.external_id for event in listed]


@pytest.mark.source("SDK tests test_events.py; API: filter events")
def test_advanced_filters(events: Cdf) -> None:
    f, zone = filters, EventProperty.metadata_key("Zone")
    assert found(events, f.Prefix(zone, "Europe")) == ["t:1"]
    assert found(events, f.And(f.Prefix("externalId", "t:"), f.Not(f.Exists("type")))) == []
    assert found(events, f.Or(f.Equals("type", "run"), f.In("startTime", [2, 7]))) == ["t:2", "t:3"]
    assert found(events, f.Range("startTime", gt=1, lte=2)) == ["t:2"]
    assert found(events, f.Range("type", gte="run", lt="s")) == ["t:3"]
    assert found(events, f.Range("type", gt=1)) == []
    assert found(events, f.Search("description", "PUMP")) == ["t:3", "u:4"]
    assert found(events, f.Equals("type", "stop"), external_id_prefix="t:") == ["t:2"]


@pytest.mark.source("SDK data_classes/filters.py; API: filter assets")
def test_lists_are_filtered_by_their_elements(cdf: Cdf) -> None:
    cdf.client.labels.create([LabelDefinitionWrite("l", "L"), LabelDefinitionWrite("m", "M")])
    both = {"name": "both", "externalId": "both", "labels": [{"externalId": "l"}, {"externalId": "m"}]}
    cdf.items("/assets", both, {"name": "one", "externalId": "one", "labels": [{"externalId": "l"}]})

    def assets(operator: type[filters.ContainsAny] | type[filters.ContainsAll]) -> list[str]:
        listed = cdf.client.assets.list(advanced_filter=operator("labels", ["l", "m"]))
        return [asset.external_id for asset in listed]

    assert assets(filters.ContainsAny) == ["both", "one"]
    assert assets(filters.ContainsAll) == ["both"]
    unique = cdf.client.assets.aggregate_unique_values("labels")
    assert [(each.value, each.count) for each in unique] == [("l", 2), ("m", 1)]


@pytest.mark.source("API: filter events")
@pytest.mark.parametrize(
    "advanced",
    [
        {"equals": {"property": ["nowhere"], "value": 1}},
        {"equals": {"property": ["type", "x"], "value": 1}},
        {"equals": {"property": ["type"], "value": [1]}},
        {"range": {"property": ["startTime"]}},
        {"and": []},
        {"in": {"property": ["type"], "values": []}},
        {"in": {"property": ["type"], "values": ["x"] * 101}},
        {"or": [{"exists": {"property": ["type"]}}] * 101},
        {"prefix": {"property": ["type"], "value": 1}},
    ],
)
def test_an_advanced_filter_that_cannot_be(cdf: Cdf, advanced: dict[str, Any]) -> None:
    assert cdf.refused("/events/list", {"advancedFilter": advanced})["code"] == 400


@pytest.mark.source("API: filter events")
def test_a_filter_has_at_most_ten_levels(cdf: Cdf) -> None:
    advanced: dict[str, Any] = {"exists": {"property": ["type"]}}
    for _ in range(9):
        advanced = {"not": advanced}
    assert cdf.post("/events/list", {"advancedFilter": advanced})[0] == 200
    assert cdf.refused("/events/list", {"advancedFilter": {"not": advanced}})["code"] == 400


@pytest.mark.source("API: filter events")
@pytest.mark.parametrize(
    ("order", "nulls", "names"),
    [
        ("asc", "auto", ["t:1", "t:2", "t:3", "u:4"]),
        ("desc", "auto", ["t:3", "u:4", "t:2", "t:1"]),
        ("asc", "first", ["t:3", "u:4", "t:1", "t:2"]),
        ("desc", "last", ["t:2", "t:1", "t:3", "u:4"]),
    ],
)
def test_a_missing_value_sorts_as_the_largest(events: Cdf, order: str, nulls: str, names: list[str]) -> None:
    listed = events.client.events.list(sort=(SortableEventProperty.start_time, order, nulls), limit=None)
    assert [event.external_id for event in listed] == names


@pytest.mark.source("API: filter events")
@pytest.mark.parametrize(
    "body",
    [
        {"sort": [{"property": ["startTime"], "order": "up"}]},
        {"sort": [{"property": ["startTime"], "nulls": "middle"}]},
        {"sort": [{"property": ["metadata"]}]},
        {"sort": [{"property": ["startTime"]}], "partition": "1/2"},
        {"partition": "1/11"},
    ],
)
def test_a_sort_that_cannot_be(events: Cdf, body: dict[str, Any]) -> None:
    assert events.refused("/events/list", body)["code"] == 400


@pytest.mark.source("API: filter events")
def test_a_cursor_is_valid_for_the_same_partition_alone(cdf: Cdf) -> None:
    cdf.items("/events", *({} for _ in range(20)))
    _, page = cdf.post("/events/list", {"limit": 1, "partition": "1/2"})
    body = {"limit": 1, "cursor": page["nextCursor"]}
    assert cdf.post("/events/list", body | {"partition": "1/2"})[0] == 200
    assert cdf.refused("/events/list", body | {"partition": "2/2"})["code"] == 400


@pytest.mark.source("SDK tests test_events.py")
def test_chunks_and_partitions_of_the_sdk(cdf: Cdf) -> None:
    cdf.items("/events", *({"externalId": str(n)} for n in range(50)))
    everything = {str(n) for n in range(50)}
    assert {event.external_id for event in cdf.client.events.list(partitions=8, limit=None)} == everything
    chunks = list(cdf.client.events(chunk_size=20))
    assert [len(chunk) for chunk in chunks] == [20, 20, 10]
    assert {event.external_id for chunk in chunks for event in chunk} == everything


@pytest.mark.source("SDK tests test_events.py; API: aggregate events")
def test_aggregates_take_text_in_any_case(events: Cdf) -> None:
    api, in_t = events.client.events, filters.Prefix("externalId", "t:")
    assert api.aggregate_count() == 4
    assert api.aggregate_count(advanced_filter=in_t) == 3
    assert api.aggregate_count(EventProperty.start_time) == 2
    assert api.aggregate_cardinality_values(EventProperty.type) == 2
    assert [(each.value, each.count) for each in api.aggregate_unique_values(property="type")] == [
        ("stop", 2),
        ("run", 1),
    ]
    zones = api.aggregate_unique_values(property=EventProperty.metadata_key("Zone"))
    assert set(zones.unique) == {"europe/oslo", "america/new_york"}
    assert api.aggregate_cardinality_properties(EventProperty.metadata) == 2
    keys = api.aggregate_unique_properties(EventProperty.metadata)
    assert [(each.value["property"], each.count) for each in keys] == [
        (["metadata", "zone"], 2),
        (["metadata", "k"], 1),
    ]
    some = api.aggregate_unique_values(property="type", aggregate_filter=aggregations.Prefix("ST"))
    assert some.unique == ["stop"]
    assert api.aggregate_cardinality_values("type", aggregate_filter=aggregations.Not(aggregations.In(["run"]))) == 1


@pytest.mark.source("API: aggregate events")
@pytest.mark.parametrize(
    "body",
    [
        {"aggregate": "median"},
        {"aggregate": "uniqueValues"},
        {"aggregate": "uniqueValues", "properties": [{"property": ["metadata"]}]},
        {"aggregate": "uniqueProperties", "path": ["type"]},
        {"aggregate": "count", "aggregateFilter": {"near": {}}},
    ],
)
def test_an_aggregate_that_cannot_be(events: Cdf, body: dict[str, Any]) -> None:
    assert events.refused("/events/aggregate", body)["code"] == 400


@pytest.mark.source("SDK _api/assets.py")
def test_a_search_gives_the_best_first(cdf: Cdf) -> None:
    names = ["pumphouse", "old pump station", "pump", "valve"]
    cdf.items("/assets", *({"name": name, "externalId": name} for name in names))
    assert [asset.name for asset in cdf.client.assets.search(name="pump")] == ["pump", "old pump station", "pumphouse"]
    assert [asset.name for asset in cdf.client.assets.search(query="pump valve", limit=2)] == ["pump", "valve"]
    assert cdf.client.assets.search(name="pump valve") == []
    assert cdf.refused("/assets/search", {"search": {"colour": "x"}})["code"] == 400


@pytest.mark.source("SDK tests test_assets.py")
def test_metadata_set_to_null_reads_as_empty(cdf: Cdf) -> None:
    for path, item in (("/assets", {"name": "x"}), ("/events", {}), ("/sequences", {"columns": [{"externalId": "c"}]})):
        cdf.items(path, item | {"externalId": "x", "metadata": {"a": "b"}})
        (row,) = cdf.items(f"{path}/update", {"externalId": "x", "update": {"metadata": {"setNull": True}}})
        assert row["metadata"] == {}


@pytest.mark.source("SDK tests test_assets.py")
def test_the_message_of_a_duplicate_names_the_kind(cdf: Cdf) -> None:
    cdf.items("/assets", {"name": "x", "externalId": "x"})
    assert "Asset id duplicated" in cdf.refused("/assets", {"items": [{"name": "x", "externalId": "x"}]})["message"]
