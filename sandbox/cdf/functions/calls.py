"""Calls of functions: started with a session, run in a thread and a process of their own, read while they run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.access.identity import Session
from sandbox.cdf.api.http import ApiError, Json, address, answer, body, items_of, limit_of
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.functions.host import Host
from sandbox.cdf.functions.processes import StoppedError
from sandbox.cdf.functions.runner import Outcome, Runner
from sandbox.cdf.functions.schemas import CALL, CALL_FILTERS, matching, named
from sandbox.cdf.functions.store import Call, Function

# The smallest of the documented limits of the three clouds: https://docs.cognite.com/cdf/functions/technical
DATA_BYTES = 36_000
RUNNING_PER_FUNCTION = 100
RUNNING_PER_PROJECT = 250

LOG_BYTES = 1_000_000
"""How much of a call's log is kept. CDF's documentation names no figure."""
LOG_IS_FULL = f"The log is full: what was written after its first {LOG_BYTES} bytes is not kept."


@dataclass(frozen=True)
class Scheduled:
    """What makes a call a scheduled one: its schedule, and when it was due (milliseconds since the epoch)."""

    schedule_id: int
    time: int


class Calls:
    """Starts calls, and serves what is known of them."""

    def __init__(self, host: Host, runner: Runner) -> None:
        self._host = host
        self._store = host.functions
        self._runner = runner

    def routes(self) -> list[Route]:
        """The endpoints of calls."""
        calls = "/functions/{function_id:int}/calls"
        return [
            Route("/functions/{function_id:int}/call", self._call, methods=["POST"]),
            Route(calls, self._list, methods=["GET", "POST"]),
            Route(f"{calls}/list", self._list, methods=["POST"]),
            Route(f"{calls}/byids", self._by_ids, methods=["POST"]),
            Route(f"{calls}/{{call_id:int}}", self._one, methods=["GET"]),
            Route(f"{calls}/{{call_id:int}}/response", self._response, methods=["GET"]),
            Route(f"{calls}/{{call_id:int}}/logs", self._logs, methods=["GET"]),
        ]

    def control_routes(self) -> list[Route]:
        """Endpoints beside the API."""
        return [Route("/__cdf__/calls/{call_id:int}/usage", self._usage, methods=["GET"])]

    def admit(self, function: Function, data: Json) -> Json:
        """The data of a call that may start now.

        Raises:
            ApiError: 400 when the data is too large or the function is not ready; 429 when too many calls run.
        """
        size = len(orjson.dumps(data))
        if size > DATA_BYTES:
            raise ApiError(400, f"data: has {size} bytes, more than the {DATA_BYTES} allowed")
        if function.row["status"] != "Ready":
            raise ApiError(400, f"Function {function.id} cannot be called: its status is {function.row['status']}")
        if self._store.running(function.id) >= RUNNING_PER_FUNCTION or self._store.running() >= RUNNING_PER_PROJECT:
            raise ApiError(429, "Too many calls are running")
        return data

    def start(
        self, function: Function, data: Json, session: Session, *, url: str, scheduled: Scheduled | None = None
    ) -> Call:
        """Start a call that was admitted.

        Args:
            function: What to call.
            data: Its `data`.
            session: Whose rights its client has.
            url: The address at which the call reaches this server.
            scheduled: The schedule that calls, if one does.
        """
        call = self._new(function, "Running", scheduled)
        row = call.row
        info: Json = {"function_id": function.id, "call_id": row["id"]}
        if scheduled:
            info |= {"schedule_id": scheduled.schedule_id, "scheduled_time": scheduled.time}
        token = self._host.identities.issue_token(session.identity, row["id"])
        order = {
            "data": data,
            "secrets": function.secrets,
            "function_call_info": info,
            "client": {"project": self._host.name, "base_url": url, "token": token},
        }
        function.row["lastCalled"] = row["startTime"]
        self._runner.background(lambda: self._run(function, call, order))
        return call

    def record(self, function: Function, scheduled: Scheduled, status: str, error: str) -> None:
        """Keep a scheduled call that could not start, as one that has ended."""
        row = self._new(function, status, scheduled).row
        row |= {"endTime": row["startTime"], "error": error}

    def _new(self, function: Function, status: str, scheduled: Scheduled | None) -> Call:
        row: Json = {
            "id": self._host.ids.new(),
            "functionId": function.id,
            "status": status,
            "startTime": now_ms(),
        }
        if scheduled:
            row |= {"scheduleId": scheduled.schedule_id, "scheduledTime": scheduled.time}
        call = self._store.calls[row["id"]] = Call(row)
        return call

    def _run(self, function: Function, call: Call, order: Mapping[str, Any]) -> None:
        left = LOG_BYTES

        def log(line: str) -> None:
            nonlocal left
            if left < 0:
                return
            left -= len(line.encode()) + 1
            call.logs.append({"timestamp": now_ms(), "message": line if left >= 0 else LOG_IS_FULL})

        try:
            outcome = self._runner.call(function.code(), order, on_line=log)
        except StoppedError:
            outcome = Outcome.failed("The server stopped before the call began.")
        except OSError as error:
            outcome = Outcome.failed(f"The call cannot be started: {error}")
        call.response, call.usage = outcome.response, outcome.usage
        ended: Json = {"status": outcome.status, "endTime": now_ms()}
        if outcome.error:
            # Text alone, as the Toolkit reads it (the SDK takes anything); the trace is in the log.
            ended["error"] = outcome.error["message"]
            for line in outcome.error["trace"].splitlines():
                log(line)
        call.row.update(ended)

    async def _call(self, request: Request) -> Response:
        function = self._store.function(request.path_params["function_id"])
        sent = CALL.new(await body(request))
        data = self.admit(function, sent.get("data", {}))
        session = self._host.identities.session_for_nonce(sent["nonce"])
        self._store.url = address(request)
        return answer(self.start(function, data, session, url=self._store.url).row, 201)

    async def _list(self, request: Request) -> Response:
        sent = await body(request) if request.method == "POST" else _query(request)
        limit = limit_of(sent.get("limit"))
        cursor = Cursor.of(sent)
        newest_first = reversed(matching(self._rows(request), sent, CALL_FILTERS))
        behind = ((row["id"], row) for row in newest_first if not cursor.position or row["id"] < cursor.position)
        return answer(cursor.take(behind, limit).envelope())

    async def _by_ids(self, request: Request) -> Response:
        sent = await body(request)
        items = items_of(sent, maximum=10_000)
        rows = named(self._rows(request), items, ignore_unknown=bool(sent.get("ignoreUnknownIds")))
        return answer({"items": rows})

    async def _one(self, request: Request) -> Response:
        return answer(self._requested(request).row)

    async def _response(self, request: Request) -> Response:
        call = self._requested(request)
        response = None if call.response is None else orjson.Fragment(call.response)
        return answer({"functionId": call.row["functionId"], "callId": call.row["id"], "response": response})

    async def _logs(self, request: Request) -> Response:
        return answer({"items": list(self._requested(request).logs)})

    async def _usage(self, request: Request) -> Response:
        """What the process of a call used: `cpuSeconds`, `peakBytes`; null unless it ended by itself."""
        call = self._store.calls.get(request.path_params["call_id"])
        if call is None:
            raise ApiError(404, f"Call {request.path_params['call_id']} not found")
        return answer(call.usage)

    def _requested(self, request: Request) -> Call:
        return self._store.call(request.path_params["function_id"], request.path_params["call_id"])

    def _rows(self, request: Request) -> list[Json]:
        function = self._store.function(request.path_params["function_id"])
        return [call.row for call in self._store.calls.values() if call.row["functionId"] == function.id]


def _query(request: Request) -> Json:
    query = dict(request.query_params)
    filters: Json = {"status": query.get("status")}
    if query.get("scheduleId", "").isdecimal():
        filters["scheduleId"] = int(query["scheduleId"])
    return {"limit": query.get("limit"), "cursor": query.get("cursor"), "filter": filters}
