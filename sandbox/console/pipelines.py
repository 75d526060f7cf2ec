"""Extraction pipelines with their runs and configuration."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project
from sandbox.console.links import data_set_of
from sandbox.console.query import get, matching, one, paged, text_of, words_of


def routes(project: Project) -> list[Route]:
    """Pipelines, and the runs of one."""
    store = project.extraction_pipelines

    def listed(request: Request) -> Json:
        rows = matching(store.rows.values(), words_of(request, "externalId", "name", "description"))
        latest = {key: runs[-1] for key, runs in store.runs.items() if runs}
        return paged([row | {"latest": latest.get(row["id"])} for row in rows], request)

    def shown(request: Request) -> Json:
        row = one(store.rows, request, "Extraction pipeline")
        return {
            "row": row,
            "dataSet": data_set_of(project, row),
            "configs": store.configs.get(row["id"], [])[::-1],
        }

    def runs(request: Request) -> Json:
        key, status = one(store.rows, request, "Extraction pipeline")["id"], text_of(request, "status")
        return paged([run for run in reversed(store.runs.get(key, [])) if status in {"", run["status"]}], request)

    return [
        get("/pipelines", listed),
        get("/pipelines/{id:int}", shown),
        get("/pipelines/{id:int}/runs", runs),
    ]
