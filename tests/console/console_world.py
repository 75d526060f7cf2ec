"""A local CDF with its console, filled through HTTP."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.cdf import create_app
from sandbox.console import PATH, with_console
from sandbox.serve import Server

PROJECT = "factory"
CLIENTS = {"deployer": "deployer-secret"}
# Kept between test runs: the first one builds them.
ENVIRONMENTS = Path(__file__).parents[2] / ".sandbox" / "environments"
SECONDS = 300

HOSTILE = '<script>document.title="owned"</script><img src="http://elsewhere.invalid/x.png" onerror="alert(1)">'
HANDLER = """
def handle(data):
    print("first line")
    print("<b>bold</b> line")
    if data.get("fail"):
        raise RuntimeError("the pump is dry")
    return {"answer": 42}
"""
EVENTS = 250
START = 1_700_000_000_000
HOUR = 3_600_000


@dataclass
class World:
    """A filled CDF.

    Attributes:
        url: Of the server.
        ids: Internal ids by a short name.
    """

    url: str
    headers: dict[str, str]
    ids: dict[str, int] = field(default_factory=dict)

    def send(self, path: str, body: Any, method: str = "POST") -> Any:
        """One request to the API, which must succeed."""
        url = f"{self.url}/api/v1/projects/{PROJECT}{path}"
        answer = requests.request(method, url, json=body, headers=self.headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def create(self, path: str, *items: dict[str, Any]) -> list[dict[str, Any]]:
        """Create items and return them as they are answered."""
        created: list[dict[str, Any]] = self.send(path, {"items": list(items)})["items"]
        return created

    def clock(self, **change: object) -> Any:
        """Move the clock by which schedules fire, or switch their firing."""
        answer = requests.put(f"{self.url}/__cdf__/clock", json=change, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def console(self, path: str, /, **query: str | int) -> Any:
        """An answer of the console's own JSON."""
        answer = requests.get(f"{self.url}{PATH}api/{path}", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()


def server() -> Server:
    """A new CDF with its console."""
    cdf = create_app(project=PROJECT, clients=CLIENTS, environments=ENVIRONMENTS, cron=False)
    return Server(with_console(cdf))


def world_at(url: str) -> World:
    """A CDF, logged in."""
    login = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": CLIENTS["deployer"]}
    token = requests.post(f"{url}/oauth2/token", data=login, timeout=30).json()["access_token"]
    return World(url, {"Authorization": f"Bearer {token}"})


def fill(world: World) -> None:
    """Put something of everything into it."""
    ids = world.ids
    ids["data_set"] = world.create("/datasets", {"externalId": "ds", "name": "Line data"})[0]["id"]
    _assets_and_events(world)
    _series(world)
    _tables(world)
    world.create(
        "/relationships",
        {
            "externalId": "rel",
            "sourceExternalId": "pump",
            "sourceType": "asset",
            "targetExternalId": "e-0",
            "targetType": "event",
        },
    )
    world.send(
        "/raw/dbs/plant/tables/state/rows?ensureParent=true", {"items": [{"key": "k1", "columns": {"v": HOSTILE}}]}
    )
    ids["pipeline"] = world.create(
        "/extpipes", {"externalId": "pipe", "name": "Night read", "dataSetId": ids["data_set"], "schedule": "0 2 * * *"}
    )[0]["id"]
    world.create("/extpipes/runs", {"externalId": "pipe", "status": "failure", "message": f"no answer {HOSTILE}"})
    world.create("/extpipes/runs", {"externalId": "pipe", "status": "success", "message": "12 rows"})
    world.send("/extpipes/config", {"externalId": "pipe", "config": "limit: 7", "description": "first"})
    scope = {"datasetScope": {"ids": [str(ids["data_set"])]}}
    world.create(
        "/groups",
        {
            "name": "readers",
            "sourceId": "abc",
            "capabilities": [{"eventsAcl": {"actions": ["READ"], "scope": scope}}],
        },
    )
    _lease(world)
    _functions(world)
    _broken_connection(world)


def _broken_connection(world: World) -> None:
    """One request that nobody answers."""
    fault = [{"path": "/labels/list", "kind": "close", "count": 1}]
    requests.put(f"{world.url}/__cdf__/faults", json=fault, timeout=30).raise_for_status()
    with pytest.raises(requests.ConnectionError):
        world.send("/labels/list", {})


def _assets_and_events(world: World) -> None:
    site, pump, hostile = world.create(
        "/assets",
        {"externalId": "site", "name": "Site One"},
        {
            "externalId": "pump",
            "name": "Pump 7",
            "parentExternalId": "site",
            "dataSetId": world.ids["data_set"],
            "metadata": {"maker": "Acme"},
        },
        {"externalId": "hostile", "name": HOSTILE, "parentExternalId": "site"},
    )
    world.ids |= {"site": site["id"], "pump": pump["id"], "hostile": hostile["id"]}
    events = world.create(
        "/events",
        *(
            {
                "externalId": f"e-{number}",
                "type": "job" if number % 2 else "stop",
                "subtype": "Complete" if number % 5 else "Open",
                "startTime": START + number * HOUR,
                "endTime": START + number * HOUR + 90_000,
                "description": f"Order {number:03}",
                "metadata": {"operator": f"worker {number % 7}"},
                "assetIds": [pump["id"]],
            }
            for number in range(EVENTS)
        ),
        {"externalId": "e-hostile", "type": HOSTILE[:60], "description": HOSTILE, "metadata": {HOSTILE[:50]: HOSTILE}},
    )
    world.ids |= {"event": events[0]["id"], "hostile_event": events[-1]["id"]}


def _tables(world: World) -> None:
    world.create("/labels", {"externalId": "hot", "name": "Hot", "dataSetId": world.ids["data_set"]})
    columns = [{"externalId": "part", "valueType": "STRING"}, {"externalId": "pieces", "valueType": "LONG"}]
    world.create(
        "/sequences", {"externalId": "bom", "name": "Bill", "columns": columns, "dataSetId": world.ids["data_set"]}
    )
    rows = [{"rowNumber": number, "values": ["bolt", number]} for number in (1, 2)]
    world.send("/sequences/data", {"items": [{"externalId": "bom", "columns": ["part", "pieces"], "rows": rows}]})


def _series(world: World) -> None:
    line, step, text = world.create(
        "/timeseries",
        {"externalId": "line", "name": "Pressure", "unit": "bar", "assetId": world.ids["pump"]},
        {"externalId": "step", "name": "Progress", "unit": "%", "isStep": True},
        {"externalId": "text", "name": "Status", "isString": True},
    )
    world.ids |= {"line": line["id"], "step": step["id"], "text": text["id"]}
    many = [{"timestamp": START + n * 1000, "value": 50 if n == 4321 else n % 10} for n in range(10_000)]
    few = [{"timestamp": START + n * HOUR, "value": n * 10} for n in range(5)]
    words = [{"timestamp": START + n * HOUR, "value": value} for n, value in enumerate(["Running", HOSTILE, "Idle"])]
    points = [("line", many), ("step", few), ("text", words)]
    world.send("/timeseries/data", {"items": [{"externalId": name, "datapoints": each} for name, each in points]})


def _lease(world: World) -> None:
    models = "/models"
    world.create(f"{models}/spaces", {"space": "locks"})
    properties = {
        "holder": {"type": {"type": "text"}, "nullable": True, "immutable": False, "autoIncrement": False},
    }
    world.create(
        f"{models}/containers",
        {"space": "locks", "externalId": "Lease", "usedFor": "node", "properties": properties},
    )
    container = {"type": "container", "space": "locks", "externalId": "Lease"}
    mapped = {"owner": {"container": container, "containerPropertyIdentifier": "holder"}}
    base = {"type": "view", "space": "locks", "externalId": "Held", "version": "v1"}
    world.create(
        f"{models}/views",
        {name: value for name, value in base.items() if name != "type"} | {"properties": mapped},
        {"space": "locks", "externalId": "LeaseView", "version": "v1", "implements": [base]},
    )
    world.create(f"{models}/datamodels", {"space": "locks", "externalId": "LockModel", "version": "v1", "views": []})
    world.create("/workflows", {"externalId": "nightly", "description": "all of it"})
    world.create(
        f"{models}/instances",
        {
            "instanceType": "node",
            "space": "locks",
            "externalId": "jobs_lease",
            "sources": [{"source": container, "properties": {"holder": "run-17"}}],
        },
    )


def _functions(world: World) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("handler.py", HANDLER)
        file.writestr("requirements.txt", "cognite-sdk==8.22.0\n")
    stored = world.send("/files", {"name": "pumps.zip", "mimeType": "application/zip"})
    requests.put(stored["uploadUrl"], data=archive.getvalue(), timeout=30).raise_for_status()
    secret = {"plex-key": "never-shown-1"}
    item = {"name": "pumps", "externalId": "fn_pumps", "fileId": stored["id"], "secrets": secret}
    function = world.create("/functions", item)[0]["id"]
    _until(lambda: world.send(f"/functions/{function}", None, "GET")["status"] == "Ready")
    world.ids["function"] = function
    for name, data in (("call", {}), ("failed_call", {"fail": True})):
        body = {"data": data, "nonce": _nonce(world)}
        world.ids[name] = world.send(f"/functions/{function}/call", body)["id"]
    _until(lambda: all(call["status"] != "Running" for call in world.console("calls")["items"]))
    schedule = {"name": "hourly", "functionId": function, "cronExpression": "7 * * * *", "nonce": _nonce(world)}
    world.create("/functions/schedules", schedule | {"data": {"pipeline": "pipe"}})


def _nonce(world: World) -> str:
    return str(world.create("/sessions", {"tokenExchange": True})[0]["nonce"])


def _until(holds: Any) -> None:
    give_up = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@contextmanager
def moved_to(world: World, time: str) -> Iterator[None]:
    """Have schedules fire by another clock for a while; nothing must fall due meanwhile."""
    try:
        world.clock(now=time)
        world.clock(cron=True)
        yield
    finally:
        world.clock(now=datetime.now(UTC).isoformat())
        world.clock(cron=False)
