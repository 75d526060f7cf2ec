"""Where a contestant runs: what it has to know of the two servers, and what it must not do differently."""

from __future__ import annotations

from dataclasses import dataclass

PROJECT, CLIENT, SECRET = "race", "race", "race"
PLEX_KEY = "PlexKeyOfTheRace0123456789abcdef"
JOBS_PATH = "/scheduling/v1/jobs"


@dataclass(frozen=True)
class Place:
    """The two servers.

    Attributes:
        plex: Origin of the local Plex.
        cdf: Origin of the local CDF.
        token: For the local CDF, as the platform would bring it.
        pcn: The facility's Plexus Customer Number.
        tenant_id: Its UUID.
    """

    plex: str
    cdf: str
    token: str
    pcn: int
    tenant_id: str

    @property
    def api(self) -> str:
        """The path that every request to CDF begins with."""
        return f"/api/v1/projects/{PROJECT}"

    @property
    def data_set(self) -> str:
        """External id of the data set that events belong to."""
        return f"plex_{self.pcn}_scheduling"

    @property
    def plex_headers(self) -> dict[str, str]:
        """What Plex wants with every request."""
        return {"X-Plex-Connect-Api-Key": PLEX_KEY, "X-Plex-Connect-Tenant-Id": self.tenant_id}
