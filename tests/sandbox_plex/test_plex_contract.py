"""What the stand-in answers and accepts, held against the vendor's description where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.plex import Size, generated_plants
from sandbox.plex.catalogue import BY_PATH, ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

CONTRACT = Path(__file__).parents[3] / "shared/reference/plex-endpoints.json"
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"the vendor's description is not at {CONTRACT}")

WRONG = {
    "string:uuid": "no-uuid",
    "string:date-time": "2024-03-01",
    "boolean": "perhaps",
    "integer:int32": "ten",
    "number:double": "ten",
}
PATHS = [endpoint.path for endpoint in ENDPOINTS if endpoint.method]
LISTS = [endpoint.path for endpoint in ENDPOINTS if endpoint.method == "GET" and not endpoint.item_of]
NAMES = {
    "/production/v1/control/workcenters/{id}": "/production/v1/control/workcenters/{workcenterId}",
    "/inventory-tracking/v1/containers/{id}": "/inventory-tracking/v1/containers/{serialNumber}",
}
"""What the vendor calls ids in paths."""


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client]) -> Client:
    return serve(generated_plants(1, 7, Size(jobs=60, parts=60, workcenters=30)))


def contract(path: str) -> dict[str, Any]:
    method = BY_PATH[path].method
    described: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))[f"{method} {NAMES.get(path, path)}"]
    return described


def real(plex: Client, path: str) -> str:
    """The path with an id of the plant's."""
    endpoint = BY_PATH[path]
    if path == "/quality/v1/checksheets/{id}":
        return path.replace("{id}", "1")
    parent = BY_PATH.get(endpoint.item_of or endpoint.child_of or "")
    if parent is None:
        return path
    if parent.method == "POST":
        return path.replace("{id}", plex.post(parent.path, {}).json()[0]["id"])
    listed = parent.path if parent.method else "/inventory/v1/inventory-tracking/containers"
    return path.replace("{id}", plex.rows(listed)[0][parent.key[0]])


def due(plex: Client, path: str) -> dict[str, str]:
    """Values for the parameters that the vendor requires."""
    values = {}
    for parameter in contract(path)["params"]:
        if parameter["in"] == "query" and parameter["required"]:
            name = parameter["name"]
            if name in {"partId", "itemId"}:
                values[name] = plex.rows("/mdm/v1/parts" if name == "partId" else "/mdm/v1/supply-items")[2]["id"]
            else:
                values[name] = "2025-12-20T00:00Z" if name.startswith("begin") else "2026-01-01T00:00Z"
    return values


Type = str | list["Type"] | dict[str, "Type"]


def fits(value: object, declared: Type) -> bool:
    """Whether a value is of the declared type; null always is."""
    if value is None:
        return True
    if isinstance(declared, list):
        return isinstance(value, list) and all(fits(item, declared[0]) for item in value)
    if isinstance(declared, dict):
        return (
            isinstance(value, dict)
            and list(value) == list(declared)
            and all(fits(value[name], declared[name]) for name in declared)
        )
    kinds = {"string": str, "number": float, "boolean": bool, "integer": int}
    return type(value) is kinds[declared.partition(":")[0]]


@pytest.mark.parametrize("path", PATHS)
def test_rows_have_exactly_the_described_fields(plex: Client, path: str) -> None:
    declared = contract(path)["responses"]["200"]
    if BY_PATH[path].method == "POST":
        answer = plex.post(path, {}).json()
    else:
        answer = plex.get(real(plex, path), params=due(plex, path)).json()
    assert answer
    assert fits(answer, declared)


@pytest.mark.parametrize("path", LISTS)
def test_parameters_are_known_by_their_types(plex: Client, path: str) -> None:
    needed = due(plex, path)
    for parameter in contract(path)["params"]:
        if parameter["in"] != "query":
            continue
        kind = parameter["type"][0] if isinstance(parameter["type"], list) else parameter["type"]
        value = WRONG.get(kind, "nothing has this value")
        answer = plex.get(real(plex, path), params={**needed, parameter["name"]: value})
        if kind in WRONG:
            assert answer.status_code == 400, parameter
        else:
            assert (answer.status_code, answer.json()) == (200, []), parameter


@pytest.mark.parametrize("path", LISTS)
def test_required_parameters_are_required(plex: Client, path: str) -> None:
    needed = due(plex, path)
    for name in needed:
        answer = plex.get(path, params={other: value for other, value in needed.items() if other != name})
        assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_VALIDATION_FAILED"), name
