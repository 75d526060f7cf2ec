"""Every error of a run, sorted by what the run does about it.

PlexCdfError
├── ConfigurationError   a person must change a setting: the run stops at once and its message says which
│   └── ParameterError   Plex refuses a parameter; where that is one row's own key, only that row is left out
├── TransientError       worth another try: retried with full jitter inside the deadline
│   ├── ThrottledError   one side asks for patience: waits what it asks for, then tries again
│   └── CutError         Plex did not end what it had begun to answer: a window is halved after all tries
├── PlexDownError        Plex has failed so often that it is not asked for a while: the run fails at once
├── IncompleteError      Plex has cut its answer: the window is halved; never moves a watermark, marks or retracts
│   └── SlowError        Plex did not end its answer in time: asked for as much again, it would not either
├── RefusedError         CDF refused a request for its content: split until the bad item is alone, then quarantined
├── DataError            one row cannot be used: quarantined while its neighbours go on
├── OutOfTimeError       the deadline: what is acknowledged is committed, the run ends as "partial"
└── LeaseError           another run works, or has taken over: this one ends unwritten as "skipped"
"""

from collections.abc import Mapping, Sequence
from typing import Any


class PlexCdfError(Exception):
    """The root: everything that a run raises on purpose."""


class ConfigurationError(PlexCdfError):
    """A setting, credential or payload that only a person can mend. Never retried."""


class ParameterError(ConfigurationError):
    """Plex answered 400: it refuses a parameter of a read."""


class TransientError(PlexCdfError):
    """A timeout, reset, 5xx, cut body, or HTML where JSON was due."""


class ThrottledError(TransientError):
    """A 429 from either side.

    Attributes:
        retry_after: Seconds that the answer asked to wait, None where it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CutError(TransientError):
    """Plex is there, and its answer broke off half-way: perhaps it is asked for too much at once."""


class PlexDownError(PlexCdfError):
    """The circuit breaker before Plex is open."""


class IncompleteError(PlexCdfError):
    """Plex has cut its answer at a row limit: what it holds is true, but what is absent may exist."""


class SlowError(IncompleteError):
    """Plex was still answering when a single answer's time was up: there is more, and waiting for it is no use."""


class RefusedError(PlexCdfError):
    """CDF refused a request because of what was in it; nothing of the request was written.

    Attributes:
        status: The HTTP status, 400 to 422.
        missing: The identifiers that CDF does not know, as it spells them.
        duplicated: The identifiers that exist already.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        missing: Sequence[Mapping[str, Any]] = (),
        duplicated: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.missing = missing
        self.duplicated = duplicated


class DataError(PlexCdfError):
    """One row that cannot become a resource, for example because its key is too long to be an external id."""


class OutOfTimeError(PlexCdfError):
    """The run's time is used up."""


class LeaseError(PlexCdfError):
    """The lease is held by another run, or was lost to one."""
