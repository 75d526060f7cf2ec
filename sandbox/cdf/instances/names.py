"""Names and texts of definitions in data modeling: what they may be, and which are taken by the API itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.cdf.api.http import ApiError, Json

MAX_NAME, MAX_DESCRIPTION = 255, 1024

NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_]{0,253}[a-zA-Z0-9])?")
PROPERTY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,253}[a-zA-Z0-9]?")
VERSION = re.compile(r"[a-zA-Z0-9]([.a-zA-Z0-9_-]{0,41}[a-zA-Z0-9])?")
SPACE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,41}[a-zA-Z0-9]?")

# The Toolkit's `constants.py` lists the reserved names of all four kinds.
RESERVED_SPACES = frozenset({"space", "cdf", "dms", "pg3", "shared", "system", "node", "edge"})
RESERVED_NAMES = frozenset(
    {
        *("Query", "Mutation", "Subscription", "String", "Int32", "Int64", "Int", "Float32", "Float64", "Float"),
        *("Timestamp", "JSONObject", "Date", "Numeric", "Boolean", "PageInfo", "File", "Sequence", "TimeSeries"),
    }
)
RESERVED_PROPERTIES = frozenset(
    {
        *("space", "externalId", "createdTime", "lastUpdatedTime", "deletedTime", "edge_id", "node_id", "project_id"),
        *("property_group", "seq", "tg_table_name", "extensions"),
    }
)


def check_texts(item: Json) -> None:
    """Refuse a name or a description that is no text, or too long.

    Raises:
        ApiError: 400.
    """
    for field, maximum in (("name", MAX_NAME), ("description", MAX_DESCRIPTION)):
        text = item.get(field)
        if text is not None and not isinstance(text, str):
            raise ApiError(400, f"{field}: must be a string")
        if text is not None and len(text) > maximum:
            raise ApiError(400, f"{field} size must be between 0 and {maximum}")


def check_space(space: str) -> None:
    """Refuse what cannot be a space's identifier.

    Raises:
        ApiError: 400.
    """
    if not SPACE.fullmatch(space) or space in RESERVED_SPACES:
        raise ApiError(400, f"space: {space!r} is no valid identifier of a space, or reserved")


def check_name(name: str, kind: str) -> None:
    """Refuse what cannot be the external id of a container or a view.

    Raises:
        ApiError: 400.
    """
    if not NAME.fullmatch(name) or name in RESERVED_NAMES:
        raise ApiError(400, f"externalId: {name!r} is no valid identifier of a {kind}, or reserved")


def check_property(name: str, pattern: re.Pattern[str]) -> None:
    """Refuse what cannot be a property's identifier.

    Raises:
        ApiError: 400.
    """
    if not pattern.fullmatch(name) or name in RESERVED_PROPERTIES:
        raise ApiError(400, f"properties.{name}: no valid identifier of a property, or reserved")


def refuse_unknown(item: Mapping[str, object], known: set[str]) -> None:
    """Refuse fields that the API does not know.

    Raises:
        ApiError: 400 that names them.
    """
    if unknown := item.keys() - known:
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}")
