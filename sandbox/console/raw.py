"""RAW: databases, tables and rows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project
from sandbox.console.query import get, paged, text_of


def routes(project: Project) -> list[Route]:
    """The tables of all databases, and the rows of one."""

    def tables(_: Request) -> Json:
        items = [
            {
                "database": name,
                "tables": [{"name": each, "rows": len(table.rows.rows)} for each, table in database.tables.items()],
            }
            for name, database in project.raw.databases.items()
        ]
        return {"items": items, "total": len(items), "offset": 0}

    def rows(request: Request) -> Json:
        table = project.raw.table(text_of(request, "database"), text_of(request, "table"))
        part = text_of(request, "text").lower()
        found = [row for row in table.rows.rows.values() if part in row["key"].lower()]
        return paged(found, request)

    return [get("/raw", tables), get("/raw/rows", rows)]
