"""One request to Plex and its whole answer, within the time that a single answer may take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from plex_cdf.deadline import Deadline
from plex_cdf.errors import CutError, OutOfTimeError, SlowError, TransientError

_BYTES_PER_READ = 256 * 1024
# What has arrived when the time is up is still taken.
_LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """What Plex has said, to its end.

    Attributes:
        status: The HTTP status.
        headers: By name, whatever its case.
        body: Without its content encoding.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        """Whether it names another place to ask."""
        return 300 <= self.status < 400 and "Location" in self.headers

    def json(self) -> Any:  # noqa: ANN401  # as JSON is
        """The body as JSON.

        Its charset is told by its first bytes, as JSON allows, and a broken character costs itself alone. NaN and
        Infinity are no JSON, but some .NET services write them: as text they cost one row, not the list.

        Raises:
            ValueError: It is none.
        """
        return json.loads(self.body.decode(json.detect_encoding(self.body), "replace"), parse_constant=str)

    def beginning(self) -> str:
        """How the body begins, for people."""
        return self.body[:80].decode(errors="replace")


def ask(
    session: requests.Session,
    method: str,
    url: str,
    sent: Mapping[str, Any],
    *,
    call: str,
    timeout: float,
    deadline: Deadline,
) -> Answer:
    """Asks once, and reads the answer to its end.

    The timeouts of `requests` are for each read from the connection: an answer that comes byte by byte would pass them
    for ever. Here its body may take as long as its beginning may, and neither may outlast the deadline.

    Args:
        session: Holds the connections.
        method: `GET` or `POST`.
        url: What is asked.
        sent: What `requests.Session.request` takes besides. It has credentials, which no other host may see: so
            redirects are not followed.
        call: Method and path, for people.
        timeout: Seconds until the answer begins, and again until it ends.
        deadline: Of all reading.

    Raises:
        TransientError: There is no answer.
        CutError: The answer broke off: it is shorter than announced, or nothing more of it came for too long.
        SlowError: The answer did not end in time.
        OutOfTimeError: The time for reading is up.
    """
    seconds = min(timeout, max(_LEAST_SECONDS, deadline.remaining()))
    try:
        response = session.request(method, url, timeout=seconds, stream=True, allow_redirects=False, **sent)
    except requests.RequestException as error:
        if isinstance(error, requests.Timeout) and seconds < timeout:
            raise OutOfTimeError(f"the run's time was up before Plex answered {call}") from error
        # A reset, a time-out.
        raise TransientError(f"Plex did not answer {call}: {type(error).__name__}: {error}") from error
    with response:  # what is not read to its end is closed, so that nobody reads on
        try:
            body = _decoded(response, _body(response, call, timeout, deadline))
        except HTTPError as error:
            raise CutError(f"Plex cut its answer to {call}: {type(error).__name__}: {error}") from error
        return Answer(response.status_code, response.headers, body)


def _body(response: requests.Response, call: str, timeout: float, deadline: Deadline) -> bytes:
    """The body as it was sent; each read ends with whatever has arrived, so that the clock is looked at in time."""
    began = deadline.spent()
    pieces: list[bytes] = []
    while piece := response.raw.read1(_BYTES_PER_READ, decode_content=False):
        pieces.append(piece)
        seconds = deadline.spent() - began
        if seconds > timeout:
            raise SlowError(
                f"{timeout:g} seconds were over while Plex was answering {call}: is plex.timeoutSeconds too short?"
            )
        if seconds > _LEAST_SECONDS and not deadline.allows():
            raise OutOfTimeError(f"the run's time was up while Plex was answering {call}")
    return b"".join(pieces)


def _decoded(response: requests.Response, body: bytes) -> bytes:
    """The body without its content encoding, such as gzip."""
    encoding = response.headers.get("Content-Encoding")
    return HTTPResponse(BytesIO(body), headers={"Content-Encoding": encoding}).data if encoding else body
