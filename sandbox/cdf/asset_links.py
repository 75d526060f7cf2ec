"""Filters of resources that are linked to assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.cdf.filters import Predicate
from sandbox.cdf.http import AnyJson, Json, numbers, objects, texts

if TYPE_CHECKING:
    from sandbox.cdf.project import Project


def asset_filter(project: Project, key: str, value: AnyJson) -> Predicate | None:
    """The predicate of a filter key that names assets; None for other keys.

    AnyJson of the assets is enough, as in the API's ``containsAny``.
    """
    assets = project.assets
    if key == "assetIds":
        wanted = set(numbers(value, "filter.assetIds"))
    elif key == "assetExternalIds":
        wanted = {
            row["id"] for row in map(assets.by_external_id, texts(value, "filter.assetExternalIds")) if row is not None
        }
    elif key == "assetSubtreeIds":
        wanted = {each for top in assets.keys(objects(value, "filter.assetSubtreeIds")) for each in assets.subtree(top)}
    elif key == "rootAssetIds":
        roots = set(numbers(value, "filter.rootAssetIds"))
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
