"""Events: how they are changed and upserted, and when they end."""

from __future__ import annotations

import pytest
from cognite.client.data_classes import AssetWrite, EventUpdate, EventWrite
from sandbox_cdf_classic import listed
from sandbox_cdf_client import AnyJson, Cdf


@pytest.mark.source("API: update events")
@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("both", {"endTime": {"set": 4}}),
        ("both", {"startTime": {"set": 11}}),
        ("both", {"startTime": {"set": 20}, "endTime": {"set": 19}}),
        ("started", {"endTime": {"set": 4}}),
        ("ended", {"startTime": {"set": 11}}),
    ],
)
def test_no_update_ends_an_event_before_it_starts(cdf: Cdf, name: str, update: AnyJson) -> None:
    times = {"both": {"startTime": 5, "endTime": 10}, "started": {"startTime": 5}, "ended": {"endTime": 10}}
    before = cdf.items("/events", *({"externalId": each} | times[each] for each in times))
    error = cdf.refused("/events/update", {"items": [{"externalId": name, "update": update}]})
    assert "endTime" in error["message"]
    assert cdf.items("/events/byids", *({"externalId": each} for each in times)) == before


@pytest.mark.source("API: update events")
def test_an_event_may_end_when_it_starts_and_lose_an_end(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "e", "startTime": 5, "endTime": 10})
    event = cdf.client.events.update(EventUpdate(external_id="e").start_time.set(10))
    assert (event.start_time, event.end_time) == (10, 10)
    event = cdf.client.events.update(EventUpdate(external_id="e").end_time.set(None).start_time.set(12))
    assert (event.start_time, event.end_time) == (12, None)


@pytest.mark.source("SDK tests test_events.py")
@pytest.mark.parametrize("mode", ["patch", "replace"])
def test_an_upsert_changes_what_exists_and_creates_the_rest(cdf: Cdf, mode: str) -> None:
    asset = cdf.client.assets.create(AssetWrite(name="x"))
    cdf.items("/events", {"externalId": "old", "type": "t", "assetIds": [asset.id], "metadata": {"a": "1"}})
    done = cdf.client.events.upsert(
        [EventWrite(external_id="new"), EventWrite(external_id="old", subtype="s", metadata={"b": "2"})], mode=mode
    )
    assert [event.external_id for event in done] == ["new", "old"]
    old = done[1]
    assert (old.type, old.subtype) == (("t" if mode == "patch" else None), "s")
    assert old.metadata == ({"a": "1", "b": "2"} if mode == "patch" else {"b": "2"})
    assert old.asset_ids == ([asset.id] if mode == "patch" else None)


@pytest.mark.source("API: update events; SDK _api/events.py")
def test_asset_ids_are_added_and_removed(cdf: Cdf) -> None:
    one, two = (cdf.client.assets.create(AssetWrite(name=name)).id for name in "xy")
    event = cdf.client.events.create(EventWrite(asset_ids=[one]))
    assert cdf.client.events.update(EventUpdate(event.id).asset_ids.add([two, one])).asset_ids == [one, two]
    assert cdf.client.events.update(EventUpdate(event.id).asset_ids.remove([one])).asset_ids == [two]
    wrong: AnyJson
    for wrong in ({"remove": ["x"]}, {"add": [0]}, {"add": {}}, {"add": [99]}):
        body = {"items": [{"id": event.id, "update": {"assetIds": wrong}}]}
        assert cdf.refused("/events/update", body)["code"] == 400
    assert cdf.refused("/events/update", {"items": [{"id": event.id, "update": {"metadata": {"remove": [1]}}}]})


@pytest.mark.source("SDK data_classes/events.py EndTimeFilter")
def test_ongoing_events(cdf: Cdf) -> None:
    cdf.items("/events", {"externalId": "on", "startTime": 1}, {"externalId": "over", "startTime": 1, "endTime": 2})
    assert listed(cdf, "/events", filter={"endTime": {"isNull": True}}) == ["on"]
    assert listed(cdf, "/events", filter={"endTime": {"isNull": False}}) == ["over"]
    for wrong in (
        {"endTime": {"isNull": "no"}},
        {"endTime": {"isNull": True, "max": 3}},
        {"startTime": {"isNull": True}},
    ):
        assert cdf.refused("/events/list", {"filter": wrong})["code"] == 400
