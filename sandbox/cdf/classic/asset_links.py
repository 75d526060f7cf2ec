"""What resources have that are linked to assets."""

from __future__ import annotations

from sandbox.cdf.api.http import AnyJson, Json, numbers, objects, texts
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.filters import Predicate
from sandbox.cdf.classic.store import Store


class AssetLinked(Store):
    """Rows with an ``assetId`` or ``assetIds``."""

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, assets: Assets) -> None:
        super().__init__(ids, data_sets, labels)
        self.references |= {"assetId": assets, "assetIds": assets}
        self._assets = assets

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """Assets beyond what all resources have; one of those asked for is enough, as in the API's ``containsAny``."""
        assets = self._assets
        if key == "assetIds":
            wanted = set(numbers(value, "filter.assetIds"))
        elif key == "assetExternalIds":
            found = map(assets.by_external_id, texts(value, "filter.assetExternalIds"))
            wanted = {row["id"] for row in found if row is not None}
        elif key == "assetSubtreeIds":
            tops = assets.keys(objects(value, "filter.assetSubtreeIds"))
            wanted = {each for top in tops for each in assets.subtree(top)}
        elif key == "rootAssetIds":
            roots = self._roots(value)
            return lambda row: any(assets.rows[each]["rootId"] in roots for each in linked(row) if each in assets.rows)
        else:
            return super().special_filter(key, value)
        return lambda row: not wanted.isdisjoint(linked(row))

    def _roots(self, value: AnyJson) -> set[int]:
        """Root assets by id; by ``{id}`` or ``{externalId}`` for rows with several assets (Toolkit `client/api`)."""
        if "assetIds" in self.schema.fields:
            return set(self._assets.keys(objects(value, "filter.rootAssetIds")))
        return set(numbers(value, "filter.rootAssetIds"))


def linked(row: Json) -> list[int]:
    """The assets that a row is linked to."""
    if "assetId" in row:
        return [row["assetId"]]
    found: list[int] = row.get("assetIds", [])
    return found
