"""Data sets. The API has no way to delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.store import Store


class DataSets(Store):
    """The project's data sets."""

    kind = "Data set"
    schema = schemas.DATA_SET
    create_limit = 10
    filters: ClassVar[Mapping[str, str]] = {"writeProtected": "writeProtected"}

    def prepare(self, new: dict[int, Json]) -> None:
        """Every data set says whether it is write protected, and has metadata."""
        for row in new.values():
            row.setdefault("writeProtected", False)
            row.setdefault("metadata", {})


def routes(store: DataSets) -> list[Route]:
    """The routes of data sets."""
    return classic_routes(store, "/datasets", actions=("create", "list", "byids", "update", "aggregate"))
