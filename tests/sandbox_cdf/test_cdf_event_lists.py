"""Lists of events: filters, pages, cursors and sorts."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import AssetWrite, DataSetWrite, EventWrite
from sandbox_cdf_client import AnyJson, Cdf


@pytest.mark.source("SDK data_classes/events.py EventFilter")
def test_filters(cdf: Cdf) -> None:
    data_set = cdf.client.data_sets.create(DataSetWrite(external_id="ds"))
    top = cdf.client.assets.create(AssetWrite(name="top", external_id="top"))
    low = cdf.client.assets.create(AssetWrite(name="low", external_id="low", parent_id=top.id))
    cdf.client.events.create(
        [
            EventWrite(
                external_id="job1", type="job", subtype="Open", start_time=100, end_time=200, metadata={"k": "1"}
            ),
            EventWrite(
                external_id="job2", type="job", subtype="Closed", start_time=300, asset_ids=[low.id], source="plex"
            ),
            EventWrite(
                external_id="op1", type="op", data_set_id=data_set.id, metadata={"k": "1", "l": "2"}, description="big"
            ),
        ]
    )

    def found(**wanted: AnyJson) -> list[str]:
        return [event.external_id for event in cdf.client.events.list(limit=None, **wanted)]

    assert found() == ["job1", "job2", "op1"]
    assert found(type="job") == ["job1", "job2"]
    assert found(type="job", subtype="Open") == ["job1"]
    assert found(source="plex") == ["job2"]
    assert found(external_id_prefix="job") == ["job1", "job2"]
    assert found(metadata={"k": "1"}) == ["job1", "op1"]
    assert found(metadata={"k": "1", "l": "2"}) == ["op1"]
    assert found(asset_ids=[low.id, 7]) == ["job2"]
    assert found(asset_external_ids=["low"]) == ["job2"]
    assert found(asset_subtree_external_ids=["top"]) == ["job2"]
    assert found(asset_subtree_ids=[top.id]) == ["job2"]
    assert found(data_set_ids=[data_set.id]) == ["op1"]
    assert found(data_set_external_ids=["ds"]) == ["op1"]
    assert found(start_time={"min": 100, "max": 299}) == ["job1"]
    assert found(start_time={"min": 300}) == ["job2"]
    assert found(end_time={"max": 200}) == ["job1"]
    assert found(end_time={"isNull": True}) == ["job2", "op1"]
    assert found(active_at_time={"min": 150, "max": 160}) == ["job1"]
    assert found(created_time={"min": 0}) == ["job1", "job2", "op1"]
    assert found(last_updated_time={"max": 0}) == []
    assert found(sort=("startTime", "desc"), type="job") == ["job2", "job1"]
    assert found(advanced_filter={"prefix": {"property": ["externalId"], "value": "op"}}) == ["op1"]
    assert found(
        advanced_filter={
            "and": [
                {"equals": {"property": ["metadata", "k"], "value": "1"}},
                {"not": {"exists": {"property": ["startTime"]}}},
            ]
        }
    ) == ["op1"]
    assert found(
        advanced_filter={
            "or": [
                {"in": {"property": ["subtype"], "values": ["Closed"]}},
                {"range": {"property": ["startTime"], "lt": 200}},
            ]
        }
    ) == ["job1", "job2"]
    assert cdf.client.events.aggregate_count(filter={"type": "job"}) == 2
    assert {each.value: each.count for each in cdf.client.events.aggregate_unique_values(property="type")} == {
        "job": 2,
        "op": 1,
    }
    assert cdf.client.events.aggregate_cardinality_values(property="type") == 2
    assert [event.external_id for event in cdf.client.events.search(description="big")] == ["op1"]


@pytest.mark.source("API: filter events")
@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"unknown": 1}},
        {"filter": {"startTime": {"above": 1}}},
        {"filter": {"startTime": {"min": "1"}}},
        {"filter": []},
        {"filter": {"dataSetIds": [{"externalId": "none"}]}},
        {"advancedFilter": {"near": {}}},
        {"advancedFilter": {"equals": {"property": ["a"]}}},
        {"limit": 0},
        {"limit": 1001},
        {"limit": "x"},
        {"cursor": "nonsense"},
        {"partition": "1/11"},
        {"partition": "3/2"},
        {"sort": [{"order": "asc"}]},
    ],
)
def test_a_listing_that_cannot_be(cdf: Cdf, body: dict[str, Any]) -> None:
    assert cdf.refused("/events/list", body)["code"] == 400


@pytest.mark.source("API: filter events")
def test_pages_hold_everything_once(cdf: Cdf) -> None:
    cdf.items("/events", *({"externalId": str(n)} for n in range(25)))
    seen: list[str] = []
    cursor = None
    while True:
        _, page = cdf.post("/events/list", {"limit": 10, "cursor": cursor})
        seen += [item["externalId"] for item in page["items"]]
        cursor = page.get("nextCursor")
        if cursor is None:
            break
        cdf.client.events.delete(external_id=seen[-1])
    assert seen == [str(n) for n in range(25)]
    assert len(cdf.client.events.list(partitions=4, limit=None)) == 23


@pytest.mark.source("API: filter events")
def test_a_cursor_belongs_to_its_query(cdf: Cdf) -> None:
    cdf.items("/events", *({"type": "a"} for _ in range(3)))
    _, page = cdf.post("/events/list", {"limit": 1, "filter": {"type": "a"}})
    body = {"limit": 1, "cursor": page["nextCursor"]}
    assert cdf.post("/events/list", body | {"filter": {"type": "a"}})[0] == 200
    assert cdf.refused("/events/list", body | {"filter": {"type": "b"}})["code"] == 400


@pytest.mark.source("API: filter events")
def test_sorted_pages(cdf: Cdf) -> None:
    cdf.items("/events", *({"startTime": start} for start in (3, 1, 2)), {})
    body = {"limit": 3, "sort": [{"property": ["startTime"]}]}
    _, page = cdf.post("/events/list", body)
    assert [item["startTime"] for item in page["items"]] == [1, 2, 3]
    _, rest = cdf.post("/events/list", body | {"cursor": page["nextCursor"]})
    assert [item.get("startTime") for item in rest["items"]] == [None]
    assert "nextCursor" not in rest
