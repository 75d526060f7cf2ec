"""Schedules of functions: stored with the session that their calls run as.

A control endpoint makes the call of a schedule at once.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, address, an_object, answer, body, items_of, limit_of
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.functions.calls import Calls, Scheduled
from sandbox.cdf.functions.clock import Clock, next_fire
from sandbox.cdf.functions.host import Host
from sandbox.cdf.functions.schemas import SCHEDULE, SCHEDULE_FILTERS, matching, named
from sandbox.cdf.functions.store import Call, Schedule

SCHEDULES_PER_FUNCTION, SCHEDULES_PER_PROJECT = 100, 1000
_MINUTE_MS = 60_000


class Schedules:
    """Creates schedules, serves what is known of them, and runs them on demand."""

    def __init__(self, host: Host, calls: Calls, clock: Clock) -> None:
        self._host = host
        self._store = host.functions
        self._calls = calls
        self._clock = clock

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
        session = self._host.identities.sessions.get(schedule.row["sessionId"])
        if session is None or session.status != "ACTIVE":
            raise ApiError(400, f"The session of schedule {schedule.row['id']} has ended")
        function = self._store.function(schedule.row["functionId"])
        data = self._calls.admit(function, schedule.data or {})
        return self._calls.start(function, data, session, url=url, scheduled=Scheduled(schedule.row["id"], time))

    def drop(self, schedule: Schedule) -> None:
        """Forget a schedule, and revoke the session that was kept for it alone."""
        del self._store.schedules[schedule.row["id"]]
        session = self._host.identities.sessions.get(schedule.row["sessionId"])
        if session is not None:
            self._host.identities.revoke(session)

    def fire_on_time(self, schedule: Schedule, time: int) -> None:
        """Make the call of a schedule; one that cannot be made is recorded with the reason."""
        try:
            self.fire(schedule, time, url=self._store.url)
        except ApiError as error:
            status = "ConcurrencyLimitExceeded" if error.code == 429 else "Failed"
            function = self._store.function(schedule.row["functionId"])
            self._calls.record(function, Scheduled(schedule.row["id"], time), status, error.message)

    async def _run(self, request: Request) -> Response:
        schedule = self._requested(request)
        # Cron knows whole minutes.
        due = now_ms() // _MINUTE_MS * _MINUTE_MS
        return answer(self.fire(schedule, due, url=address(request)).row, 201)

    async def _create(self, request: Request) -> Response:
        item = SCHEDULE.new(items_of(await body(request), minimum=1, maximum=1)[0])
        if item["functionId"] not in self._store.functions:
            raise ApiError(400, "functionId: unknown", missing=[{"id": item["functionId"]}])
        if len(self._store.schedules) >= SCHEDULES_PER_PROJECT:
            raise ApiError(400, f"A project has at most {SCHEDULES_PER_PROJECT} schedules")
        if len(self._store.schedules_of(item["functionId"])) >= SCHEDULES_PER_FUNCTION:
            raise ApiError(400, f"A function has at most {SCHEDULES_PER_FUNCTION} schedules")
        session = self._host.identities.session_for_nonce(item["nonce"])
        row: Json = {"id": self._host.ids.new(), "createdTime": now_ms(), "sessionId": session.id}
        row |= {key: item[key] for key in ("name", "functionId", "cronExpression", "description") if item.get(key)}
        due = next_fire(item["cronExpression"], self._clock.now())
        schedule = self._store.schedules[row["id"]] = Schedule(row, item.get("data"), due)
        self._store.url = address(request)
        return answer({"items": [_shown(schedule)]}, 201)

    async def _list(self, request: Request) -> Response:
        sent = await body(request) if request.method == "POST" else {"limit": request.query_params.get("limit")}
        # This list has no cursor.
        limit = limit_of(sent.get("limit"), maximum=10_000)
        wanted = dict(an_object(sent.get("filter"), "filter"))
        external_id = wanted.pop("functionExternalId", None)
        rows = matching(self._rows(), {"filter": wanted}, SCHEDULE_FILTERS)
        if external_id is not None:
            if wanted.get("functionId") is not None:
                raise ApiError(400, "filter: at most one of functionId and functionExternalId can be given")
            rows = [row for row in rows if self._calls_function(row, external_id)]
        return answer({"items": rows[:limit]})

    def _calls_function(self, row: Json, external_id: object) -> bool:
        return bool(self._store.function(row["functionId"]).row.get("externalId") == external_id)

    async def _by_ids(self, request: Request) -> Response:
        return answer({"items": await self._named(request)})

    async def _delete(self, request: Request) -> Response:
        for row in await self._named(request):
            self.drop(self._store.schedules[row["id"]])
        return answer({})

    async def _one(self, request: Request) -> Response:
        return answer(_shown(self._requested(request)))

    async def _input_data(self, request: Request) -> Response:
        schedule = self._requested(request)
        return answer({"id": schedule.row["id"], "data": schedule.data})

    async def _named(self, request: Request) -> list[Json]:
        sent = await body(request)
        return named(self._rows(), items_of(sent, maximum=10_000), ignore_unknown=bool(sent.get("ignoreUnknownIds")))

    def _rows(self) -> list[Json]:
        return [_shown(schedule) for schedule in self._store.schedules.values()]

    def _requested(self, request: Request) -> Schedule:
        return self._store.schedule(request.path_params["schedule_id"])


def _shown(schedule: Schedule) -> Json:
    """The schedule as the API answers it."""
    return schedule.row | {"when": f"At {schedule.row['cronExpression']} (UTC)"}
