"""How a run reaches Plex: both APIs over one session, inside one deadline."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from plex_cdf.deadline import Deadline
from plex_cdf.plex.breaker import Breaker
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.reading.windows import THREADS
from plex_cdf.retry import Retry
from plex_cdf.run.call import Call
from plex_cdf.stream import Sources

if TYPE_CHECKING:
    from plex_cdf.plex.data_source import DataSources

# Reading stops before writing must: what was read by then still gets into CDF, so that every call makes progress.
READING_SHARE = 0.8
_NAP_SECONDS = 1.0


@contextmanager
def connected(call: Call, breaker: dict[str, Any]) -> Iterator[Sources]:
    """Both APIs of Plex, and the threads that read ahead.

    At the end, however it comes, nothing new is asked, and the threads are waited for: the platform uses the process
    for the next call, which one that reads on would disturb, and take Plex's rate limit from. The wait is as long as a
    request that has begun, so at most `timeoutSeconds`, and not beyond the time for reading.

    Args:
        call: Has the settings.
        breaker: What is remembered of Plex's failures, changed in place.
    """
    left = READING_SHARE * call.settings.time_limit_minutes * 60 - call.deadline.spent()
    reading = Deadline(left, call.outside.monotonic)
    retry = Retry(reading, sleep=_sleep(call, reading))
    plex = call.settings.plex
    with call.outside.session() as session, ThreadPoolExecutor(THREADS) as threads:
        rest = PlexClient(
            plex.url,
            call.key,
            call.settings.facility.tenant_id,
            session=session,
            limiter=_limiter(call, plex.calls_per_minute, reading),
            retry=Breaker(retry, breaker, call.outside.now),
            timeout=plex.timeout_seconds,
        )
        try:
            yield Sources(rest, _data_sources(call, session, reading, retry), threads)
        finally:
            reading.limit(0)
            threads.shutdown(cancel_futures=True)


def _data_sources(call: Call, session: requests.Session, reading: Deadline, retry: Retry) -> "DataSources | None":
    """The Data Source API, where a data source is switched on and the facility has an account."""
    api = getattr(call.settings, "data_source_api", None)
    if api is None or not any(source.enabled for source in getattr(call.settings, "data_sources", ())):
        return None
    from plex_cdf.plex.data_source import connect  # noqa: PLC0415  # most calls need not import it

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
    return RateLimiter(calls_per_minute, reading, clock=call.outside.monotonic, sleep=_sleep(call, reading))


def _sleep(call: Call, reading: Deadline) -> Callable[[float], None]:
    """Sleeps in short pieces: who waits for another try, or its turn, is not waited for at the end of the run."""

    def sleep(seconds: float) -> None:
        while seconds > 0 and reading.allows():
            call.outside.sleep(min(seconds, _NAP_SECONDS))
            seconds -= _NAP_SECONDS

    return sleep
