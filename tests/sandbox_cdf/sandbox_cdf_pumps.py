"""A project with pumps: what the tests of data modeling write, and how they read it."""

from __future__ import annotations

from typing import Any

from cognite.client.data_classes import data_modeling as dm
from sandbox_cdf_client import AnyJson, Cdf

PUMP = dm.ContainerId("sp", "Pump")
VIEW = dm.ViewId("sp", "Pump", "v1")
TYPES: dict[str, dict[str, Any]] = {
    "name": {"type": "text"},
    "power": {"type": "float32"},
    "rank": {"type": "int64"},
    "open": {"type": "boolean"},
    "at": {"type": "timestamp"},
    "day": {"type": "date"},
    "extra": {"type": "json"},
    "state": {"type": "enum", "values": {"up": {}, "down": {}, "other": {}}, "unknownValue": "other"},
    "next": {"type": "direct"},
    "tags": {"type": "text", "list": True},
    "parts": {"type": "direct", "list": True},
}


def container(name: str = "Pump", *, types: dict[str, Any] = TYPES, **more: AnyJson) -> dict[str, Any]:
    return {
        "space": "sp",
        "externalId": name,
        "properties": {key: {"type": each} for key, each in types.items()},
    } | more


def view(name: str = "Pump", source: dm.ContainerId = PUMP, *, fields: Any = tuple(TYPES), **more: AnyJson) -> Any:
    properties = {key: {"container": source.dump(), "containerPropertyIdentifier": key} for key in fields}
    return {"space": "sp", "externalId": name, "version": "v1", "properties": properties} | more


def pump(key: str, **properties: AnyJson) -> dict[str, Any]:
    sources = [{"source": VIEW.dump(), "properties": properties}] if properties else []
    return {"instanceType": "node", "space": "sp", "externalId": key, "sources": sources}


def ref(key: str, space: str = "sp") -> dict[str, str]:
    return {"space": space, "externalId": key}


def prepared(cdf: Cdf) -> Cdf:
    """A project with the spaces ``sp`` and ``other``, container ``Pump``, and a view of all its properties."""
    cdf.items("/models/spaces", {"space": "sp"}, {"space": "other"})
    cdf.items("/models/containers", container())
    cdf.items("/models/views", view())
    return cdf


def write(cdf: Cdf, *items: dict[str, Any], **flags: bool) -> list[dict[str, Any]]:
    return cdf.items("/models/instances", *items, **flags)


def refusal(cdf: Cdf, *items: dict[str, Any], **flags: bool) -> str:
    """The message of a write that must be refused."""
    error = cdf.refused("/models/instances", {"items": list(items), **flags})
    assert error["code"] == 400, error
    return str(error["message"])


def read(cdf: Cdf, key: str) -> dict[str, Any]:
    (found,) = cdf.items("/models/instances/byids", pump(key) | {"sources": []}, sources=[{"source": VIEW.dump()}])
    properties: dict[str, Any] = found["properties"]["sp"]["Pump/v1"]
    return properties


def names(cdf: Cdf, sent: AnyJson = None, **more: AnyJson) -> str:
    """The external ids of a list with a filter."""
    body = ({} if sent is None else {"filter": sent}) | more
    status, answer = cdf.post("/models/instances/list", body)
    assert status == 200, answer
    return " ".join(row["externalId"] for row in answer["items"])


def filled(modeled: Cdf) -> Cdf:
    """Pumps a, b and c, which are of a type, and lead to each other."""
    write(
        modeled,
        pump("a", name="ax", rank=1, at="2024-01-01T12:00:00+02:00", state="up", next=ref("b"), tags=["x", "y"])
        | {"type": ref("Kind")},
        pump("b", name="bx", rank=2, power=2.5, tags=[], parts=[ref("a"), ref("c")]),
        pump("c", rank=3, open=True, power=3, tags=["y"], extra={"k": 1}),
    )
    return modeled


def edge(key: str, start: str, end: str, **more: AnyJson) -> dict[str, Any]:
    ends = {"type": ref("drives"), "startNode": ref(start), "endNode": ref(end)}
    return {"instanceType": "edge", "space": "sp", "externalId": key} | ends | more


def path(field: str) -> list[str]:
    return ["sp", "Pump/v1", field]
