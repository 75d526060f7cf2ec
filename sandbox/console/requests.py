"""The record of requests, the latest first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.record import Entry, Record
from sandbox.console.query import get, number_of, paged, text_of

SECRETS = frozenset({"access_token", "nonce", "clientSecret", "secrets"})
"""Fields of requests and answers that somebody could act with."""


def routes(record: Record) -> list[Route]:
    """A page of the record, and single requests with what was sent and answered."""

    def listed(request: Request) -> Json:
        path, status = text_of(request, "path").lower(), text_of(request, "status")
        method, client = text_of(request, "method").upper(), text_of(request, "client")
        call = number_of(request, "call")
        found = [
            (number, entry)
            for number, entry in reversed(list(enumerate(record.entries)))
            if path in entry.path.lower()
            and str(entry.status).startswith(status.rstrip("x"))
            and method in {"", entry.method}
            and client in {"", entry.client_id}
            and call in {None, entry.call_id}
        ]
        page = paged(found, request)
        return page | {"items": [_listed(number, entry) for number, entry in page["items"]]}

    def shown(request: Request) -> Json:
        number = request.path_params["id"]
        if number >= len(record.entries):
            raise ApiError(404, f"Request {number} is not in the record")
        row: Json = masked(record.entries[number].row())
        return row

    return [get("/requests", listed), get("/requests/{id:int}", shown)]


def _listed(number: int, entry: Entry) -> Json:
    return {
        "number": number,
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "status": entry.status,
        "seconds": entry.seconds,
        "clientId": entry.client_id,
        "callId": entry.call_id,
        "bytes": len(entry.body),
    }


def masked(data: AnyJson) -> AnyJson:
    """The same without what somebody could act with."""
    if isinstance(data, list):
        return [masked(item) for item in data]
    if isinstance(data, dict):
        return {key: "***" if key in SECRETS and value else masked(value) for key, value in data.items()}
    return data
