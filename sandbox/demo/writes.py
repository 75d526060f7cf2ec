"""What was written, from CDF's record of requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sandbox.demo.reading import Row

WRITES = {
    "assets": re.compile(r"/assets(/update|/delete)?$"),
    "events": re.compile(r"/events(/update|/delete)?$"),
    "timeSeries": re.compile(r"/timeseries(/update|/delete)?$"),
    "datapoints": re.compile(r"/timeseries/data(/delete)?$"),
    "sequences": re.compile(r"/sequences(/update|/delete|/data|/data/delete)?$"),
    "relationships": re.compile(r"/relationships(/update|/upsert|/delete)?$"),
    "fingerprints": re.compile(r"/raw/dbs/[^/]+/tables/(fingerprints|history)_[^/]+/rows(/delete)?$"),
}
"""The paths that write, by what they write. Lists and look-ups by id are POST too, but end otherwise."""

READS = re.compile(r"/(byids|list|search|filter|inspect|aggregate|latest|token)$")
"""Ends of the paths whose POST changes nothing."""

UPKEEP = re.compile(r"/(raw/dbs/[^/]+/tables/state/rows|models/instances|models/instances/delete|extpipes/runs)$")
"""What every call writes: its state row, its lease, its pipeline run."""

OTHER = "other"
"""The kind of what is neither of the above, such as a row in quarantine."""


@dataclass(frozen=True)
class Write:
    """One request of a function call that writes.

    Attributes:
        kind: A key of `WRITES`, or `OTHER`.
        path: The request's path.
        is_accepted: Whether CDF took it.
        ids: External ids of the items; of a datapoint that of its series and the timestamp, with `@` between; of what
            has neither an empty text.
    """

    kind: str
    path: str
    is_accepted: bool
    ids: tuple[str, ...]


def writes_of(requests: Iterable[Row]) -> list[Write]:
    """The requests that write, upkeep apart.

    Args:
        requests: Records of requests: `method`, `path`, `status`, `body`, `items`.
    """
    return [
        Write(kind, request["path"], request["status"] < 300, tuple(_ids(request, kind)))
        for request in requests
        if (kind := kind_of_write(request))
    ]


def count_writes(writes: Iterable[Write]) -> dict[str, int]:
    """Items that were written, by what they are: one number per key of `WRITES`; datapoints count one by one."""
    counted: Counter[str] = Counter()
    for write in writes:
        counted[write.kind] += len(write.ids)
    return {kind: counted[kind] for kind in WRITES}


def kind_of_write(request: Row) -> str | None:
    """What a recorded request writes beside a call's upkeep, None when nothing."""
    path = request["path"]
    if request["method"] == "GET" or READS.search(path) or UPKEEP.search(path):
        return None
    return next((kind for kind, pattern in WRITES.items() if pattern.search(path)), OTHER)


def _ids(request: Row, kind: str) -> Iterator[str]:
    body = request.get("body")
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        yield from [""] * int(request.get("items") or 1)
        return
    for item in items:
        external_id = str(item.get("externalId") or "")
        if kind == "datapoints":
            points = item.get("datapoints") or [{"timestamp": item.get("inclusiveBegin")}]
            yield from (f"{external_id}@{point['timestamp']}" for point in points)
        else:
            yield external_id
