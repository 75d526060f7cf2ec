"""The lanes that a run works in: for each the right to write, and what the runs before it left."""

from plex_cdf.cdf.lease import Lease
from plex_cdf.cdf.raw import RawTable
from plex_cdf.cdf.state import State
from plex_cdf.errors import LeaseError, PlexCdfError
from plex_cdf.run.call import Call

# A lease outlives any run that the platform lets live (9 to 10 minutes), so that only a killed run's expires.
LEASE_MARGIN_SECONDS = 180


class Lanes:
    """The leases and state rows of one run.

    Args:
        call: Says which lane is its own. A dry run takes none.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._leases: dict[str, Lease] = {}
        self._taken: dict[str, bool] = {}

    @property
    def lease(self) -> Lease | None:
        """That of the run's own lane; None for a dry run."""
        return self._leases.get(self._call.lane)

    def state(self, lane: str) -> State:
        """The state row of a lane, read now."""
        call = self._call
        return State(RawTable(call.api, call.naming.database, "state"), f"{call.extractor.name}_{lane}")

    def acquire(self) -> None:
        """Takes the run's own lane.

        Raises:
            LeaseError: Another run works in it.
        """
        self._leases[self._call.lane] = self._acquired(self._call.lane)

    def take(self, lane: str) -> bool:
        """Takes another lane beside its own, to the end of the run; whether nobody else has it."""
        if lane not in self._taken:
            try:
                self._leases[lane] = self._acquired(lane)
            except LeaseError as error:
                self._call.report.note(f"older days are read again by a later run: {error}")
            self._taken[lane] = lane in self._leases
        return self._taken[lane]

    def release(self) -> None:
        """Gives everything back."""
        for lease in self._leases.values():
            try:
                lease.release()
            except PlexCdfError as error:
                # It expires by itself; what the run did, or why it failed, matters more.
                self._call.log.failure("lease not released", error)

    def _acquired(self, lane: str) -> Lease:
        call = self._call
        seconds = call.settings.time_limit_minutes * 60 + LEASE_MARGIN_SECONDS
        name = f"{call.extractor.name}_{lane}"
        lease = Lease(call.api, call.naming.space, name, call.report.run_id, seconds, call.outside.now)
        lease.acquire()
        return lease
