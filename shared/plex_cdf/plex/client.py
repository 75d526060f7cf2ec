"""A client for the Plex Connect REST API: static headers, one JSON answer per call, no paging (there is none).

Plex ignores parameters that it does not know and answers the full list, so parameter names are only ever declared,
never composed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from uuid import UUID

import requests

from plex_cdf.credentials import PlexKey
from plex_cdf.errors import ConfigurationError, ParameterError, ThrottledError, TransientError
from plex_cdf.plex import answers
from plex_cdf.plex.breaker import Breaker
from plex_cdf.plex.exchange import Answer, ask
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry

Params = Mapping[str, str | int | Sequence[str]]
Body = Mapping[str, Any]
Row = dict[str, Any]
Shape = TypeVar("Shape", list[Any], dict[str, Any])
# Where a request's URL grows too long for Plex's front end, in ids per call.
IDS_PER_CALL = 50


class PlexClient:
    """Calls to Plex in the context of one tenant.

    Args:
        url: The API's origin, for example `https://connect.plex.com`.
        key: The credentials.
        tenant_id: The tenant that every call names; without one Plex would answer for the key's default tenant.
        session: Holds the connections. Given from outside, closed from outside.
        limiter: Asked before every call; its deadline ends every answer too.
        retry: Applied to every call.
        timeout: Seconds until an answer begins, and again until it ends; Plex takes 16 for a list of 100,000 jobs.
    """

    def __init__(
        self,
        url: str,
        key: PlexKey,
        tenant_id: UUID,
        *,
        session: requests.Session,
        limiter: RateLimiter,
        retry: Retry | Breaker,
        timeout: float,
    ) -> None:
        self._url = url.rstrip("/")
        self._tenant_id = str(tenant_id)
        self._session = session
        self._limiter = limiter
        self._retry = retry
        self._timeout = timeout
        self._headers = {
            "X-Plex-Connect-Api-Key": key.api_key,
            "X-Plex-Connect-Tenant-Id": self._tenant_id,
            "Accept": "application/json",
        }
        if key.api_secret:
            self._headers["X-Plex-Connect-Api-Secret"] = key.api_secret
        self._now: datetime | None = None
        self.calls = 0

    @property
    def now(self) -> int:
        """Plex's own clock as of its last answer, in ms since 1970: no skew of ours can move a window."""
        moment = self._now or datetime.now(UTC)
        return int(moment.timestamp() * 1000)

    def check_tenant(self) -> str | None:
        """Makes sure that the key reads the configured tenant.

        A key that is bound to another company must never fill this one's data sets.

        Returns:
            A note when the key reaches other tenants too, so that only membership could be checked.

        Raises:
            ConfigurationError: The key does not reach the tenant.
        """
        tenants = [str(row.get("id")).lower() for row in self.rows("/mdm/v1/tenants") or []]
        if self._tenant_id.lower() not in tenants:
            raise ConfigurationError(
                f"facility.tenantId is {self._tenant_id}, but the API key of this facility reaches "
                f"{', '.join(tenants) or 'no tenant'}: set facility.tenantId in the pipeline's config, "
                "or the key in PLEX_KEYS"
            )
        if len(tenants) > 1:
            return f"the API key reaches {len(tenants)} tenants, so only membership of the configured one was checked"
        return None

    def rows(self, path: str, params: Params | None = None, body: Body | None = None) -> list[Row] | None:
        """A list endpoint's rows; None where Plex says 404, which means not subscribed, or no data.

        Args:
            path: The endpoint.
            params: Its parameters.
            body: What a search sends; it is asked by a POST.

        Raises:
            ConfigurationError: Plex refuses the credentials or a parameter.
            TransientError: Plex cannot be read now, after all tries.
            SlowError: Plex does not end its answer in time.
        """
        answer = self._retry.call(lambda: self._ask(path, params, list, body))
        return None if answer is None else [row if isinstance(row, dict) else {"value": row} for row in answer]

    def row(self, path: str, body: Body | None = None) -> Row | None:
        """One thing by its id, or what a POST answers; None when Plex does not know it (404). Raises as `rows` does."""
        return self._retry.call(lambda: self._ask(path, None, dict, body)) or None

    def rows_by_id(self, path: str, ids: Sequence[str]) -> list[Row]:
        """Rows of a list whose `id` parameter may be repeated, in as many calls as the URL's length asks for."""
        found: list[Row] = []
        for start in range(0, len(ids), IDS_PER_CALL):
            found += self.rows(path, {"id": ids[start : start + IDS_PER_CALL]}) or []
        return found

    def _ask(self, path: str, params: Params | None, shape: type[Shape], body: Body | None = None) -> Shape | None:
        method = "GET" if body is None else "POST"
        call = f"{method} {path}"
        self._limiter.acquire()
        self.calls += 1
        answer = ask(
            self._session,
            method,
            self._url + path,
            {"params": params, "json": body, "headers": self._headers},
            call=call,
            timeout=self._timeout,
            deadline=self._limiter.deadline,
        )
        self._read_clock(answer)
        if answer.status == 404:
            return None
        if answer.status == 204:
            return shape()
        if answer.status != 200:
            raise self._error(call, answer)
        try:
            said = answer.json()
        except ValueError:
            raise TransientError(
                f"Plex answered {call} with something that is not JSON: {answer.beginning()!r}"
            ) from None
        if not isinstance(said, shape):
            raise TransientError(f"Plex answered {call} with {type(said).__name__} where {shape.__name__} was due")
        return said

    def _read_clock(self, answer: Answer) -> None:
        try:
            moment = parsedate_to_datetime(answer.headers["Date"])
        except (KeyError, ValueError):
            return
        self._now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _error(self, call: str, answer: Answer) -> Exception:
        said = f"Plex answered {call} with {answer.status} {answers.message(answer)}".rstrip()
        if answer.status == 429:
            self._limiter.slow_down()
            return ThrottledError(f"{said}: too many calls; lower plex.callsPerMinute", answers.retry_after(answer))
        if answer.status >= 500 or answer.status == 408:
            return TransientError(said)
        if answer.status in (401, 403):
            return ConfigurationError(
                f"{said}. One of: the API key in PLEX_KEYS is wrong or expired; it may not read tenant "
                f"{self._tenant_id} (facility.tenantId); its app is not subscribed to this API product in the Plex "
                "developer portal"
            )
        if answer.is_redirect:
            return ConfigurationError(f"{said}, a redirect: is plex.url right? It is {self._url}")
        return ParameterError(f"{said}: Plex refuses a parameter of this read")
