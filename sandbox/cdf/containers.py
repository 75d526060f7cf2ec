"""What a definition of a container may be, and what becomes of it when it is written again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.cdf.definitions import Definitions
from sandbox.cdf.http import AnyJson, ApiError, Json, an_object, texts
from sandbox.cdf.properties import TYPES

NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_]{0,253}[a-zA-Z0-9])?")
USED_FOR = ("node", "edge", "record", "all")
_FIELDS = {"space", "externalId", "name", "description", "usedFor", "properties", "constraints", "indexes"}


def complete(item: Json, containers: Definitions, spaces: Definitions, batch: set[tuple[str, ...]]) -> Json:
    """A container with the API's defaults, and with all that an earlier definition had and this one leaves out.

    Source: the Toolkit's `ContainerIO` (`resource_ios/_datamodel.py`): writing a container removes neither properties
    nor constraints nor indexes.

    Args:
        item: what a client sent.
        containers: what exists.
        spaces: the spaces that exist.
        batch: names of all containers of the same request, to which this one may refer.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    name = containers.name(item)
    if (name[0],) not in spaces.rows:
        raise ApiError(400, f"Space {name[0]} does not exist")
    if not NAME.fullmatch(name[1]):
        raise ApiError(400, f"externalId: {name[1]!r} is no valid identifier of a container")
    refuse_unknown(item, _FIELDS)
    if item.get("usedFor", "node") not in USED_FOR:
        raise ApiError(400, f"usedFor: must be one of {', '.join(USED_FOR)}")
    properties = item.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise ApiError(400, "properties: required, must have at least one")
    old = containers.rows.get(name, {})
    kept: Json = old.get("properties", {})
    row = {"usedFor": old.get("usedFor", "node")} | {key: value for key, value in item.items() if value is not None}
    row["properties"] = kept | {key: _property(key, each, kept.get(key)) for key, each in properties.items()}
    known = batch | containers.rows.keys()
    parts: dict[str, Callable[[Json], Json]] = {
        "constraints": lambda each: _constraint(each, row["properties"], known),
        "indexes": lambda each: _index(each, row["properties"]),
    }
    for part, check in parts.items():
        sent = an_object(item.get(part), part)
        checked = {key: check(an_object(each, part)) | {"state": "current"} for key, each in sent.items()}
        row[part] = old.get(part, {}) | checked
    return row


def _property(name: str, definition: AnyJson, old: Json | None) -> Json:
    kind = definition.get("type") if isinstance(definition, dict) else None
    if not isinstance(kind, dict) or kind.get("type") not in TYPES:
        raise ApiError(400, f"properties.{name}: unknown type {kind}")
    if not NAME.fullmatch(name):
        raise ApiError(400, f"properties.{name}: no valid identifier of a property")
    if kind["type"] == "enum" and not an_object(kind.get("values"), f"properties.{name}.values"):
        raise ApiError(400, f"properties.{name}: an enum needs values")
    defaults: Json = {"list": False} | ({"collation": "ucs_basic"} if kind["type"] == "text" else {})
    whole: Json = {"nullable": True, "autoIncrement": False, "immutable": False} | {
        key: value for key, value in definition.items() if value is not None
    }
    whole["type"] = defaults | kind
    whole["constraintState"] = {"nullability": "current"}
    if old is not None and old["type"] != whole["type"] and kind["type"] != "enum":
        raise ApiError(400, f"properties.{name}: the type of an existing property cannot be changed")
    return whole


def _constraint(sent: Json, properties: Json, known: set[tuple[str, ...]]) -> Json:
    kind = sent.get("constraintType")
    if kind == "uniqueness":
        _check_properties(sent, properties)
        return {"bySpace": False} | sent
    required = sent.get("require")
    if kind != "requires" or not isinstance(required, dict):
        raise ApiError(400, f"constraints: unknown constraint {sent}")
    if (required.get("space"), required.get("externalId")) not in known:
        raise ApiError(400, f"constraints: container {required} does not exist")
    return sent


def _index(sent: Json, properties: Json) -> Json:
    kind = sent.get("indexType")
    if kind not in {"btree", "inverted"}:
        raise ApiError(400, f"indexes: unknown index {sent}")
    _check_properties(sent, properties)
    return sent if kind == "inverted" else {"bySpace": False, "cursorable": False} | sent


def _check_properties(sent: Json, properties: Json) -> None:
    names = texts(sent.get("properties"), "properties")
    if not names or not set(names) <= properties.keys():
        raise ApiError(400, f"properties: {names} names no property, or one that the container does not have")


def refuse_unknown(item: Mapping[str, object], known: set[str]) -> None:
    """Refuse fields that the API does not know.

    Raises:
        ApiError: 400 that names them.
    """
    if unknown := item.keys() - known:
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}")
