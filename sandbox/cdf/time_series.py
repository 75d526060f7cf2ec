"""Time series: what a series is; its points are in `datapoints`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from starlette.routing import Route

from sandbox.cdf import limits
from sandbox.cdf.asset_links import asset_filter
from sandbox.cdf.classic import classic_routes
from sandbox.cdf.filters import Predicate
from sandbox.cdf.http import AnyJson, Json
from sandbox.cdf.store import Store

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


class TimeSeries(Store):
    """The project's time series."""

    kind = "Time series"
    schema = limits.TIME_SERIES
    references: ClassVar[Mapping[str, str]] = {"dataSetId": "data_sets", "assetId": "assets"}
    filters: ClassVar[Mapping[str, str]] = {"unitExternalId": "unitExternalId"}

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
        self.project.datapoints.forget(keys)
        super().remove(keys)

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """Assets beyond what all resources have."""
        return asset_filter(self.project, key, value) or super().special_filter(key, value)


def routes(project: Project) -> list[Route]:
    """The routes of time series."""
    return classic_routes(project.time_series, "/timeseries")
