"""Sessions: a caller's right to act later, handed on as a nonce."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.access.identity import Identities, Identity, Session
from sandbox.cdf.access.rights import Rights
from sandbox.cdf.api.http import ApiError, Json, answer, body, items_of, limit_of
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.routing import get, post

STATUSES = ("READY", "ACTIVE", "CANCELLED", "EXPIRED", "REVOKED", "ACCESS_LOST")
_WAYS = ({"clientId", "clientSecret"}, {"tokenExchange"}, {"oneshotTokenExchange"})
_NEEDS = "needs clientId and clientSecret, tokenExchange or oneshotTokenExchange"


def routes(identities: Identities) -> list[Route]:
    """The routes of sessions."""

    async def create(request: Request) -> Response:
        caller: Identity = request.state.token.identity
        items = items_of(await body(request), maximum=1, minimum=1)
        opened = [identities.open_session(*_who(identities, item, caller)) for item in items]
        return answer({"items": [_new(session) for session in opened]}, 201)

    def listed(request: Request) -> Json:
        query = dict(request.query_params)
        if unknown := query.keys() - {"status", "limit", "cursor"}:
            raise ApiError(400, f"Unexpected parameter - {', '.join(sorted(unknown))}; known are status, limit, cursor")
        wanted = query.get("status", "").upper()
        if wanted and wanted not in STATUSES:
            raise ApiError(400, f"status: {wanted!r} must be one of {', '.join(STATUSES)}")
        limit = limit_of(query.get("limit"), default=25)
        rows = [s.row() for s in identities.sessions.values() if wanted in {"", s.status}]
        return Cursor.of(query).slice(rows, limit).envelope()

    def by_ids(data: Json) -> Json:
        return {"items": [session.row() for session in _named(identities, data)]}

    async def revoke(request: Request) -> Response:
        sessions = _named(identities, await body(request))
        for session in sessions:
            identities.revoke(session)
        rights: Rights | None = request.state.rights
        if rights is None or rights.allow("sessionsAcl", "LIST", {}):
            return answer({"items": [session.row() for session in sessions]})
        # Who may revoke sessions and not list them learns nothing but their ids (SDK `_api/iam/sessions.py`).
        return answer({"items": [{"id": session.id} for session in sessions]})

    return [
        Route("/sessions", create, methods=["POST"]),
        get("/sessions", listed),
        post("/sessions/byids", by_ids),
        Route("/sessions/revoke", revoke, methods=["POST"]),
    ]


def _who(identities: Identities, item: Json, caller: Identity) -> tuple[Identity, str]:
    """Whose session an item asks for, and its type.

    Raises:
        ApiError: 400 when the item names none of the three ways, or its credentials are wrong.
    """
    if item.keys() not in _WAYS:
        raise ApiError(400, f"items[0]: has {', '.join(item) or 'nothing'}, {_NEEDS}")
    if item.get("tokenExchange") is True:
        return caller, "TOKEN_EXCHANGE"
    if item.get("oneshotTokenExchange") is True:
        return caller, "ONESHOT_TOKEN_EXCHANGE"
    client_id, client_secret = item.get("clientId"), item.get("clientSecret")
    if not isinstance(client_id, str) or not isinstance(client_secret, str):
        raise ApiError(400, f"items[0]: {_NEEDS} (true)")
    identity = identities.authenticate(client_id, client_secret)
    if identity is None:
        raise ApiError(400, f"Failed to create a session: the credentials of client {client_id} were refused")
    return identity, "CLIENT_CREDENTIALS"


def _new(session: Session) -> Json:
    return {
        "id": session.id,
        "type": session.type,
        "status": session.status,
        "nonce": session.nonce,
        "clientId": session.identity.client_id,
    }


def _named(identities: Identities, data: Json) -> list[Session]:
    found, missing = [], []
    for item in items_of(data, minimum=1):
        session_id = item.get("id")
        session = identities.sessions.get(session_id) if isinstance(session_id, int) else None
        if session is None:
            missing.append({"id": item.get("id")})
        else:
            found.append(session)
    if missing:
        raise ApiError(400, f"Session ids not found: {', '.join(str(each['id']) for each in missing)}", missing=missing)
    return found
