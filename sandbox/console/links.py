"""Names for the ids that rows hold, so that the page can show and link them."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project


def named(row: Json) -> Json:
    """What a link to a row shows."""
    return {"id": row.get("id"), "externalId": row.get("externalId"), "name": row.get("name")}


def assets_named(project: Project, ids: Iterable[int]) -> list[Json]:
    """The assets with some ids; one that is gone has its id alone."""
    return [named(project.assets.rows.get(each, {"id": each})) for each in ids]


def data_set_of(project: Project, row: Json) -> Json | None:
    """The data set of a row; None where it has none."""
    data_set = project.data_sets.rows.get(row.get("dataSetId", 0))
    return None if data_set is None else named(data_set)
