"""Requests to CDF through the real client: what is counted, tried again, and raised."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from cdf_project import BASE, connect
from cognite.client import global_config
from fake_time import FakeTime
from plex_cdf.cdf.api import CdfApi, single_retry_layer
from plex_cdf.errors import ConfigurationError, PlexCdfError, RefusedError, ThrottledError, TransientError
from plex_cdf.retry import Retry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.serve import Server


class Answers:
    """A server that gives the answers of a list, the last one for ever, and keeps the requests."""

    def __init__(self) -> None:
        self.given: list[Response] = []
        self.asked: list[str] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        if request.url.path == "/api/v1/token/inspect":
            return error(401, "Unauthorized")
        self.asked.append(f"{request.method} {request.url.path.removeprefix(BASE)}")
        return self.given.pop(0) if len(self.given) > 1 else self.given[0]


def error(status: int, message: str | None, headers: dict[str, str] | None = None, **more: object) -> Response:
    said = {"code": status, **more} | ({"message": message} if message is not None else {})
    return JSONResponse({"error": said}, status, {"x-request-id": "r-1", **(headers or {})})


GOOD = JSONResponse({"items": []})


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Answers]]:
    answers = Answers()
    with Server(answers.app) as running:
        yield running.url, answers


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def answers(server: tuple[str, Answers]) -> Answers:
    server[1].asked.clear()
    return server[1]


@pytest.fixture
def api(server: tuple[str, Answers], answers: Answers, time: FakeTime) -> Iterator[CdfApi]:
    with single_retry_layer():
        retry = Retry(time.deadline(), attempts=3, sleep=time.sleep, uniform=lambda _, high: high)
        yield CdfApi(connect(server[0], "any"), retry)


def test_an_answer_is_returned_and_every_request_counted(api: CdfApi, answers: Answers) -> None:
    answers.given = [JSONResponse({"items": [{"id": 1}]})]
    assert api.post("/assets", {"items": [{}]}) == {"items": [{"id": 1}]}
    assert api.get("/extpipes/config", {"externalId": "p"}) == {"items": [{"id": 1}]}
    assert answers.asked == ["POST /assets", "GET /extpipes/config"]
    assert api.calls == 2


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(400, "name is too long"), RefusedError, "POST /assets with: name is too long (x-request-id r-1)"),
        (error(409, "conflict"), RefusedError, "conflict"),
        (error(413, "too large"), RefusedError, "too large"),
        (error(422, "odd"), RefusedError, "odd"),
        (error(401, "Unauthorized"), ConfigurationError, "clientId and clientSecret of the schedule"),
        (error(403, "no rights"), ConfigurationError, "no rights (x-request-id r-1): the group of this call's"),
    ],
)
def test_what_does_not_pass_is_raised_at_once(
    api: CdfApi, answers: Answers, answer: Response, kind: type[PlexCdfError], words: str
) -> None:
    answers.given = [answer]
    with pytest.raises(kind, match=re.escape(words)):
        api.post("/assets", {"items": []})
    assert api.calls == len(answers.asked) == 1


MAY_PASS = {
    "500": error(500, "internal"),
    "502": error(502, "bad gateway"),
    "503": error(503, "busy"),
    "507": error(507, "full"),
    "retryable": error(503, "busy", {"cdf-is-auto-retryable": "true"}),
    "429": error(429, "slow"),
    "408": error(408, "late"),
    "no message": error(400, None),
    "html error": Response("<html>Bad Gateway</html>", 502, media_type="text/html"),
    "html": Response("<html>Log in</html>", 200, media_type="text/html"),
    "redirect": Response("", 302, {"location": "https://login.example"}),
    "list": Response("[]", media_type="application/json"),
    "empty": Response("", 200),
}


@pytest.mark.parametrize("path", ["/assets", "/assets/update", "/events", "/timeseries/data", "/extpipes/runs"])
@pytest.mark.parametrize("answer", MAY_PASS.values(), ids=MAY_PASS.keys())
def test_what_may_pass_is_tried_again_by_one_layer_alone(
    api: CdfApi, answers: Answers, path: str, answer: Response
) -> None:
    answers.given = [answer, GOOD]
    assert api.post(path, {"items": []}) == {"items": []}
    assert api.calls == len(answers.asked) == 2
    answers.given = [answer]
    with pytest.raises(TransientError):
        api.post(path, {"items": []})
    assert api.calls == len(answers.asked) == 5


@pytest.mark.parametrize("answer", MAY_PASS.values(), ids=MAY_PASS.keys())
def test_an_answer_that_nobody_reads_is_still_an_acknowledgement(
    api: CdfApi, answers: Answers, answer: Response
) -> None:
    answers.given = [answer, GOOD]
    api.send("/events", {"items": []})
    assert api.calls == len(answers.asked) == 2


def test_missing_and_duplicated_are_handed_on(api: CdfApi, answers: Answers) -> None:
    answers.given = [error(400, "not found", missing=[{"externalId": "a"}, {"id": 5}])]
    with pytest.raises(RefusedError) as caught:
        api.post("/events/update", {"items": []})
    assert (caught.value.status, caught.value.missing) == (400, [{"externalId": "a"}, {"id": 5}])
    assert caught.value.duplicated == ()
    answers.given = [error(409, "there", duplicated=[{"externalId": "a"}])]
    with pytest.raises(RefusedError) as caught:
        api.post("/events", {"items": []})
    assert (caught.value.status, caught.value.duplicated) == (409, [{"externalId": "a"}])


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("1.5", 1.5), (None, None), ("soon", None)])
def test_retry_after_is_read_and_waited_for(
    api: CdfApi, answers: Answers, time: FakeTime, header: str | None, seconds: float | None
) -> None:
    slow = error(429, "slow", {"retry-after": header} if header else None)
    answers.given = [slow, GOOD]
    api.post("/assets", {"items": []})
    assert time.slept == [(seconds or 0) + 0.5]
    answers.given = [slow]
    with pytest.raises(ThrottledError) as caught:
        api.post("/assets", {"items": []})
    assert caught.value.retry_after == seconds


def test_get_takes_404_for_nothing(api: CdfApi, answers: Answers) -> None:
    answers.given = [error(404, "no such row")]
    assert api.get("/raw/dbs/d/tables/t/rows/k") is None
    assert api.calls == 1
    with pytest.raises(RefusedError, match="HTTP 404"):
        api.post("/assets", {"items": []})
    answers.given = [error(400, "bad key")]
    with pytest.raises(RefusedError, match="bad key"):
        api.get("/raw/dbs/d/tables/t/rows/k")


def test_a_number_that_json_does_not_have_is_refused_unsent(api: CdfApi, answers: Answers) -> None:
    answers.given = [GOOD]
    with pytest.raises(RefusedError, match="cannot be sent"):
        api.post("/timeseries/data", {"items": [{"value": float("inf")}]})
    assert answers.asked == []


@pytest.fixture
def resetting() -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads a request and resets the connection, and what it has read."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with suppress(OSError):  # closed at the end
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        seen.append(connection.recv(65536))
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_reset_is_one_attempt_of_ours(resetting: tuple[str, list[bytes]], time: FakeTime) -> None:
    url, seen = resetting
    with single_retry_layer():
        api = CdfApi(connect(url, "any"), Retry(time.deadline(), attempts=2, sleep=time.sleep))
        with pytest.raises(TransientError, match="POST /assets: CogniteConnectionError"):
            api.post("/assets", {"items": []})
    assert api.calls == len(seen) == 2


def test_nobody_listening_is_transient(time: FakeTime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with single_retry_layer():
        api = CdfApi(connect(url, "any"), Retry(time.deadline(), attempts=2, sleep=time.sleep))
        with pytest.raises(TransientError, match="CogniteConnectionRefused"):
            api.post("/assets", {"items": []})
    assert api.calls == 2


def test_the_sdk_gets_its_own_settings_back() -> None:
    names = ("max_retries", "max_retries_connect", "disable_pypi_version_check")
    before = [getattr(global_config, name) for name in names]
    with suppress(KeyError), single_retry_layer():
        assert [getattr(global_config, name) for name in names] == [0, 0, True]
        raise KeyError
    assert [getattr(global_config, name) for name in names] == before
