"""What CDF holds of a facility's data sources against what Plex answers to a plain reader at the same instant."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from sandbox.demo.content import Content
from sandbox.demo.promises import Promise, judged
from sandbox.demo.tenant import Tenant, milliseconds

GAUGE = re.compile(r"PCN\d+_GAUGES_Specification_Key=(?P<specification>[^:]+):Sample_No=(?P<sample>.+)_Measurement")
"""A series of measurements, as the demo's config of data sources names them."""

DAILY = re.compile(r"PCN\d+_DAILYPERFORMANCE_Workcenter_Key=(?P<workcenter>\d+)_Production_Qty")
"""A series of a workcenter's daily pieces."""

Values = Mapping[tuple[object, ...], float]
"""Values by what they are of, and timestamp."""


def data_sources_told(content: Content, tenant: Tenant) -> Promise:
    """Every checksheet is an event, every measurement a datapoint, every day of a workcenter the sum of its rows."""
    sheets: Counter[tuple[object, ...]] = Counter(
        (str(row["Checksheet_No"]), milliseconds(row["Inspection_Date"])) for row in tenant["checksheets"].values()
    )
    events: Counter[tuple[object, ...]] = Counter(
        ((event.get("metadata") or {}).get("Checksheet_No"), event.get("startTime"))
        for event in content.events_of("inspection")
    )
    wrong = [f"checksheet {sheet} is missing" for sheet in (sheets - events).elements()]
    wrong += [f"checksheet {sheet} is not in Plex" for sheet in (events - sheets).elements()]
    measured, daily = measurements(tenant), pieces_by_day(tenant)
    doubtful = _instants_in_quarantine(content, "gauges")
    found = _points(content, GAUGE)
    # Of several values at one instant any may stand.
    wanted = {place: found[place] if found.get(place) in values else min(values) for place, values in measured.items()}
    kept = {place: value for place, value in found.items() if place in measured or place[-1] not in doubtful}
    wrong += _differences(wanted, kept, "measurement")
    wrong += _differences(daily, _points(content, DAILY), "daily pieces")
    proof = f"{sheets.total():,} checksheets, {len(measured):,} measurements, {len(daily):,} days of workcenters"
    return judged("What data sources tell is in CDF", wrong, proof)


def measurements(tenant: Tenant) -> dict[tuple[object, ...], set[float]]:
    """Measured values by specification, sample and timestamp; without either of the first two there is no series."""
    values: dict[tuple[object, ...], set[float]] = defaultdict(set)
    for row in tenant["measurements"].values():
        if None not in (row["Measurement"], row["Specification_Key"], row["Sample_No"]):
            place = str(row["Specification_Key"]), str(row["Sample_No"]), milliseconds(row["Inspection_Date"])
            values[place].add(row["Measurement"])
    return values


def pieces_by_day(tenant: Tenant) -> dict[tuple[object, ...], float]:
    """Pieces by workcenter and beginning of the day."""
    made: dict[tuple[object, ...], float] = defaultdict(float)
    for row in tenant["daily"].values():
        if row["Workcenter_Key"] is not None and row["Production_Qty"] is not None:
            made[str(row["Workcenter_Key"]), milliseconds(row["day"])] += row["Production_Qty"]
    return made


def _instants_in_quarantine(content: Content, stream: str) -> set[int]:
    """When a row was that waits there: what it holds is not known, so no value of its instant is taken for gone."""
    waiting = (row["columns"] for rows in content.quarantine.values() for row in rows)
    payloads = (json.loads(columns["payload"]) for columns in waiting if columns["stream"] == stream)
    return {milliseconds(payload["Inspection_Date"]) for payload in payloads}


def _points(content: Content, pattern: re.Pattern[str]) -> dict[tuple[object, ...], float]:
    return {
        (*match.groups(), when): float(value)
        for name, points in content.points.items()
        if (match := pattern.fullmatch(name))
        for when, value in points.items()
    }


def _differences(plex: Values, cdf: Values, word: str) -> list[str]:
    return [
        f"{word} {place}: {cdf.get(place)} instead of {plex.get(place)}"
        for place in sorted(plex.keys() | cdf.keys(), key=str)
        if cdf.get(place) != plex.get(place)
    ]
