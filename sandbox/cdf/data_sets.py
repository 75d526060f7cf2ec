"""Data sets. The API has no way to delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from starlette.routing import Route

from sandbox.cdf import limits
from sandbox.cdf.classic import classic_routes
from sandbox.cdf.http import Json
from sandbox.cdf.store import Store

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


class DataSets(Store):
    """The project's data sets."""

    kind = "Data set"
    schema = limits.DATA_SET
    create_limit = 10
    references: ClassVar[Mapping[str, str]] = {}
    filters: ClassVar[Mapping[str, str]] = {"writeProtected": "writeProtected"}

    def prepare(self, new: dict[int, Json]) -> None:
        """Every data set says whether it is write protected, and has metadata."""
        for row in new.values():
            row.setdefault("writeProtected", False)
            row.setdefault("metadata", {})


def routes(project: Project) -> list[Route]:
    """The routes of data sets."""
    return classic_routes(project.data_sets, "/datasets", actions=("create", "list", "byids", "update", "aggregate"))
