"""Sequences: tables of typed columns with numbered rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from starlette.routing import Route

from sandbox.cdf.api.fields import in_case_of
from sandbox.cdf.api.http import AnyJson, ApiError, Json, items_of, limit_of, objects
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.routing import post
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.asset_links import AssetLinked
from sandbox.cdf.classic.assets import Assets
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.sequence_rows import (
    MAX_ROWS,
    MAX_VALUES,
    check_parameters,
    checked_rows,
    columns_of,
    row_number,
    row_numbers,
)
from sandbox.cdf.classic.store import Store

MAX_COLUMNS = 400
MAX_PAGE_VALUES = 60_000
"""A page of wide rows is shorter than its limit: about 300 rows of 200 columns (cognite-sdk-python,
`test_sequences_data.py`); the API documents no figure."""


class Sequences(AssetLinked):
    """The project's sequences and their rows, by sequence, row number and column."""

    kind = "Sequence"
    schema = schemas.SEQUENCE

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, assets: Assets) -> None:
        super().__init__(ids, data_sets, labels, assets)
        self.values: dict[int, dict[int, Json]] = {}

    def prepare(self, new: dict[int, Json]) -> None:
        """Complete the columns."""
        for row in new.values():
            row["columns"] = [self._column(column) for column in row["columns"]]
            _check_columns(row["columns"])

    def update(self, items: list[Json]) -> list[Json]:  # type: ignore[override] # columns have operations of their own
        """Change rows; ``columns`` takes ``add`` and ``remove``, as the API has it."""
        keys = self.keys(items)
        plain: list[Json] = []
        columns: dict[int, tuple[list[Json], Mapping[str, str | None]]] = {}
        for key, item in zip(keys, items, strict=True):
            update = item.get("update")
            if isinstance(update, dict) and "columns" in update:
                columns[key] = self._changed_columns(self.rows[key]["columns"], update["columns"])
                update = {name: value for name, value in update.items() if name != "columns"}
            plain.append({"id": key, "update": update})
        changed = super().update(plain)
        for key, (new, moved) in columns.items():
            self.put(key, self.rows[key] | {"columns": new})
            for number, values in self.values.get(key, {}).items():
                kept = {moved.get(name, name): value for name, value in values.items()}
                self.values[key][number] = {name: value for name, value in kept.items() if name is not None}
        return [self.rows[row["id"]] for row in changed]

    def _column(self, column: Json) -> Json:
        now = now_ms()
        kind = in_case_of(schemas.VALUE_TYPES, column.get("valueType", "DOUBLE"))
        return {"metadata": {}} | column | {"valueType": kind, "createdTime": now, "lastUpdatedTime": now}

    def _changed_columns(self, columns: list[Json], operation: AnyJson) -> tuple[list[Json], Mapping[str, str | None]]:
        """The columns after an update, and which have gone (None) or another external id."""
        if not isinstance(operation, dict) or not operation.keys() <= {"add", "remove", "modify"}:
            raise ApiError(400, "columns: takes add, remove and modify")
        add, modify = (objects(operation.get(name), f"columns.{name}") for name in ("add", "modify"))
        moved = dict.fromkeys(_removed(operation.get("remove")), None)
        changes = {str(each.get("externalId")): each.get("update") for each in modify}
        known = {column["externalId"] for column in columns}
        if unknown := (moved.keys() | changes.keys()) - known:
            raise ApiError(400, f"columns: unknown {', '.join(unknown)}")
        kept = []
        for column in columns:
            name = column["externalId"]
            if name in moved:
                continue
            if name in changes:
                column = schemas.SEQUENCE_COLUMN.changed(column, changes[name]) | {"lastUpdatedTime": now_ms()}  # noqa: PLW2901 - its new form
                moved |= {} if column["externalId"] == name else {name: column["externalId"]}
            kept.append(column)
        kept += [self._column(schemas.SEQUENCE_COLUMN.new(column)) for column in add]
        _check_columns(kept)
        return kept, moved

    def remove(self, keys: Iterable[int]) -> None:
        """Remove sequences together with their rows."""
        keys = list(keys)
        for key in keys:
            self.values.pop(key, None)
        super().remove(keys)

    # --- rows --------------------------------------------------------------------------------------------------------

    def insert(self, items: list[Json]) -> None:
        """Write rows: the columns given get new values, others keep theirs.

        Raises:
            ApiError: 400 for an unknown sequence or column, or a value that the column cannot hold. Nothing is written
                then.
        """
        keys = self.keys(items)
        writes = [(key, checked_rows(item, self._types(key))) for key, item in zip(keys, items, strict=True)]
        sizes = [(len(rows), sum(len(values) for _, values in rows)) for _, rows in writes]
        if sum(rows for rows, _ in sizes) > MAX_ROWS or sum(values for _, values in sizes) > MAX_VALUES:
            raise ApiError(400, f"rows: at most {MAX_ROWS} rows and {MAX_VALUES} values in one request")
        for key, checked in writes:
            target = self.values.setdefault(key, {})
            for number, values in checked:
                target[number] = target.get(number, {}) | values

    def delete_rows(self, items: list[Json]) -> None:
        """Remove rows by number; numbers without a row are passed over.

        Raises:
            ApiError: 400 for an unknown sequence, or what is no row number. Nothing is removed then.
        """
        deletes = []
        for key, item in zip(self.keys(items), items, strict=True):
            check_parameters(item, {"rows"})
            deletes.append((key, row_numbers(item.get("rows"))))
        for key, gone in deletes:
            for number in gone:
                self.values.get(key, {}).pop(number, None)

    def read(self, data: Json) -> Json:
        """Rows of one sequence, by number from ``start`` to ``end`` (exclusive)."""
        check_parameters(data, {"start", "end", "columns", "limit", "cursor"})
        (key,) = self.keys([data])
        start, end = row_number(data.get("start"), "start") or 0, row_number(data.get("end"), "end")
        start = max(start, row_number(data.get("cursor"), "cursor") or 0)
        wanted = self._wanted(key, data)
        limit = limit_of(data.get("limit"), default=100, maximum=MAX_ROWS)
        limit = min(limit, max(1, MAX_PAGE_VALUES // max(1, len(wanted))))
        found = sorted(n for n in self.values.get(key, ()) if n >= start and (end is None or n < end))
        page = self._envelope(key, wanted, found[:limit])
        return page | {"nextCursor": str(found[limit])} if len(found) > limit else page

    def latest(self, data: Json) -> Json:
        """The row with the highest number, below ``before`` where it is given."""
        check_parameters(data, {"before", "columns"})
        (key,) = self.keys([data])
        before = row_number(data.get("before"), "before")
        found = sorted(n for n in self.values.get(key, ()) if before is None or n < before)
        return self._envelope(key, self._wanted(key, data), found[-1:])

    def _types(self, key: int) -> dict[str, str]:
        """The types of a sequence's columns, by external id."""
        return {column["externalId"]: column["valueType"] for column in self.rows[key]["columns"]}

    def _wanted(self, key: int, data: Json) -> list[str]:
        """The columns that a reading asks for, in the sequence's order; all when it names none."""
        known = self._types(key)
        wanted = columns_of(data.get("columns"), known)
        return [name for name in known if name in wanted]

    def _envelope(self, key: int, wanted: list[str], row_numbers: list[int]) -> Json:
        row, values = self.rows[key], self.values.get(key, {})
        columns = [column for column in row["columns"] if column["externalId"] in wanted]
        names = [column["externalId"] for column in columns]
        about = {name: row[name] for name in ("id", "externalId") if name in row}
        shown = [{"rowNumber": n, "values": [values[n].get(name) for name in names]} for n in row_numbers]
        return about | {"columns": columns, "rows": shown}

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every sequence with its rows."""
        for key, row in self.rows.items():
            yield str(key), {"row": row, "values": list(self.values.get(key, {}).items())}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.put(int(key), value["row"])
        self.values[int(key)] = dict(value["values"])


def _removed(value: AnyJson) -> list[str]:
    """External ids of columns to remove: as objects, or as the SDK's upsert sends them, bare."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return [str(each.get("externalId")) for each in objects(value, "columns.remove")]


def _check_columns(columns: list[Json]) -> None:
    """Refuse no column, too many, and two of one external id.

    Raises:
        ApiError: 400, or 409 with those that are ``duplicated``.
    """
    if not 1 <= len(columns) <= MAX_COLUMNS:
        raise ApiError(400, f"columns: must have 1 to {MAX_COLUMNS} elements, has {len(columns)}")
    names = [column["externalId"] for column in columns]
    twice = [{"externalId": name} for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ApiError(409, f"columns: duplicated {', '.join(each['externalId'] for each in twice)}", duplicated=twice)


def routes(store: Sequences) -> list[Route]:
    """The routes of sequences and their rows."""

    def insert(data: Json) -> Json:
        store.insert(items_of(data, minimum=1))
        return {}

    def delete(data: Json) -> Json:
        store.delete_rows(items_of(data, minimum=1))
        return {}

    return [
        post("/sequences/data", insert, status=201),
        post("/sequences/data/delete", delete),
        post("/sequences/data/list", store.read),
        post("/sequences/data/latest", store.latest),
        *classic_routes(store, "/sequences"),
    ]
