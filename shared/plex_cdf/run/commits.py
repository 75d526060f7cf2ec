"""When what a run has done is made to last: the state row confirms what was announced and says how far it got."""

from collections.abc import Callable

from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.lease import Lease
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.state import State

SECONDS = 30.0
"""How much of its work a run that is killed may have to look at again."""


class Commits:
    """Saves a run's progress.

    Args:
        lease: Renewed before anything is saved.
        state: The row that confirms.
        fingerprints: What was announced.
        quarantine: Saved first, so that no row is lost.
        now: The instant of Plex's clock, ms.
        monotonic: Seconds.
    """

    def __init__(
        self,
        lease: Lease,
        state: State,
        fingerprints: Fingerprints,
        quarantine: Quarantine,
        now: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._lease = lease
        self._state = state
        self._fingerprints = fingerprints
        self._quarantine = quarantine
        self._now = now
        self._monotonic = monotonic
        self._last = monotonic()

    def if_due(self) -> None:
        """Commits when the last time was long ago. Raises `LeaseError` as `commit` does."""
        if self._monotonic() - self._last >= SECONDS:
            self.commit()

    def commit(self) -> None:
        """Saves everything that CDF has acknowledged.

        Raises:
            LeaseError: Another run has taken over; nothing was saved.
        """
        self._lease.renew()
        self._quarantine.flush()
        self._fingerprints.flush()
        self._state.generation = self._fingerprints.generation
        self._state.save(self._now())
        self._fingerprints.confirm()
        self._fingerprints.close()
        self._last = self._monotonic()
