"""How many event creates a second the local CDF takes on one core, beside a server that only answers 201.

Both run as a process of their own with the same uvicorn and Starlette; one client on another core sends both the same
bodies: gzipped JSON of 1000 events each, over one connection. Runs alternate between the two, and each begins with an
empty CDF. Prints a table and, as the last line, JSON.

    .venv/bin/python benchmarks/cdf_event_creates.py
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.cores import CLIENTS, SERVERS, pin
from sandbox.cdf import create_app
from sandbox.serve import Server

PROJECT, CLIENT, SECRET = "benchmark", "benchmark", "benchmark"
EVENTS_PER_REQUEST = 1000
"""The most that the API takes."""

PATHS = {"cdf": f"/api/v1/projects/{PROJECT}/events", "bare": "/"}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=40, help="requests per run (default: 40)")
    options.add_argument("--runs", type=int, default=5, help="runs per server (default: 5)")
    chosen = options.parse_args()
    pin(CLIENTS)
    payloads = [body(number) for number in range(chosen.requests)]
    rates: dict[str, list[float]] = {name: [] for name in PATHS}
    for _ in range(chosen.runs):
        for name in PATHS:
            rates[name].append(rate(name, payloads))
    report(rates, payloads)


def body(number: int) -> bytes:
    """One request: events as an extractor of a factory writes them, the numbers making every one different."""
    items = [
        {
            "externalId": f"PCN340884_JOBOPERATION_{number:06}-{index:06}",
            "type": "job_operation",
            "subtype": "Complete",
            "startTime": 1_700_000_000_000 + index * 60_000,
            "endTime": 1_700_000_000_000 + index * 60_000 + 3_600_000,
            "description": f"Job J{number:06}, operation {index}: OP-{index % 17:03}",
            "source": "Plex",
            "metadata": {
                "jobNumber": f"J{number:06}",
                "operationCode": f"OP-{index % 17:03}",
                "operationNumber": str(index),
                "partNumber": f"8{index:04}",
                "partRevision": "AAA",
                "workcenterCode": f"WC-{index % 40:03}",
                "quantity": str(index * 3),
                "quantityCompleted": str(index * 2),
                "dueDate": "2025-12-01T00:00:00Z",
            },
        }
        for index in range(EVENTS_PER_REQUEST)
    ]
    return gzip.compress(json.dumps({"items": items}).encode())


def rate(name: str, payloads: list[bytes]) -> float:
    """Events a second of one run; the first request warms up and does not count."""
    with server(name) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        if name == "cdf":
            headers["Authorization"] = f"Bearer {token(connection)}"
        send(connection, PATHS[name], body(-1), headers)
        started = time.perf_counter()
        for payload in payloads:
            send(connection, PATHS[name], payload, headers)
        seconds = time.perf_counter() - started
        connection.close()
    return len(payloads) * EVENTS_PER_REQUEST / seconds


def send(connection: http.client.HTTPConnection, path: str, payload: bytes, headers: dict[str, str]) -> None:
    """One request, which must be answered by 201."""
    connection.request("POST", path, payload, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status}: {content[:500]!r}")


def token(connection: http.client.HTTPConnection) -> str:
    """A token of the local CDF."""
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oauth2/token", urlencode(form), headers)
    return str(json.loads(connection.getresponse().read())["access_token"])


@contextmanager
def server(name: str) -> Iterator[str]:
    """A server in a process of its own, at its address."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(name, there))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("stop")
        process.join()


def serve(name: str, parent: Connection) -> None:
    """Run a server, tell its address, and stop when the other side says anything."""
    pin(SERVERS)
    with TemporaryDirectory() as folder:
        cdf = create_app(project=PROJECT, clients={CLIENT: SECRET}, environments=Path(folder))
        with Server(cdf if name == "cdf" else bare()) as running:
            parent.send(running.url)
            parent.recv()


def bare() -> Starlette:
    """A server that reads what it gets and answers 201."""

    async def created(request: Request) -> Response:
        await request.body()
        return Response(b"{}", 201, media_type="application/json")

    return Starlette(routes=[Route("/", created, methods=["POST"])])


def report(rates: dict[str, list[float]], payloads: list[bytes]) -> None:
    """Print the medians, their ratio and what they were measured on."""
    medians = {name: statistics.median(each) for name, each in rates.items()}
    ratio = medians["cdf"] / medians["bare"]
    size = statistics.mean(map(len, payloads))
    print(f"{'server':<10}{'events/s, median':>18}{'lowest':>12}{'highest':>12}")
    for name, each in rates.items():
        print(f"{name:<10}{medians[name]:>18,.0f}{min(each):>12,.0f}{max(each):>12,.0f}")
    print(f"ratio {ratio:.3f}; {len(payloads)} requests of {EVENTS_PER_REQUEST} events, {size:,.0f} bytes each")
    figures = {
        "eventsPerSecond": {name: round(value) for name, value in medians.items()},
        "ratio": round(ratio, 4),
        "runs": len(rates["cdf"]),
        "requests": len(payloads),
        "eventsPerRequest": EVENTS_PER_REQUEST,
        "bytesPerRequest": round(size),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
