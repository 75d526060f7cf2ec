"""What a client may send to create a function or a schedule, and what it may filter them by.

Limits: https://docs.cognite.com/cdf/functions/technical, and the documentation of the fields in the Python SDK.
"""

import re
from collections.abc import Mapping, Sequence

from croniter import croniter

from sandbox.cdf.api.fields import Change, Check, Field, InvalidError, Schema, choice, identifier, list_of, number, text
from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.classic.filters import Predicate, predicate

RUNTIMES = ("py310", "py311", "py312", "py313")
CPU_CORES = {"min": 0.1, "max": 3.0, "default": 1.0}
MEMORY_GB = {"min": 0.1, "max": 5.0, "default": 1.5}

_ANY_LENGTH = 2**31


def pairs(most: int, key: str, value: int = _ANY_LENGTH) -> Check:
    """At most `most` strings of at most `value` bytes, by keys that match a pattern."""
    check_value = text(value)

    def check(data: AnyJson) -> None:
        if not isinstance(data, dict):
            raise InvalidError("must be an object")
        if len(data) > most:
            raise InvalidError(f"must have at most {most} pairs, has {len(data)}")
        for name, content in data.items():
            if not re.fullmatch(key, name, re.DOTALL):
                raise InvalidError(f"key {name!r} must match {key}")
            try:
                check_value(content)
            except InvalidError as error:
                raise InvalidError(f"value of {name!r} {error}") from error

    return check


def python_path(value: AnyJson) -> None:
    """The path of a Python file inside the zip."""
    text(500)(value)
    if not value.endswith(".py") or value.startswith("/") or ".." in value.split("/"):
        raise InvalidError("must be the relative path of a .py file")


def cron(value: AnyJson) -> None:
    """A cron expression of five fields."""
    text(1024)(value)
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise InvalidError(f"{value!r} is no cron expression of five fields")


def json_object(value: AnyJson) -> None:
    """Any object."""
    if not isinstance(value, dict):
        raise InvalidError("must be an object")


# Functions and schedules cannot be changed, only deleted and created again.
def _field(check: Check, *, required: bool = False) -> Field:
    return Field(check, Change.NEVER, required=required)


FUNCTION = Schema(
    {
        "name": _field(text(140, minimum=1), required=True),
        "externalId": _field(text(255, minimum=1)),
        "description": _field(text(500)),
        "owner": _field(text(128)),
        "fileId": _field(identifier, required=True),
        "functionPath": _field(python_path),
        "secrets": _field(pairs(30, "[a-z0-9-]{1,15}")),
        "envVars": _field(pairs(100, "[A-Za-z0-9_]+")),
        "cpu": _field(number(0, CPU_CORES["max"])),
        "memory": _field(number(0, MEMORY_GB["max"])),
        "runtime": _field(choice(*RUNTIMES)),
        "metadata": _field(pairs(16, ".{1,32}", 512)),
        "indexUrl": _field(text(_ANY_LENGTH)),
        "extraIndexUrls": _field(list_of(text(_ANY_LENGTH), 100)),
    }
)

SCHEDULE = Schema(
    {
        "name": _field(text(140, minimum=1), required=True),
        "description": _field(text(500)),
        "functionId": _field(identifier, required=True),
        "cronExpression": _field(cron, required=True),
        "data": _field(json_object),
        "nonce": _field(text(_ANY_LENGTH), required=True),
    }
)

CALL = Schema({"data": _field(json_object), "nonce": _field(text(_ANY_LENGTH), required=True)})

FUNCTION_FILTERS = ("name", "owner", "fileId", "status", "externalIdPrefix", "createdTime", "metadata")
SCHEDULE_FILTERS = ("name", "functionId", "createdTime", "cronExpression")
CALL_FILTERS = ("status", "scheduleId", "startTime", "endTime")
_IDS = frozenset({"fileId", "functionId", "scheduleId"})


def matching(rows: Sequence[Json], sent: Mapping[str, AnyJson], filters: Sequence[str]) -> list[Json]:
    """The rows that pass a list request's filter.

    Raises:
        ApiError: 400 for a key or a value that the API does not know.
    """
    fields = {key: key.removesuffix("Prefix") for key in filters if key not in _IDS}
    known = _IDS.intersection(filters)
    passes = predicate(
        sent.get("filter"),
        None,
        fields=fields,
        special=lambda key, value: _with_id(key, value) if key in known else None,
    )
    return [row for row in rows if passes(row)]


def _with_id(key: str, value: AnyJson) -> Predicate:
    try:
        identifier(value)
    except InvalidError as error:
        raise ApiError(400, f"filter.{key}: {error}") from error
    return lambda row: row.get(key) == value


def named(rows: Sequence[Json], items: Sequence[Json], *, ignore_unknown: bool) -> list[Json]:
    """The rows that `items` name by `id` or `externalId`, in their order.

    Raises:
        ApiError: 400 with `missing` when one is unknown and that is not to be ignored.
    """
    by_name: dict[tuple[str, AnyJson], Json] = {
        (key, row[key]): row for row in rows for key in ("id", "externalId") if key in row
    }
    found, missing = [], []
    for item in items:
        names = [(key, item[key]) for key in ("id", "externalId") if isinstance(item.get(key), int | str)]
        if len(names) != 1:
            raise ApiError(400, "items: exactly one of id and externalId is needed")
        row = by_name.get(names[0])
        if row is None:
            missing.append(dict(names))
        else:
            found.append(row)
    if missing and not ignore_unknown:
        raise ApiError(400, f"Not found: {missing}", missing=missing)
    return found
