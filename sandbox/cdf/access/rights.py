"""What a caller may do: the capabilities of its groups, each with actions and a scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sandbox.cdf.api.http import AnyJson, Json

REFUSAL = "Resource not found. This may also be due to insufficient access rights."
"""CDF's words for whatever a caller may not touch."""

ANY_TABLE = "*"
"""As the table of a place: some table of the database, whichever (no table has this name for a scope)."""

_LISTS = {
    "datasetscope": ("ids", "dataSetId"),
    "idscope": ("ids", "id"),
    "extractionpipelinescope": ("ids", "id"),
    "assetrootidscope": ("rootIds", "rootId"),
    "spaceidscope": ("spaceIds", "space"),
}
"""Scopes that list values: where they list them, and what of a place is compared with them.

Source: `cognite/client/data_classes/capabilities.py` of the SDK (`_SCOPE_CLASS_BY_NAME`); names differ in their case.
"""


@dataclass(frozen=True)
class Rights:
    """All that a caller's groups grant.

    Attributes:
        groups: ids of the groups.
        capabilities: as ``[(acl, actions, scope)]``.
    """

    groups: frozenset[int]
    capabilities: tuple[tuple[str, frozenset[str], Json], ...]

    @classmethod
    def of(cls, groups: Iterable[Json]) -> Rights:
        """The rights of a member of groups, given by their rows."""
        rows = list(groups)
        found = [
            (acl, frozenset(granted.get("actions", ())), granted.get("scope", {}))
            for row in rows
            for capability in row["capabilities"]
            for acl, granted in capability.items()
            if isinstance(granted, dict) and "actions" in granted
        ]
        return cls(frozenset(row["id"] for row in rows), tuple(found))

    def allow_some(self, acl: str, action: str) -> bool:
        """Whether an action is allowed anywhere at all."""
        return any(acl == name and action in actions for name, actions, _ in self.capabilities)

    def allow(self, acl: str, action: str, place: Mapping[str, object]) -> bool:
        """Whether an action is allowed at a place: what scopes compare, such as ``dataSetId`` or ``space``."""
        return any(
            acl == name and action in actions and _within(scope, place) for name, actions, scope in self.capabilities
        )


def _within(scope: Json, place: Mapping[str, object]) -> bool:
    for name, content in scope.items():
        if name == "all":
            return True
        if name.lower() == "tablescope":
            return _within_tables(content.get("dbsToTables", {}), place)
        if name.lower() in _LISTS:
            key, part = _LISTS[name.lower()]
            return place.get(part) is not None and str(place[part]) in _texts(content.get(key, ()))
    return False


def _within_tables(databases: Mapping[str, AnyJson], place: Mapping[str, object]) -> bool:
    """Whether a table is among those of a scope. A database that lists no tables stands for all of its own."""
    database, table = place.get("database"), place.get("table")
    if database not in databases:
        return False
    listed = databases[str(database)]
    tables = listed.get("tables", ()) if isinstance(listed, dict) else listed
    return not tables or table == ANY_TABLE or table in tables


def _texts(values: Collection[object]) -> set[str]:
    """Ids as texts: the API takes and gives them as numbers and as texts."""
    return {str(value) for value in values}
