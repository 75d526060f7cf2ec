"""The floor: the least that can do the work. Plain HTTP, plain JSON, and digests of rows packed into a few RAW rows.

It checks nothing, retries nothing, and loses its way when it is killed; it is here so that nobody looks good for want
of a yardstick.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from benchmarks.race.job_events import Row, event, part_of
from benchmarks.race.place import JOBS_PATH, Place

AT_ONCE = 1000
STATE_ROWS = 32
DATABASE, TABLE = "floor", "digests"
FIELDS = ("type", "subtype", "startTime", "endTime", "description", "source", "assetIds", "metadata")

State = dict[str, dict[str, str]]
"""Digests by row of RAW, then by job."""


def prepared(place: Place) -> Callable[[], None]:
    """A run."""
    return lambda: run(place)


def run(place: Place) -> None:
    """Writes the jobs that are new or differ from what was written before."""
    cdf = Cdf(place)
    rows = read_jobs(place)
    state = cdf.state()
    new, changed, touched = sort_out(rows, state)
    if touched:
        write(place, cdf, new, changed)
        cdf.save({key: state[key] for key in touched})


def read_jobs(place: Place) -> list[Row]:
    """All jobs."""
    plex = http.client.HTTPConnection(urlsplit(place.plex).netloc, timeout=60)
    plex.request("GET", JOBS_PATH, headers=place.plex_headers)
    rows: list[Row] = json.loads(plex.getresponse().read())
    plex.close()
    return rows


def sort_out(rows: list[Row], state: State) -> tuple[list[Row], list[Row], set[str]]:
    """New jobs, changed jobs, and the rows of the state that change with them."""
    new: list[Row] = []
    changed: list[Row] = []
    touched: set[str] = set()
    for row in rows:
        job = row["id"]
        place = f"{crc32(job.encode()) % STATE_ROWS:02}"
        digest = blake2b(repr(row).encode(), digest_size=9).hexdigest()
        known = state.setdefault(place, {})
        before = known.get(job)
        if before != digest:
            (changed if before else new).append(row)
            known[job] = digest
            touched.add(place)
    return new, changed, touched


def write(place: Place, cdf: Cdf, new: list[Row], changed: list[Row]) -> None:
    """Creates and updates, linked to their parts."""
    data_set = cdf.ids("/datasets", [place.data_set])[place.data_set]
    parts = cdf.ids("/assets", sorted({part for row in [*new, *changed] if (part := part_of(row, place.pcn))}))

    def linked(row: Row) -> dict[str, Any]:
        made = event(row, place.pcn)
        found = parts.get(part_of(row, place.pcn) or "")
        return made | {"assetIds": [found]} if found else made

    for chunk in chunks(new):
        cdf.post("/events", {"items": [linked(row) | {"dataSetId": data_set} for row in chunk]})
    for chunk in chunks(changed):
        cdf.post("/events/update", {"items": [as_update(linked(row)) for row in chunk]})


def as_update(made: dict[str, Any]) -> dict[str, Any]:
    """An update after which the event is as a create would have left it."""
    update = {name: {"set": made[name]} if name in made else {"setNull": True} for name in FIELDS if name != "assetIds"}
    return {"externalId": made["externalId"], "update": update | {"assetIds": {"set": made.get("assetIds", [])}}}


def chunks(items: list[Any]) -> Iterator[list[Any]]:
    """Portions that one request may hold."""
    return (items[begin : begin + AT_ONCE] for begin in range(0, len(items), AT_ONCE))


class Cdf:
    """One connection to CDF."""

    def __init__(self, place: Place) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(place.cdf).netloc, timeout=60)
        self._api = place.api
        self._headers = {"Authorization": f"Bearer {place.token}", "Content-Type": "application/json"}
        self._rows = f"/raw/dbs/{DATABASE}/tables/{TABLE}/rows"

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a POST."""
        return self._ask("POST", path, json.dumps(body).encode())

    def state(self) -> State:
        """What was written before."""
        answer = self._ask("GET", f"{self._rows}?limit=10000", None)
        return {item["key"]: item["columns"] for item in answer["items"]}

    def save(self, state: State) -> None:
        """Notes what is written now."""
        self.post(self._rows, {"items": [{"key": key, "columns": columns} for key, columns in state.items()]})

    def ids(self, path: str, external_ids: list[str]) -> dict[str, int]:
        """CDF's own ids of what exists."""
        found: dict[str, int] = {}
        for chunk in chunks(external_ids):
            body = {"items": [{"externalId": external_id} for external_id in chunk], "ignoreUnknownIds": True}
            found |= {item["externalId"]: item["id"] for item in self.post(f"{path}/byids", body)["items"]}
        return found

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        self._connection.request(method, self._api + path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{answer.status}: {content[:500]!r}")
        parsed: dict[str, Any] = json.loads(content)
        return parsed
