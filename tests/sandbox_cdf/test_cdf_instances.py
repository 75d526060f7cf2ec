"""Spaces, containers, views and nodes: versions, conflicts, and how the SDK works with them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes import filters
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import Cdf
from sandbox_cdf_leases import LEASE, mapping, node, read, with_leases

VIEW = dm.ViewId("sp", "LeaseView", "v1")


@pytest.fixture
def modeled(cdf: Cdf) -> Cdf:
    return with_leases(cdf)


@pytest.mark.source("SDK data_classes/data_modeling/instances.py")
def test_properties_are_read_through_views_only(modeled: Cdf) -> None:
    sources = [{"source": LEASE.dump()}]
    assert modeled.refused("/models/instances/byids", {"items": [node()], "sources": sources})["code"] == 400


@pytest.mark.source("SDK _api/data_modeling/spaces.py; Toolkit yaml_classes/space.py")
def test_spaces(cdf: Cdf) -> None:
    spaces = cdf.client.data_modeling.spaces
    first = spaces.apply(dm.SpaceApply("one", description="d"))
    assert spaces.apply(dm.SpaceApply("one", description="d")).last_updated_time == first.last_updated_time
    spaces.apply([dm.SpaceApply("one", description="e"), dm.SpaceApply("two")])
    assert spaces.retrieve("one").description == "e"
    assert [space.space for space in spaces.list(limit=None)] == ["one", "two"]
    assert spaces.retrieve("three") is None
    assert spaces.delete(["one", "three"]) == ["one"]
    for name in ("1a", "a" * 44, "a b", "system", "", None):
        assert cdf.refused("/models/spaces", {"items": [{"space": name}]})["code"] == 400


@pytest.mark.source("Assumed: a space goes last, as the Toolkit cleans it")
def test_a_space_in_use_stays(modeled: Cdf) -> None:
    assert modeled.refused("/models/spaces/delete", {"items": [{"space": "sp"}]})["code"] == 400


@pytest.mark.source("SDK _api/data_modeling/containers.py; Toolkit yaml_classes/containers.py")
def test_containers(modeled: Cdf) -> None:
    containers = modeled.client.data_modeling.containers
    found = containers.retrieve(("sp", "Lease"))
    assert found.properties["holder"].nullable is False
    assert isinstance(found.properties["expiresAt"].type, dm.Timestamp)
    again = containers.apply(found.as_apply())
    assert again.last_updated_time == found.last_updated_time
    assert [container.external_id for container in containers.list(space="sp")] == ["Lease"]
    properties = {"holder": {"type": {"type": "int32"}}}
    changes: list[dict[str, Any]] = [{"properties": properties}, {"properties": {}}]
    for change in (*changes, {"space": "no"}, {"externalId": "1"}, {"more": 1}):
        body = {"space": "sp", "externalId": "Lease", "properties": {"a": {"type": {"type": "text"}}}} | change
        assert modeled.refused("/models/containers", {"items": [body]})["code"] == 400
    assert containers.delete(("sp", "Lease")) == [LEASE]
    assert containers.retrieve(("sp", "Lease")) is None


@pytest.mark.source("Docs: data modeling, ingestion")
def test_a_version_grows_only_with_a_change(modeled: Cdf) -> None:
    (first,) = modeled.items("/models/instances", node(holder="a"))
    assert (first["version"], first["wasModified"]) == (1, True)
    (same,) = modeled.items("/models/instances", node(holder="a"))
    assert (same["version"], same["wasModified"]) == (1, False)
    assert same["lastUpdatedTime"] == first["lastUpdatedTime"]
    (changed,) = modeled.items("/models/instances", node(holder="b"))
    assert (changed["version"], changed["wasModified"]) == (2, True)
    assert changed["createdTime"] == first["createdTime"]


@pytest.mark.source("SDK _api/data_modeling/instances.py")
def test_a_lease_is_taken_once(modeled: Cdf) -> None:
    """Two holders read the same version; the second write loses."""
    take = node(version=0, holder="one")
    modeled.items("/models/instances", take)
    error = modeled.refused("/models/instances", {"items": [node(version=0, holder="two")]})
    assert error == {"code": 409, "message": "A version conflict caused the ingest to fail."}
    modeled.items("/models/instances", node(version=1, holder="two"))
    assert modeled.refused("/models/instances", {"items": [node(version=1, holder="three")]})["code"] == 409
    assert read(modeled)["holder"] == "two"
    modeled.items("/models/instances", node(version=7, holder="ahead"))
    assert read(modeled)["holder"] == "ahead"


@pytest.mark.source("Assumed: existingVersion compares with what exists")
def test_a_version_of_a_node_that_does_not_exist_is_no_conflict(modeled: Cdf) -> None:
    (created,) = modeled.items("/models/instances", node(version=5, holder="one"))
    assert created["version"] == 1


@pytest.mark.source("SDK _api/data_modeling/instances.py")
def test_a_conflict_refuses_all_or_is_skipped(modeled: Cdf) -> None:
    modeled.items("/models/instances", node("old", holder="a"))
    both = [node("new", holder="b"), node("old", version=0, holder="b")]
    assert modeled.refused("/models/instances", {"items": both})["code"] == 409
    assert modeled.items("/models/instances/byids", node("new")) == []
    answers = modeled.items("/models/instances", *both, skipOnVersionConflict=True)
    assert [(each["externalId"], each["wasModified"]) for each in answers] == [("new", True), ("old", False)]
    assert read(modeled, "old")["holder"] == "a"


@pytest.mark.source("Assumed: which of two would win is nowhere said")
def test_a_node_comes_once_in_a_request(modeled: Cdf) -> None:
    body = {"items": [node(holder="a"), node(holder="b")]}
    assert modeled.refused("/models/instances", body)["code"] == 400


def users(cdf: Cdf) -> list[str]:
    """The views that use the container."""
    (found,) = cdf.items("/models/containers/inspect", {"space": "sp", "externalId": "Lease"})
    result = found["inspectionResults"]
    assert result["involvedViewCount"] == len(result["involvedViews"])
    return [f"{view['externalId']}/{view['version']}" for view in result["involvedViews"]]


@pytest.mark.source("SDK _api/data_modeling/views.py")
def test_views(modeled: Cdf) -> None:
    views = modeled.client.data_modeling.views
    mapped = mapping(owner="holder", expiresAt="expiresAt")
    applied = views.apply(dm.ViewApply("sp", "LeaseView", "v1", properties=mapped))
    assert applied.properties["owner"].nullable is False
    assert views.apply(dm.ViewApply("sp", "LeaseView", "v1", properties=mapped)).last_updated_time == (
        applied.last_updated_time
    )
    views.apply(dm.ViewApply("sp", "LeaseView", "v2", properties=mapped))
    assert [view.version for view in views.list(space="sp", all_versions=True)] == ["v1", "v2"]
    assert [view.version for view in views.retrieve(VIEW)] == ["v1"]
    assert users(modeled) == ["LeaseView/v1", "LeaseView/v2"]
    unknown = {"container": {"type": "container", "space": "sp", "externalId": "Lease"}}
    for change in ({"properties": {"a": unknown}}, {"space": "no"}, {"version": "-"}, {"more": 1}):
        body = {"space": "sp", "externalId": "V", "version": "1", "properties": {}} | change
        assert modeled.refused("/models/views", {"items": [body]})["code"] == 400
    modeled.items(
        "/models/instances",
        {
            "instanceType": "node",
            "space": "sp",
            "externalId": "n",
            "sources": [{"source": VIEW.dump(), "properties": {"owner": "a"}}],
        },
    )
    assert read(modeled) == {"holder": "a", "open": True}
    assert views.delete(VIEW) == [VIEW]
    assert "LeaseView/v1" not in users(modeled)
    assert modeled.refused("/models/instances/byids", {"items": [node()], "sources": [{"source": VIEW.dump()}]})


@pytest.mark.source("SDK _api/data_modeling/instances.py")
def test_the_sdk_works_with_nodes(modeled: Cdf) -> None:
    mapped = mapping(holder="holder", expiresAt="expiresAt")
    modeled.client.data_modeling.views.apply(dm.ViewApply("sp", "LeaseView", "v1", properties=mapped))
    instances = modeled.client.data_modeling.instances
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def lease(name: str, holder: str, version: int | None = None) -> dm.NodeApply:
        data = [dm.NodeOrEdgeData(LEASE, {"holder": holder, "expiresAt": when.isoformat(timespec="milliseconds")})]
        return dm.NodeApply("sp", name, existing_version=version, sources=data)

    instances.apply([lease(f"lease{n}", "a", 0) for n in range(3)])
    with pytest.raises(CogniteAPIError, match=re.escape("A version conflict")) as conflict:
        instances.apply(lease("lease0", "b", 0))
    assert (conflict.value.code, conflict.value.duplicated) == (409, [])
    (found,) = instances.retrieve(("sp", "lease1"), sources=VIEW).nodes
    assert found.version == 1
    assert found.properties[VIEW] == {"holder": "a", "expiresAt": "2026-01-02T03:04:05.000+00:00"}
    assert instances.retrieve(("sp", "none")).nodes == []
    listed = instances.list(filter=filters.Equals(["node", "externalId"], "lease2"), sources=VIEW, limit=None)
    assert [each.external_id for each in listed] == ["lease2"]
    assert len(instances.list(space="sp", limit=None)) == 3
    assert instances.list(filter=filters.Equals(["node", "space"], "other")) == []
    assert len(instances.list(filter=filters.HasData(containers=[LEASE]))) == 3
    for reference in (LEASE, VIEW):
        held = filters.Equals(reference.as_property_ref("holder"), "a")
        assert len(instances.list(filter=held)) == 3
    assert len(instances.list(filter=filters.And(held, filters.Prefix(["node", "externalId"], "lease")), limit=2)) == 2
    deleted = instances.delete([("sp", "lease0"), ("sp", "none")])
    assert [each.external_id for each in deleted.nodes] == ["lease0"]
