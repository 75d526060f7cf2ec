"""One answer of Plex: read to its end however it is sent, and never for longer than it may take."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import requests
from plex_cdf.deadline import Deadline
from plex_cdf.errors import CutError, OutOfTimeError, SlowError, TransientError
from plex_cdf.plex import exchange
from plex_cdf.plex.exchange import Answer, ask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.serve import Server

ROWS = b'[{"id": "a", "name": "Gr\xc3\xb6\xc3\x9fe"}]' + b" " * 100_000
PACKED: dict[str | None, Callable[[bytes], bytes]] = {None: bytes, "gzip": gzip.compress, "deflate": zlib.compress}


class Plex:
    """A server whose answer a test gives, and who asked."""

    def __init__(self) -> None:
        self.answer: ASGIApp = Response()
        self.ports: list[object] = []
        self.url = ""
        self.session = requests.Session()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.ports.append(scope["client"][1])
        await Request(scope, receive).body()
        await self.answer(scope, receive, send)


class Ticking:
    """A clock that every look at it moves on by a quarter of a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.25
        return self.now


@pytest.fixture
def plex() -> Iterator[Plex]:
    app = Plex()
    with Server(app) as server, app.session:
        app.url = server.url
        yield app


def _ask(plex: Plex, timeout: float = 30, seconds: float = 400) -> Answer:
    deadline = Deadline(seconds, Ticking())
    return ask(plex.session, "GET", plex.url, {}, call="GET /", timeout=timeout, deadline=deadline)


async def _pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0)  # lets the server see that nobody listens any more


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_read_whole_however_it_is_sent_and_its_connection_kept(
    plex: Plex, encoding: str | None, chunked: bool
) -> None:
    body, headers = PACKED[encoding](ROWS), {"Content-Encoding": encoding} if encoding else {}
    for _ in range(3):
        plex.answer = (
            StreamingResponse(_pieces(body, 1000), headers=headers) if chunked else Response(body, 200, headers)
        )
        answer = _ask(plex, timeout=300)
        assert (answer.status, answer.body, answer.json()) == (200, ROWS, [{"id": "a", "name": "Größe"}])
    assert len(set(plex.ports)) == 1


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "1000000000"}, {"Content-Encoding": "gzip"}])
def test_an_answer_that_never_falls_silent_ends_when_its_time_is_up(plex: Plex, headers: dict[str, str]) -> None:
    plex.answer = StreamingResponse(_endless(), headers=headers)
    with pytest.raises(SlowError, match="30 seconds were over while Plex was answering GET /"):
        _ask(plex)


def test_and_when_the_run_s_time_for_reading_is_up(plex: Plex) -> None:
    plex.answer = StreamingResponse(_endless())
    with pytest.raises(OutOfTimeError, match="the run's time was up while Plex was answering GET /"):
        _ask(plex, seconds=20)


def test_what_has_arrived_when_the_time_is_up_is_taken(plex: Plex) -> None:
    plex.answer = Response(b"[]")
    assert _ask(plex, seconds=0).json() == []


def test_a_plex_that_is_silent_is_not_waited_for_beyond_the_run_s_time(
    plex: Plex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_LEAST_SECONDS", 0.1)

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    plex.answer = silent
    with pytest.raises(OutOfTimeError, match="the run's time was up before Plex answered"):
        _ask(plex, seconds=0)
    with pytest.raises(TransientError, match="ReadTimeout"):
        _ask(plex, timeout=0.1)


def test_a_body_that_is_not_what_its_encoding_says_is_no_answer(plex: Plex) -> None:
    plex.answer = Response(ROWS, headers={"Content-Encoding": "gzip"})
    with pytest.raises(CutError, match="DecodeError"):
        _ask(plex)


@pytest.mark.parametrize("kind", [None, "application/json", "application/problem+json", "text/json", "text/html"])
def test_no_charset_is_guessed(plex: Plex, kind: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 MB it would take minutes."""

    def guess(_response: requests.Response) -> str:
        raise AssertionError("guessed")

    monkeypatch.setattr(requests.Response, "apparent_encoding", property(guess))
    plex.answer = Response(b'["\xe4", "\xc3\xa4"]', headers={"Content-Type": kind} if kind else {})
    assert _ask(plex).json() == ["\ufffd", "ä"]
    plex.answer = Response(b"\xff\xff<html>", headers={"Content-Type": kind} if kind else {})
    with pytest.raises(ValueError, match="Expecting value"):
        _ask(plex).json()
    assert "html" in _ask(plex).beginning()


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_charsets_of_json_are_told_by_their_first_bytes(plex: Plex, charset: str) -> None:
    plex.answer = Response('["Größe"]'.encode(charset))
    assert _ask(plex).json() == ["Größe"]
