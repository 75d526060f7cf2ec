"""What CDF holds of the factories, as its API lists it, and what of it stands for which rows of Plex."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from sandbox.demo.reading import Cdf, Row

EXTERNAL_ID = re.compile(r"PCN(?P<pcn>\d+)_(?P<rest>.+)", re.DOTALL)
"""An external id of a facility: its PCN first."""

RESOURCE_ID = re.compile(r"PCN\d+_(?P<kind>[A-Z]+)_(?P<key>[0-9A-Za-z-]{36}|.+)")
"""An external id that an extractor wrote: its kind and Plex's own key."""

WORKCENTER_SERIES = re.compile(r"PCN\d+_WORKCENTER_(?P<workcenter>[0-9A-Za-z-]{36})_(?P<figure>[A-Z_]+)")
"""A series of a workcenter: Plex's key of the workcenter, and what the series holds."""

ON_HAND = re.compile(r"PCN\d+_ONHAND_(?P<location>[0-9A-Za-z-]{36})_(?P<part>.+)")
"""A series of what is on hand: Plex's keys of the location and of the part."""

ASSETS = {
    "parts": "PART",
    "operations": "OPERATION",
    "partOperations": "PARTOPERATION",
    "workcenters": "WORKCENTER",
    "buildings": "BUILDING",
    "supplyItems": "SUPPLYITEM",
    "equipment": "EQUIPMENT",
    "lines": "LINE",
    "locations": "LOCATION",
    "containers": "CONTAINER",
    "controlPlans": "CONTROLPLAN",
    "controlPlanLines": "CONTROLPLANLINE",
    "specifications": "INSPECTIONPOINT",
}
"""Which kind of asset stands for which rows of Plex."""

EVENTS = {"jobs": "job", "jobOperations": "job_operation", "deviations": "deviation"}
"""Which type of event stands for which rows of Plex that have a key."""

HISTORY_EVENTS = {
    "production": "production",
    "scrap": "scrap",
    "statuses": "workcenter_status",
    "setups": "setup",
    "moves": "container_move",
    "adjustments": "container_adjustment",
}
"""Which type of event stands for which rows of Plex that have none."""

DAY = 86_400_000
"""Milliseconds of a day; the production days of the demo's plants begin at midnight in UTC."""

Points = dict[int, float | str]
"""Values by timestamp."""


@dataclass(frozen=True)
class Content:
    """All that CDF holds of what the demo looks at.

    Attributes:
        points: The datapoints of every time series, by its external id.
        lines: The rows of every sequence, by its external id.
        quarantine: Rows that wait, by PCN.
    """

    assets: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    time_series: list[Row] = field(default_factory=list)
    relationships: list[Row] = field(default_factory=list)
    sequences: list[Row] = field(default_factory=list)
    points: dict[str, Points] = field(default_factory=dict)
    lines: dict[str, list[Row]] = field(default_factory=dict)
    quarantine: dict[int, list[Row]] = field(default_factory=dict)

    @classmethod
    def read(cls, cdf: Cdf, *pcns: int) -> Content:
        """Read it all, page by page.

        Args:
            cdf: Where from.
            pcns: Whose quarantine.
        """
        time_series, sequences = cdf.rows("timeseries"), cdf.rows("sequences")
        return cls(
            assets=cdf.rows("assets"),
            events=cdf.rows("events"),
            time_series=time_series,
            relationships=cdf.rows("relationships"),
            sequences=sequences,
            points=cdf.points([row["externalId"] for row in time_series if row.get("externalId")]),
            lines={row["externalId"]: cdf.lines(row["externalId"]) for row in sequences if row.get("externalId")},
            quarantine={pcn: cdf.raw_rows(f"plex_{pcn}", "quarantine") for pcn in pcns},
        )

    def facility(self, pcn: int) -> Content:
        """What carries a facility's PCN."""
        names = {name for name in (*self.points, *self.lines) if pcn_of(name) == pcn}
        return Content(
            assets=_own(self.assets, pcn),
            events=_own(self.events, pcn),
            time_series=_own(self.time_series, pcn),
            relationships=_own(self.relationships, pcn),
            sequences=_own(self.sequences, pcn),
            points={name: points for name, points in self.points.items() if name in names},
            lines={name: lines for name, lines in self.lines.items() if name in names},
            quarantine={pcn: self.quarantine.get(pcn, [])},
        )

    @cached_property
    def present(self) -> dict[str, dict[str, Row]]:
        """Resources that are not marked as gone from Plex, by what they stand for and Plex's key."""
        found: dict[str, dict[str, Row]] = {name: {} for name in (*EVENTS, *ASSETS)}
        streams = {kind: name for name, kind in ASSETS.items()}
        for row in self.assets:
            kind = kind_of(row)
            if kind in streams and not is_gone(row):
                found[streams[kind]][key_of(row)] = row
        for name, event_type in EVENTS.items():
            found[name] = {key_of(row): row for row in self.events_of(event_type)}
        return found

    def events_of(self, event_type: str) -> list[Row]:
        """Events of a type that are not marked as gone from Plex."""
        return self._by_type[event_type]

    @cached_property
    def _by_type(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.events:
            if not is_gone(row):
                found[str(row.get("type"))].append(row)
        return found

    @property
    def quarantine_text(self) -> str:
        """All that waits in quarantine, as one text to search for a key."""
        return json.dumps(self.quarantine)

    def figures(self, figure: str) -> dict[str, dict[int, float]]:
        """A numeric figure of every workcenter that has it, by Plex's key of the workcenter and timestamp.

        Args:
            figure: Such as `GOOD`, `SCRAP` or `OEE_DAY`.
        """
        matches = {name: WORKCENTER_SERIES.fullmatch(name) for name in self.points}
        return {
            match["workcenter"]: {when: float(value) for when, value in self.points[name].items()}
            for name, match in matches.items()
            if match and match["figure"] == figure
        }

    def on_hand(self) -> dict[tuple[str, str], float]:
        """What is on hand by Plex's keys of location and part, as last written."""
        matches = {name: ON_HAND.fullmatch(name) for name, points in self.points.items() if points}
        return {
            (match["location"], match["part"]): float(self.points[name][max(self.points[name])])
            for name, match in matches.items()
            if match
        }


def pcn_of(external_id: object) -> int | None:
    """The PCN that an external id begins with."""
    match = EXTERNAL_ID.fullmatch(str(external_id))
    return int(match["pcn"]) if match else None


def kind_of(row: Row) -> str:
    """`PART` of `PCN340884_PART_{uuid}`, empty for what no extractor wrote."""
    match = RESOURCE_ID.fullmatch(row.get("externalId") or "")
    return match["kind"] if match else ""


def key_of(row: Row) -> str:
    """Plex's key in a resource's external id; the whole id where it has another form, so that none hides another."""
    match = RESOURCE_ID.fullmatch(row.get("externalId") or "")
    return match["key"] if match else str(row.get("externalId") or row["id"])


def is_gone(row: Row) -> bool:
    """Whether a resource is marked as no longer in Plex."""
    return (row.get("metadata") or {}).get("plexState") in {"inactive", "retracted"}


def _own(rows: list[Row], pcn: int) -> list[Row]:
    return [row for row in rows if pcn_of(row.get("externalId")) == pcn]
