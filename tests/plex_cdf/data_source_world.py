"""A local Plex with a small plant, and clients of both its APIs in a time of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import requests
from fake_time import FakeTime
from plex_cdf.config import CONTENT_TYPE
from plex_cdf.credentials import PlexKey
from plex_cdf.log import Log
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.data_source import DataSources
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry

from sandbox.plex import Account, Clock, DataSourceSettings, create_app, csv_plant
from sandbox.serve import Server

CHECKSHEETS, SPC, PROBLEMS, DAILY = 4142, 5019, 19938, 18765
PCN = 340884
KEY, USER, PASSWORD = "a" * 32, "plantWs@plex.com", "pä:ss"
LOG = """\
work_order,part,order_qty,operation,workcenter,worker,report_type,qty_completed,qty_for_mrb,rework,duration_minutes,completed_at
W1,Shaft,10,Turn,Lathe 1,a,S,0,0,,30,2024-03-01T08:30
W1,Shaft,10,Turn,Lathe 1,a,D,4,0,,60,2024-03-01T10:00
W1,Shaft,10,Turn,Lathe 2,b,D,8,0,,60,2024-03-01T12:00
W1,Shaft,10,Check,Desk,b,D,5,1,,15,2024-03-02T09:00
W2,Ring,100,Turn,Lathe 2,b,D,50,0,Y,120,2024-03-01T15:00
W2,Ring,100,Grind,Grinder,c,B,0,0,,10,2024-03-03T10:00
"""


class World:
    """The server's address, its control requests, and clients that try twice."""

    def __init__(self, url: str, tenant: str, session: requests.Session) -> None:
        self.url = url
        self.session = session
        self.time = FakeTime()
        self._tenant = UUID(tenant)

    def _manners(self) -> dict[str, Any]:
        deadline = self.time.deadline(1e9)
        return {
            "session": self.session,
            "limiter": RateLimiter(6000, deadline, clock=self.time.clock, sleep=self.time.sleep),
            "retry": Retry(deadline, attempts=2, sleep=self.time.sleep),
            "timeout": 20,
        }

    def data_sources(
        self,
        user: str = USER,
        password: str = PASSWORD,
        content_type: str = CONTENT_TYPE,
        log: Log | None = None,
    ) -> DataSources:
        return DataSources(self.url, user, password, content_type=content_type, log=log, **self._manners())

    def plex(self) -> PlexClient:
        return PlexClient(self.url, PlexKey(apiKey=KEY), self._tenant, **self._manners())

    def put(self, path: str, body: object) -> None:
        self.session.put(f"{self.url}/__plex__{path}", json=body, timeout=20).raise_for_status()

    def break_by(self, *faults: dict[str, object]) -> None:
        self.put("/faults", list(faults))

    def upsert(self, source: int, *rows: dict[str, Any]) -> None:
        self.put(f"/{PCN}/rows", {"path": f"/api/datasources/{source}/execute", "upsert": list(rows)})

    def requests(self) -> list[str]:
        answer: list[dict[str, Any]] = self.session.get(f"{self.url}/__plex__/requests", timeout=20).json()
        return [f"{each['method']} {each['path']}" for each in answer]


@contextmanager
def world(folder: Path, accounts: dict[str, Account] | None = None, **settings: Any) -> Iterator[World]:
    log = folder / "log.csv"
    log.write_text(LOG, encoding="utf-8")
    plant = csv_plant(log)
    app = create_app(
        [plant],
        api_keys={KEY: [PCN]},
        clock=Clock(plant.ends),
        accounts={USER: Account(PASSWORD, PCN), **(accounts or {})},
        data_sources=DataSourceSettings(**settings),
    )
    with Server(app) as server, requests.Session() as session:
        yield World(server.url, plant.tenant_id, session)
