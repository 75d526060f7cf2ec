"""Events: what happened from one time to another, linked to assets."""

from __future__ import annotations

from math import inf

from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.asset_links import AssetLinked
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.filters import Predicate, overlapping
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.store import Store

PROPERTIES = frozenset(
    {
        "assetIds",
        "createdTime",
        "dataSetId",
        "endTime",
        "id",
        "lastUpdatedTime",
        "startTime",
        "description",
        "externalId",
        "metadata",
        "source",
        "subtype",
        "type",
    }
)
"""What an ``advancedFilter``, a sort or an aggregate may name (SDK ``EventProperty``)."""


class Events(AssetLinked):
    """The project's events."""

    kind = "Event"
    schema = schemas.EVENT
    searchable = ("description",)

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, assets: Assets) -> None:
        super().__init__(ids, data_sets, labels, assets)
        self.properties = PROPERTIES

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """``activeAtTime``: events that overlap a range of time."""
        if key == "activeAtTime":
            return overlapping(value, start=inf)
        return super().special_filter(key, value)


def routes(store: Events) -> list[Route]:
    """The routes of events."""
    return classic_routes(store, "/events")
