"""One resource's rows, with what all classic resources share: ids, all-or-nothing writes, updates and listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from sandbox.cdf.api.fields import Schema
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, objects
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.ordered import OrderedRows
from sandbox.cdf.api.paging import Cursor, Page
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.classic.filters import Predicate, filter_keys, predicate
from sandbox.cdf.classic.identifiers import identifier_of, named
from sandbox.cdf.classic.listing import partition_of, relevance, sorted_rows
from sandbox.cdf.classic.sight import sight


class Store:
    """The rows of one resource type.

    A subclass declares its schema and filters, and adds its own rules in `prepare` and `check`.

    Args:
        ids: gives rows their internal ids.
        data_sets: the data sets that rows may belong to.
        labels: the labels that rows may have.

    Attributes:
        rows: by internal id, oldest first. Rows are replaced, never changed in place.
        kind: what messages call one row.
        schema: what a client may send.
        filters: filter keys beyond those that every resource has, to the field that they compare.
        searchable: the fields that a search for anything looks at.
        shows_id: whether rows carry their internal id.
        create_limit: how many items one create may bring.
        references: by the field that holds an id, or a list of ids, the rows that it names.
    """

    kind: ClassVar[str]
    schema: ClassVar[Schema]
    filters: ClassVar[Mapping[str, str]] = {}
    searchable: ClassVar[Sequence[str]] = ("name", "description")
    shows_id: ClassVar[bool] = True
    create_limit: ClassVar[int] = 1000

    def __init__(self, ids: Ids, data_sets: Store | None = None, labels: Store | None = None) -> None:
        self.ids = ids
        self.references: dict[str, Store] = {} if data_sets is None else {"dataSetId": data_sets}
        self._labels = labels
        self.properties = frozenset({*self.schema.fields, "id", "createdTime", "lastUpdatedTime"})
        self._ordered = OrderedRows[Json]()
        self.rows = self._ordered.rows
        self._by_external_id: dict[str, int] = {}

    # --- finding -----------------------------------------------------------------------------------------------------

    def key(self, item: Json) -> int | None:
        """The internal id of the row that ``{"id"}`` or ``{"externalId"}`` names; None when there is none.

        Raises:
            ApiError: 400 when the item names none or both.
        """
        external_id, internal_id = item.get("externalId"), item.get("id")
        if (external_id is None) == (internal_id is None):
            raise ApiError(400, f"{self.kind}: exactly one of id and externalId is needed")
        if external_id is not None:
            key = self._by_external_id.get(external_id) if isinstance(external_id, str) else None
        else:
            key = internal_id if isinstance(internal_id, int) and internal_id in self.rows and self.shows_id else None
        return key if key is None or self.is_seen(self.rows[key]) else None

    def is_seen(self, row: Json) -> bool:
        """Whether the request that is served now may see a row."""
        sees = sight()
        return sees is None or sees(self.kind, row)

    def by_external_id(self, external_id: str) -> Json | None:
        """The row with an external id."""
        key = self._by_external_id.get(external_id)
        return None if key is None or not self.is_seen(self.rows[key]) else self.rows[key]

    def keys(self, items: Sequence[Json], *, ignore_unknown: bool = False) -> list[int]:
        """Internal ids of the rows that items name.

        Raises:
            ApiError: 400 with all that are ``missing``, or with those named twice as ``duplicated``.
        """
        found: dict[int, Json] = {}
        missing, twice = [], []
        for item in items:
            key = self.key(item)
            if key is None:
                missing.append(identifier_of(item))
            elif key in found:
                twice.append(identifier_of(item))
            else:
                found[key] = item
        if missing and not ignore_unknown:
            raise ApiError(400, f"{self.kind} ids not found: {named(missing)}", missing=missing)
        if twice:
            raise ApiError(400, f"{self.kind} ids given more than once: {named(twice)}", duplicated=twice)
        return list(found)

    def by_ids(self, items: Sequence[Json], *, ignore_unknown: bool = False) -> list[Json]:
        """The rows that items name, in their order; errors as `keys`."""
        return [self.rows[key] for key in self.keys(items, ignore_unknown=ignore_unknown)]

    # --- writing: everything is checked before the first row is stored -----------------------------------------------

    def create(self, items: Sequence[Json]) -> list[Json]:
        """Store new rows.

        Raises:
            ApiError: 400 for what the schema, a reference or the resource's own rules refuse, 409 with all
                ``duplicated`` external ids. Nothing is stored then.
        """
        now = now_ms()
        new: dict[int, Json] = {}
        for index, item in enumerate(items):
            try:
                row = self.schema.new(item)
            except ApiError as error:
                raise ApiError(error.code, f"items[{index}].{error.message}") from error
            new[self.ids.new()] = row
        self.refuse_duplicates(row.get("externalId") for row in new.values())
        for row in new.values():
            self.check_references(row)
        self.prepare(new)
        for key, row in new.items():
            self.check(row)
            row["createdTime"] = row["lastUpdatedTime"] = now
            if self.shows_id:
                row["id"] = key
        for key, row in new.items():
            self.put(key, row)
        return list(new.values())

    def update(self, items: Sequence[Json]) -> list[Json]:
        """Change rows by the operations of their ``update``.

        Raises:
            ApiError: 400 with all ``missing`` rows, or for what the schema, a reference or the resource's own rules
                refuse; 409 for an external id that another row has. Nothing is changed then.
        """
        now = now_ms()
        changed: dict[int, Json] = {}
        renamed: dict[int, str | None] = {}
        for key, item in zip(self.keys(items), items, strict=True):
            row = self.schema.changed(self.rows[key], item.get("update"))
            row["lastUpdatedTime"] = now
            if row.get("externalId") != self.rows[key].get("externalId"):
                renamed[key] = row.get("externalId")
            self.check_references({name: row[name] for name in item["update"] if name in row})
            changed[key] = row
        self.prepare_update(changed)
        for row in changed.values():
            self.check(row)
        self.refuse_duplicates(renamed.values())
        for key, row in changed.items():
            old = self.rows[key].get("externalId")
            if key in renamed and old is not None:
                del self._by_external_id[old]
            self.put(key, row)
        return list(changed.values())

    def delete(self, items: Sequence[Json], *, ignore_unknown: bool = False) -> None:
        """Remove rows; errors as `keys`."""
        self.remove(self.keys(items, ignore_unknown=ignore_unknown))

    def put(self, key: int, row: Json) -> None:
        """Store a row as it is."""
        self._ordered.put(key, row)
        external_id = row.get("externalId")
        if external_id is not None:
            self._by_external_id[external_id] = key

    def remove(self, keys: Iterable[int]) -> None:
        """Remove rows by internal id."""
        for key in keys:
            row = self._ordered.pop(key)
            self._by_external_id.pop(row.get("externalId", ""), None)

    def refuse_duplicates(self, external_ids: Iterable[str | None]) -> None:
        """Refuse external ids that exist, or occur twice.

        Raises:
            ApiError: 409 with all of them as ``duplicated``.
        """
        seen: set[str] = set()
        duplicated: dict[str, None] = {}
        for external_id in external_ids:
            if external_id is None:
                continue
            if external_id in self._by_external_id or external_id in seen:
                duplicated[external_id] = None
            seen.add(external_id)
        if duplicated:
            found = [{"externalId": external_id} for external_id in duplicated]
            raise ApiError(409, f"{self.kind} id duplicated: {named(found)}", duplicated=found)

    def check_references(self, row: Json) -> None:
        """Refuse ids of rows, and labels, that don't exist.

        Raises:
            ApiError: 400; real messages name the ids, without ``missing``.
        """
        for field, store in self.references.items():
            value = row.get(field)
            if value is None:
                continue
            unknown = [i for i in (value if isinstance(value, list) else [value]) if i not in store.rows]
            if unknown:
                raise ApiError(400, f"Invalid {field.removesuffix('s')}s: {', '.join(map(str, unknown))}")
        labels = [label["externalId"] for label in row.get("labels", ())]
        unknown_labels = [name for name in labels if self._labels is None or self._labels.by_external_id(name) is None]
        if unknown_labels:
            raise ApiError(400, f"Invalid labels: {', '.join(unknown_labels)}")

    def prepare(self, new: dict[int, Json]) -> None:
        """Complete new rows (by internal id) before they are checked and stored."""

    def prepare_update(self, changed: dict[int, Json]) -> None:
        """Complete changed rows (by internal id) before they are checked and stored."""

    def check(self, row: Json) -> None:
        """Refuse a row, new or changed, whose fields don't agree with each other: one that ends before it starts."""
        start, end = row.get("startTime"), row.get("endTime")
        if start is not None and end is not None and end < start:
            raise ApiError(400, f"endTime {end} must not be before startTime {start}")

    # --- listing -----------------------------------------------------------------------------------------------------

    def matching(self, data: Json) -> Predicate:
        """The predicate of a request's ``filter`` and ``advancedFilter``."""
        return predicate(
            data.get("filter"),
            data.get("advancedFilter"),
            fields={**filter_keys(self.schema), **self.filters},
            special=self.special_filter,
            properties=self.properties,
        )

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """The predicate of a filter key that compares no field of the row; None when there is no such key.

        Raises:
            ApiError: 400 when the value cannot be.
        """
        if key == "dataSetIds" and "dataSetId" in self.references:
            wanted = set(self.references["dataSetId"].keys(objects(value, "filter.dataSetIds")))
            return lambda row: row.get("dataSetId") in wanted
        return None

    def shown(self, rows: Sequence[Json], data: Json) -> Sequence[Json]:  # noqa: ARG002 - for those that override it
        """Rows of a list or by-ids request in the form that it asks for."""
        return rows

    def select(self, keep: Predicate, start: int = 0) -> Iterator[tuple[int, Json]]:
        """Rows with an internal id above ``start`` that a predicate keeps, oldest first."""
        sees = sight()
        if sees is not None:
            return ((key, row) for key, row in self._ordered.after(start) if keep(row) and sees(self.kind, row))
        return ((key, row) for key, row in self._ordered.after(start) if keep(row))

    def page(self, data: Json, limit: int) -> Page:
        """One page of a listing: filter, sort, partition and cursor as the request says."""
        cursor = Cursor.of(data)
        keep = self.matching(data)
        part, parts = partition_of(data)
        selected = self.select(keep, cursor.position if data.get("sort") is None else 0)
        if parts > 1:
            selected = ((key, row) for key, row in selected if key % parts == part)
        if data.get("sort") is not None:
            found = cursor.slice(sorted_rows([row for _, row in selected], data["sort"]), limit)
        else:
            found = cursor.take(selected, limit)
        return Page(self.shown(found.items, data), found.next_cursor)

    def search(self, data: Json, limit: int) -> list[Json]:
        """Rows that contain the words searched for, in the fields that the resource can search; the best come first."""
        wanted = {name: text for name, text in an_object(data.get("search"), "search").items() if text is not None}
        if unknown := wanted.keys() - {"query", *self.searchable}:
            raise ApiError(400, f"search: unknown key {', '.join(unknown)}")
        rated = ((relevance(row, wanted, self.searchable), row) for _, row in self.select(self.matching(data)))
        hits = sorted(((rank, row) for rank, row in rated if rank), key=lambda hit: -hit[0])
        return [row for _, row in hits[:limit]]

    # --- keeping -----------------------------------------------------------------------------------------------------

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every row by its internal id."""
        for key, row in self.rows.items():
            yield str(key), row

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.put(int(key), value)
