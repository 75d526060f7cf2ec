"""How an endpoint is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.plex.endpoints.parameters import Parameter, read_uuid

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Row

CREATED = "_created"
UPDATED = "_updated"
"""When a control request last changed a row, whatever the row itself says."""
PART_TYPE, PART_GROUP, PART_SOURCE = "_partType", "_partGroup", "_partSource"
JOB_OPERATION = "_jobOperation"
EFFECTIVE = "_effective"
CONTROL_ONLY = {name: f"_{name}" for name in ("lotId", "productionLineId", "batches", "operators")}
"""What only the GET of a workcenter's set-up tells, by the names that hide it from the search."""
HIDDEN = frozenset(
    {CREATED, UPDATED, PART_TYPE, PART_GROUP, PART_SOURCE, JOB_OPERATION, EFFECTIVE, *CONTROL_ONLY.values()}
)
"""Fields that only filters and views may see."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One request of the API that reads.

    Attributes:
        path: With `{id}` where an id goes.
        fields: The fields of a row, in the order of the answer.
        key: The fields that identify a row, of `key_type`; empty where rows have no identity.
        parameters: The parameters that Plex knows here, in the query or, of a POST, in the body.
        view_of: The endpoint that holds the rows, when this one shows them in another form.
        view: From a row of that endpoint (or of `item_of`'s) to a row of this one, None when it has no place here;
            hidden fields are for filters only.
        item_of: Path of the list endpoint, when this one gives a single row of it.
        child_of: Path of the list endpoint that the id in the path belongs to.
        child_by: Name of the required parameter whose value the rows belong to.
        read_id: From the id in the path to the key of a row.
        method: GET, POST for a search, None for rows that no request lists.
        hides: Whether the rows of the plants have hidden fields.
    """

    path: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    view_of: Endpoint | None = None
    view: Callable[[Row], Row | None] | None = None
    item_of: str | None = None
    child_of: str | None = None
    child_by: str | None = None
    read_id: Callable[[str, str], Any] = read_uuid
    method: str | None = "GET"
    key_type: type = str
    hides: bool = False

    def row(self, **values: object) -> Row:
        """A row of the endpoint, null wherever nothing is given."""
        return {**dict.fromkeys(self.fields), **values}
