"""One request to CDF at a time: counted, retried under one policy, its errors sorted into ours.

The client's own list methods are not used for writing: they send chunks in parallel and lose track of which were
acknowledged when one of them fails, and their `upsert` raises a bare KeyError when its create leg fails (cognite-sdk
8.22).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from cognite.client import CogniteClient, global_config
from cognite.client.exceptions import (
    CogniteAPIError,
    CogniteAuthError,
    CogniteConnectionError,
    CogniteProjectAccessError,
    CogniteReadTimeout,
    CogniteRequestError,
)
from cognite.client.response import CogniteHTTPResponse

from plex_cdf.errors import ConfigurationError, PlexCdfError, RefusedError, ThrottledError, TransientError
from plex_cdf.retry import Retry

# Connections that break, a token endpoint that is slow or down: the SDK raises some of them as the transport does.
_BROKEN = (CogniteConnectionError, CogniteReadTimeout, CogniteRequestError, httpx2.HTTPError)


@contextmanager
def single_retry_layer() -> Iterator[None]:
    """Switches the SDK's own ten retries off, so that a failing CDF costs the deadline once and not tenfold.

    Its question to the package index for a newer SDK is switched off too, and its compression of what is sent: gzip's
    highest level takes more of a function's one core than anything else about sending does.
    """
    own = {"max_retries": 0, "max_retries_connect": 0, "disable_pypi_version_check": True, "disable_gzip": True}
    before = {name: getattr(global_config, name) for name in own}
    try:
        for name, value in own.items():
            setattr(global_config, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(global_config, name, value)


class CdfApi:
    """Requests to the project that the client belongs to.

    Args:
        client: What the platform hands to a function.
        retry: Applied to every request; safe for creates too, since external ids make them idempotent.
    """

    def __init__(self, client: CogniteClient, retry: Retry) -> None:
        self._client = client
        self._retry = retry
        self._base = f"/api/v1/projects/{client.config.project}"
        self.calls = 0

    def post(self, path: str, body: Mapping[str, Any], params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a POST.

        Raises:
            RefusedError: CDF refuses the content.
            ConfigurationError: CDF refuses the caller.
            TransientError: CDF cannot be reached now, after all tries.
        """
        return self._retry.call(lambda: _read(f"POST {path}", self._once("POST", path, body, params)))

    def send(self, path: str, body: Mapping[str, Any]) -> None:
        """A POST whose answer repeats what was sent, which costs more to read than to check. Raises as `post` does."""

        def acknowledged() -> None:
            answer = self._once("POST", path, body, None)
            if not answer.content.lstrip()[:1] == b"{":
                raise _no_object(f"POST {path}")

        self._retry.call(acknowledged)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """The answer to a GET; None where CDF says 404. Raises as `post` does."""
        try:
            return self._retry.call(lambda: _read(f"GET {path}", self._once("GET", path, None, params)))
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, params: Mapping[str, Any] | None
    ) -> CogniteHTTPResponse:
        self.calls += 1
        query = dict(params) if params else None
        try:
            if method == "GET":
                return self._client.get(self._base + path, params=query)
            return self._client.post(self._base + path, json=dict(body or {}), params=query)
        except (CogniteAPIError, CogniteAuthError, CogniteProjectAccessError, *_BROKEN, KeyError) as error:
            raise _sorted(f"{method} {path}", error) from error
        except ValueError as error:
            # Not sent: a number that JSON does not have.
            raise RefusedError(400, f"{method} {path} cannot be sent: {error}") from error


def _read(request: str, response: CogniteHTTPResponse) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _no_object(request)
    return answer


def _no_object(request: str) -> TransientError:
    return TransientError(f"CDF answered {request} with something else than a JSON object")


def _sorted(request: str, error: Exception) -> PlexCdfError:
    """The error in our tree."""
    if isinstance(error, CogniteProjectAccessError):
        return ConfigurationError(
            f"CDF answered {request} with 401: the identity of this call has no access to the project, or its "
            "session has expired; check the clientId and clientSecret of the schedule"
        )
    if isinstance(error, CogniteAuthError):
        return ConfigurationError(f"CDF gives no token for {request}: {error}; check the credentials of this call")
    if isinstance(error, CogniteAPIError):
        return _refusal(request, error)
    # A KeyError is an error without a message, which is not CDF's.
    return TransientError(f"CDF did not answer {request}: {type(error).__name__} {error}".rstrip())


def _refusal(request: str, error: CogniteAPIError) -> PlexCdfError:
    said = f"CDF answered {request} with: {error.message} (x-request-id {error.x_request_id})"
    if error.code == 429:
        return ThrottledError(said, _retry_after(error))
    if error.code == 408 or error.code >= 500 or error.code < 400:
        # A redirect is what a gateway in the way answers, as it answers HTML.
        return TransientError(said)
    if error.code in (401, 403):
        return ConfigurationError(f"{said}: the group of this call's identity lacks a capability for it")
    return RefusedError(error.code, said, missing=error.missing or (), duplicated=error.duplicated or ())


def _retry_after(error: BaseException | None) -> float | None:
    """The header of the answer that the SDK keeps as the error's context."""
    while error is not None:
        headers = getattr(getattr(error, "response", None), "headers", None)
        if headers is not None:
            value = headers.get("retry-after", "")
            return float(value) if value.replace(".", "", 1).isdigit() else None
        error = error.__context__
    return None
