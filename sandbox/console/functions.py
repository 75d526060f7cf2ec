"""Functions with their calls, logs and schedules."""

from __future__ import annotations

from collections import Counter

import orjson
from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.functions.store import Call, Schedule
from sandbox.cdf.project import Project
from sandbox.console.query import get, number_of, paged, text_of


def routes(project: Project) -> list[Route]:
    """Functions, calls and schedules."""
    store = project.functions

    def functions(_: Request) -> Json:
        counts = Counter((call.row["functionId"], call.row["status"]) for call in store.calls.values())
        rows = [function.row for function in store.functions.values()]
        items = [
            row | {"calls": {status: count for (key, status), count in counts.items() if key == row["id"]}}
            for row in rows
        ]
        return {"items": items, "total": len(items), "offset": 0}

    def calls(request: Request) -> Json:
        function, schedule = number_of(request, "function"), number_of(request, "schedule")
        status = text_of(request, "status")
        found = [
            call
            for call in reversed(store.calls.values())
            if function in {None, call.row["functionId"]}
            and schedule in {None, call.row.get("scheduleId")}
            and status in {"", call.row["status"]}
        ]
        page = paged(found, request)
        return page | {"items": [_call(project, call) for call in page["items"]]}

    def call(request: Request) -> Json:
        found = store.calls.get(request.path_params["id"])
        if found is None:
            raise ApiError(404, f"Call {request.path_params['id']} does not exist")
        response = None if found.response is None else orjson.loads(found.response)
        return {"row": _call(project, found), "logs": list(found.logs), "response": response}

    def schedules(_: Request) -> Json:
        found = [_schedule(project, schedule) for schedule in store.schedules.values()]
        return {"items": found, "total": len(found), "offset": 0}

    return [
        get("/functions", functions),
        get("/calls", calls),
        get("/calls/{id:int}", call),
        get("/schedules", schedules),
    ]


def _call(project: Project, call: Call) -> Json:
    schedule = project.functions.schedules.get(call.row.get("scheduleId", 0))
    return call.row | {
        "function": _function_name(project, call.row["functionId"]),
        "schedule": schedule.row["name"] if schedule else None,
        "logLines": len(call.logs),
    }


def _schedule(project: Project, schedule: Schedule) -> Json:
    session = project.identities.sessions.get(schedule.row.get("sessionId", 0))
    return schedule.row | {
        "function": _function_name(project, schedule.row["functionId"]),
        "data": schedule.data,
        "client": session.identity.client_id if session else None,
        "session": session.status if session else None,
        "nextFire": schedule.next_fire,
    }


def _function_name(project: Project, function_id: int) -> str:
    function = project.functions.functions.get(function_id)
    return str(function_id) if function is None else str(function.row.get("externalId") or function.row["name"])
