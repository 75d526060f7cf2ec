"""Values of container properties: what each type takes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import orjson

from sandbox.cdf.api.fields import InvalidError
from sandbox.cdf.api.http import AnyJson, Json

MAX_INSTANCE_ID = 256
MAX_TEXT_BYTES, MAX_JSON_BYTES = 128_000, 40_960
MAX_JSON_PAIRS, MAX_JSON_KEY, MAX_JSON_VALUE_BYTES = 256, 128, 10_240
MAX_LIST, MAX_RELATION_LIST = 1000, 100
MAX_FLOAT32 = 3.4028234663852886e38
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
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
        if kind["type"] == "enum" and converted == kind.get("unknownValue"):
            raise InvalidError(f"must not be {converted}, which stands for what a client does not know")
        return converted

    if not kind.get("list"):
        return convert(value)
    if not isinstance(value, list):
        raise InvalidError("must be a list")
    maximum = kind.get("maxListSize") or (MAX_RELATION_LIST if kind["type"] == "direct" else MAX_LIST)
    if len(value) > maximum:
        raise InvalidError(f"must have at most {maximum} elements, has {len(value)}")
    if kind["type"] == "json" and len(orjson.dumps(value)) > MAX_JSON_BYTES:
        raise InvalidError(f"must have at most {MAX_JSON_BYTES} bytes in all")
    if None in value:
        raise InvalidError("must have no null among its elements")
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


def _float(maximum: float) -> Convert:
    def convert(value: AnyJson) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidError("must be a number")
        if not -maximum <= value <= maximum:
            raise InvalidError(f"must be a number within ±{maximum}")
        return float(value)

    return convert


def _timestamp(value: AnyJson) -> str:
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise InvalidError("must be a timestamp, YYYY-MM-DDTHH:MM:SS[.millis][Z|time zone]")
    try:
        when = datetime.fromisoformat(value)
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"must be a timestamp: {error}") from error
    return when.isoformat(timespec="milliseconds")


def _date(value: AnyJson) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise InvalidError("must be a date, YYYY-MM-DD")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise InvalidError(f"must be a date: {error}") from error


def _json(value: AnyJson) -> AnyJson:
    if len(orjson.dumps(value)) > MAX_JSON_BYTES:
        raise InvalidError(f"must have at most {MAX_JSON_BYTES} bytes")
    if isinstance(value, dict):
        if len(value) > MAX_JSON_PAIRS or any(len(key) > MAX_JSON_KEY for key in value):
            raise InvalidError(f"must have at most {MAX_JSON_PAIRS} keys of at most {MAX_JSON_KEY} characters")
        if any(len(orjson.dumps(each)) > MAX_JSON_VALUE_BYTES for each in value.values()):
            raise InvalidError(f"must have values of at most {MAX_JSON_VALUE_BYTES} bytes")
    return value


def relation(value: AnyJson) -> Json:
    """A reference to a node.

    Raises:
        InvalidError: when it is none.
    """
    if not isinstance(value, dict) or value.keys() != {"space", "externalId"}:
        raise InvalidError("must be {space, externalId}")
    if not all(isinstance(each, str) and each and "\x00" not in each for each in value.values()):
        raise InvalidError("must have texts as space and externalId")
    if len(value["externalId"]) > MAX_INSTANCE_ID:
        raise InvalidError(f"must have an externalId of at most {MAX_INSTANCE_ID} characters")
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
    "float32": _float(MAX_FLOAT32),
    "float64": _float(sys.float_info.max),
    "timestamp": _timestamp,
    "date": _date,
    "json": _json,
    "direct": relation,
}
