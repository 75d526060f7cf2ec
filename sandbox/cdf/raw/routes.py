"""The routes of RAW."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer, body, items_of, limit_of
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import get
from sandbox.cdf.raw.cursors import RowCursor
from sandbox.cdf.raw.store import MAX_ROWS, Database, Raw, Table

MAX_CURSORS = 10_000
_TIMES = ("minLastUpdatedTime", "maxLastUpdatedTime")
_TABLE = "/raw/dbs/{database}/tables/{table}"


def routes(raw: Raw) -> list[Route]:
    """All routes of RAW."""
    return [*_database_routes(raw), *_table_routes(raw), *_row_routes(raw)]


def _database_routes(raw: Raw) -> list[Route]:
    async def create(request: Request) -> Response:
        return answer({"items": raw.create_databases(_only_items(await body(request)))}, 201)

    async def delete(request: Request) -> Response:
        data = await body(request)
        recursive = data.get("recursive", False)
        if not isinstance(recursive, bool):
            raise ApiError(400, f"recursive: {recursive!r} must be true or false")
        raw.delete_databases(_only_items(data, "recursive"), recursive=recursive)
        return answer({})

    return [
        Route("/raw/dbs", create, methods=["POST"]),
        Route("/raw/dbs/delete", delete, methods=["POST"]),
        get("/raw/dbs", lambda request: _names(request, raw.databases)),
    ]


def _table_routes(raw: Raw) -> list[Route]:
    async def create(request: Request) -> Response:
        items = _only_items(await body(request))
        created = raw.create_tables(request.path_params["database"], items, ensure_parent=_ensures_parent(request))
        return answer({"items": created}, 201)

    async def delete(request: Request) -> Response:
        raw.delete_tables(request.path_params["database"], _only_items(await body(request)))
        return answer({})

    return [
        Route("/raw/dbs/{database}/tables", create, methods=["POST"]),
        Route("/raw/dbs/{database}/tables/delete", delete, methods=["POST"]),
        get("/raw/dbs/{database}/tables", lambda request: _names(request, raw.tables(request.path_params["database"]))),
    ]


def _row_routes(raw: Raw) -> list[Route]:
    def table_of(request: Request) -> Table:
        return raw.table(request.path_params["database"], request.path_params["table"])

    async def insert(request: Request) -> Response:
        items = _only_items(await body(request), minimum=0, maximum=MAX_ROWS)
        database, table = request.path_params["database"], request.path_params["table"]
        raw.insert(database, table, items, ensure_parent=_ensures_parent(request))
        return answer({})

    async def delete(request: Request) -> Response:
        items = _only_items(await body(request), minimum=0, maximum=MAX_ROWS)
        raw.delete_rows(request.path_params["database"], request.path_params["table"], items)
        return answer({})

    def listed(request: Request) -> Json:
        query = _query(request, "limit", "cursor", "columns", *_TIMES)
        limit = limit_of(query.get("limit"), default=25, maximum=MAX_ROWS)
        # A cursor has its own bounds in time: those of the request are ignored, as documented.
        cursor = RowCursor.parse(query["cursor"]) if query.get("cursor") else _whole(query)
        rows, following = cursor.page(table_of(request), limit)
        page: Json = {"items": _with_columns(rows, query.get("columns"))}
        return page if following is None else page | {"nextCursor": following}

    def cursors(request: Request) -> Json:
        query = _query(request, "numberOfCursors", *_TIMES)
        count = _number_of_cursors(query.get("numberOfCursors"))
        whole = _whole(query)
        numbers = table_of(request).rows.numbers()
        step = max(1, -(-len(numbers) // count))
        starts = [0, *(numbers[i - 1] for i in range(step, len(numbers), step))]
        bounds = zip(starts, [*starts[1:], None], strict=True)
        return {"items": [RowCursor(low, high, whole.newer_than, whole.at_most).text() for low, high in bounds]}

    def one(request: Request) -> Json:
        row = table_of(request).get(request.path_params["key"])
        if row is None:
            raise ApiError(404, f"Row with key {request.path_params['key']} not found")
        return row

    return [
        Route(f"{_TABLE}/rows", insert, methods=["POST"]),
        Route(f"{_TABLE}/rows/delete", delete, methods=["POST"]),
        get(f"{_TABLE}/rows", listed),
        get(f"{_TABLE}/cursors", cursors),
        get(f"{_TABLE}/rows/{{key:path}}", one),
    ]


def _only_items(data: Json, *more: str, minimum: int = 1, maximum: int = 1000) -> list[Json]:
    """The items of a body that holds nothing else but what is named."""
    if unknown := data.keys() - {"items", *more}:
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}")
    return items_of(data, minimum=minimum, maximum=maximum)


def _query(request: Request, *known: str) -> dict[str, str]:
    """The parameters of a request, none but known ones."""
    query = dict(request.query_params)
    if unknown := query.keys() - set(known):
        names = ", ".join(sorted(unknown))
        raise ApiError(400, f"Unexpected parameter - {names}; known are {', '.join(known) or 'none'}")
    return query


def _ensures_parent(request: Request) -> bool:
    value = _query(request, "ensureParent").get("ensureParent", "false").lower()
    if value not in {"true", "false"}:
        raise ApiError(400, f"ensureParent: {value!r} must be true or false")
    return value == "true"


def _names(request: Request, known: Mapping[str, Database] | Mapping[str, Table]) -> Json:
    query = _query(request, "limit", "cursor")
    limit = limit_of(query.get("limit"), default=25)
    rows = [{"name": name, "createdTime": each.created} for name, each in known.items()]
    return Cursor.of(query).slice(rows, limit).envelope()


def _number_of_cursors(value: str | None) -> int:
    if value is None:
        return 10
    if not value.isdecimal() or not 1 <= int(value) <= MAX_CURSORS:
        raise ApiError(400, f"numberOfCursors: {value!r} must be a whole number from 1 to {MAX_CURSORS}")
    return int(value)


def _whole(query: Mapping[str, str]) -> RowCursor:
    bounds = []
    for name in _TIMES:
        value = query.get(name)
        if value is not None and not value.isdecimal():
            raise ApiError(400, f"{name}: must be milliseconds since the epoch")
        bounds.append(None if value is None else int(value))
    return RowCursor(0, None, *bounds)


def _with_columns(rows: list[Json], wanted: str | None) -> list[Json]:
    """Rows with some columns; a lone comma asks for none, nothing (as the SDK spells it) for all."""
    if not wanted:
        return rows
    names = [name for name in wanted.split(",") if name]
    return [row | {"columns": {n: row["columns"][n] for n in names if n in row["columns"]}} for row in rows]
