"""Properties of nodes: patched and replaced, and checked against their container."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_cdf_client import Cdf
from sandbox_cdf_leases import node, read, with_leases


@pytest.fixture
def modeled(cdf: Cdf) -> Cdf:
    return with_leases(cdf)


@pytest.mark.source("SDK _api/data_modeling/instances.py")
def test_patch_and_replace(modeled: Cdf) -> None:
    modeled.items("/models/instances", node(holder="a", count=1, share=2))
    modeled.items("/models/instances", node(count=2, share=None))
    assert read(modeled) == {"holder": "a", "count": 2, "open": True}
    modeled.items("/models/instances", node(holder="b"), replace=True)
    assert read(modeled) == {"holder": "b", "open": True}
    assert modeled.refused("/models/instances", {"items": [node(count=1)], "replace": True})["code"] == 400


@pytest.mark.source("SDK data_classes/data_modeling/data_types.py; Docs: data modeling limits")
@pytest.mark.parametrize(
    "properties",
    [
        {"count": 1},
        {"holder": None},
        {"holder": 1},
        {"holder": "x" * 128_001},
        {"holder": "a", "unknown": 1},
        {"holder": "a", "count": 2**31},
        {"holder": "a", "count": 1.5},
        {"holder": "a", "count": True},
        {"holder": "a", "share": "1"},
        {"holder": "a", "open": 1},
        {"holder": "a", "expiresAt": 1_700_000_000_000},
        {"holder": "a", "expiresAt": "2024-02-30T00:00:00Z"},
        {"holder": "a", "expiresAt": "tomorrow"},
        {"holder": "a", "day": "2024-13-01"},
        {"holder": "a", "tags": "one"},
        {"holder": "a", "tags": [1]},
        {"holder": "a", "tags": ["x"] * 1001},
        {"holder": "a", "extra": {"x": "y" * 41_000}},
        {"holder": "a", "next": "n"},
        {"holder": "a", "next": {"space": "nowhere", "externalId": "n"}},
    ],
)
def test_properties_that_a_container_cannot_hold(modeled: Cdf, properties: dict[str, Any]) -> None:
    items = [node("good", holder="a"), node(**properties)]
    assert modeled.refused("/models/instances", {"items": items})["code"] == 400
    assert modeled.items("/models/instances/byids", node("good")) == []


@pytest.mark.source("SDK data_classes/data_modeling/data_types.py")
def test_properties_that_a_container_holds(modeled: Cdf) -> None:
    target = {"space": "sp", "externalId": "target"}
    modeled.items(
        "/models/instances",
        node(
            holder="ä",
            expiresAt="2024-02-29T12:00:00+02:00",
            count=-(2**31),
            share=1,
            open=False,
            day="2024-02-29",
            extra={"a": [1, None]},
            tags=["a", "b"],
            next=target,
        ),
    )
    assert read(modeled) == {
        "holder": "ä",
        "expiresAt": "2024-02-29T10:00:00.000+00:00",
        "count": -(2**31),
        "share": 1.0,
        "open": False,
        "day": "2024-02-29",
        "extra": {"a": [1, None]},
        "tags": ["a", "b"],
        "next": target,
    }
    assert len(modeled.items("/models/instances/byids", node("target"))) == 1
    bare = {
        "items": [node("m", holder="a", next={"space": "sp", "externalId": "no"})],
        "autoCreateDirectRelations": False,
    }
    assert modeled.refused("/models/instances", bare)["code"] == 400


@pytest.mark.source("Toolkit yaml_classes/instance.py")
@pytest.mark.parametrize(
    "change",
    [
        {"space": "nowhere"},
        {"externalId": ""},
        {"externalId": "x" * 257},
        {"externalId": "a\x00"},
        {"externalId": None},
        {"instanceType": "edge"},
        {"existingVersion": "1"},
        {"sources": [{"source": {"type": "container", "space": "sp", "externalId": "No"}, "properties": {}}]},
        {"sources": [{"source": {"type": "view", "space": "sp", "externalId": "V", "version": "1"}, "properties": {}}]},
    ],
)
def test_what_the_api_refuses(modeled: Cdf, change: dict[str, Any]) -> None:
    modeled.items("/models/instances", node(holder="a"))
    assert modeled.refused("/models/instances", {"items": [node(holder="b") | change]})["code"] == 400
