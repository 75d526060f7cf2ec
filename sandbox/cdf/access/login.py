"""Who may come in: the token endpoint, what a token may do, and what the project says of itself."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.access.capabilities import everything
from sandbox.cdf.access.groups import Groups
from sandbox.cdf.access.identity import Identities, Identity
from sandbox.cdf.api.http import Json, answer
from sandbox.cdf.api.routing import get
from sandbox.cdf.api.times import now_ms


class Entrance(Protocol):
    """A project, as those see it who come in."""

    name: str
    identities: Identities
    groups: Groups


def is_administrator(project: Entrance, identity: Identity) -> bool:
    """Whether a client may do everything."""
    return identity.client_id not in project.identities.memberships


def groups_of(project: Entrance, identity: Identity) -> list[Json]:
    """The groups that a client is in; all of them for an administrator."""
    rows = project.groups.rows.values()
    if is_administrator(project, identity):
        return list(rows)
    source_ids = project.identities.memberships[identity.client_id]
    return [row for row in rows if row.get("sourceId") in source_ids or _is_listed(row, identity)]


def _is_listed(group: Json, identity: Identity) -> bool:
    """Whether a group names a client as its member. All user accounts of the organization are no service accounts."""
    members = group.get("members")
    return isinstance(members, list) and identity.subject in members


def _granted(project: str, groups: list[Json]) -> list[Json]:
    """What groups grant, as a token's inspection lists it."""
    scope = {"projectScope": {"projects": [project]}}
    return [capability | scope for row in groups for capability in row["capabilities"]]


def server_routes(project: Entrance) -> list[Route]:
    """The routes beside the project's own: login and what a token is for."""

    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "grant_type must be client_credentials", 400)
        identity = project.identities.authenticate(form.get("client_id", ""), form.get("client_secret", ""))
        if identity is None:
            return _refused("invalid_client", "Unknown client or wrong client secret", 401)
        granted = {"access_token": project.identities.issue_token(identity), "token_type": "Bearer"}
        return answer(granted | {"expires_in": int(project.identities.token_seconds)})

    def inspect(request: Request) -> Json:
        identity = request.state.token.identity
        groups = groups_of(project, identity)
        return {
            "subject": identity.subject,
            "projects": [{"projectUrlName": project.name, "groups": [row["id"] for row in groups]}],
            "capabilities": everything(project.name)
            if is_administrator(project, identity)
            else _granted(project.name, groups),
        }

    def projects(request: Request) -> object:
        status = {"dataModelingStatus": "HYBRID"} if request.query_params.get("withDataModelingStatus") else {}
        return {"items": [{"urlName": project.name} | status]}

    def about(_: Request) -> Json:
        return {
            "name": project.name,
            "urlName": project.name,
            "organization": "sandbox",
            "userProfilesConfiguration": {"enabled": True},
        }

    return [
        Route("/oauth2/token", token, methods=["POST"]),
        get("/api/v1/token/inspect", inspect),
        get("/api/v1/projects", projects),
        get("/api/v1/projects/{project}", about),
    ]


def routes() -> list[Route]:
    """The routes below the project: the caller's profile."""

    def me(request: Request) -> Json:
        identity = request.state.token.identity
        return {
            "userIdentifier": identity.subject,
            "displayName": identity.client_id,
            "identityType": "SERVICE_PRINCIPAL",
            "lastUpdatedTime": now_ms(),
        }

    return [get("/profiles/me", me)]


def _refused(error: str, description: str, status: int) -> Response:
    return answer({"error": error, "error_description": description}, status)
