"""Lists of instances: filters, filters of views, sort, aggregates, types."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import aggregations, filters
from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes.data_modeling.instances import InstanceSort
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_pumps import VIEW, names, path, ref, view


@pytest.mark.source("SDK data_classes/filters.py")
@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"equals": {"property": path("next"), "value": ref("b")}}, "a"),
        ({"in": {"property": path("next"), "values": [ref("b"), ref("c")]}}, "a"),
        ({"equals": {"property": ["node", "type"], "value": ref("Kind")}}, "a"),
        ({"containsAny": {"property": path("parts"), "values": [ref("c"), ref("z")]}}, "b"),
        ({"containsAll": {"property": path("parts"), "values": [ref("c"), ref("z")]}}, ""),
        ({"containsAny": {"property": path("tags"), "values": ["y"]}}, "a c"),
        ({"equals": {"property": path("tags"), "value": ["x", "y"]}}, "a"),
        ({"exists": {"property": path("tags")}}, "a b c"),
        ({"not": {"exists": {"property": path("name")}}}, "c Kind"),
        ({"equals": {"property": path("at"), "value": "2024-01-01T10:00:00Z"}}, "a"),
        ({"range": {"property": path("at"), "gte": "2024-01-01T11:00:00+01:00", "lt": "2024-01-01T10:00:01Z"}}, "a"),
        ({"range": {"property": path("rank"), "gt": 1, "lte": 3}}, "b c"),
        ({"range": {"property": path("power"), "lt": {"property": path("rank")}}}, ""),
        ({"range": {"property": path("power"), "gt": {"property": path("rank")}}}, "b"),
        ({"overlaps": {"startProperty": path("rank"), "endProperty": path("power"), "gte": 2.4, "lt": 2.7}}, "b"),
        ({"prefix": {"property": path("name"), "value": "a"}}, "a"),
        ({"nested": {"scope": path("next"), "filter": {"equals": {"property": path("rank"), "value": 2}}}}, "a"),
        ({"nested": {"scope": path("parts"), "filter": {"exists": {"property": path("extra")}}}}, "b"),
        ({"instanceReferences": [ref("a"), ref("c"), ref("z")]}, "a c"),
        ({"equals": {"property": path("state"), "value": "nothing"}}, ""),
        ({"range": {"property": ["node", "createdTime"], "gt": "2020-01-01T00:00:00Z"}}, "a b c Kind"),
        ({"range": {"property": ["node", "createdTime"], "lt": 1_577_836_800_000}}, ""),
        ({"matchAll": {}}, "a b c Kind"),
    ],
)
def test_what_filters_select(pumps: Cdf, sent: AnyJson, found: str) -> None:
    assert names(pumps, sent) == found


@pytest.mark.source("API: instances, filters")
@pytest.mark.parametrize(
    "sent",
    [
        {"equals": {"property": path("rank"), "value": "1"}},
        {"equals": {"property": path("next"), "value": "b"}},
        {"equals": {"property": path("name"), "value": None}},
        {"equals": {"property": path("name")}},
        {"equals": {"property": path("name"), "value": "x", "more": 1}},
        {"equals": {"property": ["node", "name"], "value": "x"}},
        {"equals": {"property": ["edge", "externalId"], "value": "x"}},
        {"equals": {"property": path("rank"), "value": {"parameter": "p"}}},
        {"range": {"property": path("rank"), "gt": 1, "gte": 1}},
        {"range": {"property": path("rank"), "lt": {"property": path("name")}}},
        {"range": {"property": path("rank")}},
        {"range": {"property": path("at"), "gt": "yesterday"}},
        {"range": {"property": path("tags"), "gt": "a"}},
        {"prefix": {"property": path("rank"), "value": "1"}},
        {"containsAny": {"property": path("name"), "values": ["x"]}},
        {"in": {"property": path("name"), "values": []}},
        {"nested": {"scope": path("name"), "filter": {"matchAll": {}}}},
        {"hasData": []},
        {"search": {"property": path("name"), "value": "x"}},
        {"and": []},
        {},
    ],
)
def test_filters_that_are_refused(pumps: Cdf, sent: AnyJson) -> None:
    assert "filter" in pumps.refused("/models/instances/list", {"filter": sent})["message"]


@pytest.mark.source("API: views (filter), NEAT documentation of views: the default filter is hasData")
def test_a_view_shows_what_its_filter_selects(pumps: Cdf) -> None:
    strong = {"range": {"property": ["sp", "Pump", "rank"], "gte": 2}}
    pumps.items("/models/views", view("Strong", filter=strong), view("Own", filter=strong | {}), view("All"))
    strong_view = dm.ViewId("sp", "Strong", "v1")
    assert names(pumps, sources=[{"source": strong_view.dump()}]) == "b c"
    assert names(pumps, sources=[{"source": VIEW.dump()}]) == "a b c", "what has no data in a view is not shown"
    named = {"exists": {"property": path("name")}}
    assert names(pumps, named, sources=[{"source": strong_view.dump()}]) == "b"
    count = pumps.client.data_modeling.instances.aggregate(strong_view, aggregations.Count("rank"))
    assert count.value == 2
    (whole,) = pumps.client.data_modeling.instances.retrieve(("sp", "a"), sources=strong_view).nodes
    assert whole.properties[strong_view]["rank"] == 1, "by ids, nothing is filtered"


@pytest.mark.source("Assumed: a filter that lists could not use is refused with its view")
def test_views_with_filters_that_select_nothing_sensible(modeled: Cdf) -> None:
    unknown: list[AnyJson] = [{"odd": {}}, {"equals": {"property": ["sp", "Pump", "no"], "value": 1}}]
    for sent in unknown:
        assert "filter" in modeled.refused("/models/views", {"items": [view("New", filter=sent)]})["message"]
    assert modeled.client.data_modeling.views.retrieve(("sp", "New", "v1")) == []


@pytest.mark.source("SDK InstanceSort")
def test_lists_are_sorted_page_by_page(pumps: Cdf) -> None:
    instances = pumps.client.data_modeling.instances
    power = InstanceSort(VIEW.as_property_ref("power"), "descending")
    assert [each.external_id for each in instances.list(sources=VIEW, sort=power)] == ["c", "b", "a"]
    body: dict[str, Any] = {"sort": [{"property": path("rank"), "direction": "descending"}], "limit": 1}
    found = []
    for _ in range(4):
        _, page = pumps.post("/models/instances/list", body)
        found += [row["externalId"] for row in page["items"]]
        body["cursor"] = page.get("nextCursor")
    assert found == ["c", "b", "a", "Kind"]
    assert body["cursor"] is None
    for field in ("tags", "extra", "next"):
        sort = [{"property": path(field)}]
        assert "no order" in pumps.refused("/models/instances/list", {"sort": sort})["message"]


@pytest.mark.source("SDK tests test_data_modeling/test_instances.py")
def test_aggregates(pumps: Cdf) -> None:
    instances = pumps.client.data_modeling.instances
    histogram = instances.histogram(VIEW, aggregations.Histogram("rank", interval=2.0))
    assert [(each.start, each.count) for each in histogram.buckets] == [(0, 1), (2, 2)]
    nothing = instances.aggregate(VIEW, aggregations.Avg("rank"), filter=filters.Prefix(["node", "externalId"], "z"))
    assert nothing.value is None
    unknown = dm.ViewId("sp", "No", "v1")
    with pytest.raises(CogniteAPIError, match=r"One or more views do not exist: .*No/v1"):
        instances.aggregate(unknown, aggregations.Count("externalId"))
    refused: list[AnyJson] = [
        {"avg": {"property": "name"}},
        {"sum": {}},
        {"histogram": {"property": "rank", "interval": 0}},
    ]
    for metric in refused:
        body = {"view": VIEW.dump(), "aggregates": [metric]}
        assert pumps.refused("/models/instances/aggregate", body)["code"] == 400


@pytest.mark.source("SDK TypeInformation")
def test_an_answer_can_say_its_types(pumps: Cdf) -> None:
    instances = pumps.client.data_modeling.instances
    read_types = instances.retrieve(("sp", "a"), sources=VIEW, include_typing=True).nodes.typing
    assert isinstance(read_types[VIEW.as_property_ref("next")].type, dm.DirectRelation)
    assert instances.list(sources=VIEW, include_typing=True).typing.dump() == read_types.dump()
    units = [{"source": VIEW.dump(), "targetUnits": [{"property": "power", "unit": {"externalId": "power:w"}}]}]
    assert "targetUnits" in pumps.refused("/models/instances/list", {"sources": units})["message"]
