"""What the stand-in answers and accepts, held against the vendor's description where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.plex import Size, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

CONTRACT = Path(__file__).parents[3] / "shared/reference/plex-endpoints.json"
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"the vendor's description is not at {CONTRACT}")

PATHS = [
    "/mdm/v1/tenants",
    "/mdm/v1/parts",
    "/inventory/v1/inventory-definitions/parts",
    "/mdm/v1/operations",
    "/mdm/v1/part-operations",
    "/mdm/v1/buildings",
    "/production/v1/production-definitions/approved-workcenters",
    "/mdm/v1/supply-items",
    "/maintenance/v1/equipment",
    "/production/v1/production-definitions/workcenters",
    "/production/v1/production-definitions/production-lines",
    "/scheduling/v1/jobs",
    "/scheduling/v1/jobs/{id}",
    "/scheduling/v1/jobs/{id}/operations",
]
WRONG = {"string:uuid": "no-uuid", "string:date-time": "2024-03-01", "boolean": "perhaps", "integer:int32": "ten"}


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client]) -> Client:
    return serve(generated_plants(1, 7, Size(jobs=60, parts=60, workcenters=30)))


def contract(path: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))[f"GET {path}"]
    return described


def real(plex: Client, path: str) -> str:
    return path.replace("{id}", plex.rows("/scheduling/v1/jobs")[0]["id"])


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
    answer = plex.get(real(plex, path)).json()
    assert answer
    assert fits(answer, declared)


@pytest.mark.parametrize("path", PATHS)
def test_parameters_are_known_by_their_types(plex: Client, path: str) -> None:
    for parameter in contract(path)["params"]:
        if parameter["in"] != "query":
            continue
        kind = parameter["type"][0] if isinstance(parameter["type"], list) else parameter["type"]
        answer = plex.get(real(plex, path), params={parameter["name"]: WRONG.get(kind, "nothing has this value")})
        if kind in WRONG:
            assert answer.status_code == 400, parameter
        else:
            assert (answer.status_code, answer.json()) == (200, []), parameter
