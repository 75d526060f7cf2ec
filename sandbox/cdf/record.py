"""The record of every request: what tests and the demo count instead of trusting a client's own figures."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, answer, unzipped

RESPONSE_BYTES = 64 * 1024
_SECRETS = frozenset({"clientSecret", "secrets"})
_WITH_SECRETS = ("/sessions", "/functions")


@dataclass(frozen=True)
class Entry:
    """One request and its answer; bodies are kept as sent and read only when somebody asks."""

    method: str
    path: str
    query: str
    status: int
    client_id: str | None
    call_id: int | None
    seconds: float
    at: str
    body: bytes
    encoding: str | None
    response: bytes | None

    def row(self) -> dict[str, AnyJson]:
        """The entry as the control endpoint lists it."""
        sent = _parsed(self.body, self.encoding)
        items = sent.get("items") if isinstance(sent, dict) else None
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "items": len(items) if isinstance(items, list) else None,
            "clientId": self.client_id,
            "callId": self.call_id,
            "seconds": self.seconds,
            "at": self.at,
            "body": _masked(sent) if self.path.endswith(_WITH_SECRETS) else sent,
            "response": _parsed(self.response, None),
        }


class Record:
    """All requests since the start, or since the record was emptied; `?callId=` asks for those of a function call."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def routes(self) -> list[Route]:
        """The control endpoint."""
        return [Route("/__cdf__/requests", self._serve, methods=["GET", "DELETE"])]

    async def _serve(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.entries.clear()
            return answer({})
        call = request.query_params.get("callId")
        return answer([entry.row() for entry in self.entries if call is None or str(entry.call_id) == call])


def _parsed(payload: bytes | None, encoding: str | None) -> AnyJson:
    if not payload:
        return None
    try:
        return orjson.loads(unzipped(payload, encoding))
    except (ApiError, orjson.JSONDecodeError):
        return None


def _masked(data: AnyJson) -> AnyJson:
    """The same without the credentials that sessions and functions are created with."""
    if isinstance(data, list):
        return [_masked(item) for item in data]
    if isinstance(data, dict):
        return {key: "***" if key in _SECRETS else _masked(value) for key, value in data.items()}
    return data
