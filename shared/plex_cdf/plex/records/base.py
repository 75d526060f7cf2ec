"""How a Plex row becomes a checked record."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from plex_cdf.naming import EPOCH, as_text, iso

Key = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""Plex's own key of a thing. The only kind of field that may not be null."""


class Unit(NamedTuple):
    """What a field's number is in, where Plex says it: `Annotated[float | None, Unit("s")]`. For the documentation.

    Attributes:
        name: `s`, `h`; or, in braces, the field of the same row that holds it: `{unitOfMeasure}`.
    """

    name: str


_MILLISECOND = timedelta(milliseconds=1)


class Instant(int):
    """A point in time, in ms since 1970, cut to the millisecond. Plex writes `2026-04-09T14:03:27.1234567Z`."""

    @classmethod
    def parse(cls, value: object) -> "Instant":
        """Reads Plex's text.

        Raises:
            ValueError: It is no date and time, an impossible one, or one without a zone.
        """
        try:
            moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # what is not text is refused below
        except (TypeError, ValueError):
            raise ValueError("not a date and time as Plex writes it, such as 2026-04-09T14:03:27.1230000Z") from None
        if moment.tzinfo is None:
            raise ValueError("a date and time without its zone")
        if moment.tzinfo is not UTC:
            try:
                moment = moment.astimezone(UTC)
            except OverflowError:
                raise ValueError("not a date and time between the years 1 and 9999 in UTC") from None
        # Whole milliseconds: float arithmetic is off by one here and there.
        return cls((moment - EPOCH) // _MILLISECOND)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        """Tells Pydantic to read text."""
        return core_schema.no_info_plain_validator_function(cls.parse)


class Record(BaseModel):
    """A row of Plex with the fields that we use; others are ignored, and any but a key may be null.

    A number where text is due is taken as text: Plex has numbers that are text and text that looks like numbers.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        extra="ignore",
        frozen=True,
        coerce_numbers_to_str=True,
        allow_inf_nan=False,
        defer_build=True,
    )

    def metadata(self, *leave_out: str) -> dict[str, str]:
        """All fields that have a value, as text, by Plex's own names; `leave_out` are names as in the class."""
        values: dict[str, Any] = self.__dict__
        return {
            alias: value if isinstance(value, str) else iso(value) if isinstance(value, Instant) else as_text(value)
            for name, alias in declared(type(self))
            if (value := values[name]) is not None and value != "" and name not in leave_out
        }


class HistoryRecord(Record):
    """A row without a key of its own: the engine gives it one, from what identifies it."""

    row_key: Key

    def metadata(self, *leave_out: str) -> dict[str, str]:
        """As for any record, without the key, which is not Plex's."""
        return super().metadata("row_key", *leave_out)


@cache
def declared(model: type[Record]) -> tuple[tuple[str, str], ...]:
    """A record's fields: name and Plex's name. Pydantic makes them anew at every look, for every row."""
    return tuple((name, field.alias or name) for name, field in model.model_fields.items())
