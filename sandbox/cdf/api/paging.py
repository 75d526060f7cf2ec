"""Cursors: where a listing goes on, valid only for the request that they came from."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from sandbox.cdf.api.http import ApiError, Json

_NOT_PART_OF_THE_QUERY = frozenset({"cursor", "limit"})


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor to the next ones; None at the end."""

    items: Sequence[Json]
    next_cursor: str | None

    def envelope(self) -> Json:
        """The body of the answer."""
        data: Json = {"items": self.items}
        if self.next_cursor is not None:
            data["nextCursor"] = self.next_cursor
        return data


@dataclass(frozen=True)
class Cursor:
    """Where a listing stands.

    Attributes:
        position: of the last row that was given: its internal id, or its place in a sorted listing.
        query: digest of the request's other parameters.
    """

    position: int
    query: int

    @classmethod
    def of(cls, data: Json) -> Cursor:
        """The cursor of a request; one at the start when it has none.

        Raises:
            ApiError: 400 when it is no cursor, or belongs to a request with other parameters.
        """
        parameters = {name: value for name, value in data.items() if name not in _NOT_PART_OF_THE_QUERY}
        query = zlib.crc32(orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))
        sent = data.get("cursor")
        if sent is None:
            return cls(0, query)
        try:
            position, expected = orjson.loads(base64.urlsafe_b64decode(str(sent)))
        except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise ApiError(400, "cursor: not a cursor of this API") from error
        if expected != query:
            raise ApiError(400, "cursor: belongs to a request with other parameters")
        if type(position) is not int or position < 0:
            raise ApiError(400, "cursor: not a cursor of this API")
        return cls(position, query)

    def at(self, position: int) -> str:
        """The cursor's text for another position of the same query."""
        return base64.urlsafe_b64encode(orjson.dumps([position, self.query])).decode()

    def take(self, selected: Iterable[tuple[int, Json]], limit: int) -> Page:
        """The first rows of a selection that begins behind the cursor, each with its internal id."""
        items: list[Json] = []
        last = self.position
        for key, row in selected:
            if len(items) == limit:
                return Page(items, self.at(last))
            items.append(row)
            last = key
        return Page(items, None)

    def slice(self, rows: Sequence[Json], limit: int) -> Page:
        """The rows behind the cursor in a listing that is sorted whole."""
        end = self.position + limit
        return Page(rows[self.position : end], self.at(end) if end < len(rows) else None)
