"""Deployed functions: created from a zip file, built in the background, listed and deleted."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer, body, items_of, limit_of
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.functions.environment import runtime_version
from sandbox.cdf.functions.host import Host
from sandbox.cdf.functions.processes import StoppedError
from sandbox.cdf.functions.runner import Outcome, Runner
from sandbox.cdf.functions.schedules import Schedules
from sandbox.cdf.functions.schemas import CPU_CORES, FUNCTION, FUNCTION_FILTERS, MEMORY_GB, RUNTIMES, matching, named
from sandbox.cdf.functions.store import DEPLOYED, Function

_FUNCTIONS_PER_PROJECT = 100


class Deployments:
    """Creates functions and serves what is known of them."""

    def __init__(self, host: Host, runner: Runner, schedules: Schedules) -> None:
        self._host = host
        self._store = host.functions
        self._runner = runner
        self._schedules = schedules

    def routes(self) -> list[Route]:
        """The endpoints of functions."""
        return [
            Route("/functions", self._list, methods=["GET"]),
            Route("/functions", self._create, methods=["POST"]),
            Route("/functions/list", self._list, methods=["POST"]),
            Route("/functions/byids", self._by_ids, methods=["POST"]),
            Route("/functions/delete", self._delete, methods=["POST"]),
            Route("/functions/limits", self._limits, methods=["GET"]),
            Route("/functions/status", self._status, methods=["GET", "POST"]),
            Route("/functions/{function_id:int}", self._one, methods=["GET"]),
        ]

    def resume(self) -> None:
        """Deploy what an earlier run of the server left half deployed."""
        for function in self._store.functions.values():
            if function.row["status"] not in DEPLOYED:
                self._deploy(function)

    def _deploy(self, function: Function) -> None:
        def work() -> None:
            function.row["status"] = "Deploying"
            try:
                outcome = self._runner.check(function.code())
            except StoppedError:
                return
            except OSError as error:
                outcome = Outcome.failed(f"The function cannot be deployed: {error}")
            if self._runner.stopping.is_set():
                return
            if outcome.error:
                function.row["error"] = outcome.error
            function.row["status"] = "Failed" if outcome.error else "Ready"

        self._runner.background(work)

    async def _create(self, request: Request) -> Response:
        item = FUNCTION.new(items_of(await body(request), minimum=1, maximum=1)[0])
        taken = self._rows()
        if any(row.get("externalId") == item.get("externalId", "") for row in taken):
            raise ApiError(
                409, "A function with this externalId exists", duplicated=[{"externalId": item["externalId"]}]
            )
        if len(taken) >= _FUNCTIONS_PER_PROJECT:
            raise ApiError(400, f"A project has at most {_FUNCTIONS_PER_PROJECT} functions")
        content = self._host.files.content(item["fileId"])
        row: Json = {
            "id": self._host.ids.new(),
            "createdTime": now_ms(),
            "status": "Queued",
            "functionPath": "handler.py",
            "runtime": RUNTIMES[-1],
            "runtimeVersion": runtime_version(),
            # Less than the default is raised to it, as documented.
            "cpu": max(item.get("cpu", 0), CPU_CORES["default"]),
            "memory": max(item.get("memory", 0), MEMORY_GB["default"]),
        }
        # Only what was sent: the Toolkit takes any further field for a change. Empty texts and objects are dropped.
        kept = (
            "name",
            "externalId",
            "description",
            "owner",
            "fileId",
            "functionPath",
            "runtime",
            "envVars",
            "metadata",
        )
        row |= {key: item[key] for key in kept if item.get(key)}
        if item.get("secrets"):
            row["secrets"] = dict.fromkeys(item["secrets"], "***")
        function = self._store.functions[row["id"]] = Function.create(row, content, item)
        created = answer({"items": [row]}, 201)
        self._deploy(function)
        return created

    async def _list(self, request: Request) -> Response:
        sent = await body(request) if request.method == "POST" else {"limit": request.query_params.get("limit")}
        # This list has no cursor.
        limit = limit_of(sent.get("limit"), maximum=10_000)
        return answer({"items": matching(self._rows(), sent, FUNCTION_FILTERS)[:limit]})

    async def _one(self, request: Request) -> Response:
        return answer(self._store.function(request.path_params["function_id"]).row)

    async def _by_ids(self, request: Request) -> Response:
        return answer({"items": await self._named(request)})

    async def _delete(self, request: Request) -> Response:
        for row in await self._named(request):
            for schedule in self._store.schedules_of(row["id"]):
                self._schedules.drop(schedule)
            self._store.delete_function(row["id"])
            self._runner.forget(row["id"])
        return answer({})

    async def _named(self, request: Request) -> list[Json]:
        sent = await body(request)
        items = items_of(sent, maximum=10)
        return named(self._rows(), items, ignore_unknown=bool(sent.get("ignoreUnknownIds")))

    def _rows(self) -> list[Json]:
        return [function.row for function in self._store.functions.values()]

    async def _limits(self, _: Request) -> Response:
        minutes = max(1, round(self._runner.time_limit / 60))
        return answer(
            {
                "timeoutMinutes": minutes,
                "cpuCores": CPU_CORES,
                "memoryGb": MEMORY_GB,
                "runtimes": RUNTIMES,
                "responseSizeMb": 1,
            }
        )

    async def _status(self, _: Request) -> Response:
        return answer({"status": "activated"})
