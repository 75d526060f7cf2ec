"""Rows of Plex that hold lists or objects."""

import json
from typing import Any

from plex_cdf.naming import as_text
from plex_cdf.plex.records.base import Record, declared


class NestedRecord(Record):
    """A row with lists or objects inside, whose metadata hold these as text."""

    def metadata(self, *leave_out: str) -> dict[str, str]:
        """As for any record, then what is nested.

        An object is spread over `name.field`; a list of plain values is joined by commas; any other list is JSON.
        """
        values: dict[str, Any] = self.__dict__
        nested = {name: value for name, value in values.items() if isinstance(value, Record | tuple)}
        flat = super().metadata(*leave_out, *nested)
        for name, alias in declared(type(self)):
            if name in nested and name not in leave_out:
                flat |= _flat(alias, nested[name])
        return flat


def _flat(name: str, value: Record | tuple[Any, ...]) -> dict[str, str]:
    """What is nested as metadata of its own; nothing for an empty list."""
    if isinstance(value, Record):
        return {f"{name}.{inner}": text for inner, text in value.metadata().items()}
    given = [item for item in value if item not in (None, "")]
    if not given:
        return {}
    if any(isinstance(item, Record | dict | list) for item in given):
        items = [item.metadata() if isinstance(item, Record) else item for item in given]
        return {name: json.dumps(items, ensure_ascii=False)}
    return {name: ", ".join(as_text(item) for item in given)}
