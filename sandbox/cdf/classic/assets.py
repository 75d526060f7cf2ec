"""Assets: a forest whose parents are resolved when a row is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json, objects, texts
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.routing import post
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.filters import Predicate, flag_of
from sandbox.cdf.classic.identifiers import identifiers_of, named
from sandbox.cdf.classic.routes import classic_routes, ignores_unknown, only, switch
from sandbox.cdf.classic.store import Store

AGGREGATES = frozenset({"childCount", "depth", "path"})
PROPERTIES = frozenset(
    {
        "labels",
        "createdTime",
        "dataSetId",
        "id",
        "lastUpdatedTime",
        "parentId",
        "rootId",
        "description",
        "externalId",
        "metadata",
        "name",
        "source",
    }
)
"""What an ``advancedFilter``, a sort or an aggregate may name (SDK ``AssetProperty``)."""


class Assets(Store):
    """The project's assets, with the children of each."""

    kind = "Asset"
    schema = schemas.ASSET
    filters: ClassVar[Mapping[str, str]] = {
        "parentIds": "parentId",
        "parentExternalIds": "parentExternalId",
    }

    def __init__(self, ids: Ids, data_sets: Store, labels: Store) -> None:
        super().__init__(ids, data_sets, labels)
        self.properties = PROPERTIES
        self.children: dict[int, set[int]] = {}

    def create(self, items: Sequence[Json]) -> list[Json]:
        """As every resource, but what CDF itself says of an asset's place in the forest is passed over.

        The Toolkit writes it into what it downloads, needs it there (`dataio/_asset_centric.py`: `read_chunks` goes by
        ``depth``), and sends it back with what it uploads.
        """
        return super().create([{name: item[name] for name in item if name not in AGGREGATES} for item in items])

    # --- the forest --------------------------------------------------------------------------------------------------

    def prepare(self, new: dict[int, Json]) -> None:
        """Resolve parents, which may come in the same request in any order, and find every row's root."""
        own = {row["externalId"]: key for key, row in new.items() if "externalId" in row}
        for row in new.values():
            self._resolve_parent(row, own)
        for key, row in new.items():
            row["rootId"] = self._root(key, new)

    def prepare_update(self, changed: dict[int, Json]) -> None:
        """Resolve changed parents: they must stay in the tree, and form no cycle.

        The rules and their messages are those that cognitedata/cdp-spark-datasource tests against CDF
        (`AssetHierarchyBuilderTest.scala`).
        """
        for key, row in changed.items():
            old = self.rows[key]
            moved = {name for name in ("parentId", "parentExternalId") if row.get(name) != old.get(name)}
            if not moved:
                continue
            if "parentId" not in old:
                raise ApiError(400, f"Changing from/to being root isn't allowed: asset {key} is a root")
            for unmoved in {"parentId", "parentExternalId"} - moved:
                row.pop(unmoved, None)
            self._resolve_parent(row, {})
            parent = row["parentId"]
            if self.rows[parent]["rootId"] != old["rootId"]:
                raise ApiError(400, f"Asset must stay within same asset hierarchy root: asset {key}, parent {parent}")
            if key in {parent, *self._ancestors(parent, changed)}:
                raise ApiError(400, f"Asset {key} cannot be moved below itself")
        for row in changed.values():
            self._name_parent(row, changed)

    def _name_parent(self, row: Json, changed: Mapping[int, Json]) -> None:
        """A row's ``parentExternalId`` is its parent's, which may change in the same request."""
        parent = row.get("parentId")
        if parent is None:
            return
        row.pop("parentExternalId", None)
        external_id = changed.get(parent, self.rows[parent]).get("externalId")
        if external_id is not None:
            row["parentExternalId"] = external_id

    def _resolve_parent(self, row: Json, own: Mapping[str, int]) -> None:
        external_id, parent = row.get("parentExternalId"), row.get("parentId")
        if external_id is not None and parent is not None:
            raise ApiError(400, "Only one of parentId and parentExternalId may be given")
        if external_id is not None:
            parent = own.get(external_id) or self._by_external_id.get(external_id)
            if parent is None:
                raise ApiError(400, f"Reference to unknown parent with externalId {external_id}")
            row["parentId"] = parent
        elif parent is not None:
            if parent not in self.rows:
                raise ApiError(400, f"Reference to unknown parent with id {parent}")
            if "externalId" in self.rows[parent]:
                row["parentExternalId"] = self.rows[parent]["externalId"]

    def _root(self, key: int, new: Mapping[int, Json]) -> int:
        seen = set()
        while True:
            if key in seen:
                raise ApiError(400, "Assets of the request form a cycle")
            seen.add(key)
            row = new.get(key)
            if row is None:
                return int(self.rows[key]["rootId"])
            if "rootId" in row:
                return int(row["rootId"])
            if "parentId" not in row:
                return key
            key = row["parentId"]

    def _ancestors(self, key: int, changed: Mapping[int, Json]) -> Iterable[int]:
        seen = set()
        while key not in seen:
            seen.add(key)
            parent = (changed.get(key) or self.rows[key]).get("parentId")
            if parent is None:
                return
            yield parent
            key = parent

    def subtree(self, key: int) -> list[int]:
        """An asset and all below it, parents first."""
        found = [key]
        for each in found:
            found.extend(self.children.get(each, ()))
        return found

    def put(self, key: int, row: Json) -> None:
        """Store a row and hang it under its parent; children keep its external id as theirs."""
        old = self.rows.get(key)
        if old is not None and "parentId" in old:
            self.children[old["parentId"]].discard(key)
        super().put(key, row)
        if "parentId" in row:
            self.children.setdefault(row["parentId"], set()).add(key)
        if old is not None and old.get("externalId") != row.get("externalId"):
            for child in self.children.get(key, ()):
                moved = {name: value for name, value in self.rows[child].items() if name != "parentExternalId"}
                new = {"parentExternalId": row["externalId"]} if "externalId" in row else {}
                super().put(child, moved | new)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove rows, and take them from under their parents."""
        keys = list(keys)
        for key in keys:
            parent = self.rows[key].get("parentId")
            if parent in self.children:
                self.children[parent].discard(key)
            self.children.pop(key, None)
        super().remove(keys)

    def delete_tree(self, items: Sequence[Json], *, ignore_unknown: bool, recursive: bool) -> None:
        """Delete assets; those with children only together with all below them.

        Raises:
            ApiError: 400 for an asset that keeps a child while ``recursive`` is off, and as `keys`.
        """
        keys = dict.fromkeys(self.keys(items, ignore_unknown=ignore_unknown))
        if recursive:
            keys = dict.fromkeys(each for key in list(keys) for each in self.subtree(key))
        else:
            parents = [key for key in keys if self.children.get(key, set()) - keys.keys()]
            if parents:
                raise ApiError(400, f"Cannot delete assets that have children: {', '.join(map(str, parents))}")
        self.remove(keys)

    # --- reading -----------------------------------------------------------------------------------------------------

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """``root``, ``rootIds`` and ``assetSubtreeIds`` beyond what all resources have."""
        if key == "geoLocation":
            raise ApiError(400, "filter.geoLocation: this stand-in keeps places and does not search by them")
        if key == "root":
            wanted = flag_of(key, value)
            return lambda row: ("parentId" not in row) is wanted
        if key == "rootIds":
            roots = set(self.keys(objects(value, "filter.rootIds")))
            return lambda row: row["rootId"] in roots
        if key == "assetSubtreeIds":
            inside = {each for top in self.keys(objects(value, "filter.assetSubtreeIds")) for each in self.subtree(top)}
            return lambda row: row["id"] in inside
        return super().special_filter(key, value)

    def shown(self, rows: Sequence[Json], data: Json) -> Sequence[Json]:
        """Rows with the aggregates that ``aggregatedProperties`` asks for."""
        wanted = texts(data.get("aggregatedProperties"), "aggregatedProperties")
        unknown = [{"property": name} for name in wanted if name not in AGGREGATES]
        if unknown:
            raise ApiError(400, f"aggregatedProperties: unknown {named(unknown)}")
        return [self._with_aggregates(row, wanted) for row in rows] if wanted else rows

    def _with_aggregates(self, row: Json, wanted: Sequence[str]) -> Json:
        path = [row["id"], *self._ancestors(row["id"], {})][::-1]
        values = {
            "childCount": len(self.children.get(row["id"], ())),
            "depth": len(path) - 1,
            "path": [{"id": each} for each in path],
        }
        return row | {"aggregates": {name: values[name] for name in wanted}}


def routes(store: Assets) -> list[Route]:
    """The routes of assets."""

    def deleted(data: Json) -> Json:
        store.delete_tree(
            identifiers_of(data), ignore_unknown=ignores_unknown(data), recursive=switch(data, "recursive")
        )
        return {}

    return [
        post("/assets/delete", only(deleted, "items", "ignoreUnknownIds", "recursive")),
        *classic_routes(store, "/assets", actions=("create", "list", "byids", "update", "aggregate", "search")),
    ]
