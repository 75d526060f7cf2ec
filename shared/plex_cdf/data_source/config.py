"""How a plant describes its data sources, without code: what goes in, what identifies a row, what rows become.

A column stands by its name; a text that is made of columns has them in braces: `"{Problem_No}: {Description}"`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from plex_cdf.config import DataSourceSettings, HistorySettings, Model, TimeOfDay, Zone

# The instant of rows that have none: the beginning of the day that they were asked for. No column has a dot.
DAY = "day.begin"
_IN_BRACES = re.compile(r"\{([^{}]+)\}")


def _quoted(value: object) -> object:
    """YAML reads {Problem_No} without quotes as a mapping."""
    if isinstance(value, dict):
        raise ValueError('a text with columns in braces is written in quotes, such as "{Problem_No}"')  # noqa: TRY004
    return value


def _balanced(value: str) -> str:
    if set(_IN_BRACES.sub("", value)) & {"{", "}"}:
        raise ValueError('braces hold the name of one column, as in "{Problem_No}: {Description}"')
    return value


Column = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Template = Annotated[str, BeforeValidator(_quoted), AfterValidator(_balanced), Field(min_length=1)]
Constant = StrictBool | StrictInt | StrictFloat | StrictStr | None


def columns_in(template: str | None) -> list[str]:
    """The columns that a text is made of."""
    return _IN_BRACES.findall(template or "")


def fill(template: str | None, texts: dict[str, str]) -> str | None:
    """A text with the values of its columns, `?` where one is null; None where all of them are."""
    names = columns_in(template)
    if template is None or (names and not any(name in texts for name in names)):
        return None
    return _IN_BRACES.sub(lambda match: texts.get(match[1], "?"), template)


class Link(Model):
    """Leads from a row to an asset, or to its job.

    Attributes:
        kind: The part of the asset's external id that says what it is, such as `PART` or `WORKCENTER`.
        column: Holds the UUID that the REST API calls the thing by, or, with `object`, the integer key.
        object: Data sources know integer keys, the REST API knows UUIDs. With the name of a standard object, such as
            `Part`, keys are translated by Plex's identity mappings. Plex does not publish the names.
        object_key: What the identity mappings call the key; the column's name where it is not given.
    """

    kind: str = Field(pattern="^[A-Z]+$")
    column: Column
    object: str | None = None
    object_key: str | None = None

    @property
    def id_column(self) -> str:
        """Where the UUID stands, in a row as it is mapped."""
        return f"{self.column}.id" if self.object else self.column


class EventMapping(Model):
    """Every row is an event.

    Attributes:
        type: The event's type, the same for all.
        subtype: Text with columns in braces.
        description: Text with columns in braces.
        start: The column with its start; the row's instant where it is not given.
        end: The column with its end; none where it is not given.
        links: To assets, and to its job.
    """

    type: str = Field(min_length=1)
    subtype: Template | None = None
    description: Template | None = None
    start: Column | None = None
    end: Column | None = None
    links: tuple[Link, ...] = ()


class Measurement(Model):
    """Every row holds a value of a series, at the row's instant.

    Attributes:
        value: The column with the number; a row where it is null has no value.
        series: The columns that say which series it belongs to.
        name: The series' name: text with columns in braces.
        unit: Text with columns in braces.
        sum: Whether values of one series at one instant add up. Of measured values one stands: put into `series` what
            tells them apart, such as the number of the sample.
        link: To the series' asset.
    """

    value: Column
    series: tuple[Column, ...] = Field(min_length=1)
    name: Template
    unit: Template | None = None
    sum: StrictBool = False
    link: Link | None = None


class DataSource(Model):
    """One data source, read in windows of time.

    Attributes:
        name: The stream's name; external ids are made of it.
        id: Plex's number for it.
        enabled: Only what is enabled is read, and must be complete.
        inputs: Constants.
        begin_input: The input that takes the beginning of a window.
        end_input: The input that takes its end.
        row_limit: So many rows count as a cut answer whatever its flag says, as with an input for the most rows.
        instant: The column that places a row in a window.
        daily_at: For sources whose rows sum up the time between the inputs and have no instant: they are asked day by
            day, and a day begins at this time in the `timeZone` of the pipeline's config. A day is read while its
            beginning lies in the overlap, so what comes after that arrives with the daily reading of `reconcileDays`.
        key: The columns that identify a row: ids, keys and instants, never names or values that change.
        columns: Further columns that go into metadata, as text; what is not declared enters nothing.
        dates: The same, of dates; the columns of instants, starts and ends are known to hold dates.
        numbers: The same, of numbers; the columns of measured values are known to hold numbers.
        probe: A column that holds the PCN in every row.
        time_zone: Of dates that are text; some data sources write them in US Eastern time.
        event: What every row is.
        measurements: What every row holds.
    """

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    id: int = Field(gt=0)
    enabled: StrictBool = False
    inputs: dict[str, Constant] = Field(default_factory=dict)
    begin_input: str | None = None
    end_input: str | None = None
    row_limit: int | None = Field(default=None, gt=0)
    instant: Column | None = None
    daily_at: TimeOfDay | None = None
    key: tuple[Column, ...] = ()
    columns: tuple[Column, ...] = ()
    dates: tuple[Column, ...] = ()
    numbers: tuple[Column, ...] = ()
    probe: Column | None = None
    time_zone: Zone = "America/New_York"
    event: EventMapping | None = None
    measurements: tuple[Measurement, ...] = ()

    @model_validator(mode="after")
    def _usable(self) -> "DataSource":
        if self.instant and self.daily_at:
            raise ValueError("instant and dailyAt exclude each other: rows with an instant are read by it")
        if fixed := {self.begin_input, self.end_input} & set(self.inputs):
            raise ValueError(f"inputs holds {', '.join(sorted(map(str, fixed)))}, which takes the window")
        series = [(each.value, each.series) for each in self.measurements]
        if len(set(series)) < len(series):
            raise ValueError("two measurements have the same value and series")
        needed = {
            "beginInput": self.begin_input,
            "endInput": self.end_input,
            "instant (or dailyAt)": self.instant or self.daily_at,
            "key": self.key,
            "event or measurements": self.event or self.measurements,
        }
        missing = [name for name, value in needed.items() if not value]
        if self.enabled and missing:
            raise ValueError(
                f"data source {self.id} is enabled, but lacks {', '.join(missing)}; Plex tells its inputs and columns "
                f"at /api/datasources/{self.id}"
            )
        return self

    @property
    def kind(self) -> str:
        """The part of an external id that says what the thing is."""
        return self.name.replace("_", "").upper()

    @property
    def placed_by(self) -> str:
        """The field of a row, as it is mapped, with its instant."""
        return self.instant or DAY

    @property
    def links(self) -> tuple[Link, ...]:
        """All links."""
        own = self.event.links if self.event else ()
        return (*own, *(each.link for each in self.measurements if each.link))

    @property
    def date_columns(self) -> tuple[str, ...]:
        """The columns that are read as instants."""
        event = (self.event.start, self.event.end) if self.event else ()
        return _unique(self.placed_by, *event, *self.dates)

    @property
    def number_columns(self) -> tuple[str, ...]:
        """The columns that are read as numbers."""
        names = _unique(*(each.value for each in self.measurements), *self.numbers)
        return tuple(name for name in names if name not in self.date_columns)

    @property
    def declared(self) -> tuple[str, ...]:
        """The data source's own columns that are used."""
        return _unique(*(name for name in self._used() if name != DAY))

    def _used(self) -> Iterator[str | None]:
        yield from (*self.key, *self.date_columns, *self.columns, *self.numbers)
        if self.event:
            yield from (*columns_in(self.event.subtype), *columns_in(self.event.description))
        for each in self.measurements:
            yield from (each.value, *each.series, *columns_in(each.name), *columns_in(each.unit))
        yield from (link.column for link in self.links)


def _unique(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


class WithDataSources(HistorySettings):
    """What extractors that read data sources add to their config."""

    data_source_api: DataSourceSettings = DataSourceSettings.model_construct()
    data_sources: tuple[DataSource, ...] = ()

    @field_validator("data_sources")
    @classmethod
    def _distinct(cls, entries: Iterable[DataSource]) -> Iterable[DataSource]:
        kinds = [entry.kind for entry in entries]
        if len(set(kinds)) < len(kinds):
            raise ValueError("every data source needs a name of its own, underscores left aside")
        return entries
