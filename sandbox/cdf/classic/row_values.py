"""How filters, sorts and aggregates name a property of a classic resource's row, and read it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sandbox.cdf.api.http import AnyJson, ApiError, Json, texts

Value = Callable[[Json], AnyJson]

MAX_NAME = 128
ARRAYS = frozenset({"labels", "assetIds", "securityCategories"})
"""Properties that hold several values."""


class Several(tuple[AnyJson, ...]):
    """What a property holds that matches when one of its values does."""

    __slots__ = ()


def property_names(path: AnyJson, known: Collection[str]) -> list[str]:
    """The names that lead to a property of a resource, or to one key of its metadata.

    Raises:
        ApiError: 400 when it is no list of one or two names, or the resource has no such property.
    """
    names = texts(path, "property")
    if not 1 <= len(names) <= 2 or names[0] not in known or (len(names) == 2 and names[0] != "metadata"):
        raise ApiError(400, f"property: {path} is no property of this resource, which has {', '.join(sorted(known))}")
    if any(not name.strip() or len(name) > MAX_NAME for name in names):
        raise ApiError(400, f"property: every name must have 1 to {MAX_NAME} characters, {path} has not")
    return names


def property_value(path: AnyJson, known: Collection[str]) -> Value:
    """How to read a property such as ``["metadata", "key"]`` of a row; ``["metadata"]`` alone is any of its values.

    Raises:
        ApiError: 400 as `property_names`.
    """
    names = property_names(path, known)
    outer, inner = names[0], names[-1]
    if names == ["metadata"]:
        return lambda row: Several(row.get("metadata", {}).values())
    if len(names) == 1:
        return lambda row: row.get(outer)
    return lambda row: row[outer].get(inner) if isinstance(row.get(outer), dict) else None
