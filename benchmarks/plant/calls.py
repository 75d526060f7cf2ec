"""Calls of the deployed functions, measured from outside: by what CDF, Plex and the system counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from sandbox.demo.passes import Schedule
from sandbox.demo.writes import OTHER, WRITES, count_writes, kind_of_write, writes_of

if TYPE_CHECKING:
    from sandbox.cdf.record import Entry, Record
    from sandbox.demo.reading import Cdf, Plex, Row

MOST_CALLS = 60
"""How often an extractor is called before it counts as one that never ends."""

PAUSE = 0.2
"""Seconds between two questions whether a call has ended."""

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Call:
    """One call of a function.

    Attributes:
        scenario: What it is part of.
        function: External id of the function.
        status: What the function answered (`success`, `partial`, `skipped`), else CDF's status (`Failed`, `Timeout`).
        error: Why it failed, empty when it did not.
        seconds: From start to end, by CDF's clock.
        cpu_seconds: CPU time of its process, on all threads, start and imports included; None when it was killed.
        peak_mb: The most memory that its process ever held, in MB of 1,000,000 bytes; None when it was killed.
        plex_calls: Requests that Plex recorded.
        cdf_calls: Requests that CDF recorded.
        rows: Rows that the function read, as answered.
        created: Rows that were new, as answered.
        pending: What waits in its queues for a further call, as answered.
        writes: Items that CDF was sent, by what they are, as CDF recorded them; upkeep apart.
        streams: The function's figures by stream, as answered.
        notes: Its remarks.
    """

    scenario: str
    function: str
    status: str
    error: str
    seconds: float
    cpu_seconds: float | None
    peak_mb: float | None
    plex_calls: int
    cdf_calls: int
    rows: int
    created: int
    pending: int
    writes: dict[str, int]
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it did its work, or a part of it."""
        return self.status in {"success", "partial"}

    @property
    def is_done(self) -> bool:
        """Whether nothing is left for a further call."""
        return self.status == "success" and not self.pending

    def as_json(self) -> dict[str, Any]:
        """The call as a JSON object."""
        return asdict(self)


class Caller:
    """Calls functions by their schedules and measures the calls.

    Args:
        cdf: An administrator's client.
        plex: Whose record of requests counts.
        record: CDF's record of requests.
    """

    def __init__(self, cdf: Cdf, plex: Plex, record: Record) -> None:
        self._cdf = cdf
        self._plex = plex
        self._record = record

    def until_done(self, schedule: Schedule, scenario: str) -> Iterator[Call]:
        """Call again and again, until nothing is left, a call fails, or `MOST_CALLS` have been made."""
        for _ in range(MOST_CALLS):
            call = self.once(schedule, scenario)
            yield call
            if call.is_done or not call.is_good:
                return

    def once(self, schedule: Schedule, scenario: str) -> Call:
        """Call once, and wait for the end."""
        self._plex.take_requests()
        self._record.entries.clear()
        row = self._cdf.control("POST", f"/schedules/{schedule.id}/run")
        path = f"/functions/{row['functionId']}/calls"
        while row["status"] == "Running":
            time.sleep(PAUSE)
            # A server that was busy for long closes idle connections, just as the next question comes.
            with suppress(requests.ConnectionError):
                row = self._cdf.post(f"{path}/byids", {"items": [{"id": row["id"]}]})["items"][0]
        entries = [entry for entry in self._record.entries if entry.call_id == row["id"]]
        self._record.entries.clear()
        response = self._cdf.get(f"{path}/{row['id']}/response").get("response") or {}
        used = self._cdf.control("GET", f"/calls/{row['id']}/usage") or {}
        return _call(scenario, schedule.function, row, response, used, len(self._plex.take_requests()), entries)


def _call(
    scenario: str, function: str, row: Row, response: Row, used: Row, plex_calls: int, entries: list[Entry]
) -> Call:
    completed = row["status"] == "Completed"
    streams = response.get("streams") or {}

    def total(figure: str) -> int:
        return sum(int(stream.get(figure) or 0) for stream in streams.values())

    return Call(
        scenario=scenario,
        function=function,
        status=str(response.get("status")) if completed else row["status"],
        error="" if completed else str(row.get("error")),
        seconds=(row["endTime"] - row["startTime"]) / 1000,
        cpu_seconds=used.get("cpuSeconds"),
        peak_mb=used["peakBytes"] / MEGABYTE if used else None,
        plex_calls=plex_calls,
        cdf_calls=len(entries),
        rows=total("rows"),
        created=total("created"),
        pending=total("pending"),
        writes=count(entries),
        streams=streams,
        notes=tuple(response.get("notes") or ()),
    )


def count(entries: list[Entry]) -> dict[str, int]:
    """Items that some requests wrote, by what they are, refused ones too; the requests' bodies are read one by one."""
    counted = Counter(dict.fromkeys([*WRITES, OTHER], 0))
    for entry in entries:
        kind = kind_of_write({"method": entry.method, "path": entry.path})
        if kind == OTHER:
            counted[OTHER] += 1
        elif kind:
            counted.update(count_writes(writes_of([entry.row()])))
    return dict(counted)
