"""Run every deployed schedule once, as the platform would, until nothing is left unfinished."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sandbox.demo.calls import Call
from sandbox.demo.reading import Cdf, Plex
from sandbox.demo.writes import Write, writes_of

ORDER = ("plex_master_data", "plex_jobs")
"""Functions whose results others link to come first, the others after them by name."""

PIPELINE = re.compile(r"plex_(?P<pcn>\d+)_.+")
"""What a schedule passes to its function: the extraction pipeline of a facility."""

MOST_ROUNDS = 20
"""How often an unfinished run is continued before the demo gives up on it."""

PAUSE = 0.05
"""Seconds between two questions whether something has ended."""


class Schedule(NamedTuple):
    """A deployed schedule; they sort by facility, and within it by the order of the work."""

    pcn: int
    rank: int
    function: str
    id: int


@dataclass(frozen=True)
class Pass:
    """One pass over all schedules.

    Attributes:
        number: From 1.
        calls: The calls, in order.
    """

    number: int
    calls: list[Call] = field(default_factory=list)

    @property
    def writes(self) -> list[Write]:
        """What the calls wrote."""
        return [write for call in self.calls for write in call.writes]


def schedules(cdf: Cdf) -> list[Schedule]:
    """What is deployed, in the order in which it is run."""
    names = {row["id"]: row["externalId"] for row in cdf.post("/functions/list", {"limit": 100})["items"]}
    found = []
    for row in cdf.post("/functions/schedules/list", {"limit": 1000})["items"]:
        data = cdf.get(f"/functions/schedules/{row['id']}/input_data")["data"]
        match = PIPELINE.fullmatch(data["pipeline"])
        function = names[row["functionId"]]
        rank = ORDER.index(function) if function in ORDER else len(ORDER)
        found.append(Schedule(int(match["pcn"]) if match else 0, rank, function, row["id"]))
    return sorted(found)


def run_schedules(cdf: Cdf, plex: Plex, number: int, done: Callable[[Call], None]) -> Pass:
    """Run all schedules one after the other.

    Args:
        cdf: Where they are deployed.
        plex: Whose record of requests counts.
        number: The pass.
        done: Told of each call when it has ended.
    """
    result = Pass(number)
    for schedule in schedules(cdf):
        for _ in range(MOST_ROUNDS):
            call = _run(cdf, plex, schedule, number)
            result.calls.append(call)
            done(call)
            if call.status != "partial":
                break
        else:
            result.calls[-1] = replace(call, finished=False, error=f"still unfinished after {MOST_ROUNDS} calls")
    return result


def _run(cdf: Cdf, plex: Plex, schedule: Schedule, number: int) -> Call:
    plex.take_requests()
    cdf.take_requests()
    row = cdf.control("POST", f"/schedules/{schedule.id}/run")
    path = f"/functions/{row['functionId']}/calls"
    while row["status"] == "Running":
        time.sleep(PAUSE)
        row = cdf.post(f"{path}/byids", {"items": [{"id": row["id"]}]})["items"][0]
    answer = cdf.get(f"{path}/{row['id']}/response").get("response") or {}
    requests = [request for request in cdf.take_requests() if request.get("callId") == row["id"]]
    completed = row["status"] == "Completed"
    return Call(
        number=number,
        function=schedule.function,
        call_id=row["id"],
        status=str(answer.get("status")) if completed else row["status"],
        error="" if completed else _message(row.get("error")),
        streams=answer.get("streams") or {},
        notes=tuple(answer.get("notes") or ()),
        plex_calls=len(plex.take_requests()),
        cdf_calls=len(requests),
        seconds=(row["endTime"] - row["startTime"]) / 1000,
        pcn=schedule.pcn,
        writes=tuple(writes_of(requests)),
    )


def _message(error: object) -> str:
    """What CDF says of a failure: text, or an object with `message`."""
    return str(error.get("message")) if isinstance(error, dict) else str(error)


def total_calls(passes: Sequence[Pass]) -> list[Call]:
    """The calls of several passes in one list."""
    return [call for one in passes for call in one.calls]
