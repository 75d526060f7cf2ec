"""A project with leases: nodes with a version that writers compete for, and properties of many types."""

from __future__ import annotations

from typing import Any

from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes.data_modeling.views import ViewPropertyApply
from sandbox_cdf_client import AnyJson, Cdf

LEASE = dm.ContainerId("sp", "Lease")


def with_leases(cdf: Cdf) -> Cdf:
    """A project with space ``sp`` and its container ``Lease``."""
    cdf.client.data_modeling.spaces.apply(dm.SpaceApply("sp", name="Space"))
    properties = {
        "holder": {"type": {"type": "text"}, "nullable": False},
        "expiresAt": {"type": {"type": "timestamp"}},
        "count": {"type": {"type": "int32"}},
        "share": {"type": {"type": "float64"}},
        "open": {"type": {"type": "boolean"}, "defaultValue": True},
        "day": {"type": {"type": "date"}},
        "extra": {"type": {"type": "json"}},
        "tags": {"type": {"type": "text", "list": True}},
        "next": {"type": {"type": "direct"}},
    }
    cdf.items("/models/containers", {"space": "sp", "externalId": "Lease", "properties": properties})
    return cdf


def node(name: str = "n", version: int | None = None, **properties: AnyJson) -> dict[str, Any]:
    item: dict[str, Any] = {"instanceType": "node", "space": "sp", "externalId": name}
    if properties:
        source = {"type": "container", "space": "sp", "externalId": "Lease"}
        item["sources"] = [{"source": source, "properties": properties}]
    return item if version is None else item | {"existingVersion": version}


def mapping(**names: str) -> dict[str, ViewPropertyApply]:
    return {name: dm.MappedPropertyApply(LEASE, field) for name, field in names.items()}


def read(cdf: Cdf, name: str = "n") -> dict[str, Any]:
    """All properties of a node, through a view of them all."""
    fields = ("holder", "expiresAt", "count", "share", "open", "day", "extra", "tags", "next")
    cdf.client.data_modeling.views.apply(
        dm.ViewApply("sp", "Whole", "v1", properties=mapping(**dict(zip(fields, fields, strict=True))))
    )
    sources = [{"source": dm.ViewId("sp", "Whole", "v1").dump()}]
    (found,) = cdf.items("/models/instances/byids", node(name), sources=sources)
    properties: dict[str, Any] = found["properties"]["sp"]["Whole/v1"]
    return properties
