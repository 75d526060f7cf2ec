"""Groups of principals with their capabilities; a group is never changed, only replaced."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf import schemas
from sandbox.cdf.classic import get, post
from sandbox.cdf.http import ApiError, Json, items_of
from sandbox.cdf.rights import REFUSAL, Rights
from sandbox.cdf.store import Store


class Groups(Store):
    """The project's groups."""

    kind = "Group"
    schema = schemas.GROUP

    def prepare(self, new: dict[int, Json]) -> None:
        """Every group says that it is not deleted."""
        for row in new.values():
            row["isDeleted"] = False
            row.setdefault("capabilities", [])
            row.setdefault("metadata", {})

    def check(self, row: Json) -> None:
        """A group gets its members from the identity provider or from a list, not both."""
        if "sourceId" in row and "members" in row:
            raise ApiError(400, "Only one of sourceId and members may be given")


def routes(store: Groups) -> list[Route]:
    """The routes of groups."""

    def create(data: Json) -> Json:
        return {"items": [_shown(row) for row in store.create(items_of(data, minimum=1))]}

    def delete(data: Json) -> Json:
        ids = data.get("items")
        if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
            raise ApiError(400, "items: must be a list of ids")
        missing = [{"id": each} for each in ids if each not in store.rows]
        if missing:
            raise ApiError(400, "Group ids not found", missing=missing)
        store.remove(dict.fromkeys(ids))
        return {}

    def listed(request: Request) -> Json:
        rights: Rights | None = request.state.rights
        rows = store.rows.values()
        if rights is None:
            return {"items": [_shown(row) for row in rows]}
        if request.query_params.get("all", "").lower() != "true":
            return {"items": [_shown(row) for row in rows if row["id"] in rights.groups]}
        if not rights.allow("groupsAcl", "LIST", {}):
            raise ApiError(403, REFUSAL)
        return {"items": [_shown(row) for row in rows]}

    return [post("/groups", create, status=201), post("/groups/delete", delete), get("/groups", listed)]


def _shown(row: Json) -> Json:
    return {name: value for name, value in row.items() if name not in {"createdTime", "lastUpdatedTime"}}
