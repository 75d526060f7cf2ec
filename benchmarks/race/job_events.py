"""A job of Plex as an event of CDF, written once more by hand: for the contestants that are not ours, and the judge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATES = frozenset({"createdDate", "dueDate", "completedDate", "earliestStartDateTime"})
MILLISECOND = timedelta(milliseconds=1)
TO_MILLISECONDS = len("2026-04-09T14:03:27.123")

Row = Mapping[str, Any]


def event(row: Row, pcn: int) -> dict[str, Any]:
    """The event as a create spells it, without what only CDF knows: the ids of its data set and of its part."""
    start, end = instant(row["createdDate"]), instant(row["completedDate"])
    if start is not None and end is not None and end < start:
        start = end  # which Plex has, and CDF refuses
    part = row["partNumberRevision"] or row["partNumber"] or "no part"
    made = {
        "externalId": f"PCN{pcn}_JOB_{row['id']}",
        "type": "job",
        "subtype": row["jobStatus"],
        "startTime": start,
        "endTime": end,
        "description": f"Job {row['jobNumber'] or row['id']}: {part}",
        "source": "Plex",
        "metadata": {name: text(name, value) for name, value in row.items() if value is not None and value != ""},
    }
    return {name: value for name, value in made.items() if value is not None}


def part_of(row: Row, pcn: int) -> str | None:
    """External id of the asset that the event is linked to."""
    return f"PCN{pcn}_PART_{row['partId']}" if row["partId"] else None


def instant(value: str | None) -> int | None:
    """Milliseconds since 1970."""
    return None if value is None else (datetime.fromisoformat(value) - EPOCH) // MILLISECOND


def text(name: str, value: str | float) -> str:
    """A value as metadata holds it: `25`, `25.5`, instants to the millisecond."""
    if isinstance(value, str):
        return f"{value[:TO_MILLISECONDS]}Z" if name in DATES else value
    return str(int(value)) if value == int(value) else str(value)
