"""What is there before a contestant starts, what happens in Plex between its runs, and what CDF holds afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import requests
import yaml

from benchmarks.race.floor import DATABASE, TABLE
from benchmarks.race.job_events import Row, event, part_of
from benchmarks.race.place import CLIENT, JOBS_PATH, SECRET, Place
from benchmarks.race.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
LEASE = ROOT / "cognite_modules/foundation/data_modeling"
OPEN_STATUSES = ["Open", "Started", "On Hold"]
DAY = timedelta(days=1)
Content = dict[str, str]
"""Every event by external id, as text without what CDF itself adds."""


class Facility:
    """A facility in an empty CDF, and its plant.

    Args:
        servers: Where both are.
    """

    def __init__(self, servers: Servers) -> None:
        cdf = servers.empty_cdf()
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        token = requests.post(f"{cdf}/oauth2/token", data=form, timeout=60).json()["access_token"]
        self.place = Place(servers.plex, cdf, token, servers.pcn, servers.tenant_id)
        self._plex_control(f"{servers.pcn}/rows", {"path": JOBS_PATH, "reset": True})
        self._deploy()

    def _deploy(self) -> None:
        """What the Toolkit deploys, and the parts that jobs are linked to."""
        pcn = self.place.pcn
        self._post("/datasets", [{"externalId": self.place.data_set, "name": "Scheduling"}])
        (data_set,) = self._post("/datasets/byids", [{"externalId": self.place.data_set}])
        for database, tables in (
            (f"plex_{pcn}", ("state", "quarantine", "fingerprints_jobs")),
            (DATABASE, (TABLE,)),
        ):
            self._post("/raw/dbs", [{"name": database}])
            self._post(f"/raw/dbs/{database}/tables", [{"name": table} for table in tables])
        self._post("/models/spaces", [{"space": "plex_functions"}, {"space": f"plex_{pcn}"}])
        for kind in ("Container", "View"):
            self._post(f"/models/{kind.lower()}s", [yaml.safe_load((LEASE / f"lease.{kind}.yaml").read_text())])
        pipeline = f"plex_{pcn}_jobs"
        self._post("/extpipes", [{"externalId": pipeline, "name": "Jobs", "dataSetId": data_set["id"]}])
        config = {
            "facility": {"pcn": pcn, "tenantId": self.place.tenant_id},
            "plex": {"url": self.place.plex},
            "openStatuses": OPEN_STATUSES,
            # Operations cost a call to Plex for each job, which nobody else makes.
            "callBudget": 0,
        }
        self._send("/extpipes/config", {"externalId": pipeline, "config": yaml.safe_dump(config)})
        parts = sorted({part for row in self.jobs() if (part := part_of(row, pcn))})
        self._post("/assets", [{"externalId": part, "name": part} for part in parts])

    # --- Plex ---

    def jobs(self) -> list[Row]:
        """All jobs of Plex."""
        answer = requests.get(self.place.plex + JOBS_PATH, headers=self.place.plex_headers, timeout=60)
        rows: list[Row] = answer.json()
        return rows

    def next_day(self) -> None:
        """Sets the plant's clock a day on, so that the list of all jobs is due again."""
        now = requests.get(f"{self.place.plex}/__plex__/clock", timeout=60).json()["now"]
        self._plex_control("clock", {"now": (datetime.fromisoformat(now) + DAY).isoformat()})

    def add(self, number: int) -> None:
        """So many new jobs."""
        rows = self.jobs()
        new = [
            {**row, "id": str(uuid5(NAMESPACE_URL, f"new-{row['id']}")), "jobNumber": f"N{index:06}"}
            for index, row in enumerate(rows[:number])
        ]
        self._plex_control(f"{self.place.pcn}/rows", {"path": JOBS_PATH, "upsert": new})

    def change(self, number: int) -> None:
        """As many jobs change, all over the list; some values go away."""
        rows = self.jobs()
        step = max(1, len(rows) // number)
        changed = [
            {**row, "externalJobCode": f"X{index:06}", "priority": "Changed" if index % 2 else None}
            for index, row in enumerate(rows[::step][:number])
        ]
        self._plex_control(f"{self.place.pcn}/rows", {"path": JOBS_PATH, "upsert": changed})

    def plex_calls(self) -> int:
        """How many requests Plex had since it was last asked this."""
        url = f"{self.place.plex}/__plex__/requests"
        calls = len(requests.get(url, timeout=60).json())
        requests.delete(url, timeout=60).raise_for_status()
        return calls

    def _plex_control(self, path: str, body: Mapping[str, Any]) -> None:
        requests.put(f"{self.place.plex}/__plex__/{path}", json=body, timeout=60).raise_for_status()

    # --- CDF ---

    def due(self) -> Content:
        """What CDF should hold."""
        made = ((event(row, self.place.pcn), part_of(row, self.place.pcn)) for row in self.jobs())
        return {
            each["externalId"]: _canonical(each, self.place.data_set, [part] if part else []) for each, part in made
        }

    def held(self) -> Content:
        """What CDF holds."""
        assets = {row["id"]: row["externalId"] for row in self._listed("/assets")}
        data_sets = {row["id"]: row.get("externalId") for row in self._listed("/datasets")}
        return {
            row.get("externalId", ""): _canonical(
                row, data_sets.get(row.get("dataSetId")), [assets[found] for found in row.get("assetIds", [])]
            )
            for row in self._listed("/events")
        }

    def _listed(self, path: str) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            answer = self._send(f"{path}/list", {"limit": 1000} | ({"cursor": cursor} if cursor else {}))
            yield from answer["items"]
            cursor = answer.get("nextCursor")
            if cursor is None:
                return

    def _post(self, path: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = self._send(path, {"items": items}).get("items", [])
        return made

    def _send(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.place.token}"}
        answer = requests.post(self.place.cdf + self.place.api + path, json=body, headers=headers, timeout=60)
        if answer.status_code >= 300:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
        parsed: dict[str, Any] = answer.json()
        return parsed


def digest(content: Content) -> str:
    """One text for all of it."""
    return hashlib.sha256("\n".join(content[key] for key in sorted(content)).encode()).hexdigest()


def difference(due: Content, held: Content) -> str:
    """How far CDF is from what it should hold, in words; empty where it is not."""
    if digest(due) == digest(held):
        return ""
    differ = [key for key in due.keys() & held.keys() if due[key] != held[key]]
    example = f", for example {held[differ[0]]} where {due[differ[0]]} was due" if differ else ""
    missing, strange = len(due.keys() - held.keys()), len(held.keys() - due.keys())
    return f"{missing} events are missing, {strange} should not be there, {len(differ)} differ{example}"


_MADE_BY_CDF = ("id", "createdTime", "lastUpdatedTime", "dataSetId", "assetIds")


def _canonical(made: Mapping[str, Any], data_set: str | None, assets: list[str]) -> str:
    """An event as text: with names in place of ids, and without the times of CDF's own."""
    content = {name: value for name, value in made.items() if name not in _MADE_BY_CDF}
    return json.dumps([content, data_set, assets], sort_keys=True)
