"""Time series: what a series is; its points are in `points.datapoints`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.instance_links import InstanceLinked
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.store import Store
from sandbox.cdf.points.datapoints import Datapoints


class TimeSeries(InstanceLinked):
    """The project's time series.

    Attributes:
        points: the points of all series.
    """

    kind = "Time series"
    schema = schemas.TIME_SERIES
    filters: ClassVar[Mapping[str, str]] = {"unitExternalId": "unitExternalId"}

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, assets: Assets) -> None:
        super().__init__(ids, data_sets, labels, assets)
        self.points = Datapoints(self)

    def prepare(self, new: dict[int, Json]) -> None:
        """Every series says of which type it is."""
        for row in new.values():
            row.setdefault("isString", False)
            row.setdefault("isStep", False)
            row["type"] = "string" if row["isString"] else "numeric"
            row.pop("legacyName", None)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove series together with their points."""
        keys = list(keys)
        self.points.forget(keys)
        super().remove(keys)


def routes(store: TimeSeries) -> list[Route]:
    """The routes of time series."""
    return classic_routes(store, "/timeseries")
