"""Filters of resources that are linked to assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.cdf.filters import Predicate
from sandbox.cdf.http import AnyJson, Json

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


def asset_filter(project: Project, key: str, value: AnyJson) -> Predicate | None:
    """The predicate of a filter key that names assets; None for other keys.

    AnyJson of the assets is enough, as in the API's ``containsAny``.
    """
    assets = project.assets
    if key == "assetIds":
        wanted = set(value)
    elif key == "assetExternalIds":
        wanted = {row["id"] for row in map(assets.by_external_id, value) if row is not None}
    elif key == "assetSubtreeIds":
        wanted = {each for top in assets.keys(value) for each in assets.subtree(top)}
    elif key == "rootAssetIds":
        roots = set(value)
        return lambda row: any(assets.rows[each]["rootId"] in roots for each in linked(row) if each in assets.rows)
    else:
        return None
    return lambda row: not wanted.isdisjoint(linked(row))


def linked(row: Json) -> list[int]:
    """The assets that a row is linked to."""
    if "assetId" in row:
        return [row["assetId"]]
    found: list[int] = row.get("assetIds", [])
    return found
