"""The routes of RAW."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.classic import get
from sandbox.cdf.http import ApiError, Json, answer, body, items_of, limit_of
from sandbox.cdf.paging import Cursor
from sandbox.cdf.raw import MAX_ROWS, Database, Raw, RowCursor, Table

_TABLE = "/raw/dbs/{database}/tables/{table}"


def routes(raw: Raw) -> list[Route]:
    """All routes of RAW."""
    return [*_database_routes(raw), *_table_routes(raw), *_row_routes(raw)]


def _database_routes(raw: Raw) -> list[Route]:
    async def create(request: Request) -> Response:
        return answer({"items": raw.create_databases(items_of(await body(request), minimum=1))}, 201)

    async def delete(request: Request) -> Response:
        data = await body(request)
        raw.delete_databases(items_of(data, minimum=1), recursive=data.get("recursive") is True)
        return answer({})

    return [
        Route("/raw/dbs", create, methods=["POST"]),
        Route("/raw/dbs/delete", delete, methods=["POST"]),
        get("/raw/dbs", lambda request: _names(request, raw.databases)),
    ]


def _table_routes(raw: Raw) -> list[Route]:
    async def create(request: Request) -> Response:
        items = items_of(await body(request), minimum=1)
        created = raw.create_tables(request.path_params["database"], items, ensure_parent=_ensures_parent(request))
        return answer({"items": created}, 201)

    async def delete(request: Request) -> Response:
        raw.delete_tables(request.path_params["database"], items_of(await body(request), minimum=1))
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
        items = items_of(await body(request), maximum=MAX_ROWS)
        database, table = request.path_params["database"], request.path_params["table"]
        raw.insert(database, table, items, ensure_parent=_ensures_parent(request))
        return answer({})

    async def delete(request: Request) -> Response:
        items = items_of(await body(request), maximum=MAX_ROWS)
        raw.delete_rows(request.path_params["database"], request.path_params["table"], items)
        return answer({})

    def listed(request: Request) -> Json:
        query = request.query_params
        limit = limit_of(query.get("limit"), default=25, maximum=MAX_ROWS)
        cursor = RowCursor.parse(query["cursor"]) if query.get("cursor") else _whole(request)
        rows, following = cursor.page(table_of(request), limit)
        page: Json = {"items": _with_columns(rows, query.get("columns"))}
        return page if following is None else page | {"nextCursor": following}

    def cursors(request: Request) -> Json:
        count = limit_of(request.query_params.get("numberOfCursors"), default=10, maximum=10_000)
        whole = _whole(request)
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


def _ensures_parent(request: Request) -> bool:
    return request.query_params.get("ensureParent", "").lower() == "true"


def _names(request: Request, known: Mapping[str, Database] | Mapping[str, Table]) -> Json:
    query = dict(request.query_params)
    limit = limit_of(query.get("limit"), default=25)
    rows = [{"name": name, "createdTime": each.created} for name, each in known.items()]
    return Cursor.of(query).slice(rows, limit).envelope()


def _whole(request: Request) -> RowCursor:
    bounds = []
    for name in ("minLastUpdatedTime", "maxLastUpdatedTime"):
        value = request.query_params.get(name)
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
