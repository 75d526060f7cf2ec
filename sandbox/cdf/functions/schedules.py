"""Schedules of functions: stored with the session that their calls run as.

They do not fire by themselves: a control endpoint makes the call that a schedule would make.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.functions.calls import Calls, Scheduled
from sandbox.cdf.functions.schemas import SCHEDULE, SCHEDULE_FILTERS, matching, named
from sandbox.cdf.functions.store import Call, Schedule
from sandbox.cdf.http import ApiError, Json, address, answer, body, items_of, limit_of
from sandbox.cdf.project import Project
from sandbox.cdf.times import now_ms

_MINUTE_MS = 60_000


class Schedules:
    """Creates schedules, serves what is known of them, and runs them on demand."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self._project = project
        self._store = project.functions
        self._calls = calls

    def routes(self) -> list[Route]:
        """The endpoints of schedules."""
        return [
            Route("/functions/schedules", self._list, methods=["GET"]),
            Route("/functions/schedules", self._create, methods=["POST"]),
            Route("/functions/schedules/list", self._list, methods=["POST"]),
            Route("/functions/schedules/byids", self._by_ids, methods=["POST"]),
            Route("/functions/schedules/delete", self._delete, methods=["POST"]),
            Route("/functions/schedules/{schedule_id:int}", self._one, methods=["GET"]),
            Route("/functions/schedules/{schedule_id:int}/input_data", self._input_data, methods=["GET"]),
        ]

    def control_routes(self) -> list[Route]:
        """Endpoints beside the API."""
        return [Route("/__cdf__/schedules/{schedule_id:int}/run", self._run, methods=["POST"])]

    def fire(self, schedule: Schedule, time: int, *, url: str) -> Call:
        """Make the call of a schedule.

        Args:
            schedule: The schedule.
            time: When the call was due, in milliseconds since the epoch.
            url: The address at which the call reaches this server.

        Raises:
            ApiError: 400 when the schedule's session has ended or its function is not ready;
                429 when too many calls run.
        """
        session = self._project.identities.sessions.get(schedule.row["sessionId"])
        if session is None or session.status != "ACTIVE":
            raise ApiError(400, f"The session of schedule {schedule.row['id']} has ended")
        function = self._store.function(schedule.row["functionId"])
        data = self._calls.admit(function, schedule.data or {})
        return self._calls.start(function, data, session, url=url, scheduled=Scheduled(schedule.row["id"], time))

    async def _run(self, request: Request) -> Response:
        schedule = self._requested(request)
        # Cron knows whole minutes.
        due = now_ms() // _MINUTE_MS * _MINUTE_MS
        return answer(self.fire(schedule, due, url=address(request)).row, 201)

    async def _create(self, request: Request) -> Response:
        item = SCHEDULE.new(items_of(await body(request), minimum=1, maximum=1)[0])
        if item["functionId"] not in self._store.functions:
            raise ApiError(400, "functionId: unknown", missing=[{"id": item["functionId"]}])
        session = self._project.identities.session_for_nonce(item["nonce"])
        row: Json = {
            "id": self._project.ids.new(),
            "createdTime": now_ms(),
            "sessionId": session.id,
            "when": f"At {item['cronExpression']} (UTC)",
        }
        row |= {key: item[key] for key in ("name", "functionId", "cronExpression", "description") if item.get(key)}
        self._store.schedules[row["id"]] = Schedule(row, item.get("data"))
        return answer({"items": [row]}, 201)

    async def _list(self, request: Request) -> Response:
        sent = await body(request) if request.method == "POST" else {"limit": request.query_params.get("limit")}
        # This list has no cursor.
        limit = limit_of(sent.get("limit"), maximum=10_000)
        return answer({"items": matching(self._rows(), sent, SCHEDULE_FILTERS)[:limit]})

    async def _by_ids(self, request: Request) -> Response:
        return answer({"items": await self._named(request)})

    async def _delete(self, request: Request) -> Response:
        for row in await self._named(request):
            del self._store.schedules[row["id"]]
        return answer({})

    async def _one(self, request: Request) -> Response:
        return answer(self._requested(request).row)

    async def _input_data(self, request: Request) -> Response:
        schedule = self._requested(request)
        return answer({"id": schedule.row["id"], "data": schedule.data})

    async def _named(self, request: Request) -> list[Json]:
        sent = await body(request)
        return named(self._rows(), items_of(sent, maximum=10_000), ignore_unknown=bool(sent.get("ignoreUnknownIds")))

    def _rows(self) -> list[Json]:
        return [schedule.row for schedule in self._store.schedules.values()]

    def _requested(self, request: Request) -> Schedule:
        return self._store.schedule(request.path_params["schedule_id"])
