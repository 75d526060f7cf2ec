"""What CDF holds and what was written, counted from its content and its record of requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sandbox.demo.reading import Cdf, Row
from sandbox.demo.tenant import Tenant

RESOURCE_ID = re.compile(r"PCN\d+_(?P<kind>[A-Z]+)_(?P<key>[0-9A-Za-z-]{36}|.+)")
"""An external id that an extractor wrote: its kind and Plex's own key."""

ASSETS = {
    "parts": "PART",
    "operations": "OPERATION",
    "partOperations": "PARTOPERATION",
    "workcenters": "WORKCENTER",
}
"""Which kind of asset stands for which rows of Plex, of those that the demo counts."""

EVENTS = {"jobs": "job", "jobOperations": "job_operation"}
"""Which type of event stands for which rows of Plex."""

WRITES = {
    "assets": re.compile(r"/assets(/update|/delete)?$"),
    "events": re.compile(r"/events(/update|/delete)?$"),
    "timeSeries": re.compile(r"/timeseries(/update|/delete)?$"),
    "datapoints": re.compile(r"/timeseries/data(/delete)?$"),
    "relationships": re.compile(r"/relationships(/update|/upsert|/delete)?$"),
    "fingerprints": re.compile(r"/raw/dbs/[^/]+/tables/fingerprints_[^/]+/rows(/delete)?$"),
}
"""The paths that write, by what they write. Lists and look-ups by id are POST too, but end otherwise."""


@dataclass(frozen=True)
class Content:
    """All that CDF holds of what the demo looks at, as its API lists it."""

    assets: list[Row]
    events: list[Row]
    time_series: list[Row]
    relationships: list[Row]
    quarantine: list[Row]
    latest: dict[str, float]
    """The last reading of each numeric time series, by external id."""

    @classmethod
    def read(cls, cdf: Cdf, pcn: int) -> Content:
        """Read it all, page by page.

        Args:
            cdf: Where from.
            pcn: Whose quarantine.
        """
        time_series = cdf.rows("timeseries")
        return cls(
            assets=cdf.rows("assets"),
            events=cdf.rows("events"),
            time_series=time_series,
            relationships=cdf.rows("relationships"),
            quarantine=cdf.raw_rows(f"plex_{pcn}", "quarantine"),
            latest=cdf.latest([row["externalId"] for row in time_series if row.get("externalId")]),
        )

    @cached_property
    def present(self) -> dict[str, dict[str, Row]]:
        """Resources that are not marked as gone from Plex, by what they stand for and Plex's key."""
        found: dict[str, dict[str, Row]] = {name: {} for name in (*EVENTS, *ASSETS)}
        for name, kind in ASSETS.items():
            found[name] = {key_of(row): row for row in self.assets if kind_of(row) == kind and not _is_gone(row)}
        for name, kind in EVENTS.items():
            found[name] = {key_of(row): row for row in self.events if row.get("type") == kind and not _is_gone(row)}
        return found

    def counts(self, tenant: Tenant) -> dict[str, int]:
        """How many of each kind, and how many events lack a link."""
        return {name: len(rows) for name, rows in self.present.items()} | {"unlinked": len(self.unlinked(tenant))}

    def unlinked(self, tenant: Tenant) -> list[str]:
        """External ids of job events without their part and of job-operation events without their workcenter.

        What an event should be linked to is what its row in Plex says, or its own metadata once the row is gone; a
        key that Plex itself does not list can be no link.
        """
        external_ids = {row["id"]: row.get("externalId", "") for row in self.assets}
        missing = []
        for stream, field, target in (("jobs", "partId", "parts"), ("jobOperations", "workcenterId", "workcenters")):
            for key, event in self.present[stream].items():
                wanted = tenant[stream].get(key, event.get("metadata") or {}).get(field)
                linked = [external_ids.get(asset_id, "") for asset_id in event.get("assetIds") or []]
                suffix = f"_{ASSETS[target]}_{wanted}"
                if wanted in tenant[target] and not any(external_id.endswith(suffix) for external_id in linked):
                    missing.append(str(event.get("externalId")))
        return missing


def kind_of(row: Row) -> str:
    """`PART` of `PCN340884_PART_{uuid}`, empty for what no extractor wrote."""
    match = RESOURCE_ID.fullmatch(row.get("externalId") or "")
    return match["kind"] if match else ""


def key_of(row: Row) -> str:
    """Plex's key in a resource's external id; the whole id where it has another form, so that none hides another."""
    match = RESOURCE_ID.fullmatch(row.get("externalId") or "")
    return match["key"] if match else str(row.get("externalId") or row["id"])


def count_writes(requests: Iterable[Row], calls: Iterable[int | str]) -> dict[str, int]:
    """Items in the write requests of some function calls, by what they write.

    Args:
        requests: Records of requests: `method`, `path`, `body`, `items`, `callId`.
        calls: Ids of the function calls that count.

    Returns:
        One number per key of `WRITES`; datapoints count one by one.
    """
    wanted = {str(call) for call in calls}
    counted: Counter[str] = Counter()
    for request in requests:
        kind = kind_of_write(request)
        if kind and str(request.get("callId")) in wanted:
            counted[kind] += _items(request, kind)
    return {kind: counted[kind] for kind in WRITES}


def kind_of_write(request: Row) -> str | None:
    """What a recorded request writes, None when it does not."""
    if request["method"] != "POST":
        return None
    return next((kind for kind, path in WRITES.items() if path.search(request["path"])), None)


def _items(request: Row, kind: str) -> int:
    body: Mapping[str, object] = request.get("body") or {}
    items = body.get("items")
    if not isinstance(items, list):
        return int(request.get("items") or 0)
    if kind == "datapoints" and not request["path"].endswith("/delete"):
        return sum(len(item.get("datapoints") or []) for item in items)
    return len(items)


def _is_gone(row: Row) -> bool:
    return (row.get("metadata") or {}).get("plexState") in {"inactive", "retracted"}
