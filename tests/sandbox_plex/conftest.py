from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import KEY, Client

from sandbox.plex import Account, Clock, DataSourceSettings, Plant, create_app, csv_plant
from sandbox.serve import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

LOG = """\
work_order,part,order_qty,operation,workcenter,worker,report_type,qty_completed,qty_for_mrb,rework,duration_minutes,completed_at
W1,Shaft,10,Turn,Lathe 1,a,S,3,0,,30,2024-03-01T08:30
W1,Shaft,10,Turn,Lathe 1,a,D,4,0,,60,2024-03-01T10:00
W1,Shaft,10,Turn,Lathe 2,b,D,8,0,,60,2024-03-01T12:00
W1,Shaft,10,Check,Desk,b,D,5,1,,15,2024-03-02T09:00
W2,Ring,100,Turn,Lathe 2,b,D,50,0,Y,120,2024-03-01T15:00
W2,Ring,100,Grind,Grinder,c,B,0,0,,10,2024-03-03T10:00
"""


@pytest.fixture(scope="session")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Client]]:
    """Start a server on plants; all end with the module."""
    with ExitStack() as running:

        def start(
            plants: Sequence[Plant],
            *,
            api_keys: Mapping[str, Collection[int]] | None = None,
            calls_per_minute: int | None = None,
            retry_after: bool = True,
            timer: Callable[[], float] = time.monotonic,
            accounts: Mapping[str, Account] | None = None,
            data_sources: DataSourceSettings | None = None,
        ) -> Client:
            app = create_app(
                plants,
                api_keys=api_keys or {KEY: [plant.pcn for plant in plants]},
                calls_per_minute=calls_per_minute,
                clock=Clock(plants[0].ends),
                retry_after=retry_after,
                timer=timer,
                accounts=accounts,
                data_sources=data_sources,
            )
            client = Client(running.enter_context(Server(app)).url)
            running.callback(client.session.close)
            return client

        yield start


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client], log_file: Path) -> Client:
    """One server for the whole module, on the small log."""
    return serve([csv_plant(log_file)])


@pytest.fixture
def plex(served: Client) -> Iterator[Client]:
    """The module's server, put back as it was after each test."""
    now = served.get("/__plex__/clock").json()["now"]
    yield served
    served.at(now)
