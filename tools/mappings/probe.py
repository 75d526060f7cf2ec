"""Rows to try a mapping with: every value tells which field it is from, whatever a text is made of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from plex_cdf.naming import iso
from plex_cdf.plex.records.base import Instant, Record, Unit

# Apart from each other, and from anything that is computed with them.
PCN = 900_000_001
_NUMBER, _NUMBER_STEP, _NUMBER_VARIANT = 3_000_000, 100, 4_000_000
_INSTANT, _INSTANT_STEP, _INSTANT_VARIANT = 1_700_000_000_000, 1_000_000, 1_000
_MARKS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{7,}")
_PLAIN: dict[object, str] = {
    str: "text",
    Instant: "instant",
    int: "whole number",
    float: "number",
    bool: "true or false",
}


class Field(NamedTuple):
    """A field of a record.

    Attributes:
        name: Plex's; dots lead into an object, or into the objects of a list.
        type: In words.
        unit: Of a number, where it is declared.
        required: Whether it may not be null.
        options: How many values there are to try.
    """

    name: str
    type: str
    unit: str
    required: bool
    options: int


class Probe:
    """Makes rows of a record, and reads its fields back out of what rows became.

    Attributes:
        fields: The record's, those inside of others included.
        nested: The names of the latter.
    """

    def __init__(self, record: type[Record]) -> None:
        self._record = record
        self._named: dict[object, str] = {str(PCN): "pcn"}
        self.nested: set[str] = set()
        self.fields = [field for field in self._fields(record, "") if field.name != "rowKey"]

    def row(self, nulls: Collection[str] = (), variants: Mapping[str, int] | None = None) -> dict[str, Any]:
        """A row with null in some fields, and in others a value unlike the usual one."""
        return self._row(self._record, "", set(nulls), variants or {})

    def told(self, value: object) -> str:
        """A value with the names of fields, in braces, where it holds their values."""
        if isinstance(value, str):
            text = _MARKS.sub(lambda mark: self._name(mark[0]), value)
            return text.replace("{rowKey}", "{digest}")
        return self._name(value)

    def _name(self, value: object) -> str:
        name = self._named.get(value)
        return f"{{{name}}}" if name else str(value)

    def _fields(self, record: type[Record], prefix: str) -> Iterator[Field]:
        for name, info in record.model_fields.items():
            alias = prefix + (info.alias or name)
            kind = _kind(info.annotation)
            unit = next((each.name for each in info.metadata if isinstance(each, Unit)), "")
            yield Field(alias, _words(kind), unit, type(None) not in get_args(info.annotation), _options(kind))
            inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
            if isinstance(inner, type) and issubclass(inner, Record):
                inside = list(self._fields(inner, f"{alias}."))
                self.nested |= {field.name for field in inside}
                yield from inside

    def _value(self, annotation: object, name: str, nulls: Collection[str], variants: Mapping[str, int]) -> object:
        kind, variant = _kind(annotation), variants.get(name, 0)
        if name in nulls:
            return None
        if get_origin(kind) is Literal:
            return get_args(kind)[variant]
        if get_origin(kind) is tuple:
            return [self._value(get_args(kind)[0], name, nulls, variants)]
        if isinstance(kind, type) and issubclass(kind, Record):
            return self._row(kind, f"{name}.", nulls, variants)
        if kind is bool:
            return not variant
        if kind in (Instant, int, float):
            return self._number(kind, name, variant)
        return f"{{{name}}}"

    def _row(
        self, record: type[Record], prefix: str, nulls: Collection[str], variants: Mapping[str, int]
    ) -> dict[str, Any]:
        named = ((info.alias or name, info) for name, info in record.model_fields.items())
        return {name: self._value(info.annotation, prefix + name, nulls, variants) for name, info in named}

    def _number(self, kind: object, name: str, variant: int) -> int | str:
        index = [field.name for field in self.fields].index(name)
        if kind is Instant:
            instant = _INSTANT + index * _INSTANT_STEP + variant * _INSTANT_VARIANT
            self._named |= {instant: name, str(instant): name, iso(instant): name}
            return iso(instant)
        number = _NUMBER + index * _NUMBER_STEP + variant * _NUMBER_VARIANT
        self._named |= {number: name, str(number): name}
        return number


def _kind(annotation: object) -> object:
    """A type without null and without what is said about it."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return _kind(parts[0]) if type(None) in get_args(annotation) and len(parts) == 1 else annotation


def _words(kind: object) -> str:
    if get_origin(kind) is tuple:
        return "list"
    if get_origin(kind) is Literal:
        return "text"
    return _PLAIN.get(kind, "object")


def _options(kind: object) -> int:
    if get_origin(kind) is Literal:
        return len(get_args(kind))
    return 2 if kind in (bool, int, float, Instant) else 1
