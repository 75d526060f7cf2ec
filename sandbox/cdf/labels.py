"""Labels: known by their external id alone."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.cdf import schemas
from sandbox.cdf.classic import classic_routes
from sandbox.cdf.store import Store


class Labels(Store):
    """The project's labels."""

    kind = "Label"
    schema = schemas.LABEL
    shows_id = False


def routes(store: Labels) -> list[Route]:
    """The routes of labels."""
    return classic_routes(store, "/labels", actions=("create", "list", "byids", "update", "delete"))
