"""The local Plex and the local CDF in a process of their own, on a core of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

import sandbox.cdf
import sandbox.plex
from benchmarks.cores import SERVERS, pin
from benchmarks.race.place import CLIENT, PLEX_KEY, PROJECT, SECRET
from sandbox.cdf.api.http import unzipped
from sandbox.cdf.record import Entry
from sandbox.serve import Server

# The last of the generated jobs end three weeks after the plant's time.
ALL_CLOSED = timedelta(days=60)
PARTS = 500


@dataclass(frozen=True)
class Call:
    """One request to CDF, of a contestant.

    Attributes:
        path: Below the project.
        status: What CDF answered.
        items: How many things were sent; 0 for what is no list.
        sent: Bytes of the body on the wire.
        plain: Bytes of the body before it was compressed.
    """

    path: str
    status: int
    items: int
    sent: int
    plain: int


class Servers:
    """The other side's process, as this one sees it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.plex, self.pcn, self.tenant_id = pipe.recv()

    def empty_cdf(self) -> str:
        """The origin of a new CDF, in which there is nothing."""
        return str(self._ask("empty"))

    def calls(self) -> list[Call]:
        """What CDF was asked since the last time that this was asked."""
        calls: list[Call] = self._ask("calls")
        return calls

    def _ask(self, command: str) -> Any:  # noqa: ANN401  # whatever the command answers
        self._pipe.send(command)
        return self._pipe.recv()


@contextmanager
def servers(jobs: int) -> Iterator[Servers]:
    """Both servers; the plant has so many jobs, all closed."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, jobs))
    process.start()
    try:
        yield Servers(here)
    finally:
        here.send("stop")
        process.join()


def _serve(pipe: Connection, jobs: int) -> None:
    pin(SERVERS)
    size = sandbox.plex.Size(jobs=jobs, parts=PARTS, containers=1, adjustments=1, inspections=1, problems=1)
    (plant,) = sandbox.plex.generated_plants(size=size)
    clock = sandbox.plex.Clock(plant.ends + ALL_CLOSED)
    plex = sandbox.plex.create_app([plant], api_keys={PLEX_KEY: [plant.pcn]}, clock=clock)
    with Server(plex) as plex_server, TemporaryDirectory() as folder:
        pipe.send((plex_server.url, plant.pcn, plant.tenant_id))
        with ExitStack() as running:
            while (command := pipe.recv()) != "stop":
                if command == "empty":
                    running.close()
                    cdf = sandbox.cdf.create_app(project=PROJECT, clients={CLIENT: SECRET}, environments=Path(folder))
                    pipe.send(running.enter_context(Server(cdf)).url)
                else:
                    entries = cdf.state.record.entries
                    pipe.send([_call(entry) for entry in entries])
                    entries.clear()


def _call(entry: Entry) -> Call:
    plain = unzipped(entry.body, entry.encoding)
    body = orjson.loads(plain) if plain and entry.method == "POST" and "/projects/" in entry.path else None
    items = body.get("items") if isinstance(body, dict) else None
    path = entry.path.removeprefix(f"/api/v1/projects/{PROJECT}")
    return Call(path, entry.status, len(items) if isinstance(items, list) else 0, len(entry.body), len(plain))
