"""What the models share: requests without a server between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import Message

from sandbox.cdf import create_app

Row = dict[str, Any]
Check = Callable[[Row], bool]

PROJECT, CLIENT = "factory", "modeller"
NAMES = ("a", "b", "ä/ö")
STAMPS = {"id", "createdTime", "lastUpdatedTime", "uploadedTime"}

with_examples = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)
"""How every model is tried: 200 sequences, the same in every run."""

names = st.sampled_from(NAMES)


class World:
    """A new project, asked through the application itself."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.app: Starlette = create_app(project=PROJECT, clients={CLIENT: "secret"}, environments=Path("unused"))
        identities = self.app.state.project.identities
        token = identities.issue_token(identities.authenticate(CLIENT, "secret"))
        self._headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())]

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        path, _, query = path.partition("?")
        payload = b"" if body is None else json.dumps(body).encode()
        scope = {
            "type": "http",
            "method": method,
            "path": f"/api/v1/projects/{PROJECT}{path}",
            "raw_path": b"",
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "server": ("127.0.0.1", 80),
            "headers": self._headers,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": payload}

        async def keep(message: Message) -> None:
            sent.append(message)

        self._loop.run_until_complete(self.app(scope, receive, keep))
        return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        return self.send("POST", path, body)


@contextmanager
def new_world() -> Iterator[World]:
    """A project of its own for one sequence of requests."""
    loop = asyncio.new_event_loop()
    try:
        yield World(loop)
    finally:
        loop.close()


def bare(row: Row) -> Row:
    """A row without what the server stamps on it."""
    return {name: value for name, value in row.items() if name not in STAMPS}


def walk(world: World, path: str, body: Row, limit: int) -> list[Row]:
    """All rows of a listing, page by page."""
    found: list[Row] = []
    cursor = None
    for _ in range(100):
        status, page = world.post(path, body | {"limit": limit} | ({"cursor": cursor} if cursor else {}))
        assert status == 200, page
        assert len(page["items"]) <= limit
        found += page["items"]
        cursor = page.get("nextCursor")
        if cursor is None:
            return found
    raise AssertionError("the listing has no end")
