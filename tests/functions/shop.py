"""A shop floor of a few rows, before the small log begins, that tests put and change by hand."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from bench import PCN, Bench, Row
from plex_cdf.naming import iso
from plex_cdf.run.call import Outside
from plex_cdf.stream import Sources, Windows

MADE = "/production/v1/production-history/production-entries"
SCRAPPED = "/production/v1/production-history/scrap-entries"
STATUS = "/production/v1/production-history/workcenter-status-entries"
SETUP = "/production/v1/production-history/workcenter-setup-entries"
CONTAINERS = "/inventory-tracking/v1/containers"
GOOD = f"PCN{PCN}_WORKCENTER_wc-1_GOOD"
STATUSES = f"PCN{PCN}_WORKCENTER_wc-1_STATUS"
DAY_SECONDS = 24 * 3600


def ms(text: str) -> int:
    """An instant of June 2023 in UTC, such as `10T08:30`, as ms since 1970."""
    return int(datetime.fromisoformat(f"2023-06-{text}Z").timestamp() * 1000)


def at(text: str) -> str:
    """The same as Plex writes it."""
    return f"2023-06-{text}:00.0000000Z" if len(text) == 8 else f"2023-06-{text}Z"


def made(when: str, quantity: float | None = 5, **fields: object) -> Row:
    """A production entry."""
    return {
        "transactionDate": at(when),
        "workcenterId": "wc-1",
        "workcenterCode": "Lathe",
        "partId": "p-1",
        "partNumber": "Shaft",
        "partOperationId": "po-1",
        "jobId": "j-1",
        "serialNo": "s-1",
        "quantity": quantity,
        **fields,
    }


def status(when: str, text: str, seconds: float | None = 60, **fields: object) -> Row:
    """A status entry."""
    return {
        "logDate": at(when),
        "workcenterId": "wc-1",
        "workcenterCode": "Lathe",
        "workcenterStatus": text,
        "jobId": "j-1",
        "partOperationId": "po-1",
        "duration": seconds,
        **fields,
    }


def container(serial: str, quantity: float | None = 10, **fields: object) -> Row:
    """An active container."""
    return {
        "serialNo": serial,
        "partId": "p-1",
        "partNo": "Shaft",
        "partNoRevision": "Shaft-A",
        "locationId": "l-1",
        "location": "Rack 1",
        "quantity": quantity,
        "quantityInventoryUnit": "Ea",
        "containerStatus": "OK",
        "active": True,
        **fields,
    }


class Shop:
    """What stands in the plant, and what of it has arrived."""

    def __init__(self, facility: Bench) -> None:
        self.facility = facility
        facility.configure("production", startDate="2023-06-01")
        facility.configure("inventory", startDate="2023-06-01")
        facility.at(at("10T12:00"))

    def has(self, path: str, *rows: Row) -> None:
        """Makes these all that the plant answers."""
        self.facility.rows(path, reset=True, upsert=list(rows))

    def run(self, *streams: str, **payload: object) -> Row:
        """One run of production; its streams' figures where one stream is asked for."""
        answer = self.facility.run("production", **({"streams": list(streams)} if streams else {}), **payload)
        return dict(answer["streams"][streams[0]]) if len(streams) == 1 else answer

    def events(self, kind: str = "production") -> list[Row]:
        """Those that stand, by their start."""
        rows = [row for row in self.facility.events(kind).values() if "plexState" not in row["metadata"]]
        return sorted(rows, key=lambda row: (row["startTime"], row["metadata"].get("quantity", "")))

    def retracted(self, kind: str = "production") -> list[Row]:
        return [row for row in self.facility.events(kind).values() if "plexState" in row["metadata"]]

    def quantities(self) -> list[str | None]:
        return [row["metadata"].get("quantity") for row in self.events()]

    def good(self) -> dict[int, float]:
        return {instant: float(value) for instant, value in self.facility.points(GOOD).items()}

    def hold(self, lane: str) -> None:
        """Somebody else works in a lane of production."""
        properties = {"holder": "somebody else", "expiresAt": "2999-01-01T00:00:00.000+00:00"}
        source = {"type": "view", "space": "plex_functions", "externalId": "Lease", "version": "v1"}
        item = {**self._lease(lane), "sources": [{"source": source, "properties": properties}]}
        self.facility.post("/models/instances", {"items": [item]})

    def let_go(self, lane: str) -> None:
        self.facility.post("/models/instances/delete", {"items": [self._lease(lane)]})

    def _lease(self, lane: str) -> Row:
        return {"instanceType": "node", "space": f"plex_{PCN}", "externalId": f"production_{lane}"}


@contextmanager
def exclusive_ends() -> Iterator[None]:
    """A Plex whose windows end before their end."""
    read = Windows.rows

    def rows(self: Windows, sources: Sources, begin: int, end: int) -> list[Row] | None:
        found = read(self, sources, begin, end)
        return found and [row for row in found if row[self.instant] < iso(end)]

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(Windows, "rows", rows)
        yield


def impatient() -> Outside:
    """Waits for nothing."""
    return Outside(sleep=lambda _: None)


class Killed(BaseException):
    """What no handler catches, as nothing catches the end of a process."""


@contextmanager
def killed_by(facility: Bench, ending: str, *, after: bool = False) -> Iterator[None]:
    """The first request to a path that ends so is the last of the process; with `after`, it still takes effect."""
    post = facility.client.post
    dead = False

    def mortal(url: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal dead
        fatal = url.endswith(ending)
        if dead or (fatal and not after):
            dead = True
            raise Killed
        answer = post(url, *args, **kwargs)
        if fatal:
            dead = True
            raise Killed
        return answer

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(facility.client, "post", mortal)
        with pytest.raises(Killed):
            yield


def later(facility: Bench, hours: float = 1) -> None:
    """Real time goes on, so that the lease of a killed run has expired."""
    facility.outside = Outside(now=lambda: time.time() + 3600 * hours)


@contextmanager
def slow_requests(facility: Bench, ending: str, seconds: float) -> Iterator[None]:
    """Nothing takes time for the runs inside the block but requests to CDF whose path ends so."""
    passed = 0.0
    post = facility.client.post

    def slow(url: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal passed
        passed += seconds * url.endswith(ending)
        return post(url, *args, **kwargs)

    outside, facility.outside = facility.outside, Outside(monotonic=lambda: passed)
    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(facility.client, "post", slow)
        yield
    facility.outside = outside
