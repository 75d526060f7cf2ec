"""The vocabulary in which a resource's fields are declared: what a value may be, and how an update may change it.

Text is measured in UTF-8 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sandbox.cdf.api.http import AnyJson, ApiError, Json

Check = Callable[[AnyJson], None]
"""Raises `InvalidError` for a value that the API refuses."""


class InvalidError(ValueError):
    """Why a value is refused; the caller knows the field's name."""


_OPERATIONS = frozenset({"set", "setNull", "add", "remove"})


class Change(Enum):
    """How an update may change a field.

    Metadata that is cleared reads as empty, except an extraction pipeline's, which is then absent
    (cognite-sdk-python, `tests_integration/test_api`, the update tests of assets and of extraction pipelines).
    """

    NEVER = frozenset[str]()
    SET = frozenset({"set"})
    VALUE = frozenset({"set", "setNull"})
    LIST = frozenset({"set", "setNull", "add", "remove"})
    MAP = frozenset({"set", "setNull", "add", "remove", "map"})
    MAP_OR_NOTHING = frozenset({"set", "setNull", "add", "remove", "map", "absent when empty"})


@dataclass(frozen=True)
class Field:
    """One field of a resource.

    Attributes:
        check: what its value may be.
        change: how an update may change it.
        required: whether a create must carry it.
        kept: what the server keeps of a value that passed the check.
    """

    check: Check
    change: Change = Change.VALUE
    required: bool = False
    kept: Callable[[AnyJson], AnyJson] | None = None


@dataclass(frozen=True)
class Schema:
    """The fields of one resource, as a client may send them.

    Attributes:
        fields: by name.
        filtered: keys of a list's ``filter`` that compare the field of their name, or the beginning of it.
        required: names that a create must carry.
    """

    fields: Mapping[str, Field]
    filtered: Sequence[str] = ()
    required: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", tuple(name for name, spec in self.fields.items() if spec.required))

    def new(self, item: Json) -> Json:
        """A checked copy of an item of a create request; a null counts as absent, and so does an empty list.

        Raises:
            ApiError: 400 for an unknown field, a refused value or a missing one.
        """
        row: Json = {}
        for name, value in item.items():
            if value is None and name in self.fields:
                continue
            row[name] = self._checked(name, value)
            if value == [] and self.fields[name].change is Change.LIST:
                del row[name]
        for name in self.required:
            if name not in row:
                raise ApiError(400, f"{name}: required")
        return row

    def changed(self, row: Json, update: object) -> Json:
        """A copy of a row with the operations of an update applied, each changed value checked.

        Raises:
            ApiError: 400 for an unknown or unchangeable field, an unknown operation or a refused value.
        """
        if not isinstance(update, dict):
            raise ApiError(400, "update: required, must be an object")
        result = dict(row)
        for name, operation in update.items():
            spec = self.fields.get(name)
            if spec is None:
                raise ApiError(400, f"Unexpected field - {name}")
            allowed = spec.change.value
            if not isinstance(operation, dict) or not operation or not operation.keys() <= allowed & _OPERATIONS:
                raise ApiError(400, f"{name}: cannot be changed by {operation}")
            if spec.change is Change.LIST:
                operation = {key: self._elements(name, key, value) for key, value in operation.items()}  # noqa: PLW2901
            value = _applied(name, operation, row.get(name), is_map="map" in allowed)
            if value is None and spec.change is Change.MAP:
                value = {}
            elif value == {} and spec.change is Change.MAP_OR_NOTHING:
                value = None
            # An emptied list reads as absent: else the Toolkit would find a difference at every deploy.
            if value is None or value == []:
                if spec.required:
                    raise ApiError(400, f"{name}: cannot be null")
                result.pop(name, None)
            else:
                result[name] = self._checked(name, value)
        return result

    def _elements(self, name: str, key: str, value: AnyJson) -> AnyJson:
        """The operand of an operation on a list, in the form that its elements are kept in."""
        return self._checked(name, value) if key in {"add", "remove"} and value is not None else value

    def _checked(self, name: str, value: AnyJson) -> AnyJson:
        spec = self.fields.get(name)
        if spec is None:
            raise ApiError(400, f"Unexpected field - {name}")
        try:
            spec.check(value)
        except InvalidError as error:
            raise ApiError(400, f"{name}: {error}") from error
        return value if spec.kept is None else spec.kept(value)


def _applied(name: str, operation: Json, current: AnyJson, *, is_map: bool) -> AnyJson:
    """The new value of a field; None where the operation clears it."""
    if len(operation) > 1 and not operation.keys() <= {"add", "remove"}:
        raise ApiError(400, f"{name}: set, setNull and add/remove exclude each other")
    if "setNull" in operation:
        if operation["setNull"] is not True:
            raise ApiError(400, f"{name}: setNull must be true")
        return None
    if "set" in operation:
        if operation["set"] is None:
            raise ApiError(400, f"{name}: set needs a value, setNull clears the field")
        return operation["set"]
    add, remove = operation.get("add"), operation.get("remove") or []
    if not isinstance(remove, list) or not isinstance(add, dict | None if is_map else list | None):
        raise ApiError(400, f"{name}: add or remove is of the wrong type")
    if is_map:
        if not all(isinstance(key, str) for key in remove):
            raise ApiError(400, f"{name}: remove must be a list of strings")
        return {key: value for key, value in (current or {}).items() if key not in remove} | dict(add or {})
    kept_items = [item for item in current or [] if item not in remove]
    return kept_items + [item for item in add or [] if item not in kept_items]


def text(maximum: int, minimum: int = 0) -> Check:
    """A string of at most ``maximum`` UTF-8 bytes."""
    quick = maximum // 4

    def check(value: AnyJson) -> None:
        if type(value) is not str:
            raise InvalidError("must be a string")
        if len(value) < minimum:
            raise InvalidError(f"must have at least {minimum} character(s)")
        if len(value) > quick and len(value.encode()) > maximum:
            raise InvalidError(f"must have at most {maximum} bytes, has {len(value.encode())}")
        if "\x00" in value:
            raise InvalidError("must not contain a null character")

    return check


def choice(*options: str, any_case: bool = False) -> Check:
    """One of some strings; with ``any_case`` in whatever case, see `in_case_of`."""
    folded = {option.casefold() for option in options}

    def check(value: AnyJson) -> None:
        if not isinstance(value, str) or not (value.casefold() in folded if any_case else value in options):
            raise InvalidError(f"must be one of {', '.join(options)}")

    return check


def pattern(expression: str, meaning: str) -> Check:
    """A string that a regular expression describes whole."""
    compiled = re.compile(expression)

    def check(value: AnyJson) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise InvalidError(f"must be {meaning}")

    return check


def in_case_of(options: Sequence[str], value: str) -> str:
    """The option that a checked value names in another case: ``timeseries`` is ``timeSeries``."""
    return next(option for option in options if option.casefold() == value.casefold())


def flag(value: AnyJson) -> None:
    """True or false."""
    if type(value) is not bool:
        raise InvalidError("must be true or false")


def integer(minimum: int = 0, maximum: int = 2**53 - 1) -> Check:
    """A whole number."""

    def check(value: AnyJson) -> None:
        if type(value) is not int:
            raise InvalidError("must be a whole number")
        if not minimum <= value <= maximum:
            raise InvalidError(f"must be from {minimum} to {maximum}")

    return check


def number(minimum: float, maximum: float) -> Check:
    """A number."""

    def check(value: AnyJson) -> None:
        if type(value) not in {int, float} or not minimum <= value <= maximum:
            raise InvalidError(f"must be a number from {minimum} to {maximum}")

    return check


identifier = integer(1)
timestamp = integer(0)


def list_of(check: Check, maximum: int, minimum: int = 0) -> Check:
    """A list whose elements pass ``check``."""

    def check_list(value: AnyJson) -> None:
        if not isinstance(value, list):
            raise InvalidError("must be a list")
        if len(value) > maximum:
            raise InvalidError(f"must have at most {maximum} elements, has {len(value)}")
        if len(value) < minimum:
            raise InvalidError(f"must have at least {minimum} element(s)")
        for index, element in enumerate(value):
            try:
                check(element)
            except InvalidError as error:
                raise InvalidError(f"element {index} {error}") from error

    return check_list


def mapping(*, pairs: int, key: int, value: int, total: int) -> Check:
    """Metadata: strings by string, limited in number and in bytes of a key, a value and all together."""

    def check(data: AnyJson) -> None:
        if not isinstance(data, dict):
            raise InvalidError("must be an object")
        if len(data) > pairs:
            raise InvalidError(f"must have at most {pairs} pairs, has {len(data)}")
        size = 0
        for name, content in data.items():
            if type(content) is not str:
                raise InvalidError(f"value of {name!r} must be a string")
            name_size = len(name) if name.isascii() else len(name.encode())
            content_size = len(content) if content.isascii() else len(content.encode())
            if name_size > key:
                raise InvalidError(f"key {name[:40]!r} must have at most {key} bytes, has {name_size}")
            if content_size > value:
                raise InvalidError(f"value of {name!r} must have at most {value} bytes, has {content_size}")
            size += name_size + content_size
        if size > total:
            raise InvalidError(f"must have at most {total} bytes in all, has {size}")

    return check


def record(**fields: Field) -> Check:
    """An object with the given fields."""
    schema = Schema(fields)

    def check(value: AnyJson) -> None:
        if not isinstance(value, dict):
            raise InvalidError("must be an object")
        try:
            schema.new(value)
        except ApiError as error:
            raise InvalidError(error.message) from error

    return check


def anything(value: AnyJson) -> None:
    """A value that this stand-in keeps without looking at it."""
