"""RAW: databases of tables of rows; a row is a key and columns of any JSON, replaced whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import orjson

from sandbox.cdf.api.fields import Check, InvalidError, text
from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.api.ordered import OrderedRows
from sandbox.cdf.api.times import now_ms

MAX_ROWS = 10_000
MAX_ROW_BYTES = 5 * 1024 * 1024
MAX_COLUMN_CHARACTERS = 2_621_440
MAX_KEY_CHARACTERS = 1024

_DATABASE_NAME = text(32, minimum=1)
_TABLE_NAME = text(64, minimum=1)


class Table:
    """The rows of one table, in the order in which their keys first came."""

    def __init__(self, created: int) -> None:
        self.created = created
        self.rows = OrderedRows[Json]()
        self.numbers: dict[str, int] = {}
        self._last = 0

    def put(self, row: Json) -> None:
        """Store a row under its key."""
        number = self.numbers.get(row["key"])
        if number is None:
            self._last += 1
            number = self.numbers[row["key"]] = self._last
        self.rows.put(number, row)

    def get(self, key: str) -> Json | None:
        """The row with a key."""
        number = self.numbers.get(key)
        return None if number is None else self.rows.rows[number]


class Database:
    """The tables of one database."""

    def __init__(self, created: int) -> None:
        self.created = created
        self.tables: dict[str, Table] = {}


class Raw:
    """The project's RAW databases by name."""

    def __init__(self) -> None:
        self.databases: dict[str, Database] = {}

    # --- databases and tables ----------------------------------------------------------------------------------------

    def create_databases(self, items: list[Json]) -> list[Json]:
        """New databases.

        Raises:
            ApiError: 400 for a name that is too long, 409 with all names that are ``duplicated``.
        """
        now = now_ms()
        names = _new_names(items, self.databases, _check_database)
        self.databases |= {name: Database(now) for name in names}
        return [{"name": name, "createdTime": now} for name in names]

    def delete_databases(self, items: list[Json], *, recursive: bool) -> None:
        """Remove databases; one with tables only when ``recursive``.

        Raises:
            ApiError: 404 with all names that are ``missing``, 400 for a database with tables.
        """
        names = _known_names(items, self.databases, "databases")
        full = [name for name in names if self.databases[name].tables]
        if full and not recursive:
            raise ApiError(400, f"Databases are not empty: {', '.join(full)}")
        for name in dict.fromkeys(names):
            del self.databases[name]

    def create_tables(self, database: str, items: list[Json], *, ensure_parent: bool) -> list[Json]:
        """New tables; errors as `create_databases`, and 404 for an unknown database unless ``ensure_parent``."""
        now = now_ms()
        known = self.databases.get(database)
        names = _new_names(items, known.tables if known else {}, _check_table)
        tables = self._database(database, ensure=ensure_parent).tables
        tables |= {name: Table(now) for name in names}
        return [{"name": name, "createdTime": now} for name in names]

    def delete_tables(self, database: str, items: list[Json]) -> None:
        """Remove tables.

        Raises:
            ApiError: 404 with all names that are ``missing``.
        """
        tables = self._database(database).tables
        for name in dict.fromkeys(_known_names(items, tables, "tables")):
            del tables[name]

    def tables(self, database: str) -> Mapping[str, Table]:
        """The tables of a database.

        Raises:
            ApiError: 404 when there is no such database.
        """
        return self._database(database).tables

    def table(self, database: str, name: str, *, ensure: bool = False) -> Table:
        """One table, made with its database when ``ensure``.

        Raises:
            ApiError: 404 when it does not exist, 400 when its name is too long to be made.
        """
        parent = self._database(database, ensure=ensure)
        if name not in parent.tables:
            if not ensure:
                raise ApiError(404, f"Following tables not found: {name}", missing=[{"name": name}])
            _check_table(name)
            parent.tables[name] = Table(now_ms())
        return parent.tables[name]

    def _database(self, name: str, *, ensure: bool = False) -> Database:
        if name not in self.databases:
            if not ensure:
                raise ApiError(404, f"Following databases not found: {name}", missing=[{"name": name}])
            _check_database(name)
            self.databases[name] = Database(now_ms())
        return self.databases[name]

    # --- rows --------------------------------------------------------------------------------------------------------

    def insert(self, database: str, table: str, items: list[Json], *, ensure_parent: bool) -> None:
        """Write rows; one whose columns are as they were keeps its time.

        Raises:
            ApiError: 400 for a row that is refused, 404 for a table that is unknown. Nothing is written then.
        """
        for item in items:
            check_row(item)
        target = self.table(database, table, ensure=ensure_parent)
        now = now_ms()
        for item in items:
            key, columns = item["key"], item["columns"]
            old = target.get(key)
            if old is None or not _same(old["columns"], columns):
                target.put({"key": key, "columns": columns, "lastUpdatedTime": now})

    def delete_rows(self, database: str, table: str, items: list[Json]) -> None:
        """Remove rows by key; keys that don't exist are passed over.

        Raises:
            ApiError: 400 for an item that is no key, 404 for a table that is unknown. Nothing is removed then.
        """
        target = self.table(database, table)
        for item in items:
            _check_fields(item, "key")
            _check_key(item.get("key"))
        for item in items:
            number = target.numbers.pop(item["key"], None)
            if number is not None:
                target.rows.pop(number)

    # --- keeping -----------------------------------------------------------------------------------------------------

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every database, table and row, parents first."""
        for name, database in self.databases.items():
            yield orjson.dumps([name]).decode(), {"created": database.created}
            for table_name, table in database.tables.items():
                yield orjson.dumps([name, table_name]).decode(), {"created": table.created}
                for row in table.rows.rows.values():
                    yield orjson.dumps([name, table_name, row["key"]]).decode(), row

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        path = orjson.loads(key)
        if len(path) == 1:
            self.databases[path[0]] = Database(value["created"])
        elif len(path) == 2:
            self.databases[path[0]].tables[path[1]] = Table(value["created"])
        else:
            self.databases[path[0]].tables[path[1]].put(value)


def check_row(item: Json) -> None:
    """Refuse a row that the API refuses.

    Raises:
        ApiError: 400 for a key or columns that are missing or too large.
    """
    _check_fields(item, "key", "columns")
    _check_key(item.get("key"))
    key, columns = item["key"], item.get("columns")
    if not isinstance(columns, dict):
        raise ApiError(400, "columns: required, must be an object")
    size = len(orjson.dumps(columns))
    if size > MAX_ROW_BYTES:
        raise ApiError(400, f"columns: must have at most {MAX_ROW_BYTES} bytes, row {key[:40]!r} has {size}")
    if size > MAX_COLUMN_CHARACTERS and any(
        max(len(name), len(orjson.dumps(value))) > MAX_COLUMN_CHARACTERS for name, value in columns.items()
    ):
        raise ApiError(400, f"columns: a name or value has more than {MAX_COLUMN_CHARACTERS} characters")


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY_CHARACTERS:
        raise ApiError(400, f"key: required, must have 1 to {MAX_KEY_CHARACTERS} characters")


def _check_fields(item: Json, *known: str) -> None:
    if unknown := item.keys() - set(known):
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}; known are {', '.join(known)}")


def _same(old: Json, new: Json) -> bool:
    """Whether two sets of columns are equal as JSON (Python takes 1, 1.0 and true for equal)."""
    option = orjson.OPT_SORT_KEYS
    return old == new and orjson.dumps(old, option=option) == orjson.dumps(new, option=option)


def _check_database(name: object) -> None:
    _check_name(name, _DATABASE_NAME, "database name")


def _check_table(name: object) -> None:
    _check_name(name, _TABLE_NAME, "table name")


def _check_name(name: object, check: Check, kind: str) -> None:
    try:
        check(name)
    except InvalidError as error:
        raise ApiError(400, f"{kind}: {error}") from error
    if "/" in str(name):
        # A table is addressed by its path alone, where a slash parts names.
        raise ApiError(400, f"{kind}: {name!r} must not contain a slash")


def _new_names(items: list[Json], known: Mapping[str, object], check: Callable[[object], None]) -> list[str]:
    names: list[str] = []
    duplicated = []
    for item in items:
        _check_fields(item, "name")
        name = item.get("name", "")
        check(name)
        if name in known or name in names:
            duplicated.append({"name": name})
        names.append(name)
    if duplicated:
        raise ApiError(409, f"Names already created: {', '.join(d['name'] for d in duplicated)}", duplicated=duplicated)
    return names


def _known_names(items: list[Json], known: Mapping[str, object], kind: str) -> list[str]:
    for item in items:
        # The Toolkit repeats the database, which the path names, with every table (`client/api/raw.py`).
        _check_fields(item, "name", *(("dbName",) if kind == "tables" else ()))
        if not isinstance(item.get("name"), str):
            raise ApiError(400, "name: required, must be a string")
    names = [item["name"] for item in items]
    missing = [{"name": name} for name in names if name not in known]
    if missing:
        raise ApiError(404, f"Following {kind} not found: {', '.join(m['name'] for m in missing)}", missing=missing)
    return names
