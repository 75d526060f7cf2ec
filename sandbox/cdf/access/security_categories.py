"""Security categories: names that files and time series can be marked with."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.fields import Change, Field, Schema, text
from sandbox.cdf.api.http import ApiError, Json, items_of, limit_of
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.classic.store import Store

MOST = 1000
"""How many categories a project has: https://docs.cognite.com/api-reference/concepts/20230101/security-categories"""


class SecurityCategories(Store):
    """The project's security categories."""

    kind = "Security category"
    schema: ClassVar[Schema] = Schema({"name": Field(text(255, minimum=1), Change.NEVER, required=True)})

    def prepare(self, new: dict[int, Json]) -> None:
        """A name that is taken refuses all; one that comes twice in a request is made once."""
        taken = {row["name"] for row in self.rows.values()}
        duplicated = sorted({row["name"] for row in new.values()} & taken)
        if duplicated:
            found = [{"name": name} for name in duplicated]
            raise ApiError(409, f"Security categories exist: {', '.join(duplicated)}", duplicated=found)
        names: set[str] = set()
        for key in list(new):
            if new[key]["name"] in names:
                del new[key]
            else:
                names.add(new[key]["name"])
        if len(taken) + len(names) > MOST:
            raise ApiError(400, f"A project has at most {MOST} security categories")


def remove_by_ids(store: Store, data: Json) -> Json:
    """Remove rows that a request names by a list of bare ids; either all or none.

    Raises:
        ApiError: 400 when it is no such list, or with the ids that are ``missing``.
    """
    ids = data.get("items")
    if not isinstance(ids, list) or not ids or not all(type(each) is int for each in ids):
        raise ApiError(400, "items: must be a list of ids, with at least one element")
    missing = [{"id": each} for each in ids if each not in store.rows]
    if missing:
        unknown = ", ".join(str(each["id"]) for each in missing)
        raise ApiError(400, f"{store.kind} ids not found: {unknown}", missing=missing)
    store.remove(dict.fromkeys(ids))
    return {}


def routes(store: SecurityCategories) -> list[Route]:
    """The routes of security categories."""

    def create(data: Json) -> Json:
        return {"items": [_shown(row) for row in store.create(items_of(data, minimum=1))]}

    def listed(request: Request) -> Json:
        query = dict(request.query_params)
        if query.get("sort", "ASC") not in {"ASC", "DESC"}:
            raise ApiError(400, f"sort: {query['sort']!r} must be ASC or DESC")
        rows = sorted(store.rows.values(), key=lambda row: row["name"], reverse=query.get("sort") == "DESC")
        limit = limit_of(query.get("limit"), default=25)
        return Cursor.of(query).slice([_shown(row) for row in rows], limit).envelope()

    return [
        post("/securitycategories", create, status=201),
        post("/securitycategories/delete", lambda data: remove_by_ids(store, data)),
        get("/securitycategories", listed),
    ]


def _shown(row: Json) -> Json:
    return {"id": row["id"], "name": row["name"]}
