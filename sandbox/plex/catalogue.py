"""Everything that the stand-in answers, and how a real path finds its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.plex.data_sources.sources import SOURCES
from sandbox.plex.endpoints.inventory import INVENTORY
from sandbox.plex.endpoints.master_data import MASTER
from sandbox.plex.endpoints.production import PRODUCTION
from sandbox.plex.endpoints.quality import QUALITY

if TYPE_CHECKING:
    from sandbox.plex.endpoints.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*MASTER, *PRODUCTION, *INVENTORY, *QUALITY)
BY_PATH: dict[str, Endpoint] = {
    **{endpoint.path: endpoint for endpoint in ENDPOINTS},
    **{source.rows.path: source.rows for source in SOURCES.values()},
}


def resolve(path: str) -> tuple[Endpoint, str | None] | None:
    """The endpoint that a real path belongs to, and the id in it; None when there is none."""
    if path in BY_PATH and "{id}" not in path:
        return BY_PATH[path], None
    for endpoint in ENDPOINTS:
        before, marker, after = endpoint.path.partition("{id}")
        if marker and path.startswith(before) and path.endswith(after):
            middle = path[len(before) : len(path) - len(after)]
            if middle and "/" not in middle:
                return endpoint, middle
    return None
