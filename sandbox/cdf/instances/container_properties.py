"""What the definition of a container's property may be, and what may change when it is written again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.cdf.api.fields import InvalidError
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object
from sandbox.cdf.instances.names import PROPERTY, check_property, check_texts, refuse_unknown
from sandbox.cdf.instances.values import MAX_TEXT_BYTES, TYPES, value_of

MAX_LIST_SIZE, MAX_ENUM_VALUES = 2000, 32
_ENUM_VALUE = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,127}")
_FIELDS = {"type", "nullable", "immutable", "autoIncrement", "defaultValue", "name", "description"}
_FLAGS = {"nullable": True, "autoIncrement": False, "immutable": False}
_LISTS = {"list", "maxListSize"}
_PARTS: Mapping[str, set[str]] = {
    "text": _LISTS | {"collation", "maxTextSize"},
    "float32": _LISTS | {"unit"},
    "float64": _LISTS | {"unit"},
    "direct": _LISTS | {"container"},
    "enum": {"unknownValue", "values"},
}
"""What each type says beside its name; the others say whether they are lists."""

_FIXED = ("type", "list", "collation", "container")
"""What a property's type must keep: `ContainerDiffer` of Cognite's NEAT calls changes of these breaking."""


def checked(name: str, definition: AnyJson, old: Json | None) -> Json:
    """A property with the API's defaults.

    Args:
        name: its identifier.
        definition: what a client sent.
        old: what it was, if it was.

    Raises:
        ApiError: 400 for a definition that is refused.
    """
    label = f"properties.{name}"
    sent = an_object(definition, label)
    check_property(name, PROPERTY)
    refuse_unknown(sent, _FIELDS | {"constraintState"})
    check_texts(sent)
    for flag in _FLAGS:
        if not isinstance(sent.get(flag), bool | None):
            raise ApiError(400, f"{label}.{flag}: must be true or false")
    whole: Json = _FLAGS | {key: value for key, value in sent.items() if value is not None}
    whole["type"] = kind = _type(label, sent.get("type"))
    whole["constraintState"] = {"nullability": "current"}
    if whole["autoIncrement"]:
        raise ApiError(400, f"{label}.autoIncrement: this stand-in counts no property up")
    if "defaultValue" in whole:
        whole["defaultValue"] = _default(label, whole)
    if old is not None:
        _check_change(label, old["type"], kind)
    return whole


def _type(label: str, sent: AnyJson) -> Json:
    if not isinstance(sent, dict) or str(sent.get("type")) not in TYPES:
        raise ApiError(400, f"{label}: unknown type {sent}, must be one of {', '.join(TYPES)}")
    kind = {key: value for key, value in sent.items() if value is not None}
    refuse_unknown(kind, {"type", "list", *_PARTS.get(kind["type"], _LISTS)})
    is_list = kind.get("list", False)
    if not isinstance(is_list, bool) or (is_list and kind["type"] == "enum"):
        raise ApiError(400, f"{label}.type.list: must be true or false, and false for an enum")
    for part, maximum in (("maxListSize", MAX_LIST_SIZE), ("maxTextSize", MAX_TEXT_BYTES)):
        size = kind.get(part, 1)
        if type(size) is not int or not 1 <= size <= maximum:
            raise ApiError(400, f"{label}.type.{part}: must be a whole number from 1 to {maximum}, not {size}")
    if "maxListSize" in kind and not is_list:
        raise ApiError(400, f"{label}.type.maxListSize: is for lists")
    if kind["type"] == "enum":
        _check_enum(label, kind)
    if not isinstance(an_object(kind.get("unit"), f"{label}.type.unit").get("externalId", ""), str):
        raise ApiError(400, f"{label}.type.unit: needs an externalId")
    return {"list": False} | ({"collation": "ucs_basic"} if kind["type"] == "text" else {}) | kind


def _check_enum(label: str, kind: Json) -> None:
    values = an_object(kind.get("values"), f"{label}.type.values")
    if not 1 <= len(values) <= MAX_ENUM_VALUES:
        raise ApiError(400, f"{label}: an enum needs 1 to {MAX_ENUM_VALUES} values, has {len(values)}")
    for value, described in values.items():
        if not _ENUM_VALUE.fullmatch(value):
            raise ApiError(400, f"{label}.type.values: {value!r} is no valid identifier of a value")
        refuse_unknown(an_object(described, f"{label}.type.values.{value}"), {"name", "description"})
    if kind.get("unknownValue") not in (None, *values):
        raise ApiError(400, f"{label}.type.unknownValue: {kind['unknownValue']} must be one of the values")


def _default(label: str, definition: Json) -> AnyJson:
    if definition["type"]["list"]:
        raise ApiError(400, f"{label}.defaultValue: a list has none")
    try:
        return value_of(definition, definition["defaultValue"])
    except InvalidError as error:
        raise ApiError(400, f"{label}.defaultValue: {error}") from error


def _check_change(label: str, old: Json, new: Json) -> None:
    for part in _FIXED:
        if old.get(part) != new.get(part):
            raise ApiError(400, f"{label}: the type of an existing property cannot be changed ({part})")
    if gone := old.get("values", {}).keys() - new.get("values", {}).keys():
        raise ApiError(400, f"{label}: values of an enum cannot be removed ({', '.join(sorted(gone))})")
