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
        self._expires = 0.0
        self._lost = False

    def acquire(self) -> None:
        """Takes the lease: makes its node, or takes over that of a run that was killed.

        Raises:
            LeaseError: Another run holds it, or was faster.
        """
        try:
            self._apply(0)
        except LeaseError:
            version, held = self._look()
            self._check_free(held)
            self._apply(version)

    def check(self) -> None:
        """Makes sure, without asking CDF, that the lease has not run out.

        Raises:
            LeaseError: It has: this run was held up, and another may work.
        """
        if self._now() >= self._expires:
            raise LeaseError("this run's lease has run out: it was held up for longer than a run may take")

    def renew(self) -> None:
        """Makes sure that the lease is still ours, and lets it last anew.

        Raises:
            LeaseError: Another run has taken over, or may have: it has run out.
        """
        self.check()
        try:
            self._apply(self._version)
        except LeaseError:
            # The node is newer than we know. So it is when CDF's answer to our last renewal was lost.
            version, held = self._look()
            if held.get("holder") != self._holder:
                self._lost = True
                raise
            self._apply(version)

    def release(self) -> None:
        """Gives the lease back by removing its node; until it runs out, nobody else may have taken it."""
        if self._now() < self._expires and not self._lost:
            self._api.post("/models/instances/delete", {"items": [self._node]})

    def _look(self) -> tuple[int, dict[str, Any]]:
        """The node's version and properties; 0 and none where there is no node."""
        body = {"items": [self._node], "sources": [{"source": VIEW}]}
        found = self._api.post("/models/instances/byids", body)["items"]
        if not found:
            return 0, {}
        view = f"{VIEW['externalId']}/{VIEW['version']}"
        return found[0]["version"], found[0].get("properties", {}).get(VIEW["space"], {}).get(view, {})

    def _check_free(self, held: dict[str, Any]) -> None:
        holder, expires = held.get("holder"), held.get("expiresAt")
        if not holder or expires is None or datetime.fromisoformat(expires).timestamp() <= self._now():
            return
        if holder != self._holder:
            raise LeaseError(f"run {holder} works on this pipeline until {expires} at the latest")

    def _apply(self, version: int) -> None:
        """Writes the node, if its version is not beyond the given one; 0 stands for no node at all."""
        expires = self._now() + self._seconds
        moment = datetime.fromtimestamp(expires, UTC).isoformat(timespec="milliseconds")
        source = {"source": VIEW, "properties": {"holder": self._holder, "expiresAt": moment}}
        item = {**self._node, "existingVersion": version, "sources": [source]}
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
        self._version, self._expires = answer["items"][0]["version"], expires
