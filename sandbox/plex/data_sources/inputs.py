"""What a data source takes: its inputs by name and type, and the rows that they select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.plex.endpoints.parameters import InvalidError, read_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.plex.data_sources.sources import Input, Source
    from sandbox.plex.endpoints.parameters import Filter
    from sandbox.plex.endpoints.store import Store
    from sandbox.plex.plants.plant import Row

BITS = {"int16": 15, "int32": 31, "int64": 63}


class SourceError(Exception):
    """A request that the Data Source API refuses.

    Args:
        code: The vendor's constant.
        message: What is wrong, for a person.
        status: The HTTP status.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def read_inputs(source: Source, body: Mapping[str, Any], *, flat: bool) -> dict[str, Any]:
    """The inputs of a request, checked; dates as instants.

    Args:
        source: Whose they are.
        body: The request's body.
        flat: Whether it holds them itself instead of in `inputs`.

    Raises:
        SourceError: One is unknown, missing, null, or of the wrong type.
    """
    given = body if flat else body.get("inputs", {})
    if not isinstance(given, dict):
        raise SourceError("REQUEST_PROCESSING_ERROR", "The inputs must be a JSON object", 400)
    known = {each.name: each for each in source.inputs}
    for name in given:
        if name not in known:
            message = "was not found. Please verify the name matches an input in the existing metadata."
            raise _refused("INPUT_NOT_FOUND", source, name, message)
        if not known[name].accessible:
            message = "is controlled automatically and is not accessible by users."
            raise _refused("INPUT_NOT_ACCESSIBLE", source, name, message)
    for each in source.inputs:
        if each.required and each.name not in given:
            raise _refused("INPUT_REQUIRED", source, each.name, "is required but was not specified.")
    return {name: _value(source, known[name], value) for name, value in given.items()}


def rows_for(source: Source, store: Store, instant: str, inputs: Mapping[str, Any]) -> list[Row]:
    """The rows that inputs select, as the source holds them."""
    if source.compute:
        table = store.overlay(source.rows, source.compute(store, instant, inputs))
    else:
        table = store.table(source.rows, instant)
    return table.matching(
        [_filter(each, inputs[each.name]) for each in source.inputs if each.field and inputs.get(each.name) is not None]
    )


def _filter(declared: Input, value: Any) -> Filter:  # noqa: ANN401 - as the inputs are
    column = declared.field or declared.name
    if declared.begins:
        return lambda row: isinstance(held := row.get(column), str) and held >= value
    if declared.ends:
        return lambda row: isinstance(held := row.get(column), str) and held <= value
    return lambda row: bool(row.get(column) == value)


def _value(source: Source, declared: Input, value: object) -> object:
    """A value as its input's type has it."""
    if value is None:
        if not declared.nullable:
            raise _refused("INPUT_NOT_NULLABLE", source, declared.name, "does not allow null values.")
        return None
    if declared.type == "date":
        try:
            return read_date(declared.name, value if isinstance(value, str) else "")
        except InvalidError:
            message = f"is not a supported ISO UTC date format. Value: {value}"
            raise _refused("INPUT_FORMAT_INVALID", source, declared.name, message) from None
    if not _fits(declared.type, value):
        message = f"is configured as type '{declared.type}' and the specified value could not be converted safely."
        raise _refused("INPUT_TYPE_MISMATCH", source, declared.name, message)
    return value


def _fits(kind: str, value: object) -> bool:
    if kind in BITS:
        return type(value) is int and -(1 << BITS[kind]) <= value < 1 << BITS[kind]
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, str)


def _refused(code: str, source: Source, name: str, message: str) -> SourceError:
    short = source.name.partition(" ")[0]
    return SourceError(f"DATA_SOURCE_{code}", f"Input '{name}' for data source '{short}' {message}", 400)
