from __future__ import annotations

import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sandbox.serve import Server


def app() -> Starlette:
    async def hello(_request: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    return Starlette(routes=[Route("/", hello)])


def test_it_answers_until_it_is_stopped() -> None:
    with Server(app()) as server, requests.Session() as session:
        answer = session.get(server.url, timeout=30)
        assert answer.text == "hello"
        assert "Date" not in answer.headers
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=30)


def test_a_port_is_free_again_after_a_stop_and_taken_before() -> None:
    with Server(app()) as server:
        port = int(server.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            Server(app(), port)
    with Server(app(), port) as again:
        assert again.url == server.url


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    Server(app()).stop()


def test_an_application_that_fails_at_start_is_told() -> None:
    async def broken(scope: dict[str, object], receive: object, send: object) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no"})  # type: ignore[operator] # ASGI, untyped here

    with pytest.raises(RuntimeError, match="did not start"):
        Server(broken).start()  # type: ignore[arg-type] # ASGI, untyped here
