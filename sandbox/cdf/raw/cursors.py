"""Cursors of RAW: each holds all that a reader needs to go on, so that several may read one table side by side."""

from __future__ import annotations

import base64
import binascii

import orjson

from sandbox.cdf.api.http import ApiError, Json
from sandbox.cdf.raw.store import Table

_NO_CURSOR = "cursor: not a cursor of this API"


class RowCursor:
    """A stretch of a table with bounds on the time of change; everything that a reader needs to go on."""

    def __init__(self, after: int, until: int | None, newer_than: int | None, at_most: int | None) -> None:
        self.after = after
        self.until = until
        self.newer_than = newer_than
        self.at_most = at_most

    def text(self) -> str:
        """The cursor as clients get it."""
        return base64.urlsafe_b64encode(orjson.dumps([self.after, self.until, self.newer_than, self.at_most])).decode()

    @classmethod
    def parse(cls, value: str) -> RowCursor:
        """A cursor that a client sends back.

        Raises:
            ApiError: 400 when it is none.
        """
        try:
            bounds = orjson.loads(base64.urlsafe_b64decode(value))
        except (binascii.Error, ValueError) as error:
            raise ApiError(400, _NO_CURSOR) from error
        if not isinstance(bounds, list) or len(bounds) != 4 or not isinstance(bounds[0], int):
            raise ApiError(400, _NO_CURSOR)
        if not all(bound is None or isinstance(bound, int) for bound in bounds):
            raise ApiError(400, _NO_CURSOR)
        return cls(*bounds)

    def page(self, table: Table, limit: int) -> tuple[list[Json], str | None]:
        """The next rows of the stretch, and the cursor behind them; None at its end."""
        rows: list[Json] = []
        last = self.after
        for number, row in table.rows.after(self.after, self.until):
            changed = row["lastUpdatedTime"]
            if self.newer_than is not None and changed <= self.newer_than:
                continue
            if self.at_most is not None and changed > self.at_most:
                continue
            if len(rows) == limit:
                return rows, RowCursor(last, self.until, self.newer_than, self.at_most).text()
            rows.append(row)
            last = number
        return rows, None
