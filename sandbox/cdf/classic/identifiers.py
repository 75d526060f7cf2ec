"""How requests name the rows of classic resources: by id, external id or instance id."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cdf.api.http import ApiError, Json, items_of


def identifiers_of(data: Json, *more: str) -> list[Json]:
    """The items of a request, each of which names a row and holds nothing but ``more`` besides.

    Raises:
        ApiError: 400 for anything else.
    """
    items = items_of(data, minimum=1)
    accepted = ("id", "externalId", "instanceId", *more)
    for index, item in enumerate(items):
        if unknown := item.keys() - set(accepted):
            raise ApiError(
                400, f"items[{index}]: Unexpected field - {unknown.pop()}, accepted are {', '.join(accepted)}"
            )
    return items


def identifier_of(item: Json) -> Json:
    """The part of an item that names a row."""
    return {name: item[name] for name in ("id", "externalId", "instanceId") if item.get(name) is not None}


def named(identifiers: Sequence[Json]) -> str:
    """Identifiers for a message."""
    return ", ".join(str(value) for identifier in identifiers for value in identifier.values())
