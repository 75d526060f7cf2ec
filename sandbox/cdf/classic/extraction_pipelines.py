"""Extraction pipelines with their runs and the revisions of their configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from croniter import croniter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, an_object, answer, body, items_of, limit_of, texts
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.paging import Cursor, Page
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.filters import between
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.store import Store

_WORDS = ("On trigger", "Continuous")
_LAST = {"success": "lastSuccess", "failure": "lastFailure", "seen": "lastSeen"}


class ExtractionPipelines(Store):
    """The project's extraction pipelines.

    Attributes:
        runs: by pipeline, oldest first.
        configs: the revisions by pipeline, oldest first; revision 1 is the first.
    """

    kind = "Extraction pipeline"
    schema = schemas.EXTRACTION_PIPELINE
    filters: ClassVar[Mapping[str, str]] = {"schedule": "schedule", "createdBy": "createdBy"}

    def __init__(self, ids: Ids, data_sets: Store) -> None:
        super().__init__(ids, data_sets)
        self.runs: dict[int, list[Json]] = {}
        self.configs: dict[int, list[Json]] = {}

    def remove(self, keys: Iterable[int]) -> None:
        """Remove pipelines together with their runs and configuration."""
        keys = list(keys)
        for key in keys:
            self.runs.pop(key, None)
            self.configs.pop(key, None)
        super().remove(keys)

    def prepare(self, new: dict[int, Json]) -> None:
        """No run yet: the times are 0 (cognite-sdk-python, `test_extraction_pipelines.py`)."""
        for row in new.values():
            row.update(dict.fromkeys(_LAST.values(), 0))

    def check(self, row: Json) -> None:
        """A schedule is a cron expression unless it is one of the two words."""
        schedule = row.get("schedule", _WORDS[0])
        if schedule not in _WORDS and not croniter.is_valid(schedule):
            raise ApiError(400, f"schedule: {schedule!r} is no cron expression, nor one of {', '.join(_WORDS)}")

    # --- runs --------------------------------------------------------------------------------------------------------

    def add_runs(self, items: list[Json]) -> list[Json]:
        """Note runs, and what they say about their pipeline.

        Raises:
            ApiError: 400 for an unknown pipeline or a run that is refused. Nothing is written then.
        """
        new = [schemas.EXTRACTION_RUN.new(item) for item in items]
        keys = self._keys_of(new)
        for key, run in zip(keys, new, strict=True):
            run.setdefault("createdTime", now_ms())
            run["id"] = self.ids.new()
            self.runs.setdefault(key, []).append(run)
            row, when = self.rows[key], run["createdTime"]
            last = {name: max(row[name], when) for name in (_LAST[run["status"]], "lastSeen")}
            message = {"lastMessage": run["message"]} if "message" in run else {}
            self.put(key, row | last | message)
        return new

    def _keys_of(self, items: list[Json]) -> list[int]:
        keys = [self.key({"externalId": item["externalId"]}) for item in items]
        missing = [{"externalId": i["externalId"]} for i, key in zip(items, keys, strict=True) if key is None]
        if missing:
            raise ApiError(400, f"Extraction pipelines not found: {missing}", missing=missing)
        return [key for key in keys if key is not None]

    def list_runs(self, data: Json, limit: int) -> Page:
        """Runs of one pipeline, the latest first. They don't name their pipeline.

        Raises:
            ApiError: 400 for an unknown pipeline or filter.
        """
        wanted = an_object(data.get("filter"), "filter")
        _only(wanted, "filter.", "externalId", "statuses", "message", "createdTime")
        if not isinstance(wanted.get("externalId"), str):
            raise ApiError(400, "filter.externalId: required")
        (key,) = self._keys_of([wanted])
        in_time = between("createdTime", wanted.get("createdTime") or {}, lambda run: run["createdTime"])
        message = an_object(wanted.get("message"), "filter.message")
        _only(message, "filter.message.", "substring")
        part = message.get("substring") or ""
        statuses = texts(wanted.get("statuses"), "filter.statuses") or list(_LAST)
        if unknown := set(statuses) - _LAST.keys():
            raise ApiError(400, f"filter.statuses: {', '.join(sorted(unknown))} must be of {', '.join(_LAST)}")
        newest_first = list(reversed(self.runs.get(key, [])))
        newest_first.sort(key=lambda run: -run["createdTime"])
        found = [
            {name: value for name, value in run.items() if name != "externalId"}
            for run in newest_first
            if run["status"] in statuses and str(part) in run.get("message", "") and in_time(run)
        ]
        return Cursor.of(data).slice(found, limit)

    # --- configuration -----------------------------------------------------------------------------------------------

    def add_config(self, data: Json) -> Json:
        """A new revision.

        Raises:
            ApiError: 400 for an unknown pipeline or a configuration that is refused.
        """
        config = schemas.EXTRACTION_CONFIG.new(data)
        (key,) = self._keys_of([config])
        revisions = self.configs.setdefault(key, [])
        config |= {"revision": len(revisions) + 1, "createdTime": now_ms()}
        revisions.append(config)
        return config

    def config(self, external_id: str, revision: int | None, active_at: int | None) -> Json:
        """One revision; the latest unless another is asked for.

        Raises:
            ApiError: 404 when there is none.
        """
        for config in reversed(self.revisions(external_id)):
            if revision in {None, config["revision"]} and (active_at is None or config["createdTime"] <= active_at):
                return config
        raise ApiError(404, f"No config found for extraction pipeline {external_id}")

    def revisions(self, external_id: str) -> list[Json]:
        """All revisions of a pipeline, oldest first.

        Raises:
            ApiError: 404 for an unknown pipeline.
        """
        key = self.key({"externalId": external_id})
        if key is None:
            raise ApiError(404, f"Extraction pipeline {external_id} not found")
        return self.configs.get(key, [])

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every pipeline with its runs and configuration."""
        for key, row in self.rows.items():
            yield str(key), {"row": row, "runs": self.runs.get(key, []), "configs": self.configs.get(key, [])}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.put(int(key), value["row"])
        self.runs[int(key)], self.configs[int(key)] = value["runs"], value["configs"]


def routes(store: ExtractionPipelines) -> list[Route]:
    """The routes of extraction pipelines, runs and configuration."""
    return [
        *_run_routes(store),
        *_config_routes(store),
        *classic_routes(store, "/extpipes", actions=("create", "list", "byids", "update", "delete")),
    ]


def _run_routes(store: ExtractionPipelines) -> list[Route]:
    def listed(request: Request) -> Json:
        query = dict(request.query_params)
        _only(query, "", "externalId", "cursor", "limit")
        data = {"filter": {"externalId": query.get("externalId")}, "cursor": query.get("cursor")}
        return store.list_runs(data, limit_of(query.get("limit"))).envelope()

    def add(data: Json) -> Json:
        # "Current version supports one extraction pipeline run per request."
        return {"items": store.add_runs(items_of(data, minimum=1, maximum=1))}

    return [
        post("/extpipes/runs", add, status=201),
        post("/extpipes/runs/list", lambda data: store.list_runs(data, limit_of(data.get("limit"))).envelope()),
        get("/extpipes/runs", listed),
    ]


def _config_routes(store: ExtractionPipelines) -> list[Route]:
    async def create(request: Request) -> Response:
        return answer(store.add_config(await body(request)), 201)

    async def revert(request: Request) -> Response:
        data = await body(request)
        _only(data, "", "externalId", "revision")
        external_id, revision = data.get("externalId"), data.get("revision")
        if not isinstance(external_id, str):
            raise ApiError(400, "externalId: required, must be a string")
        if type(revision) is not int:
            raise ApiError(400, f"revision: {revision!r} is required, must be a whole number")
        old = store.config(external_id, revision, None)
        again: Json = {name: old[name] for name in ("externalId", "config", "description") if name in old}
        return answer(store.add_config(again), 201)

    def one(request: Request) -> Json:
        query = dict(request.query_params)
        _only(query, "", "externalId", "revision", "activeAtTime")
        numbers = [_number(query, name) for name in ("revision", "activeAtTime")]
        return store.config(_external_id(request), *numbers)

    def listed(request: Request) -> Json:
        _only(dict(request.query_params), "", "externalId", "limit", "cursor")
        limit = limit_of(request.query_params.get("limit"))
        newest_first = [
            {name: value for name, value in config.items() if name != "config"}
            for config in reversed(store.revisions(_external_id(request)))
        ]
        return Cursor.of(dict(request.query_params)).slice(newest_first, limit).envelope()

    return [
        Route("/extpipes/config", create, methods=["POST"]),
        Route("/extpipes/config/revert", revert, methods=["POST"]),
        get("/extpipes/config", one),
        get("/extpipes/config/revisions", listed),
    ]


def _external_id(request: Request) -> str:
    external_id = request.query_params.get("externalId")
    if not external_id:
        raise ApiError(400, "externalId: required")
    return external_id


def _number(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is not None and not value.isdecimal():
        raise ApiError(400, f"{name}: {value!r} must be a whole number")
    return None if value is None else int(value)


def _only(data: Mapping[str, object], prefix: str, *known: str) -> None:
    """Refuse what an endpoint does not know."""
    if unknown := data.keys() - set(known):
        names = ", ".join(prefix + name for name in sorted(unknown))
        raise ApiError(400, f"Unexpected field - {names}; known are {', '.join(known)}")
