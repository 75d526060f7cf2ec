"""Everything that a plain table shows well enough: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.instances.store import Node
from sandbox.cdf.project import Project
from sandbox.console.links import data_set_of
from sandbox.console.query import get, matching, number_of, paged, words_of

Rows = Callable[[], list[Json]]

SEARCHED = ("externalId", "name", "description", "space", "clientId", "sourceExternalId", "targetExternalId")


def tables(project: Project) -> Mapping[str, Rows]:
    """The rows of each table by its name in the page's address."""
    return {
        "sequences": lambda: [_sequence(project, row) for row in project.sequences.rows.values()],
        "relationships": lambda: list(project.relationships.rows.values()),
        "files": lambda: list(project.files.rows.values()),
        "labels": lambda: list(project.labels.rows.values()),
        "datasets": lambda: list(project.data_sets.rows.values()),
        "groups": lambda: list(project.groups.rows.values()),
        "sessions": lambda: [session.row() for session in reversed(project.identities.sessions.values())],
        "workflows": lambda: [_workflow(project, row) for row in project.workflows.rows.values()],
        "spaces": lambda: list(project.spaces.rows.values()),
        "containers": lambda: list(project.containers.rows.values()),
        "views": project.views.shown,
        "datamodels": lambda: list(project.data_models.rows.values()),
        "instances": lambda: [_node(node) for node in project.instances.ordered.rows.values()],
    }


def routes(project: Project) -> list[Route]:
    """A page of any table."""
    known = tables(project)

    def listed(request: Request) -> Json:
        rows = known.get(request.path_params["table"])
        if rows is None:
            raise ApiError(404, f"There is no table {request.path_params['table']}")
        asset = number_of(request, "asset")
        found = matching(rows(), words_of(request, *SEARCHED))
        if asset is not None:
            found = [row for row in found if asset == row.get("assetId") or asset in row.get("assetIds", ())]
        page = paged(found, request)
        return page | {"items": [_with_data_set(project, row) for row in page["items"]]}

    return [get("/tables/{table}", listed)]


def _with_data_set(project: Project, row: Json) -> Json:
    data_set = data_set_of(project, row)
    return row if data_set is None else row | {"dataSet": data_set}


def _sequence(project: Project, row: Json) -> Json:
    return row | {"rows": len(project.sequences.values.get(row["id"], ()))}


def _workflow(project: Project, row: Json) -> Json:
    versions = [
        each for each in project.workflow_versions.rows.values() if each["workflowExternalId"] == row["externalId"]
    ]
    triggers = [
        each for each in project.workflow_triggers.rows.values() if each["workflowExternalId"] == row["externalId"]
    ]
    return row | {"versions": versions, "triggers": triggers}


def _node(node: Node) -> Json:
    return {
        "space": node.name[0],
        "externalId": node.name[1],
        "version": node.version,
        "createdTime": node.created,
        "lastUpdatedTime": node.updated,
        "properties": {":".join(container): properties for container, properties in node.properties.items()},
    }
