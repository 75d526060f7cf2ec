"""Rows of data sources, whose columns are known from the configuration alone."""

import math
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, create_model

from plex_cdf.naming import as_text, iso
from plex_cdf.plex.records.base import HistoryRecord, Instant, declared

# How some data sources write dates: 09/01/2022 02:05:00 PM, and `Sep  1 2022  2:05PM`, which is padded.
_TEXT_DATES = ("%m/%d/%Y %I:%M:%S %p", "%b %d %Y %I:%M%p")


class SourceRow(HistoryRecord):
    """A row with the columns that its configuration declares: instants, numbers, and all else as text."""

    @cached_property
    def cells(self) -> dict[str, Any]:
        """Column to value."""
        values = self.__dict__
        return {alias: values[name] for name, alias in declared(type(self))}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The columns that have a value, as text."""
        return self.metadata()


def source_record(
    name: str, *, dates: Collection[str], numbers: Collection[str], texts: Collection[str]
) -> type[SourceRow]:
    """A record with these columns; `rowKey` comes from the engine."""
    kinds: list[tuple[str, Any]] = [
        *((column, Instant | None) for column in dates),
        *((column, float | None) for column in numbers),
        *((column, str | None) for column in texts),
    ]
    fields: dict[str, Any] = {
        f"column_{number}": (kind, Field(default=None, alias=column)) for number, (column, kind) in enumerate(kinds)
    }
    return create_model(name, __base__=SourceRow, __module__=__name__, **fields)


def tidy_date(value: object, zone: ZoneInfo) -> object:
    """A date as the REST API would write it, to the millisecond; what is none stays as it is.

    Args:
        value: As the data source wrote it: ISO, or text without a zone.
        zone: Of the latter. In the hour that summer time repeats, the first one is meant.
    """
    if not isinstance(value, str):
        return tidy_text(value)
    with suppress(ValueError, OverflowError):
        moment = _moment(value.strip())
        return iso(Instant.parse((moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()))
    return tidy_text(value)


def _moment(text: str) -> datetime:
    for form in _TEXT_DATES:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007  # the caller knows the zone
    return datetime.fromisoformat(text)


def tidy_number(value: object) -> object:
    """A number, which some data sources write as text: `"10000.000000"`; what is none stays as it is."""
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        number = float(value)
        # No JSON holds infinity; as text it is refused as any other text is.
        return number if math.isfinite(number) else value
    return tidy_text(value)


def tidy_text(value: object) -> str | None:
    """A value as text; `-` and nothing mean none."""
    text = "" if value is None else as_text(value)
    return None if text.strip() in ("", "-") else text
