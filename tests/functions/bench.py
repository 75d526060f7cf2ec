"""A facility in a local CDF and a plant in a local Plex, and functions that run in this process."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import requests
import yaml
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from inventory import INVENTORY
from jobs import JOBS
from master_data import MASTER_DATA
from performance import PERFORMANCE
from plex_cdf.function import run
from plex_cdf.run.call import Outside
from plex_cdf.stream import Extractor
from production import PRODUCTION
from quality import QUALITY
from starlette.types import ASGIApp, Receive, Scope, Send

import sandbox.cdf
import sandbox.plex
from sandbox.plex.plants.plant import tenant_id
from sandbox.serve import Server

global_config.disable_pypi_version_check = True

PCN = 340884
TENANT = "97016117-143c-5059-babf-7d1e7b3a8e7e"
KEY = "PlexKeyForTests0123456789abcdefg"
PROJECT = "factory"
EXTRACTORS: dict[str, Extractor[Any]] = {
    extractor.name: extractor for extractor in (JOBS, MASTER_DATA, PRODUCTION, INVENTORY, QUALITY, PERFORMANCE)
}
BRANCHES = (
    *("PARTS_LIBRARY", "OPERATIONS_LIBRARY", "RESOURCES_LIBRARY", "WORKCENTERS", "PRODUCTION_LINES"),
    *("LOCATIONS", "CONTAINERS", "INSPECTION_POINTS", "CONTROL_PLANS"),
)
DOMAINS = ("master", "scheduling", "production", "inventory", "quality")
HISTORIES = ("production", "inventory", "quality", "performance")
OWN_SETTINGS: dict[str, dict[str, Any]] = {
    "jobs": {"openStatuses": ["Open"], "closedJobs": True, "callBudget": 100},
    **{name: {"startDate": "2024-02-01"} for name in HISTORIES},
    "performance": {"startDate": "2024-02-01", "statusClasses": {"run": ["Production"], "plannedDown": ["Setup"]}},
}
LOG = """\
work_order,part,order_qty,operation,workcenter,worker,report_type,qty_completed,qty_for_mrb,rework,duration_minutes,completed_at
W1,Shaft,10,Turn,Lathe 1,a,S,0,0,,30,2024-03-01T08:30
W1,Shaft,10,Turn,Lathe 1,a,D,4,0,,60,2024-03-01T10:00
W1,Shaft,10,Turn,Lathe 2,b,D,6,0,,60,2024-03-01T12:00
W1,Shaft,10,Check,Desk,b,D,10,0,,15,2024-03-02T09:00
W2,Ring,100,Turn,Lathe 2,b,D,50,0,,120,2024-03-01T15:00
W2,Ring,100,Grind,Grinder,c,D,20,0,,60,2024-03-03T10:00
W3,Ring,20,Turn,Lathe 1,c,D,20,0,,60,2024-03-05T10:00
"""
Row = dict[str, Any]


def key_of(pcn: int) -> str:
    """The facility's own key to Plex."""
    return KEY if pcn == PCN else f"PlexKeyOf{pcn}"


class Bench:
    """One facility. `plex` and `cdf` are the servers' origins."""

    def __init__(self, plex: str, cdf: str, token: str, pcn: int = PCN) -> None:
        self.plex = plex
        self.cdf = cdf
        self.pcn = pcn
        self.tenant = tenant_id(pcn)
        self.client = CogniteClient(ClientConfig("tests", PROJECT, Token(token), base_url=cdf, timeout=20))
        self.http = requests.Session()
        self.keys: dict[str, Row] = {str(pcn): {"apiKey": key_of(pcn)}}
        self.outside = Outside()
        self._calls = 0

    def post(self, path: str, body: Row) -> Row:
        answer: Row = self.client.post(f"/api/v1/projects/{PROJECT}{path}", json=body).json()
        return answer

    def deploy(self) -> None:
        """What the Toolkit deploys for a facility."""
        data_sets = [{"externalId": f"plex_{self.pcn}_{domain}", "name": domain} for domain in DOMAINS]
        self.data_set: int = self.post("/datasets", {"items": data_sets})["items"][0]["id"]
        root = {"externalId": f"PCN{self.pcn}_FACILITY", "name": "Plant"}
        branches = [
            {"externalId": f"PCN{self.pcn}_{name}", "name": name, "parentExternalId": root["externalId"]}
            for name in BRANCHES
        ]
        self.post("/assets", {"items": [root, *branches]})
        self.post("/raw/dbs", {"items": [{"name": f"plex_{self.pcn}"}]})
        tables = [*(f"fingerprints_{name}" for name in EXTRACTORS), *(f"history_{name}" for name in HISTORIES)]
        self.post(
            f"/raw/dbs/plex_{self.pcn}/tables", {"items": [{"name": name} for name in ("state", "quarantine", *tables)]}
        )
        spaces = [{"space": "plex_functions"}, {"space": f"plex_{self.pcn}"}]
        self.post("/models/spaces", {"items": spaces})
        for kind in ("Container", "View"):
            path = Path(f"cognite_modules/foundation/data_modeling/lease.{kind}.yaml")
            self.post(f"/models/{kind.lower()}s", {"items": [yaml.safe_load(path.read_text())]})
        for extractor in EXTRACTORS:
            name = f"plex_{self.pcn}_{extractor}"
            self.post("/extpipes", {"items": [{"externalId": name, "name": name, "dataSetId": self.data_set}]})

    def configure(self, extractor: str, **settings: object) -> None:
        """A new revision of the extraction pipeline's config."""
        self.configure_text(extractor, self.config_text(extractor, **settings))

    def config_text(self, extractor: str, **settings: object) -> str:
        """A config as YAML; a value of None leaves a key out."""
        config = {
            "facility": {"pcn": self.pcn, "tenantId": self.tenant},
            "plex": {"url": self.plex, "callsPerMinute": 100_000},
            **OWN_SETTINGS.get(extractor, {}),
            **settings,
        }
        return yaml.safe_dump({key: value for key, value in config.items() if value is not None})

    def configure_text(self, extractor: str, text: str, pcn: int | None = None) -> None:
        self.post("/extpipes/config", {"externalId": f"plex_{pcn or self.pcn}_{extractor}", "config": text})

    def run(self, extractor: str, **payload: object) -> Row:
        """One call of the extractor's function."""
        self._calls += 1
        secret = base64.b64encode(json.dumps(self.keys).encode()).decode()
        return run(
            EXTRACTORS[extractor],
            client=self.client,
            data={"pipeline": f"plex_{self.pcn}_{extractor}", **payload},
            secrets={"plex-keys": secret},
            function_call_info={"function_id": 1, "call_id": self._calls},
            outside=self.outside,
        )

    def cycle(self) -> tuple[Row, Row]:
        """Master data, then jobs."""
        return self.run("master_data"), self.run("jobs")

    def at(self, instant: str) -> None:
        """Sets the plant's clock."""
        self.http.put(f"{self.plex}/__plex__/clock", json={"now": instant}, timeout=10).raise_for_status()

    def rows(self, path: str, **change: object) -> None:
        """Changes what the plant answers at a path: `upsert`, `remove`, `reset`."""
        url = f"{self.plex}/__plex__/{self.pcn}/rows"
        self.http.put(url, json={"path": path, **change}, timeout=10).raise_for_status()

    def plex_rows(self, path: str) -> list[Row]:
        """What the plant answers now, read by a plain client."""
        headers = {"X-Plex-Connect-Api-Key": key_of(self.pcn), "X-Plex-Connect-Tenant-Id": self.tenant}
        rows: list[Row] = self.http.get(self.plex + path, headers=headers, timeout=10).json()
        return rows

    def faults(self, *rules: Row) -> None:
        """What goes wrong at Plex from now on; nothing without rules."""
        self.http.put(f"{self.plex}/__plex__/faults", json=rules, timeout=10).raise_for_status()

    def plex_requests(self) -> list[Row]:
        record: list[Row] = self.http.get(f"{self.plex}/__plex__/requests", timeout=10).json()
        return record

    def forget_plex_requests(self) -> None:
        self.http.delete(f"{self.plex}/__plex__/requests", timeout=10).raise_for_status()

    @contextmanager
    def requests(self) -> Iterator[list[Row]]:
        """The requests to CDF that are made inside the block, filled in at its end."""
        self.http.delete(f"{self.cdf}/__cdf__/requests", timeout=10).raise_for_status()
        record: list[Row] = []
        yield record
        record += self.http.get(f"{self.cdf}/__cdf__/requests", timeout=10).json()

    def events(self, kind: str) -> dict[str, Row]:
        return self.listed("/events/list", {"filter": {"type": kind}})

    def assets(self) -> dict[str, Row]:
        return self.listed("/assets/list", {})

    def series(self) -> dict[str, Row]:
        return self.listed("/timeseries/list", {})

    def points(self, series: str) -> dict[int, float | str]:
        """The datapoints of a series by timestamp, ms."""
        body = {"items": [{"externalId": series, "start": 0, "end": 4_102_444_800_000, "limit": 100_000}]}
        found: list[Row] = self.post("/timeseries/data/list", body)["items"][0]["datapoints"]
        return {point["timestamp"]: point["value"] for point in found}

    def listed(self, path: str, body: Row) -> dict[str, Row]:
        """What a list endpoint answers, page by page, by external id."""
        rows: list[Row] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = self.post(path, {**body, "limit": 1000} | ({"cursor": cursor} if cursor else {}))
            rows += answer["items"]
            cursor = answer.get("nextCursor")
        return {row["externalId"]: row for row in rows}

    def tables(self) -> list[str]:
        """The RAW tables of the facility."""
        path = f"/api/v1/projects/{PROJECT}/raw/dbs/plex_{self.pcn}/tables"
        return [row["name"] for row in self.client.get(path, params={"limit": 1000}).json()["items"]]

    def raw(self, table: str) -> dict[str, Row]:
        # The client's own list waits half a second before it asks for a next page.
        path = f"/api/v1/projects/{PROJECT}/raw/dbs/plex_{self.pcn}/tables/{table}/rows"
        rows: list[Row] = self.client.get(path, params={"limit": 10_000}).json()["items"]
        return {row["key"]: row["columns"] for row in rows}

    def runs(self, extractor: str) -> list[Row]:
        """The extraction pipeline's runs, newest first."""
        body = {"filter": {"externalId": f"plex_{self.pcn}_{extractor}"}, "limit": 100}
        runs = self.post("/extpipes/runs/list", body)["items"]
        return sorted(runs, key=lambda row: (row["createdTime"], row["id"]), reverse=True)


class Stage:
    """Serves one application after another, so that not every test has to start a server."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        server = Server(self)
        server.start()
        self.url = server.url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and self.app:
            await self.app(scope, receive, send)


@cache
def stages() -> tuple[Stage, Stage]:
    """For Plex and for CDF. Their threads end with the process."""
    return Stage(), Stage()


@contextmanager
def bench(folder: Path, plant: sandbox.plex.Plant | None = None) -> Iterator[Bench]:
    """A new Plex with a plant (the small log's) at its end, a new CDF, and a deployed, configured facility."""
    if plant is None:
        log = folder / "log.csv"
        log.write_text(LOG, encoding="utf-8")
        plant = sandbox.plex.csv_plant(log)
    with benches(folder, plant) as (made,):
        yield made


@contextmanager
def benches(folder: Path, *plants: sandbox.plex.Plant, **options: Any) -> Iterator[list[Bench]]:
    """The same with a facility for each plant, in one Plex and one CDF; each has a key of its own.

    Args:
        folder: For the functions' environments.
        plants: The first one's end is what Plex's clock shows.
        options: Further ones of the Plex.
    """
    plex, cdf = stages()
    keys = {key_of(plant.pcn): [plant.pcn] for plant in plants}
    options = {"api_keys": keys, "clock": sandbox.plex.Clock(plants[0].ends), **options}
    plex.app = sandbox.plex.create_app(plants, **options)
    cdf.app = sandbox.cdf.create_app(project=PROJECT, clients={"tests": "secret"}, environments=folder)
    form = {"grant_type": "client_credentials", "client_id": "tests", "client_secret": "secret"}
    token = requests.post(f"{cdf.url}/oauth2/token", data=form, timeout=10).json()["access_token"]
    with ExitStack() as stack:
        made = [Bench(plex.url, cdf.url, token, plant.pcn) for plant in plants]
        for each in made:
            stack.enter_context(each.http)
            each.deploy()
            for extractor in EXTRACTORS:
                each.configure(extractor)
        yield made
