"""Relationships between two resources: known by their external id alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from starlette.routing import Route

from sandbox.cdf.api.fields import in_case_of
from sandbox.cdf.api.http import AnyJson, ApiError, Json, texts
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic import schemas
from sandbox.cdf.classic.filters import Predicate, overlapping
from sandbox.cdf.classic.routes import classic_routes, switch
from sandbox.cdf.classic.store import Store


class Relationships(Store):
    """The project's relationships; their ends, in the store of each one's type, need not exist."""

    kind = "Relationship"
    schema = schemas.RELATIONSHIP
    filters: ClassVar[Mapping[str, str]] = {
        "sourceExternalIds": "sourceExternalId",
        "targetExternalIds": "targetExternalId",
    }
    shows_id = False

    def __init__(self, ids: Ids, data_sets: Store, labels: Store, ends: Mapping[str, Store]) -> None:
        super().__init__(ids, data_sets, labels)
        self._ends = ends

    def prepare(self, new: dict[int, Json]) -> None:
        """The API takes types in any case (cognite-sdk-python, `test_relationships.py`)."""
        for row in new.values():
            for end in ("sourceType", "targetType"):
                row[end] = in_case_of(schemas.RESOURCE_TYPES, row[end])

    def prepare_update(self, changed: dict[int, Json]) -> None:
        """As `prepare`."""
        self.prepare(changed)

    def check(self, row: Json) -> None:
        """The end lies behind the start, not on it (SDK `data_classes/relationships.py`)."""
        start, end = row.get("startTime"), row.get("endTime")
        if start is not None and end is not None and end <= start:
            raise ApiError(400, f"endTime {end} must be after startTime {start}")

    def special_filter(self, key: str, value: AnyJson) -> Predicate | None:
        """``activeAtTime`` beyond what all resources have."""
        if key == "activeAtTime":
            return overlapping(value, start=0)
        if key in {"sourceTypes", "targetTypes"}:
            names = texts(value, f"filter.{key}")
            wanted = {name.casefold() for name in names}
            if unknown := wanted - {name.casefold() for name in schemas.RESOURCE_TYPES}:
                accepted = ", ".join(schemas.RESOURCE_TYPES)
                raise ApiError(400, f"filter.{key}: unknown type {', '.join(unknown)}, one of {accepted} is accepted")
            return lambda row: row[key.removesuffix("s")].casefold() in wanted
        return super().special_filter(key, value)

    def shown(self, rows: Sequence[Json], data: Json) -> Sequence[Json]:
        """Rows with the resources at their ends, where ``fetchResources`` asks for them."""
        return [self._with_ends(row) for row in rows] if switch(data, "fetchResources") else rows

    def _with_ends(self, row: Json) -> Json:
        """A row with the resources at its ends, as far as they exist."""
        ends = {}
        for end in ("source", "target"):
            found = self._ends[row[f"{end}Type"]].by_external_id(row[f"{end}ExternalId"])
            if found is not None:
                ends[end] = found
        return row | ends


def routes(store: Relationships) -> list[Route]:
    """The routes of relationships."""
    return classic_routes(store, "/relationships", actions=("create", "list", "byids", "update", "delete"))
