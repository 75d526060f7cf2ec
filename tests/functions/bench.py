"""A facility in a local CDF and a plant in a local Plex, and functions that run in this process."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from jobs import JOBS
from master_data import MASTER_DATA
from plex_cdf.function import Outside, run
from plex_cdf.stream import Extractor

import sandbox.cdf
import sandbox.plex
from sandbox.serve import Server

global_config.disable_pypi_version_check = True

PCN = 340884
TENANT = "97016117-143c-5059-babf-7d1e7b3a8e7e"
KEY = "PlexKeyForTests0123456789abcdefg"
PROJECT = "factory"
EXTRACTORS: dict[str, Extractor[Any]] = {"jobs": JOBS, "master_data": MASTER_DATA}
BRANCHES = ("PARTS_LIBRARY", "OPERATIONS_LIBRARY", "RESOURCES_LIBRARY", "WORKCENTERS", "PRODUCTION_LINES")
DOMAINS = ("master", "scheduling", "production")
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


class Bench:
    """One facility. `plex` and `cdf` are the servers' origins."""

    def __init__(self, plex: str, cdf: str, token: str) -> None:
        self.plex = plex
        self.cdf = cdf
        self.client = CogniteClient(ClientConfig("tests", PROJECT, Token(token), base_url=cdf, timeout=20))
        self.http = requests.Session()
        self.keys: dict[str, Row] = {str(PCN): {"apiKey": KEY}}
        self.outside = Outside()
        self._calls = 0

    def post(self, path: str, body: Row) -> Row:
        answer: Row = self.client.post(f"/api/v1/projects/{PROJECT}{path}", json=body).json()
        return answer

    def deploy(self) -> None:
        """What the Toolkit deploys for a facility."""
        data_sets = [{"externalId": f"plex_{PCN}_{domain}", "name": domain} for domain in DOMAINS]
        self.data_set: int = self.post("/datasets", {"items": data_sets})["items"][0]["id"]
        root = {"externalId": f"PCN{PCN}_FACILITY", "name": "Plant"}
        branches = [
            {"externalId": f"PCN{PCN}_{name}", "name": name, "parentExternalId": root["externalId"]}
            for name in BRANCHES
        ]
        self.post("/assets", {"items": [root, *branches]})
        self.post("/raw/dbs", {"items": [{"name": f"plex_{PCN}"}]})
        tables = ("state", "quarantine", "fingerprints_jobs", "fingerprints_master_data")
        self.post(f"/raw/dbs/plex_{PCN}/tables", {"items": [{"name": name} for name in tables]})
        spaces = [{"space": "plex_functions"}, {"space": f"plex_{PCN}"}]
        self.post("/models/spaces", {"items": spaces})
        for kind in ("Container", "View"):
            path = Path(f"cognite_modules/foundation/data_modeling/lease.{kind}.yaml")
            self.post(f"/models/{kind.lower()}s", {"items": [yaml.safe_load(path.read_text())]})
        for extractor in EXTRACTORS:
            name = f"plex_{PCN}_{extractor}"
            self.post("/extpipes", {"items": [{"externalId": name, "name": name, "dataSetId": self.data_set}]})

    def configure(self, extractor: str, **settings: object) -> None:
        """A new revision of the extraction pipeline's config."""
        self.configure_text(extractor, self.config_text(extractor, **settings))

    def config_text(self, extractor: str, **settings: object) -> str:
        """A config as YAML; a value of None leaves a key out."""
        own = {"openStatuses": ["Open"], "closedJobs": True, "callBudget": 100} if extractor == "jobs" else {}
        config = {
            "facility": {"pcn": PCN, "tenantId": TENANT},
            "plex": {"url": self.plex, "callsPerMinute": 100_000},
            **own,
            **settings,
        }
        return yaml.safe_dump({key: value for key, value in config.items() if value is not None})

    def configure_text(self, extractor: str, text: str, pcn: int = PCN) -> None:
        self.post("/extpipes/config", {"externalId": f"plex_{pcn}_{extractor}", "config": text})

    def run(self, extractor: str, **payload: object) -> Row:
        """One call of the extractor's function."""
        self._calls += 1
        secret = base64.b64encode(json.dumps(self.keys).encode()).decode()
        return run(
            EXTRACTORS[extractor],
            client=self.client,
            data={"pipeline": f"plex_{PCN}_{extractor}", **payload},
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
        url = f"{self.plex}/__plex__/{PCN}/rows"
        self.http.put(url, json={"path": path, **change}, timeout=10).raise_for_status()

    def plex_rows(self, path: str) -> list[Row]:
        """What the plant answers now, read by a plain client."""
        headers = {"X-Plex-Connect-Api-Key": KEY, "X-Plex-Connect-Tenant-Id": TENANT}
        rows: list[Row] = self.http.get(self.plex + path, headers=headers, timeout=10).json()
        return rows

    def plex_requests(self) -> list[Row]:
        record: list[Row] = self.http.get(f"{self.plex}/__plex__/requests", timeout=10).json()
        return record

    @contextmanager
    def requests(self) -> Iterator[list[Row]]:
        """The requests to CDF that are made inside the block, filled in at its end."""
        self.http.delete(f"{self.cdf}/__cdf__/requests", timeout=10).raise_for_status()
        record: list[Row] = []
        yield record
        record += self.http.get(f"{self.cdf}/__cdf__/requests", timeout=10).json()

    def events(self, kind: str) -> dict[str, Row]:
        return self._listed("/events/list", {"filter": {"type": kind}, "limit": 1000})

    def assets(self) -> dict[str, Row]:
        return self._listed("/assets/list", {"limit": 1000})

    def _listed(self, path: str, body: Row) -> dict[str, Row]:
        return {row["externalId"]: row for row in self.post(path, body)["items"]}

    def raw(self, table: str) -> dict[str, Row]:
        rows = self.client.raw.rows.list(f"plex_{PCN}", table, limit=None)
        return {str(row.key): dict(row.columns or {}) for row in rows}

    def runs(self, extractor: str) -> list[Row]:
        """The extraction pipeline's runs, newest first."""
        body = {"filter": {"externalId": f"plex_{PCN}_{extractor}"}, "limit": 100}
        runs = self.post("/extpipes/runs/list", body)["items"]
        return sorted(runs, key=lambda row: (row["createdTime"], row["id"]), reverse=True)


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Both servers, with the small log's plant at the log's end and a deployed, configured facility."""
    log = folder / "log.csv"
    log.write_text(LOG, encoding="utf-8")
    plant = sandbox.plex.csv_plant(log)
    clock = sandbox.plex.Clock(plant.ends)
    plex = sandbox.plex.create_app([plant], api_keys={KEY: [PCN]}, clock=clock)
    cdf = sandbox.cdf.create_app(project=PROJECT, clients={"tests": "secret"}, environments=folder)
    with Server(plex) as plex_server, Server(cdf) as cdf_server:
        form = {"grant_type": "client_credentials", "client_id": "tests", "client_secret": "secret"}
        token = requests.post(f"{cdf_server.url}/oauth2/token", data=form, timeout=10).json()["access_token"]
        made = Bench(plex_server.url, cdf_server.url, token)
        with made.http:
            made.deploy()
            for extractor in EXTRACTORS:
                made.configure(extractor)
            yield made
