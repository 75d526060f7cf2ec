"""Facilities that share a Plex, a CDF and all of Plex's keys, and what CDF holds of each."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from bench import LOG, PCN, Bench, Row, benches
from plex_cdf.run.call import Outside
from urllib3 import HTTPResponse

import sandbox.plex
from sandbox.plex import Plant

OTHER = PCN + 1
ORDER = ("master_data", "jobs", "production", "inventory", "quality", "performance")
LISTS = ("assets", "events", "timeseries", "sequences", "relationships")
# Given by CDF: numbers that stand for names, and times of writing.
GIVEN = ("id", "rootId", "parentId", "createdTime", "lastUpdatedTime")


def twin(folder: Path, pcn: int, log: str = LOG) -> Plant:
    """A plant of a log, with the UUIDs of the first facility's plant whatever its PCN."""
    file = folder / f"{pcn}.csv"
    file.write_text(log, encoding="utf-8")
    return replace(sandbox.plex.csv_plant(file), pcn=pcn, code=f"PLANT-{pcn}")


def twins(folder: Path) -> tuple[Plant, Plant]:
    """Two plants with the same parts, workcenters, jobs and instants; the second makes three times as much."""
    tripled = re.sub(r",D,(\d+),", lambda match: f",D,{3 * int(match[1])},", LOG)
    return twin(folder, PCN), twin(folder, OTHER, tripled)


@contextmanager
def pair(folder: Path, **options: Any) -> Iterator[tuple[Bench, Bench]]:
    """The twins, each configured for its own zone; options of the Plex."""
    with benches(folder, *twins(folder), **options) as (one, other):
        in_zone(one, "America/Detroit")
        in_zone(other, "Europe/Berlin")
        yield one, other


def in_zone(facility: Bench, zone: str, **settings: Any) -> None:
    """Configures every extractor of a facility for its zone."""
    for extractor in ORDER:
        facility.configure(extractor, timeZone=zone, **settings)


def held(facility: Bench) -> Row:
    """All that CDF holds of a facility, by kind and name, with the times at which it was written."""
    found: Row = {}
    for kind in LISTS:
        rows = facility.listed(f"/{kind}/list", {})
        found |= {f"{kind} {name}": row for name, row in rows.items() if name.startswith(f"PCN{facility.pcn}_")}
    series = [name.partition(" ")[2] for name in found if name.startswith("timeseries ")]
    for start in range(0, len(series), 100):
        items = [{"externalId": name} for name in series[start : start + 100]]
        body = {"items": items, "start": 0, "end": 4_102_444_800_000, "limit": 10_000}
        for each in facility.post("/timeseries/data/list", body)["items"]:
            found[f"points {each['externalId']}"] = each["datapoints"]
    for name in [name.partition(" ")[2] for name in found if name.startswith("sequences ")]:
        found[f"rows {name}"] = facility.post("/sequences/data/list", {"externalId": name, "limit": 1000})["rows"]
    for table in facility.tables():
        path = f"/api/v1/projects/factory/raw/dbs/plex_{facility.pcn}/tables/{table}/rows"
        rows = facility.client.get(path, params={"limit": 10_000}).json()["items"]
        found |= {f"raw {table} {row['key']}": row for row in rows}
    found["leases"] = facility.post("/models/instances/list", {"instanceType": "node", "limit": 1000})["items"]
    found["leases"] = [node for node in found["leases"] if node["space"] == f"plex_{facility.pcn}"]
    return found


def told(facility: Bench) -> Row:
    """The same without what CDF gives: links by name, and no time of writing."""
    names = {row["id"]: name for name, row in facility.assets().items()}
    data_sets = facility.post("/datasets/list", {"limit": 1000})["items"]
    names |= {row["id"]: row["externalId"] for row in data_sets}

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(each) for each in value]
        if not isinstance(value, dict):
            return value
        named = {key: names[value[key]] for key in ("assetId", "dataSetId") if key in value}
        linked = {"assetIds": sorted(names[each] for each in value["assetIds"])} if "assetIds" in value else {}
        return {key: plain(each) for key, each in value.items() if key not in GIVEN} | named | linked

    return {name: plain(row) for name, row in held(facility).items()}


def outcome(answer: Row) -> str:
    """A call's answer without what is never the same: its id and its time."""
    kept = {name: answer[name] for name in ("status", "streams", "notes", "plexCalls", "cdfCalls")}
    return re.sub(r'"seconds": [\d.]+', "", json.dumps(kept))


class Down(requests.Session):
    """A way to Plex on which nothing but errors come back."""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 500, request, str(request.url)
        answer.raw = HTTPResponse(BytesIO(), status=500, preload_content=False)
        return answer


class Watch:
    """Time by the real clock that passes only while somebody waits."""

    def __init__(self, now: float = 2_000_000_000.0) -> None:
        self.now = now
        self.waits: list[float] = []

    def outside(self, session: type[requests.Session] = requests.Session) -> Outside:
        return Outside(session=session, monotonic=lambda: self.now, now=lambda: self.now, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
