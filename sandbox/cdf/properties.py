"""Values of container properties: what each type takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import orjson

from sandbox.cdf.fields import InvalidError
from sandbox.cdf.http import AnyJson, Json

MAX_TEXT_BYTES, MAX_JSON_BYTES = 128_000, 40_960
MAX_LIST, MAX_RELATION_LIST = 1000, 100
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)?")

Convert = Callable[[AnyJson], AnyJson]


def value_of(definition: Json, value: AnyJson) -> AnyJson:
    """A property's value as it is kept.

    Args:
        definition: the property in its container.
        value: what a client sent; not null.

    Raises:
        InvalidError: when the property cannot hold it.
    """
    kind = definition["type"]

    def convert(each: AnyJson) -> AnyJson:
        converted = TYPES[kind["type"]](each)
        if "maxTextSize" in kind and len(converted.encode()) > kind["maxTextSize"]:
            raise InvalidError(f"must have at most {kind['maxTextSize']} bytes")
        if kind["type"] == "enum" and converted not in kind["values"]:
            raise InvalidError(f"must be one of {', '.join(kind['values'])}")
        return converted

    if not kind.get("list"):
        return convert(value)
    if not isinstance(value, list):
        raise InvalidError("must be a list")
    maximum = kind.get("maxListSize") or (MAX_RELATION_LIST if kind["type"] == "direct" else MAX_LIST)
    if len(value) > maximum:
        raise InvalidError(f"must have at most {maximum} elements, has {len(value)}")
    return [convert(each) for each in value]


def _text(value: AnyJson) -> str:
    if not isinstance(value, str):
        raise InvalidError("must be a string")
    if len(value.encode()) > MAX_TEXT_BYTES:
        raise InvalidError(f"must have at most {MAX_TEXT_BYTES} bytes")
    return value


def _boolean(value: AnyJson) -> bool:
    if not isinstance(value, bool):
        raise InvalidError("must be true or false")
    return value


def _integer(bits: int) -> Convert:
    def convert(value: AnyJson) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            raise InvalidError(f"must be a whole number of {bits} bits")
        return value

    return convert


def _float(value: AnyJson) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidError("must be a number")
    return float(value)


def _timestamp(value: AnyJson) -> str:
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise InvalidError("must be a timestamp, YYYY-MM-DDTHH:MM:SS[.millis][Z|time zone]")
    try:
        when = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(f"must be a timestamp: {error}") from error
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="milliseconds")


def _date(value: AnyJson) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise InvalidError("must be a date, YYYY-MM-DD") from error


def _json(value: AnyJson) -> AnyJson:
    if len(orjson.dumps(value)) > MAX_JSON_BYTES:
        raise InvalidError(f"must have at most {MAX_JSON_BYTES} bytes")
    return value


def _relation(value: AnyJson) -> Json:
    if not isinstance(value, dict) or value.keys() != {"space", "externalId"}:
        raise InvalidError("must be {space, externalId}")
    return value


TYPES: dict[str, Convert] = {
    "text": _text,
    "enum": _text,
    "timeseries": _text,
    "file": _text,
    "sequence": _text,
    "boolean": _boolean,
    "int32": _integer(32),
    "int64": _integer(64),
    "float32": _float,
    "float64": _float,
    "timestamp": _timestamp,
    "date": _date,
    "json": _json,
    "direct": _relation,
}
