"""Run every deployed schedule once, as the platform would, until nothing is left unfinished."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sandbox.demo.calls import Call
from sandbox.demo.reading import Cdf, Plex, Row

ORDER = ("plex_master_data", "plex_jobs")
"""Functions whose results others link to come first."""

MOST_ROUNDS = 20
"""How often an unfinished run is continued before the demo gives up on it."""

PAUSE = 0.1
"""Seconds between two questions whether something has ended."""


@dataclass(frozen=True)
class Pass:
    """One pass over all schedules.

    Attributes:
        number: From 1.
        calls: The calls, in order.
        requests: What CDF recorded of the requests that the calls made.
    """

    number: int
    calls: list[Call] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)


def run_schedules(cdf: Cdf, plex: Plex, number: int, done: Callable[[Call], None]) -> Pass:
    """Run all schedules one after the other.

    Args:
        cdf: Where they are deployed.
        plex: Whose record of requests counts.
        number: The pass.
        done: Told of each call when it has ended.
    """
    result = Pass(number)
    names = {row["id"]: row["externalId"] for row in cdf.post("/functions/list", {"limit": 100})["items"]}
    schedules = cdf.post("/functions/schedules/list", {"limit": 1000})["items"]
    for schedule in sorted(schedules, key=lambda row: _rank(names[row["functionId"]], row)):
        for _ in range(MOST_ROUNDS):
            call = _run(cdf, plex, schedule, names[schedule["functionId"]], result)
            result.calls.append(call)
            done(call)
            if call.status != "partial":
                break
        else:
            result.calls[-1] = replace(call, finished=False, error=f"still unfinished after {MOST_ROUNDS} calls")
    return result


def _run(cdf: Cdf, plex: Plex, schedule: Row, function: str, result: Pass) -> Call:
    plex.take_requests()
    cdf.take_requests()
    row = cdf.control("POST", f"/schedules/{schedule['id']}/run")
    path = f"/functions/{row['functionId']}/calls"
    while row["status"] == "Running":
        time.sleep(PAUSE)
        row = cdf.post(f"{path}/byids", {"items": [{"id": row["id"]}]})["items"][0]
    answer = cdf.get(f"{path}/{row['id']}/response").get("response") or {}
    requests = [request for request in cdf.take_requests() if request.get("callId") == row["id"]]
    result.requests.extend(requests)
    completed = row["status"] == "Completed"
    return Call(
        number=result.number,
        function=function,
        call_id=row["id"],
        status=str(answer.get("status")) if completed else row["status"],
        error="" if completed else _message(row.get("error")),
        streams=answer.get("streams") or {},
        notes=tuple(answer.get("notes") or ()),
        plex_calls=len(plex.take_requests()),
        cdf_calls=len(requests),
        seconds=(row["endTime"] - row["startTime"]) / 1000,
    )


def _rank(function: str, schedule: Row) -> tuple[int, str, str]:
    position = ORDER.index(function) if function in ORDER else len(ORDER)
    return position, function, str(schedule.get("name"))


def _message(error: object) -> str:
    """What CDF says of a failure: text, or an object with `message`."""
    return str(error.get("message")) if isinstance(error, dict) else str(error)


def total_calls(passes: Sequence[Pass]) -> list[Call]:
    """The calls of several passes in one list."""
    return [call for one in passes for call in one.calls]
