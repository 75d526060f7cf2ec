"""The script that most people write first: `client.events.upsert`, a thousand at a time.

With what its authors would learn within a week: links are looked up in one go, dates that CDF refuses are turned round,
and `replace` is what takes values away that Plex no longer has.
"""

from __future__ import annotations

from collections.abc import Callable

import requests
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from cognite.client.data_classes import EventWrite

from benchmarks.race.job_events import Row, event, part_of
from benchmarks.race.place import JOBS_PATH, PROJECT, Place

AT_ONCE = 1000


def prepared(place: Place) -> Callable[[], None]:
    """A run, with the client that the platform would bring."""
    global_config.disable_pypi_version_check = True
    client = CogniteClient(ClientConfig("script", PROJECT, Token(place.token), base_url=place.cdf, timeout=60))
    return lambda: run(place, client)


def run(place: Place, client: CogniteClient) -> None:
    """Every job of Plex as an event of CDF."""
    answer = requests.get(place.plex + JOBS_PATH, headers=place.plex_headers, timeout=60)
    answer.raise_for_status()
    rows: list[Row] = answer.json()
    data_set = client.data_sets.retrieve(external_id=place.data_set)
    if data_set is None:
        raise RuntimeError(f"There is no data set {place.data_set}")
    named = {part for row in rows if (part := part_of(row, place.pcn))}
    found = client.assets.retrieve_multiple(external_ids=sorted(named), ignore_unknown_ids=True)
    parts = {asset.external_id: asset.id for asset in found}
    for begin in range(0, len(rows), AT_ONCE):
        events = [as_write(row, place.pcn, parts, data_set.id) for row in rows[begin : begin + AT_ONCE]]
        client.events.upsert(events, mode="replace")


def as_write(row: Row, pcn: int, parts: dict[str | None, int], data_set_id: int) -> EventWrite:
    """One event as the SDK wants it."""
    made = event(row, pcn)
    part = parts.get(part_of(row, pcn))
    return EventWrite(
        external_id=made["externalId"],
        data_set_id=data_set_id,
        type=made["type"],
        subtype=made.get("subtype"),
        start_time=made.get("startTime"),
        end_time=made.get("endTime"),
        description=made["description"],
        source=made["source"],
        asset_ids=[part] if part else None,
        metadata=made["metadata"],
    )
