"""A local CDF with one facility's data set and root asset, and the real client to it."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import requests
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from fake_time import FakeTime
from plex_cdf.cdf.api import CdfApi, single_retry_layer
from plex_cdf.cdf.resolver import Resolver
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Writer
from plex_cdf.retry import Retry
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import sandbox.cdf
from sandbox.serve import Server

global_config.disable_pypi_version_check = True

PROJECT = "factory"
BASE = f"/api/v1/projects/{PROJECT}"
DATA_SET = "plex_340884_master"
ROOT = "PCN340884_FACILITY"
Row = dict[str, Any]
Refuses = Callable[[str, list[Row]], bool]


class Sent(NamedTuple):
    """A request that arrived."""

    path: str
    items: list[Row]


class Gateway:
    """Stands before the stand-in: keeps what is sent, refuses items that a test calls bad, loses answers.

    A lost answer is a 503 after the request was carried out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.sent: list[Sent] = []
        self.refuses: Refuses = lambda path, items: False
        self.lost: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(BASE):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(BASE)
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def nowhere(_: Message) -> None:
            return

        items = _items(body)
        self.sent.append(Sent(path, items))
        if self.refuses(path, items):
            await _answer(send, 400, "an item is bad")
        elif path in self.lost:
            self.lost.remove(path)
            await self._app(scope, again, nowhere)
            await _answer(send, 503, "lost")
        else:
            await self._app(scope, again, send)


def _items(body: bytes) -> list[Row]:
    content = orjson.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body) if body else {}
    items: list[Row] = content.get("items", [])
    return items


async def _answer(send: Send, status: int, message: str) -> None:
    body = orjson.dumps({"error": {"code": status, "message": message}})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def connect(url: str, token: str) -> CogniteClient:
    return CogniteClient(ClientConfig("tests", PROJECT, Token(token), base_url=url, timeout=20))


class Cdf:
    """The project, and what writes to it. Retries cost no time."""

    def __init__(self, url: str, gateway: Gateway) -> None:
        self.gateway = gateway
        form = {"grant_type": "client_credentials", "client_id": "tests", "client_secret": "secret"}
        token = requests.post(f"{url}/oauth2/token", data=form, timeout=10).json()["access_token"]
        self.time = FakeTime()
        self.deadline = self.time.deadline()
        self.api = CdfApi(connect(url, token), Retry(self.deadline, sleep=self.time.sleep))
        self.resolver = Resolver(self.api, self.deadline)
        self.api.post("/datasets", {"items": [{"externalId": DATA_SET, "name": "Master"}]})
        self.api.post("/assets", {"items": [{"externalId": ROOT, "name": "Plant"}]})
        self.api.post("/raw/dbs", {"items": [{"name": "plex_340884"}]})
        self.api.post("/raw/dbs/plex_340884/tables", {"items": [{"name": "state"}]})

    def writer(self, data_set: str = DATA_SET) -> Writer:
        """One of a new run."""
        self.resolver = Resolver(self.api, self.deadline)
        return Writer(self.api, self.resolver, data_set, self.deadline)

    def upkeep(self) -> Upkeep:
        """One of a new run."""
        self.resolver = Resolver(self.api, self.deadline)
        return Upkeep(self.api, self.resolver, self.deadline)

    @contextmanager
    def requests(self) -> Iterator[list[Sent]]:
        """The requests inside the block."""
        self.gateway.sent = record = list[Sent]()
        calls = self.api.calls
        yield record
        assert self.api.calls - calls == len(record)

    def rows(self, path: str, external_ids: list[str]) -> dict[str, Row]:
        """What the project holds of these."""
        items = [{"externalId": external_id} for external_id in external_ids]
        found = self.api.post(f"{path}/byids", {"items": items, "ignoreUnknownIds": True})["items"]
        return {row["externalId"]: row for row in found}

    def delete(self, path: str, *external_ids: str) -> None:
        self.api.post(f"{path}/delete", {"items": [{"externalId": external_id} for external_id in external_ids]})


@contextmanager
def project(folder: Path) -> Iterator[Cdf]:
    gateway = Gateway(sandbox.cdf.create_app(project=PROJECT, clients={"tests": "secret"}, environments=folder))
    with Server(gateway) as server, single_retry_layer():
        yield Cdf(server.url, gateway)
