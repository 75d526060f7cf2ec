"""Who calls: clients with their secrets, the tokens they get, and the sessions they open for later."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.times import now_ms

TOKEN_SECONDS = 3600
NONCE_SECONDS = 60


@dataclass(frozen=True)
class Identity:
    """A service principal: the id it logs in with, and the subject that its tokens name."""

    client_id: str
    subject: str


@dataclass(frozen=True)
class Token:
    """What a bearer token stands for.

    Attributes:
        identity: whose token it is.
        call_id: the function call that it was issued for, if any.
        expires_at: seconds since the epoch.
    """

    identity: Identity
    call_id: int | None
    expires_at: float


@dataclass
class Session:
    """A right to act as ``identity`` later, redeemed once by its nonce.

    Attributes:
        type: ``CLIENT_CREDENTIALS``, ``TOKEN_EXCHANGE`` or ``ONESHOT_TOKEN_EXCHANGE``.
        status: ``READY`` until redeemed, then ``ACTIVE``; ``REVOKED`` or ``CANCELLED`` at its end.
        created: milliseconds since the epoch.
    """

    id: int
    nonce: str
    identity: Identity
    type: str
    status: str
    created: int

    def row(self) -> Json:
        """The session as the API lists it (without the nonce)."""
        return {
            "id": self.id,
            "type": self.type,
            "status": self.status,
            "clientId": self.identity.client_id,
            "creationTime": self.created,
            "expirationTime": self.created + 365 * 86_400_000,
        }


class Identities:
    """Clients, tokens and sessions of a project.

    Args:
        clients: client secret by client id.
        ids: gives ids to sessions.

    Attributes:
        memberships: by client id, the identity provider's ids of the groups that it is in, which its tokens name.
            Clients without an entry are administrators: they may do everything.
        token_seconds: how long a token lives.
    """

    def __init__(self, clients: Mapping[str, str], ids: Ids) -> None:
        self.clients = dict(clients)
        self.memberships: dict[str, frozenset[str]] = {}
        self.token_seconds: float = TOKEN_SECONDS
        self.sessions: dict[int, Session] = {}
        self._ids = ids
        self._tokens: dict[str, Token] = {}
        self._nonces: dict[str, int] = {}

    def authenticate(self, client_id: str, client_secret: str) -> Identity | None:
        """The identity behind a client id and its secret; None when they don't belong together."""
        expected = self.clients.get(client_id)
        if expected is None or not secrets.compare_digest(expected.encode(), client_secret.encode()):
            return None
        return Identity(client_id=client_id, subject=client_id)

    def join(self, memberships: Mapping[str, Collection[str]]) -> None:
        """Say which groups clients are in."""
        self.memberships |= {client: frozenset(map(str, groups)) for client, groups in memberships.items()}

    def issue_token(self, identity: Identity, call_id: int | None = None, seconds: float | None = None) -> str:
        """A new bearer token; requests made with it are recorded with its client id and call id."""
        token = secrets.token_urlsafe(32)
        lifetime = self.token_seconds if seconds is None else seconds
        self._tokens[token] = Token(identity, call_id, time.time() + lifetime)
        return token

    def shorten(self, value: str, seconds: float) -> None:
        """Let a token expire in so many seconds."""
        token = self._tokens[value]
        self._tokens[value] = replace(token, expires_at=time.time() + seconds)

    def token(self, value: str) -> Token | None:
        """What a bearer token stands for; None when it is unknown or expired."""
        token = self._tokens.get(value)
        if token is not None and token.expires_at <= time.time():
            del self._tokens[value]
            return None
        return token

    def open_session(self, identity: Identity, kind: str) -> Session:
        """A new session, with a nonce that can be redeemed once within a minute."""
        session = Session(
            id=self._ids.new(),
            nonce=secrets.token_urlsafe(24),
            identity=identity,
            type=kind,
            status="READY",
            created=now_ms(),
        )
        self.sessions[session.id] = session
        self._nonces[session.nonce] = session.id
        return session

    def session_for_nonce(self, nonce: str) -> Session:
        """Redeem a nonce: the session becomes active and the nonce is spent.

        Raises:
            ApiError: 400 when the nonce is unknown, spent, older than a minute, or its session was revoked.
        """
        session = self.sessions.get(self._nonces.pop(nonce, 0))
        if session is None or session.status != "READY" or session.created < now_ms() - NONCE_SECONDS * 1000:
            raise ApiError(400, "Nonce is invalid, expired or already used")
        session.status = "ACTIVE"
        return session

    def revoke(self, session: Session) -> None:
        """End a session; whoever holds it can act no longer. One that has ended stays as it is."""
        if session.status not in {"READY", "ACTIVE"}:
            return
        session.status = "CANCELLED" if session.status == "READY" else "REVOKED"

    def dump(self) -> Iterator[tuple[str, Json]]:
        """What a restart must remember: sessions and tokens."""
        for session in self.sessions.values():
            yield f"session/{session.id}", asdict(session)
        for value, token in self._tokens.items():
            yield f"token/{value}", asdict(token)

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        value["identity"] = Identity(**value["identity"])
        if key.startswith("session/"):
            session = Session(**value)
            self.sessions[session.id] = session
            if session.status == "READY":
                self._nonces[session.nonce] = session.id
        else:
            self._tokens[key.removeprefix("token/")] = Token(**value)
