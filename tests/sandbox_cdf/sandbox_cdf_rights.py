"""A project in which not everybody may do everything."""

from __future__ import annotations

from pathlib import Path

from cognite.client.credentials import Token
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, Row, sdk, token
from starlette.applications import Starlette

from sandbox.cdf import create_app

REFUSAL = "Resource not found. This may also be due to insufficient access rights."
ALL: Row = {"all": {}}
"""The scope without bounds."""


def limited_app(folder: Path) -> Starlette:
    """A project whose client `extractor` has the capabilities of its groups, and no others."""
    memberships = {"extractor": ["its-group"]}
    return create_app(project=PROJECT, clients=CLIENTS, environments=folder, memberships=memberships)


def administrator(cdf: Cdf) -> Cdf:
    """The same project, seen by somebody who may do everything."""
    granted = token(cdf.url, "deployer")
    return Cdf(cdf.url, sdk(cdf.url, Token(granted)), granted, cdf.project)


def give(admin: Cdf, **acls: tuple[str, Row]) -> int:
    """Give `extractor` capabilities, as in `give(admin, eventsAcl=("READ", {"all": {}}))`; returns the group's id."""
    capabilities = [{acl: {"actions": actions.split(), "scope": scope}} for acl, (actions, scope) in acls.items()]
    (group,) = admin.items("/groups", {"name": "g", "sourceId": "its-group", "capabilities": capabilities})
    return int(group["id"])


def forbidden(cdf: Cdf, path: str, body: Row | None = None) -> None:
    """A request that must be refused, in CDF's words; without a body it is a GET."""
    status, answer = cdf.get(path) if body is None else cdf.post(path, body)
    assert (status, answer) == (403, {"error": {"code": 403, "message": REFUSAL}}), answer
