"""Groups of principals with their capabilities; a group is never changed, only replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.access import capabilities, security_categories
from sandbox.cdf.access.rights import REFUSAL, Rights
from sandbox.cdf.access.security_categories import SecurityCategories, remove_by_ids
from sandbox.cdf.api.fields import Field, Schema, list_of, mapping, text
from sandbox.cdf.api.http import AnyJson, ApiError, Json, items_of
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.store import Store

ALL_USERS = "allUserAccounts"
_MOST_MEMBERS = 100


def _members(value: AnyJson) -> None:
    """Ids of principals, or all users of the organization."""
    if value != ALL_USERS:
        list_of(text(255, minimum=1), _MOST_MEMBERS)(value)


class Groups(Store):
    """The project's groups.

    Attributes:
        security_categories: what `securityCategoriesAcl` is about.
    """

    kind = "Group"
    schema: ClassVar[Schema] = Schema(
        {
            **schemas.GROUP.fields,
            "capabilities": Field(list_of(capabilities.check, 10_000)),
            # The Rust SDK's documentation of a group: 16 pairs, keys of 32 and values of 512 bytes, 4096 in all.
            "metadata": Field(mapping(pairs=16, key=32, value=512, total=4096)),
            "members": Field(_members),
        }
    )

    def __init__(self, ids: Ids) -> None:
        super().__init__(ids)
        self.security_categories = SecurityCategories(ids)

    def prepare(self, new: dict[int, Json]) -> None:
        """Every group says that it is not deleted, and has a source id, if an empty one."""
        for row in new.values():
            row["isDeleted"] = False
            row.setdefault("sourceId", "")
            row.setdefault("metadata", {})
            row["capabilities"] = [_as_answered(each) for each in row.get("capabilities", ())]

    def check(self, row: Json) -> None:
        """A group gets its members from the identity provider or from a list, not both."""
        if row["sourceId"] and "members" in row:
            raise ApiError(400, "Only one of sourceId and members may be given")


def routes(store: Groups) -> list[Route]:
    """The routes of groups, and of the security categories that they can be members of."""

    def create(data: Json) -> Json:
        return {"items": [_shown(row) for row in store.create(items_of(data, minimum=1))]}

    def listed(request: Request) -> Json:
        asked = request.query_params.get("all", "false").lower()
        if asked not in {"true", "false"}:
            raise ApiError(400, f"all: {asked!r} must be true or false")
        rights: Rights | None = request.state.rights
        rows = store.rows.values()
        if rights is None:
            return {"items": [_shown(row) for row in rows]}
        if asked == "false":
            return {"items": [_shown(row) for row in rows if row["id"] in rights.groups]}
        if not rights.allow("groupsAcl", "LIST", {}):
            raise ApiError(403, REFUSAL)
        return {"items": [_shown(row) for row in rows]}

    return [
        post("/groups", create, status=201),
        post("/groups/delete", lambda data: remove_by_ids(store, data)),
        get("/groups", listed),
        *security_categories.routes(store.security_categories),
    ]


def _as_answered(capability: Json) -> Json:
    """A capability as the API gives it back, tables as an object (Toolkit `resource_ios/_auth.py`)."""
    ((name, granted),) = capability.items()
    ((kind, content),) = granted["scope"].items()
    if kind.lower() != "tablescope" or not isinstance(content.get("dbsToTables"), dict):
        return capability
    databases: Mapping[str, AnyJson] = content["dbsToTables"]
    answered = {
        database: {"tables": tables} if isinstance(tables, list) else tables for database, tables in databases.items()
    }
    return {name: granted | {"scope": {kind: content | {"dbsToTables": answered}}}}


def _shown(row: Json) -> Json:
    return {name: value for name, value in row.items() if name not in {"createdTime", "lastUpdatedTime"}}
