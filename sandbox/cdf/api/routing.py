"""Routes that answer JSON."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import Json, answer, body

Handler = Callable[[Json], Json]


def post(path: str, handler: Handler, *, status: int = 200) -> Route:
    """A route that turns a JSON body into a JSON answer."""

    async def endpoint(request: Request) -> Response:
        return answer(handler(await body(request)), status)

    return Route(path, endpoint, methods=["POST"])


def get(path: str, handler: Callable[[Request], object]) -> Route:
    """A route that answers JSON to a query (a coroutine, as Starlette runs plain functions in threads)."""

    async def endpoint(request: Request) -> Response:
        return answer(handler(request))

    return Route(path, endpoint, methods=["GET"])
