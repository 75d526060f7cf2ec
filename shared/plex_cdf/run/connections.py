"""How a run reaches Plex: both APIs over one session, inside one deadline."""

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from plex_cdf.deadline import Deadline
from plex_cdf.plex.breaker import Breaker
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry
from plex_cdf.run.call import Call
from plex_cdf.stream import Sources

if TYPE_CHECKING:
    from plex_cdf.plex.data_source import DataSources

# Reading stops before writing must: what was read by then still gets into CDF, so that every call makes progress.
READING_SHARE = 0.8


def connect(call: Call, session: requests.Session, breaker: dict[str, Any]) -> Sources:
    """Both APIs of Plex.

    Args:
        call: Has the settings.
        session: Closed by whoever opened it.
        breaker: What is remembered of Plex's failures, changed in place.
    """
    session.mount("http", HTTPAdapter(pool_maxsize=8))
    left = READING_SHARE * call.settings.time_limit_minutes * 60 - call.deadline.spent()
    reading = Deadline(left, call.outside.monotonic)
    retry = Retry(reading, sleep=call.outside.sleep)
    plex = call.settings.plex
    rest = PlexClient(
        plex.url,
        call.key,
        call.settings.facility.tenant_id,
        session=session,
        limiter=_limiter(call, plex.calls_per_minute, reading),
        retry=Breaker(retry, breaker, call.outside.now),
        timeout=plex.timeout_seconds,
    )
    return Sources(rest, _data_sources(call, session, reading, retry))


def _data_sources(call: Call, session: requests.Session, reading: Deadline, retry: Retry) -> "DataSources | None":
    """The Data Source API, for an extractor that has settings for it and a facility that has an account."""
    api = getattr(call.settings, "data_source_api", None)
    if api is None:
        return None
    from plex_cdf.plex.data_source import connect  # noqa: PLC0415  # most functions need not import it

    return connect(
        api,
        call.key,
        session=session,
        limiter=_limiter(call, api.calls_per_minute, reading),
        retry=retry,
        timeout=call.settings.plex.timeout_seconds,
        log=call.log,
    )


def _limiter(call: Call, calls_per_minute: int, reading: Deadline) -> RateLimiter:
    return RateLimiter(calls_per_minute, reading, clock=call.outside.monotonic, sleep=call.outside.sleep)
