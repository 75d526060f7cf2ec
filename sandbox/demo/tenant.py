"""What Plex answers at one instant: the yardstick for what CDF holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.demo.reading import Plex, Row
from sandbox.plex.generated.generator import STATUSES

Tenant = Mapping[str, Mapping[str, Row]]
"""Rows of one tenant by stream and key. Rows without a key are not in it: they have no place in CDF either."""

LISTS = {
    "parts": ("/mdm/v1/parts", "id"),
    "operations": ("/mdm/v1/operations", "id"),
    "partOperations": ("/mdm/v1/part-operations", "id"),
    "buildings": ("/mdm/v1/buildings", "id"),
    "supplyItems": ("/mdm/v1/supply-items", "id"),
    "equipment": ("/maintenance/v1/equipment", "id"),
    "workcenters": ("/production/v1/production-definitions/workcenters", "workcenterId"),
    "lines": ("/production/v1/production-definitions/production-lines", "id"),
    "jobs": ("/scheduling/v1/jobs", "id"),
    "locations": ("/inventory/v1/inventory-definitions/locations", "locationId"),
    "containers": ("/inventory/v1/inventory-tracking/containers", "serialNo"),
    "controlPlans": ("/quality/v1/control-plans", "id"),
    "specifications": ("/quality/v1/part-specifications", "id"),
    "deviations": ("/quality/v1/deviations", "id"),
}
"""Where the rows of each stream are, and the field that is their key."""

CHILDREN = {
    "jobOperations": ("jobs", "/scheduling/v1/jobs/{}/operations", "jobOperationId"),
    "controlPlanLines": ("controlPlans", "/quality/v1/control-plans/{}/control-plan-lines", "id"),
    "components": ("parts", "/engineering/v1/boms?partId={}", "id"),
}
"""Streams that are read parent by parent: the parents' stream, where the rows are, and the field that is their key."""


PAIRS = {
    "approvedWorkcenters": (
        "/production/v1/production-definitions/approved-workcenters",
        ("partOperationId", "workcenterId"),
    ),
}
"""Rows without a key, of which two references tell one from the other: where they are, and the references."""


@dataclass(frozen=True)
class History:
    """Rows without a key.

    Attributes:
        path: Where they are asked for.
        begin: The parameter with the begin of the window.
        end: The one with its end.
        instant: The field that places a row in time.
        told: Further fields by which a row is recognized in CDF; the first says what it happened to.
    """

    path: str
    begin: str
    end: str
    instant: str
    told: tuple[str, ...]


MADE = ("workcenterId", "partOperationId", "jobId", "serialNo", "quantity")
MOVED = ("serialNo", "locationId", "partOperationId", "quantity")
PRODUCTION, INVENTORY = "/production/v1/production-history", "/inventory/v1/inventory-history"
WINDOW = ("beginDate", "endDate")
HISTORIES = {
    "production": History(f"{PRODUCTION}/production-entries", *WINDOW, "transactionDate", MADE),
    "scrap": History(f"{PRODUCTION}/scrap-entries", *WINDOW, "transactionDate", (*MADE, "scrapReason")),
    "statuses": History(
        f"{PRODUCTION}/workcenter-status-entries",
        *WINDOW,
        "logDate",
        ("workcenterId", "partOperationId", "jobId", "workcenterStatus", "duration"),
    ),
    "setups": History(
        f"{PRODUCTION}/workcenter-setup-entries",
        "beginSetupDate",
        "endSetupDate",
        "setupDateTime",
        ("workcenterId", "parentPartOperationId", "parentPartJobId"),
    ),
    "moves": History(
        f"{INVENTORY}/container-location-moves", *WINDOW, "adjustmentDate", (*MOVED, "movedFromLocationId")
    ),
    "adjustments": History(f"{INVENTORY}/container-adjustments", *WINDOW, "adjustmentDate", MOVED),
}
"""What is asked for in windows of time."""

CHECKSHEETS, MEASUREMENTS, DAILY = 4142, 5019, 18765
"""Data sources: inspections, what was measured at them, and how the workcenters of a day performed."""

SUMMED = ("production", "scrap", "statuses")
"""The histories that the daily performance sums up."""

ONE_DAY = timedelta(days=1) - timedelta(milliseconds=1)

EVER = ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
"""A window that holds every history."""

OPEN_STATUSES = tuple(status for statuses in STATUSES for status in statuses.opened)
"""What open jobs are called in the plants of the stand-in."""


def read_tenant(plex: Plex) -> Tenant:
    """Read every stream whole: lists, what is asked for parent by parent, what has no key, then the histories."""
    tenant = {stream: _by_key(plex.get(path), key) for stream, (path, key) in LISTS.items()}
    for stream, (parents, path, key) in CHILDREN.items():
        tenant[stream] = {}
        for parent in tenant[parents]:
            tenant[stream] |= _by_key(plex.get(path.format(parent)), key)
    for stream, (path, references) in PAIRS.items():
        rows = [row for row in plex.get(path) if all(row.get(name) for name in references)]
        tenant[stream] = {" ".join(str(row[name]) for name in references): row for row in rows}
    for stream, history in HISTORIES.items():
        rows = plex.get(history.path, **dict(zip((history.begin, history.end), EVER, strict=True)))
        tenant[stream] = _numbered(rows, history)
    return {**tenant, **_read_sources(plex, tenant)}


def _read_sources(plex: Plex, tenant: Tenant) -> Tenant:
    """What data sources tell; the daily performance of every day with an entry that it may sum up."""
    begin, end = (datetime.fromisoformat(instant) for instant in EVER)
    checksheets, measurements = (_read_source(plex, source, begin, end) for source in (CHECKSHEETS, MEASUREMENTS))
    instants = [row[HISTORIES[stream].instant] for stream in SUMMED for row in tenant[stream].values()]
    daily = {}
    for day in sorted({f"{datetime.fromisoformat(each):%Y-%m-%d}" for each in instants}):
        begin = datetime.fromisoformat(f"{day}T00:00Z")
        # Plex includes both ends.
        rows, _ = plex.execute(DAILY, Start_Date=_written(begin), End_Date=_written(begin + ONE_DAY))
        for row in rows:
            place = f"{day} {row['Workcenter_Key']} {row['Part_Key']} {row['Operation_Code']}"
            daily[place] = {**row, "day": f"{day}T00:00:00Z"}
    return {
        # Some are told twice.
        "checksheets": _numbered(checksheets, _inspected("checksheet", "Checksheet_No")),
        "measurements": _numbered(measurements, _inspected("measurement", "Inspection_Key")),
        "daily": daily,
    }


def _read_source(plex: Plex, source: int, begin: datetime, end: datetime) -> list[Row]:
    """All rows of a time range, in halves where they are more than an answer holds; both ends are included."""
    rows, is_cut = plex.execute(source, Date_Begin=_written(begin), Date_End=_written(end))
    if not is_cut:
        return rows
    middle = begin + (end - begin) / 2
    middle = middle.replace(microsecond=0)
    first = _read_source(plex, source, begin, middle - timedelta(microseconds=1))
    return first + _read_source(plex, source, middle, end)


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z"


def _inspected(name: str, key: str) -> History:
    return History(name, "Date_Begin", "Date_End", "Inspection_Date", (key,))


def changed_keys(before: Tenant, after: Tenant) -> set[str]:
    """Keys of rows that are new, differ or vanished between two instants."""
    keys: set[str] = set()
    for stream, rows in after.items():
        earlier = before[stream]
        keys |= {key for key in rows.keys() | earlier.keys() if rows.get(key) != earlier.get(key)}
    return keys


def size(tenant: Tenant) -> int:
    """How many rows a tenant has in all."""
    return sum(len(rows) for rows in tenant.values())


def milliseconds(instant: str) -> int:
    """Plex's text of an instant as CDF has it; digits beyond the third are cut."""
    moment = datetime.fromisoformat(instant)
    return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000


def _by_key(rows: Iterable[Row], key: str) -> dict[str, Row]:
    return {str(row[key]): row for row in rows if row.get(key)}


def _numbered(rows: Iterable[Row], history: History) -> dict[str, Row]:
    """Rows by their instant, by what they happened to, and by a number where those are the same."""
    numbers: Counter[str] = Counter()
    keyed = {}
    for row in sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)):
        place = f"{history.path} {row[history.instant]} {row.get(history.told[0])}"
        numbers[place] += 1
        keyed[f"{place} {numbers[place]}"] = row
    return keyed
