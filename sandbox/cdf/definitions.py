"""What data modeling keeps of spaces, containers and views: definitions known by name, written by upsert."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from starlette.requests import Request

from sandbox.cdf.http import ApiError, Json, limit_of
from sandbox.cdf.paging import Cursor
from sandbox.cdf.times import now_ms

Name = tuple[str, ...]


class Definitions:
    """Spaces, containers or views by name.

    Attributes:
        rows: by name: ``(space,)``, ``(space, externalId)`` or ``(space, externalId, version)``.
        parts: the fields that make up the name.
    """

    def __init__(self, *parts: str) -> None:
        self.parts = parts
        self.rows: dict[Name, Json] = {}

    def name(self, item: Json) -> Name:
        """The name that an item gives.

        Raises:
            ApiError: 400 when a part is missing.
        """
        name = tuple(item.get(part) for part in self.parts)
        if not all(isinstance(part, str) for part in name):
            raise ApiError(400, f"{' and '.join(self.parts)}: required")
        return tuple(map(str, name))

    def upsert(self, definitions: list[Json]) -> list[Json]:
        """Write definitions; one that is as it was keeps its time of change."""
        now = now_ms()
        written = []
        for definition in definitions:
            name = self.name(definition)
            old = self.rows.get(name)
            stamps = {"createdTime": now, "lastUpdatedTime": now, "isGlobal": False}
            if old is not None:
                stamps["createdTime"] = old["createdTime"]
                if old == definition | stamps | {"lastUpdatedTime": old["lastUpdatedTime"]}:
                    stamps["lastUpdatedTime"] = old["lastUpdatedTime"]
            self.rows[name] = definition | stamps
            written.append(self.rows[name])
        return written

    def found(self, items: list[Json]) -> list[Json]:
        """The definitions that exist of those asked for; data modeling passes over unknown ones."""
        return [self.rows[name] for name in map(self.name, items) if name in self.rows]

    def listed(self, request: Request) -> Json:
        """One page of definitions, of one space where the query names one."""
        query = dict(request.query_params)
        rows = [row for row in self.rows.values() if query.get("space") in {None, row["space"]}]
        return Cursor.of(query).slice(rows, limit_of(query.get("limit"), default=10)).envelope()

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every definition."""
        for name, row in self.rows.items():
            yield orjson.dumps(name).decode(), row

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.rows[tuple(orjson.loads(key))] = value
