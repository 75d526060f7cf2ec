"""Events: what happened from one time to another, linked to assets."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, ClassVar

from starlette.routing import Route

from sandbox.cdf import limits
from sandbox.cdf.asset_links import asset_filter
from sandbox.cdf.classic import classic_routes
from sandbox.cdf.filters import Predicate, overlapping
from sandbox.cdf.http import AnyJson, ApiError, Json
from sandbox.cdf.store import Store

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


class Events(Store):
    """The project's events."""

    kind = "Event"
    schema = limits.EVENT
    references: ClassVar[Mapping[str, str]] = {"dataSetId": "data_sets", "assetIds": "assets"}
    searchable = ("description",)

    def check(self, row: Json) -> None:
        """An event does not end before it starts."""
        start, end = row.get("startTime"), row.get("endTime")
        if start is not None and end is not None and end < start:
            raise ApiError(400, f"endTime {end} must not be before startTime {start}")

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """Assets, and ``activeAtTime``: events that overlap a range of time."""
        if key == "activeAtTime":
            return overlapping(value, start=inf)
        return asset_filter(self.project, key, value) or super().special_filter(key, value)


def routes(project: Project) -> list[Route]:
    """The routes of events."""
    return classic_routes(project.events, "/events")
