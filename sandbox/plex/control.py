"""Requests that Plex doesn't know: set the clock, change rows, read what was asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from sandbox.plex.catalogue import resolve
from sandbox.plex.plants.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableSequence

    from starlette.requests import Request

    from sandbox.plex.endpoints.endpoint import Endpoint
    from sandbox.plex.endpoints.store import Store
    from sandbox.plex.plants.clock import Clock


class ControlError(Exception):
    """A control request that makes no sense; answered with 400 and the reason."""


class Control:
    """The endpoints below `/__plex__`; they need no key.

    Args:
        clock: The plants' clock.
        stores: The plants by PCN.
        requests: Where the app records the API's requests.
    """

    def __init__(self, clock: Clock, stores: Mapping[int, Store], requests: MutableSequence[dict[str, Any]]) -> None:
        self._clock = clock
        self._stores = stores
        self._requests = requests

    def routes(self) -> list[Route]:
        """The routes, paths absolute."""
        return [
            Route("/__plex__/clock", self.read_clock, methods=["GET"]),
            Route("/__plex__/clock", self.set_clock, methods=["PUT"]),
            Route("/__plex__/{pcn:int}/rows", self.put_rows, methods=["PUT"]),
            Route("/__plex__/requests", self.read_requests, methods=["GET"]),
            Route("/__plex__/requests", self.clear_requests, methods=["DELETE"]),
        ]

    async def read_clock(self, _request: Request) -> Response:
        """`{"now": instant}`."""
        return _answer({"now": stamp(self._clock.now())})

    async def set_clock(self, request: Request) -> Response:
        """Take `{"now": time with a zone}` or `{"advanceSeconds": number}`; answers as `read_clock`."""
        body = await _object(request)
        try:
            if "now" in body:
                self._clock.set(datetime.fromisoformat(body["now"]))
            else:
                self._clock.advance(timedelta(seconds=body["advanceSeconds"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ControlError(
                f'{{"now": time with a zone}} or {{"advanceSeconds": number}} is due: {error}'
            ) from error
        return await self.read_clock(request)

    async def put_rows(self, request: Request) -> Response:
        """Take `{"path", "upsert": [rows], "remove": [keys]}`, or `{"path", "reset": true}`.

        The path is one that a request would have, a real job id in it. Whatever is changed holds at any time that the
        clock may show, until it is reset.
        """
        store = self._stores.get(request.path_params["pcn"])
        if store is None:
            raise ControlError(f"No plant has this PCN; there are {sorted(self._stores)}")
        body = await _object(request)
        path = str(body.get("path"))
        found = resolve(path)
        if found is None or found[0].item_of:
            raise ControlError(f"No list of rows is answered at {path}")
        upsert, remove = body.get("upsert", []), body.get("remove", [])
        if not isinstance(upsert, list) or not all(isinstance(row, dict) for row in upsert):
            raise ControlError("upsert must be a list of objects")
        if not isinstance(remove, list) or not all(_is_key(key, found[0]) for key in remove):
            raise ControlError(
                "remove must be a list of keys: texts, lists of texts where several fields make the key, or objects "
                "with values of the rows where these have no key"
            )
        if body.get("reset"):
            store.reset(path)
        store.change(found[0], path, upsert=upsert, remove=remove, instant=stamp(self._clock.now()))
        return Response(status_code=204)

    async def read_requests(self, request: Request) -> Response:
        """The record of the API's requests, oldest first; with `?pcn=` those of one plant."""
        return _answer([row for row in self._requests if _is_meant(row, request)])

    async def clear_requests(self, request: Request) -> Response:
        """Forget the record; with `?pcn=` that of one plant."""
        kept = [row for row in self._requests if not _is_meant(row, request)]
        self._requests.clear()
        self._requests.extend(kept)
        return Response(status_code=204)


def _is_meant(row: Mapping[str, Any], request: Request) -> bool:
    """Whether a recorded request is one that somebody asks for: of the plant that is named, else any."""
    pcn = request.query_params.get("pcn")
    return pcn is None or str(row["pcn"]) == pcn


def _is_key(key: object, endpoint: Endpoint) -> bool:
    if not endpoint.key or isinstance(key, dict):
        return not endpoint.key and isinstance(key, dict)
    if endpoint.key_type is int:
        return isinstance(key, int)
    return all(isinstance(part, str) for part in key) if isinstance(key, list) else isinstance(key, str)


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise ControlError(f"The body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object")
    return body


def _answer(data: object) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")
