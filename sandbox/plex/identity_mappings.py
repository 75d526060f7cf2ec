"""From the integer keys of data sources to the UUIDs of the REST API, and back.

The vendor publishes the two requests but neither the names of the standard objects nor the form of an identifier; the
names here are those of the key columns without `_Key`, and an identifier is `{"<Name>_Key": integer}`, with `id` beside
it in an answer. What can't be found has null there.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sandbox.plex.catalogue import BY_PATH
from sandbox.plex.endpoints.inventory import LOCATIONS
from sandbox.plex.endpoints.master_data import (
    BUILDINGS,
    EQUIPMENT,
    JOBS,
    OPERATIONS,
    PART_OPERATIONS,
    PARTS,
    WORKCENTERS,
)
from sandbox.plex.endpoints.parameters import InvalidError
from sandbox.plex.endpoints.quality import PART_SPECIFICATIONS
from sandbox.plex.plants.plant import integer_key

if TYPE_CHECKING:
    from sandbox.plex.endpoints.store import Store

MOST = 5000
"""Identifiers in one request."""

OBJECTS = {
    "Part": PARTS.path,
    "Operation": OPERATIONS.path,
    "Part_Operation": PART_OPERATIONS.path,
    "Workcenter": WORKCENTERS.path,
    "Job": JOBS.path,
    "Building": BUILDINGS.path,
    "Location": LOCATIONS.path,
    "Equipment": EQUIPMENT.path,
    "Specification": PART_SPECIFICATIONS.path,
}
"""Standard object to the list that holds its ids."""


def keys_to_ids(store: Store, instant: str, body: dict[str, Any]) -> dict[str, Any]:
    """The ids of integer keys, in their order."""
    name, column, keys = _asked(body, "recordIdentifiers")
    ids = {integer_key(each): each for each in _ids(store, name, instant)}
    wanted = [each.get(column) if isinstance(each, dict) else None for each in keys]
    return _answer(
        name, column, [{"id": ids.get(key) if isinstance(key, int) else None, column: key} for key in wanted]
    )


def ids_to_keys(store: Store, instant: str, body: dict[str, Any]) -> dict[str, Any]:
    """The integer keys of ids, in their order."""
    name, column, ids = _asked(body, "ids")
    known = set(_ids(store, name, instant))
    try:
        wanted = [str(uuid.UUID(each)) for each in ids]
    except (ValueError, AttributeError, TypeError):
        raise InvalidError("REQUEST_VALIDATION_FAILED", "The ids must be UUIDs.") from None
    keys = {each: integer_key(each) for each in known.intersection(wanted)}
    return _answer(name, column, [{"id": each, column: keys.get(each)} for each in wanted])


def _asked(body: dict[str, Any], field: str) -> tuple[str, str, list[Any]]:
    """Object, key column and identifiers of a request.

    Raises:
        InvalidError: One of them is none.
    """
    name, asked = body.get("standardObjectName"), body.get(field)
    if name not in OBJECTS or not isinstance(asked, list) or len(asked) > MOST:
        raise InvalidError(
            "REQUEST_VALIDATION_FAILED",
            f"standardObjectName must be one of {', '.join(OBJECTS)}, and {field} a list of at most {MOST}.",
        )
    return str(name), f"{name}_Key", asked


def _ids(store: Store, name: str, instant: str) -> list[str]:
    endpoint = BY_PATH[OBJECTS[name]]
    return [key[0] for key in store.table(endpoint, instant).by_key]


def _answer(name: str, column: str, identifiers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"standardObject": {"name": name, "keys": [column]}, "recordIdentifiers": identifiers}
