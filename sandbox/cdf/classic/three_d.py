"""3D models: a project here has none, and says so to the Toolkit when that purges a data set."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, limit_of
from sandbox.cdf.api.routing import get

_QUERY = {"limit", "cursor", "published", "includerevisioninfo"}
"""What a query may hold, in small letters: the Toolkit writes ``includeRevisionInfo`` so."""


def routes() -> list[Route]:
    """The list of 3D models."""

    def listed(request: Request) -> Json:
        if unknown := {name for name in request.query_params if name.lower() not in _QUERY}:
            raise ApiError(400, f"Unexpected query parameter - {', '.join(sorted(unknown))}")
        limit_of(request.query_params.get("limit"))
        return {"items": []}

    return [get("/3d/models", listed)]
