"""Workflows as definitions: workflows, their versions and triggers. None of them runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.access.identity import Identities
from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.api.fields import (
    Change,
    Field,
    InvalidError,
    Schema,
    anything,
    identifier,
    integer,
    list_of,
    record,
    text,
)
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, answer, body, items_of, limit_of, objects
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.classic.data_sets import DataSets
from sandbox.cdf.workflows.trigger_rules import checked_rule

TASKS = ("function", "transformation", "cdf", "dynamic", "subworkflow", "simulation", "functionApp")
TASK_DEFAULTS = {"retries": 3, "timeout": 3600, "onFailure": "abortWorkflow", "dependsOn": []}
"""What the API adds to a task: the Toolkit's `WorkflowVersionIO.dump_resource` (`resource_ios/_workflow.py`)."""

_PAGE = 100


def _object(value: AnyJson) -> None:
    if not isinstance(value, dict):
        raise InvalidError("must be an object")


def _required(check: Callable[[AnyJson], None]) -> Field:
    return Field(check, Change.NEVER, required=True)


def _option(check: Callable[[AnyJson], None]) -> Field:
    return Field(check, Change.NEVER)


def _name(value: AnyJson) -> None:
    text(255, minimum=1)(value)
    if value != value.strip():
        raise InvalidError("must not begin or end with white space")


NAME = _name
WORKFLOW = Schema(
    {
        "externalId": _required(NAME),
        "description": _option(text(500)),
        "dataSetId": _option(identifier),
        "dataDomainExternalId": _option(NAME),
        "maxConcurrentExecutions": _option(integer(1, 1000)),
    }
)
TASK = record(
    externalId=_required(NAME),
    type=_required(text(255)),
    parameters=_required(_object),
    name=_option(text(255)),
    description=_option(text(500)),
    retries=_option(integer(0, 10)),
    timeout=_option(integer(60, 86_400)),
    onFailure=_option(text(255)),
    dependsOn=_option(list_of(record(externalId=_required(NAME)), 1000)),
)
VERSION = Schema(
    {
        "workflowExternalId": _required(NAME),
        "version": _required(NAME),
        "workflowDefinition": _required(
            record(description=_option(text(500)), tasks=_required(list_of(TASK, 1000)), input=_option(anything))
        ),
    }
)
TRIGGER = Schema(
    {
        "externalId": _required(NAME),
        "triggerRule": _required(_object),
        "workflowExternalId": _required(NAME),
        "workflowVersion": _required(NAME),
        "input": _option(_object),
        "metadata": _option(_object),
        "authentication": _required(record(nonce=_required(text(4096)))),
    }
)


class Workflows(Protocol):
    """A project, as workflows see it."""

    workflows: Definitions
    workflow_versions: Definitions
    workflow_triggers: Definitions
    data_sets: DataSets
    identities: Identities


def routes(project: Workflows) -> list[Route]:
    """The routes of workflows, versions and triggers; the fixed paths before those with names in them."""
    return [*_trigger_routes(project), *_version_routes(project), *_workflow_routes(project)]


def _workflow_routes(project: Workflows) -> list[Route]:
    workflows = project.workflows

    def apply(data: Json) -> Json:
        rows = [WORKFLOW.new(item) for item in items_of(data, maximum=_PAGE, minimum=1)]
        for row in rows:
            if row.get("dataSetId") not in {None, *project.data_sets.rows}:
                raise ApiError(400, f"Data set {row['dataSetId']} does not exist")
        return {"items": workflows.upsert(rows)}

    def forget(workflow: Json) -> None:
        for store in (project.workflow_versions, project.workflow_triggers):
            inside = [row for row in store.rows.values() if row["workflowExternalId"] == workflow["externalId"]]
            store.delete(inside)

    def one(request: Request) -> Json:
        return _found(workflows, request.path_params["workflow"])

    def run(_: Json) -> Json:
        raise ApiError(400, "This stand-in keeps workflows as definitions and runs none of them")

    return [
        post("/workflows", apply),
        get("/workflows", workflows.listed),
        _delete_route("/workflows/delete", workflows, "workflows", forget),
        get("/workflows/{workflow}", one),
        post("/workflows/{workflow}/versions/{version}/run", run),
    ]


def _version_routes(project: Workflows) -> list[Route]:
    versions = project.workflow_versions

    def apply(data: Json) -> Json:
        rows = [VERSION.new(item) for item in items_of(data, maximum=_PAGE, minimum=1)]
        for row in rows:
            row["workflowDefinition"] = _definition(row["workflowDefinition"])
        # A version brings its workflow along, as the SDK's integration tests of workflows do it.
        new = {row["workflowExternalId"] for row in rows} - {name for (name,) in project.workflows.rows}
        project.workflows.upsert([WORKFLOW.new({"externalId": name}) for name in sorted(new)])
        return {"items": versions.upsert(rows)}

    def listed(data: Json) -> Json:
        wanted = objects(an_object(data.get("filter"), "filter").get("workflowFilters"), "workflowFilters")
        rows = [row for row in versions.rows.values() if not wanted or any(_matches(row, each) for each in wanted)]
        return Cursor.of(data).slice(rows, limit_of(data.get("limit"))).envelope()

    def one(request: Request) -> Json:
        return _found(versions, request.path_params["workflow"], request.path_params["version"])

    return [
        post("/workflows/versions", apply),
        get("/workflows/versions", lambda request: listed(dict(request.query_params))),
        post("/workflows/versions/list", listed),
        _delete_route("/workflows/versions/delete", versions, "workflow versions"),
        get("/workflows/{workflow}/versions/{version}", one),
    ]


def _trigger_routes(project: Workflows) -> list[Route]:
    triggers = project.workflow_triggers

    async def apply(request: Request) -> Response:
        row = TRIGGER.new(items_of(await body(request), maximum=1, minimum=1)[0])
        _found(project.workflows, row["workflowExternalId"])
        _found(project.workflow_versions, row["workflowExternalId"], row["workflowVersion"])
        row["triggerRule"] = checked_rule(row["triggerRule"])
        project.identities.session_for_nonce(row.pop("authentication")["nonce"])
        old = triggers.rows.get((row["externalId"],), {})
        return answer({"items": triggers.upsert([row | {"isPaused": old.get("isPaused", False)}])})

    def history(request: Request) -> Json:
        _known_trigger(triggers, request, "Workflow trigger not found.")
        return {"items": []}

    async def pause_or_resume(request: Request) -> Response:
        action = request.path_params["action"]
        if action not in {"pause", "resume"}:
            raise ApiError(404, f"{action} is nothing that a trigger can do")
        _known_trigger(triggers, request, "Trigger not found.")["isPaused"] = action == "pause"
        return answer({})

    return [
        Route("/workflows/triggers", apply, methods=["POST"]),
        get("/workflows/triggers", triggers.listed),
        _delete_route("/workflows/triggers/delete", triggers, "workflow triggers"),
        get("/workflows/triggers/{trigger}/history", history),
        Route("/workflows/triggers/{trigger}/{action}", pause_or_resume, methods=["POST"]),
    ]


def _found(store: Definitions, *name: str) -> Json:
    row = store.rows.get(name)
    if row is None:
        raise ApiError(404, f"{' '.join(name)} does not exist", missing=[dict(zip(store.parts, name, strict=True))])
    return row


def _known_trigger(store: Definitions, request: Request, message: str) -> Json:
    row = store.rows.get((request.path_params["trigger"],))
    if row is None:
        raise ApiError(404, message)
    return row


def _delete_route(path: str, store: Definitions, kind: str, after: Callable[[Json], None] = lambda _: None) -> Route:
    """The route that deletes definitions.

    Unknown ones are refused, unless they are to be ignored: the SDK says so in the query
    (`_api/workflows/__init__.py`), the API reference in the body.
    """

    async def endpoint(request: Request) -> Response:
        data = await body(request)
        items = items_of(data, maximum=_PAGE, minimum=1)
        names = [store.name(item) for item in items]
        missing = [dict(zip(store.parts, name, strict=True)) for name in names if name not in store.rows]
        ignored = data.get("ignoreUnknownIds") is True or request.query_params.get("ignoreUnknownIds") == "true"
        if missing and not ignored:
            raise ApiError(400, f"Some {kind} were not found: {missing}", missing=missing)
        for each in store.delete(items):
            after(each)
        return answer({})

    return Route(path, endpoint, methods=["POST"])


def _matches(row: Json, wanted: Json) -> bool:
    return row["workflowExternalId"] == wanted.get("externalId") and wanted.get("version") in {None, row["version"]}


def _definition(sent: Json) -> Json:
    """A definition with the API's defaults, and the hash that the API gives it.

    Raises:
        ApiError: 400 for tasks of one name, of an unknown kind, or that wait for one that is not there.
    """
    tasks = [TASK_DEFAULTS | {key: value for key, value in task.items() if value is not None} for task in sent["tasks"]]
    names = [task["externalId"] for task in tasks]
    if len(set(names)) < len(names):
        raise ApiError(400, "tasks: every externalId must be another")
    for task in tasks:
        if task["type"] not in TASKS:
            raise ApiError(400, f"tasks: unknown type {task['type']}")
        if task["onFailure"] not in {"abortWorkflow", "skipTask"}:
            raise ApiError(400, f"tasks: unknown onFailure {task['onFailure']}")
        for other in task["dependsOn"]:
            if other["externalId"] not in names or other["externalId"] == task["externalId"]:
                raise ApiError(400, f"tasks: {task['externalId']} depends on {other['externalId']}")
    try:
        TopologicalSorter(
            {task["externalId"]: [each["externalId"] for each in task["dependsOn"]] for task in tasks}
        ).prepare()
    except CycleError as error:
        raise ApiError(400, f"tasks: depend on each other in a circle: {error.args[1]}") from error
    row = {key: value for key, value in sent.items() if value is not None} | {"tasks": tasks}
    return row | {"hash": hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32].upper()}
