"""Run every deployed schedule once, as the platform would, until nothing is left unfinished.

Facilities share nothing, so they run side by side; the functions of one run one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from threading import Event
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
class Desk:
    """Where a facility's schedules are run from; of one thread, as its connections are.

    Attributes:
        cdf: Where they are deployed.
        plex: The facility's Plex, whose record of requests counts.
    """

    cdf: Cdf
    plex: Plex


@dataclass(frozen=True)
class Pass:
    """One pass over all schedules.

    Attributes:
        number: From 1.
        calls: The calls, facility by facility, and in their order within each.
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


def run_schedules(desks: Sequence[Desk], number: int, done: Callable[[Call], None]) -> Pass:
    """Run all schedules, the facilities side by side.

    Args:
        desks: One for each facility.
        number: The pass.
        done: Told of each call when it has ended, in the thread of its facility.

    Raises:
        KeyError: A schedule belongs to none of the facilities.
    """
    by_pcn = {desk.plex.pcn: desk for desk in desks}
    works = [(by_pcn[pcn], list(each)) for pcn, each in groupby(schedules(desks[0].cdf), attrgetter("pcn"))]
    stop = Event()

    def run(desk: Desk, own: list[Schedule]) -> list[Call]:
        calls = []
        for call in _run_all(desk, own, number, stop):
            calls.append(call)
            done(call)
        return calls

    with ThreadPoolExecutor(len(desks)) as side_by_side:
        facilities = [side_by_side.submit(run, *work) for work in works]
        try:
            return Pass(number, [call for facility in facilities for call in facility.result()])
        except BaseException:
            # Else leaving the block would wait until all facilities are through.
            stop.set()
            raise


def _run_all(desk: Desk, schedules: Sequence[Schedule], number: int, stop: Event) -> Iterator[Call]:
    """Run the schedules of a facility in their order, each until it has finished; no more once it must stop."""
    for schedule in schedules:
        for left in reversed(range(MOST_ROUNDS)):
            call = _run(desk, schedule, number, stop)
            if call is None:
                return
            is_partial = call.status == "partial"
            if is_partial and not left:
                call = replace(call, finished=False, error=f"still unfinished after {MOST_ROUNDS} calls")
            yield call
            if not is_partial:
                break


def _run(desk: Desk, schedule: Schedule, number: int, stop: Event) -> Call | None:
    """The call that a schedule makes, None when it was not waited for."""
    cdf, plex = desk.cdf, desk.plex
    plex.take_requests()
    row = cdf.control("POST", f"/schedules/{schedule.id}/run")
    path = f"/functions/{row['functionId']}/calls"
    while row["status"] == "Running":
        if stop.wait(PAUSE):
            return None
        row = cdf.post(f"{path}/byids", {"items": [{"id": row["id"]}]})["items"][0]
    answer = cdf.get(f"{path}/{row['id']}/response").get("response") or {}
    requests = cdf.requests_of(row["id"])
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
