"""What data modeling and workflows keep: definitions known by name, written by upsert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from starlette.requests import Request

from sandbox.cdf.api.http import ApiError, Json, limit_of
from sandbox.cdf.api.paging import Cursor
from sandbox.cdf.api.times import now_ms

Name = tuple[str, ...]

NOT_GLOBAL: Mapping[str, object] = {"isGlobal": False}


class Definitions:
    """Definitions of one kind by name.

    Args:
        parts: the fields that make up the name.
        always: what every definition has that nobody sent.

    Attributes:
        rows: by name: ``(space,)``, ``(space, externalId)`` or ``(space, externalId, version)``.
        parts: the fields that make up the name.
    """

    def __init__(self, *parts: str, always: Mapping[str, object] = NOT_GLOBAL) -> None:
        self.parts = parts
        self.always = dict(always)
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

    def require_space(self, space: str) -> None:
        """Refuse a space that these definitions, of spaces, do not have.

        Raises:
            ApiError: 400.
        """
        if (space,) not in self.rows:
            raise ApiError(400, f"One or more spaces do not exist: {space}")

    def upsert(self, definitions: list[Json]) -> list[Json]:
        """Write definitions; one that is as it was keeps its time of change."""
        now = now_ms()
        written = []
        for definition in definitions:
            name = self.name(definition)
            old = self.rows.get(name)
            stamps = {"createdTime": now, "lastUpdatedTime": now} | self.always
            if old is not None:
                stamps["createdTime"] = old["createdTime"]
                if old == definition | stamps | {"lastUpdatedTime": old["lastUpdatedTime"]}:
                    stamps["lastUpdatedTime"] = old["lastUpdatedTime"]
            self.rows[name] = definition | stamps
            written.append(self.rows[name])
        return written

    def found(self, items: list[Json]) -> list[Json]:
        """The definitions that exist of those asked for; data modeling passes over unknown ones."""
        return [self.rows[name] for name in dict.fromkeys(map(self.name, items)) if name in self.rows]

    def named(self, items: list[Json]) -> list[Json]:
        """As `found`, where an item without a version names all versions; each once."""
        wanted = [tuple(item.get(part) for part in self.parts) for item in items]
        return [row for name, row in self.rows.items() if any(_fits(name, each) for each in wanted)]

    def listed(self, request: Request) -> Json:
        """One page of definitions: of one space where the query names one, of the latest version alone if versioned."""
        query = dict(request.query_params)
        rows = [row for row in self.rows.values() if query.get("space") in {None, row.get("space")}]
        if "version" in self.parts and query.get("allVersions") != "true":
            latest = {
                (row["space"], row["externalId"]): row for row in sorted(rows, key=lambda row: row["createdTime"])
            }
            rows = list(latest.values())
        return Cursor.of(query).slice(rows, limit_of(query.get("limit"), default=10)).envelope()

    def delete(self, items: list[Json]) -> list[Json]:
        """Remove what exists of those named, and name it."""
        names = [self.name(row) for row in self.found(items)]
        for name in names:
            del self.rows[name]
        return [dict(zip(self.parts, name, strict=True)) for name in names]

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every definition."""
        for name, row in self.rows.items():
            yield orjson.dumps(name).decode(), row

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        self.rows[tuple(orjson.loads(key))] = value


def _fits(name: Name, wanted: tuple[object, ...]) -> bool:
    """Whether a name is the one wanted; only its last part may be left open."""
    return name == wanted or (wanted[-1] is None and name[:-1] == wanted[:-1])
