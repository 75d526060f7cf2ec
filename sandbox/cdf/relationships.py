"""Relationships and labels: known by their external id alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from starlette.routing import Route

from sandbox.cdf import limits
from sandbox.cdf.classic import classic_routes, ignores_unknown, post
from sandbox.cdf.filters import Predicate, overlapping
from sandbox.cdf.http import AnyJson, ApiError, Json, items_of, limit_of
from sandbox.cdf.store import Store

if TYPE_CHECKING:
    from sandbox.cdf.project import Project

STORES = {
    "asset": "assets",
    "event": "events",
    "timeSeries": "time_series",
    "file": "files",
    "sequence": "sequences",
}


class Labels(Store):
    """The project's labels."""

    kind = "Label"
    schema = limits.LABEL
    shows_id = False


class Relationships(Store):
    """The project's relationships; their ends need not exist."""

    kind = "Relationship"
    schema = limits.RELATIONSHIP
    filters: ClassVar[Mapping[str, str]] = {
        "sourceExternalIds": "sourceExternalId",
        "sourceTypes": "sourceType",
        "targetExternalIds": "targetExternalId",
        "targetTypes": "targetType",
    }
    shows_id = False

    def check(self, row: Json) -> None:
        """A relationship does not end before it starts."""
        start, end = row.get("startTime"), row.get("endTime")
        if start is not None and end is not None and end < start:
            raise ApiError(400, f"endTime {end} must not be before startTime {start}")

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """``activeAtTime`` beyond what all resources have."""
        if key == "activeAtTime":
            return overlapping(value, start=0)
        return super().special_filter(key, value)

    def with_ends(self, row: Json) -> Json:
        """A row with the resources at its ends, as far as they exist."""
        ends = {}
        for end in ("source", "target"):
            store: Store = getattr(self.project, STORES[row[f"{end}Type"]])
            found = store.by_external_id(row[f"{end}ExternalId"])
            if found is not None:
                ends[end] = found
        return row | ends


def routes(project: Project) -> list[Route]:
    """The routes of relationships and labels."""
    store = project.relationships

    def listed(data: Json) -> Json:
        page = store.page(data, limit_of(data.get("limit"))).envelope()
        return page | {"items": _shown(store, data, page["items"])}

    def by_ids(data: Json) -> Json:
        rows = store.by_ids(items_of(data, minimum=1), ignore_unknown=ignores_unknown(data))
        return {"items": _shown(store, data, rows)}

    return [
        post("/relationships/list", listed),
        post("/relationships/byids", by_ids),
        *classic_routes(store, "/relationships", actions=("create", "list", "update", "delete")),
        *classic_routes(project.labels, "/labels", actions=("create", "list", "byids", "update", "delete")),
    ]


def _shown(store: Relationships, data: Json, rows: list[Json]) -> list[Json]:
    return [store.with_ends(row) for row in rows] if data.get("fetchResources") is True else rows
