"""What Plex answers at one instant: the yardstick for what CDF holds."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.demo.reading import Plex, Row

Tenant = Mapping[str, Mapping[str, Row]]
"""Rows of one tenant by stream and key. Rows without a key are not in it: they have no place in CDF either."""

STREAMS = {
    "parts": ("/mdm/v1/parts", "id"),
    "operations": ("/mdm/v1/operations", "id"),
    "partOperations": ("/mdm/v1/part-operations", "id"),
    "buildings": ("/mdm/v1/buildings", "id"),
    "supplyItems": ("/mdm/v1/supply-items", "id"),
    "equipment": ("/maintenance/v1/equipment", "id"),
    "workcenters": ("/production/v1/production-definitions/workcenters", "workcenterId"),
    "lines": ("/production/v1/production-definitions/production-lines", "id"),
    "jobs": ("/scheduling/v1/jobs", "id"),
}
"""Where the rows of each stream are, and the field that is their key."""

OPEN_STATUSES = ("Open", "Started", "On Hold")
"""What open jobs are called in the plants of the stand-in."""


def read_tenant(plex: Plex) -> Tenant:
    """Read every stream whole, and the operations job by job as Plex wants it."""
    tenant = {stream: _by_key(plex.get(path), key) for stream, (path, key) in STREAMS.items()}
    operations: dict[str, Row] = {}
    for job in tenant["jobs"]:
        operations |= _by_key(plex.get(f"/scheduling/v1/jobs/{job}/operations"), "jobOperationId")
    return tenant | {"jobOperations": operations}


def changed_keys(before: Tenant, after: Tenant) -> set[str]:
    """Keys of rows that are new, differ or vanished between two instants."""
    keys: set[str] = set()
    for stream, rows in after.items():
        earlier = before[stream]
        keys |= {key for key in rows.keys() | earlier.keys() if rows.get(key) != earlier.get(key)}
    return keys


def referring_keys(tenant: Tenant, keys: set[str]) -> set[str]:
    """Keys of rows that name one of `keys` in a field: their names and links may follow what they refer to."""
    return {
        key
        for rows in tenant.values()
        for key, row in rows.items()
        if any(isinstance(value, str) and value in keys for value in row.values())
    }


def size(tenant: Tenant) -> int:
    """How many rows a tenant has in all."""
    return sum(len(rows) for rows in tenant.values())


def _by_key(rows: list[Row], key: str) -> dict[str, Row]:
    return {str(row[key]): row for row in rows if row.get(key)}
