"""One run at a time per facility, extractor and lane: a data-modeling node with compare-and-set.

`existingVersion` is CDF's only conditional write (RAW has none): an apply with an older version than the node's is
refused.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from plex_cdf.cdf.api import CdfApi
from plex_cdf.errors import ConfigurationError, LeaseError, RefusedError

VIEW = {"type": "view", "space": "plex_functions", "externalId": "Lease", "version": "v1"}
FREE = ""


class Lease:
    """The right to write for one facility, extractor and lane.

    Args:
        api: The way to CDF.
        space: The facility's space.
        name: Extractor and lane, for example `jobs_incremental`.
        holder: This run's id.
        seconds: How long the lease lasts from each renewal; longer than a run may take, so that only a killed run's
        expires.
        now: Seconds since 1970, by the real clock.
    """

    def __init__(
        self,
        api: CdfApi,
        space: str,
        name: str,
        holder: str,
        seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._node = {"space": space, "externalId": name, "instanceType": "node"}
        self._holder = holder
        self._seconds = seconds
        self._now = now
        self._version = 0

    def acquire(self) -> None:
        """Takes the lease.

        Raises:
            LeaseError: Another run holds it, or was faster.
        """
        body = {"items": [self._node], "sources": [{"source": VIEW}]}
        found = self._api.post("/models/instances/byids", body)["items"]
        if found:
            held = (
                found[0].get("properties", {}).get(VIEW["space"], {}).get(f"{VIEW['externalId']}/{VIEW['version']}", {})
            )
            self._check_free(held)
            self._version = found[0]["version"]
        self._apply(self._holder, self._now() + self._seconds)

    def renew(self) -> None:
        """Makes sure that the lease is still ours, and lets it last anew.

        Raises:
            LeaseError: Another run has taken over.
        """
        self._apply(self._holder, self._now() + self._seconds)

    def release(self) -> None:
        """Gives the lease back. Losing it just before does not matter any more."""
        try:
            self._apply(FREE, self._now())
        except LeaseError:
            return

    def _check_free(self, held: dict[str, Any]) -> None:
        holder, expires = held.get("holder") or FREE, held.get("expiresAt")
        if holder == FREE or expires is None or datetime.fromisoformat(expires).timestamp() <= self._now():
            return
        if holder != self._holder:
            raise LeaseError(f"run {holder} works on this pipeline until {expires} at the latest")

    def _apply(self, holder: str, expires: float) -> None:
        moment = datetime.fromtimestamp(expires, UTC).isoformat(timespec="milliseconds")
        source = {"source": VIEW, "properties": {"holder": holder, "expiresAt": moment}}
        item = {**self._node, "existingVersion": self._version, "sources": [source]}
        try:
            answer = self._api.post("/models/instances", {"items": [item], "replace": False})
        except RefusedError as error:
            if error.status == 409:
                raise LeaseError("another run has taken this pipeline's lease") from None
            name = f"{self._node['externalId']} in space {self._node['space']}"
            raise ConfigurationError(
                f"the lease {name} cannot be taken: {error}; deploy the modules foundation and facility, "
                "and check facility.pcn in the pipeline's config"
            ) from error
        self._version = answer["items"][0]["version"]
