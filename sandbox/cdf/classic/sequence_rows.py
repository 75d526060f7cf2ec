"""What a request may say of a sequence's rows: their numbers, columns and values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from sandbox.cdf.api.http import AnyJson, ApiError, Json, objects, texts

MAX_ROWS, MAX_VALUES, MAX_TEXT_BYTES = 10_000, 100_000, 255
MAX_DOUBLE = 1.7976931348623157e308
_LONG = 2**63
_NUMBER = re.compile(r"\d{1,19}")

Row = tuple[int, Json]
"""Number of a row, and its values by column."""


def check_parameters(sent: Json, known: Set[str]) -> None:
    """Refuse a parameter that the API does not have.

    Raises:
        ApiError: 400.
    """
    if unknown := sorted(sent.keys() - known - {"id", "externalId"}):
        raise ApiError(400, f"unknown {', '.join(unknown)}; known are id, externalId, {', '.join(sorted(known))}")


def row_number(value: AnyJson, name: str) -> int | None:
    """A row number, or a cursor that is one as text; None stays None.

    Raises:
        ApiError: 400 when it is no whole number from 0.
    """
    if value is None:
        return None
    if type(value) is int and 0 <= value < _LONG:
        return value
    if name == "cursor" and isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise ApiError(400, f"{name}: {value!r} is no row number, which is a whole number from 0")


def row_numbers(value: AnyJson) -> list[int]:
    """The rows that a request names.

    Raises:
        ApiError: 400 when it names none, or anything but whole numbers from 0.
    """
    if not isinstance(value, list):
        raise ApiError(400, f"rows: required, must be a list of row numbers, is {value!r}")
    found = [row_number(each, "rows") for each in value]
    if None in found:
        raise ApiError(400, "rows: null is no row number")
    return [number for number in found if number is not None]


def columns_of(sent: AnyJson, known: Mapping[str, str]) -> list[str]:
    """The columns that a request names; all when it names none.

    Raises:
        ApiError: 400 for a column that the sequence does not have, or that is named twice.
    """
    names = texts(sent, "columns") or list(known)
    if unknown := [name for name in names if name not in known]:
        raise ApiError(400, f"columns: unknown {', '.join(unknown)}; the sequence has {', '.join(known)}")
    if len(set(names)) < len(names):
        raise ApiError(400, f"columns: every one only once, got {', '.join(names)}")
    return names


def checked_rows(item: Json, types: Mapping[str, str]) -> list[Row]:
    """The rows of an item of an insert.

    Args:
        item: what was sent.
        types: of the sequence's columns, by external id.

    Raises:
        ApiError: 400 for unknown columns, a value that its column cannot hold, or a row without any value.
    """
    check_parameters(item, {"columns", "rows"})
    names, rows = columns_of(item.get("columns"), types), objects(item.get("rows"), "rows")
    if not rows:
        raise ApiError(400, "rows: required, must be a list with at least one element")
    return [_checked(row, names, types) for row in rows]


def _checked(row: Json, names: list[str], types: Mapping[str, str]) -> Row:
    number, values = row_number(row.get("rowNumber"), "rowNumber"), row.get("values")
    if number is None or not isinstance(values, list) or len(values) != len(names):
        raise ApiError(400, "rows: every element needs rowNumber and one value per column")
    if all(value is None for value in values):
        raise ApiError(400, f"rows: row {number} has no value")
    return number, {name: _value(value, name, types[name]) for name, value in zip(names, values, strict=True)}


def _value(value: AnyJson, name: str, kind: str) -> AnyJson:
    """A value as a column of a type holds it; null is a hole.

    Raises:
        ApiError: 400 when it cannot.
    """
    if value is None:
        return None
    if kind == "STRING" and isinstance(value, str) and len(value.encode()) <= MAX_TEXT_BYTES:
        return value
    if kind == "LONG" and type(value) is int and -_LONG <= value < _LONG:
        return value
    if kind == "DOUBLE" and type(value) in {int, float} and abs(value) <= MAX_DOUBLE:
        return float(value)
    raise ApiError(400, f"rows: column {name} cannot hold {value!r}, it is of type {kind}")
