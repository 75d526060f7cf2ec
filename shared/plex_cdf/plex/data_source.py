"""A client for the Plex Data Source API: procedures by number, an account per PCN, no paging but a row limit.

The account picks the PCN by itself: nothing in a request says whose rows are wanted.
"""

import json
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import requests
from requests.auth import HTTPBasicAuth

from plex_cdf.config import CONTENT_TYPE, DataSourceSettings
from plex_cdf.credentials import PlexKey
from plex_cdf.errors import ConfigurationError, IncompleteError, ThrottledError, TransientError
from plex_cdf.log import Log
from plex_cdf.plex.breaker import Breaker
from plex_cdf.plex.client import Row
from plex_cdf.plex.data_source_answers import Metadata, description, execution, refusal
from plex_cdf.plex.exchange import Answer, ask
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry

T = TypeVar("T")


class DataSources:
    """Calls to data sources with the account of one PCN.

    Args:
        url: The API's origin, for example `https://cloud.plex.com`.
        user: The web service account.
        password: Its password.
        session: Holds the connections. Given from outside, closed from outside.
        limiter: Asked before every call; its deadline ends every answer too.
        retry: Applied to every call.
        timeout: Seconds until an answer begins, and again until it ends.
        content_type: Of what is sent.
        log: Takes one line an execution, with the number by which Plex can look it up.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        session: requests.Session,
        limiter: RateLimiter,
        retry: Retry | Breaker,
        timeout: float,
        content_type: str = CONTENT_TYPE,
        log: Log | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        # Bytes, since the vendor wants UTF-8, and requests would make Latin-1 of text.
        self._auth = HTTPBasicAuth(user.encode(), password.encode())
        self._session = session
        self._limiter = limiter
        self._retry = retry
        self._timeout = timeout
        self._content_type = content_type
        self._log = log
        self._metadata: dict[int, Metadata] = {}
        self._lock = threading.Lock()
        self.calls = 0

    def execute(self, source: int, inputs: Mapping[str, object]) -> list[Row]:
        """The rows that a data source gives for its inputs.

        Args:
            source: Its id.
            inputs: By name; texts, numbers, booleans, None; dates as `2026-01-31T06:00:00.000Z`.

        Raises:
            IncompleteError: The answer is cut at the row limit, or (`SlowError`) does not end in time.
            ParameterError: Plex refuses an input.
            ConfigurationError: Plex refuses the account, or does not know the data source.
            TransientError: Plex cannot be read now, after all tries.
        """
        path = f"/api/datasources/{source}/execute?format=2"
        done = self._retry.call(lambda: self._ask(path, source, execution, inputs))
        if self._log is not None:
            figures = {"rows": len(done.rows), "cut": done.cut, "transactionNo": done.transaction}
            self._log.info("data source read", dataSource=source, **figures)
        if done.cut:
            raise IncompleteError(
                f"data source {source} has cut its answer at {len(done.rows)} rows (transactionNo {done.transaction}): "
                "the time range has more than its row limit"
            )
        return done.rows

    def metadata(self, source: int) -> Metadata:
        """What a data source takes and gives, asked once. Raises as `execute` does."""
        # Windows are read by several threads; those that come second wait for what the first one asks.
        with self._lock:
            if source not in self._metadata:
                path = f"/api/datasources/{source}"
                self._metadata[source] = self._retry.call(lambda: self._ask(path, source, description))
            return self._metadata[source]

    def check(self, source: int, inputs: Collection[str], columns: Collection[str]) -> None:
        """Makes sure that a data source takes these inputs, needs no others, and gives these columns.

        Raises:
            ConfigurationError: Naming the data source, what is amiss, and what it has. Else as `execute` does.
        """
        known = self.metadata(source)
        amiss = [
            *(f"it has no input {name}" for name in inputs if name not in known.inputs),
            *(
                f"it requires input {name}"
                for name, required in known.inputs.items()
                if required and name not in inputs
            ),
            *(f"it has no column {name}" for name in columns if name not in known.columns),
        ]
        if amiss:
            raise ConfigurationError(
                f"data source {source} ({known.name}) is not what dataSources in the pipeline's config says: "
                f"{', '.join(amiss)}. Its inputs: {', '.join(known.inputs) or 'none'}. Its columns: "
                f"{', '.join(known.columns) or 'none'}. Upper and lower case differ"
            )

    def _ask(
        self,
        path: str,
        source: int,
        read: Callable[[dict[str, Any]], T],
        inputs: Mapping[str, object] | None = None,
    ) -> T:
        """A POST where there are inputs, else a GET."""
        method = "GET" if inputs is None else "POST"
        call = f"{method} {path.partition('?')[0]}"
        self._limiter.acquire()
        self.calls += 1
        answer = ask(
            self._session,
            method,
            self._url + path,
            {
                # ASCII, which is the same in every charset that the header may name.
                "data": None if inputs is None else json.dumps(dict(inputs)).encode(),
                "headers": {"Accept": "application/json", "Content-Type": self._content_type},
                "auth": self._auth,
            },
            call=call,
            timeout=self._timeout,
            deadline=self._limiter.deadline,
        )
        if answer.status != 200:
            raise self._refusal(call, source, inputs, answer)
        try:
            body = answer.json()
        except ValueError:
            raise TransientError(
                f"Plex answered {call} with something that is not JSON: {answer.beginning()!r}"
            ) from None
        if isinstance(body, dict) and body.get("errors"):
            raise self._refusal(call, source, inputs, answer)
        try:
            return read(body)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Taken for an answer without rows, it would retract all that there is.
            raise TransientError(f"Plex answered {call} in a form that no data source has: {error!r}") from None

    def _refusal(self, call: str, source: int, inputs: Mapping[str, object] | None, answer: Answer) -> Exception:
        problem = refusal(call, source, inputs or (), self._url, answer)
        if isinstance(problem, ThrottledError):
            self._limiter.slow_down()
        return problem


def connect(
    settings: DataSourceSettings,
    key: PlexKey,
    *,
    session: requests.Session,
    limiter: RateLimiter,
    retry: Retry | Breaker,
    timeout: float,
    log: Log | None = None,
) -> DataSources | None:
    """The data sources of a facility, None where its key has no account for them.

    Raises:
        ConfigurationError: The key has half an account, or a user that Basic authentication cannot carry.
    """
    if key.ds_user is None and key.ds_password is None:
        return None
    if not key.ds_user or not key.ds_password or ":" in key.ds_user:
        raise ConfigurationError(
            "dsUser and dsPassword of this PCN in PLEX_KEYS go together, neither is empty, and dsUser has no colon; "
            "deploy again with PLEX_KEYS as made by `make keys FILE=keys.json`"
        )
    return DataSources(
        settings.url,
        key.ds_user,
        key.ds_password,
        session=session,
        limiter=limiter,
        retry=retry,
        timeout=timeout,
        content_type=settings.content_type,
        log=log,
    )
