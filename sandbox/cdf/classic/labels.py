"""Labels: known by their external id alone; the API has no way to change one."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.routes import classic_routes
from sandbox.cdf.classic.store import Store


class Labels(Store):
    """The project's labels."""

    kind = "Label"
    schema = schemas.LABEL
    shows_id = False

    def put(self, key: int, row: Json) -> None:
        """Store a label: it is never changed, and has no time of change."""
        row.pop("lastUpdatedTime", None)
        super().put(key, row)


def routes(store: Labels) -> list[Route]:
    """The routes of labels."""
    return classic_routes(store, "/labels", actions=("create", "list", "byids", "delete"))
