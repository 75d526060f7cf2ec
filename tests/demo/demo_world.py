"""A CDF of one test, filled by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.cdf import create_app
from sandbox.demo.reading import Cdf, Row
from sandbox.serve import Server

PROJECT = "demo-test"


class World:
    """A CDF with one project, its reader, and clients that act as function calls do."""

    def __init__(self, url: str, cdf: Cdf, app: object) -> None:
        self.url = url
        self.cdf = cdf
        self._project = app.state.project  # type: ignore[attr-defined]  # Starlette's state is open
        self._identity = self._project.identities.authenticate("deployer", "s")

    def post(self, path: str, body: Row, *, call: int | None = None) -> Row:
        """Write as a function call with this id does."""
        token = self._project.identities.issue_token(self._identity, call)
        answer = requests.post(
            f"{self.url}/api/v1/projects/{PROJECT}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.ok, answer.text
        result: Row = answer.json()
        return result

    def asset(self, external_id: str, **fields: object) -> int:
        rows = self.post("/assets", {"items": [{"externalId": external_id, "name": external_id, **fields}]})
        return int(rows["items"][0]["id"])

    def event(self, external_id: str, kind: str, *assets: int, **metadata: str) -> None:
        item = {"externalId": external_id, "type": kind, "assetIds": list(assets), "metadata": metadata}
        self.post("/events", {"items": [item]})


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    app = create_app(project=PROJECT, clients={"deployer": "s"}, environments=folder, cron=False)
    with Server(app) as server, Cdf(server.url, PROJECT, f"{server.url}/oauth2/token", "deployer", "s") as cdf:
        yield World(server.url, cdf, app)
