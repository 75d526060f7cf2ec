"""A CDF of one test, filled by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.cdf import create_app
from sandbox.demo.content import ASSETS, EVENTS, HISTORY_EVENTS
from sandbox.demo.reading import Cdf, Row
from sandbox.demo.tenant import CHILDREN, PAIRS, Tenant
from sandbox.serve import Server

PROJECT = "demo-test"
PCN = 340884
PREFIX = f"PCN{PCN}"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


PART, OTHER_PART, OPERATION, PART_OPERATION, WORKCENTER, JOB, JOB_OPERATION = (uuid(number) for number in range(1, 8))


def tenant(**streams: dict[str, Row]) -> Tenant:
    """A Plex with one row of what jobs need, and nothing else unless it is given."""
    rows: dict[str, dict[str, Row]] = {name: {} for name in (*ASSETS, *EVENTS, *HISTORY_EVENTS, *CHILDREN, *PAIRS)}
    rows |= {
        "parts": {PART: {"id": PART}},
        "operations": {OPERATION: {"id": OPERATION}},
        "partOperations": {PART_OPERATION: {"id": PART_OPERATION}},
        "workcenters": {WORKCENTER: {"workcenterId": WORKCENTER}},
        "jobs": {JOB: {"id": JOB, "partId": PART}},
        "jobOperations": {JOB_OPERATION: {"jobOperationId": JOB_OPERATION, "workcenterId": WORKCENTER}},
    }
    return rows | streams


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

    def series(self, external_id: str, points: dict[int, float]) -> None:
        self.post("/timeseries", {"items": [{"externalId": external_id, "isString": False}]})
        datapoints = [{"timestamp": when, "value": value} for when, value in points.items()]
        if datapoints:
            self.post("/timeseries/data", {"items": [{"externalId": external_id, "datapoints": datapoints}]})


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    app = create_app(project=PROJECT, clients={"deployer": "s"}, environments=folder, cron=False)
    with Server(app) as server, Cdf(server.url, PROJECT, f"{server.url}/oauth2/token", "deployer", "s") as cdf:
        yield World(server.url, cdf, app)
