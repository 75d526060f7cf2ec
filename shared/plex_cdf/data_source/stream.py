"""Streams out of pure configuration: rows of data sources as events and measurements."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from plex_cdf.data_source.config import (
    DataSource,
    EventMapping,
    Link,
    Measurement,
    WithDataSources,
    columns_in,
    fill,
)
from plex_cdf.data_source.window import DataSourceWindow
from plex_cdf.errors import DataError
from plex_cdf.mapping import job_link, lacking, links
from plex_cdf.naming import Naming
from plex_cdf.plex.records.source_row import SourceRow, source_record
from plex_cdf.resources import Datapoint, Event, Resource, TimeSeries
from plex_cdf.stream import Stream

# A job is an event, to which no event can be linked; metadata name it.
JOB = "JOB"


def streams(settings: WithDataSources, domain: str) -> tuple[Stream[Any], ...]:
    """The enabled data sources of a config as streams that write to a domain."""
    return tuple(_stream(source, settings, domain) for source in settings.data_sources if source.enabled)


def _stream(source: DataSource, settings: WithDataSources, domain: str) -> Stream[SourceRow]:
    dates, numbers = source.date_columns, source.number_columns
    columns = dict.fromkeys((*source.declared, *(link.id_column for link in source.links)))
    texts = [name for name in columns if name not in (*dates, *numbers)]
    return Stream(
        name=source.name,
        read=DataSourceWindow(source, settings.facility.pcn, settings.time_zone),
        # What is asked day by day has a row per key and day.
        key=tuple(dict.fromkeys((*source.key, *([source.placed_by] if source.daily_at else [])))),
        kind=source.kind,
        record=source_record(f"DataSource{source.id}", dates=dates, numbers=numbers, texts=texts),
        map=partial(resources, source=source),
        domain=domain,
    )


def resources(row: SourceRow, naming: Naming, source: DataSource) -> Iterator[Resource]:
    """What a row becomes, as the data source's configuration says."""
    if source.event:
        yield _event(row, naming, source, source.event)
    for measurement in source.measurements:
        yield from _measured(row, naming, source, measurement)


def _event(row: SourceRow, naming: Naming, source: DataSource, event: EventMapping) -> Event:
    job = next((row.cells[link.id_column] for link in event.links if link.kind == JOB), None)
    return Event(
        naming.id(source.kind, row.row_key),
        type=event.type,
        subtype=fill(event.subtype, row.texts),
        start=row.cells[event.start or source.placed_by],
        end=row.cells[event.end] if event.end else None,
        description=fill(event.description, row.texts),
        assets=links(naming, *(_thing(row, link) for link in event.links if link.kind != JOB)),
        metadata=row.metadata() | job_link(naming, job),
    )


def _measured(row: SourceRow, naming: Naming, source: DataSource, measurement: Measurement) -> Iterator[Resource]:
    """A value and its series; nothing where the value is null."""
    value, instant = row.cells[measurement.value], row.cells[source.placed_by]
    if value is None or instant is None:
        return
    nameless = [column for column in measurement.series if column not in row.texts]
    if nameless:
        raise DataError(f"{', '.join(nameless)} is null, so {measurement.value} belongs to no series")
    key = ":".join(f"{column}={_escaped(row.texts[column])}" for column in measurement.series)
    series = naming.id(source.kind, key, f"_{measurement.value}")
    yield TimeSeries(
        series,
        fill(measurement.name, row.texts) or f"{source.name} {key}",
        unit=fill(measurement.unit, row.texts),
        is_step=False,
        asset=next(iter(links(naming, _thing(row, measurement.link))), None) if measurement.link else None,
        metadata={column: row.texts[column] for column in measurement.series} | {"dataSource": str(source.id)},
        lacks=lacking(*(row.texts.get(name) for name in columns_in(measurement.unit) + columns_in(measurement.name))),
    )
    yield Datapoint(series, instant, value, rank=None if measurement.sum else 0)


def _thing(row: SourceRow, link: Link) -> tuple[str, str | None]:
    return link.kind, row.cells[link.id_column]


def _escaped(text: str) -> str:
    """Two keys never read as one: `a:b` and `c` differ from `a` and `b:c`."""
    return text.replace("%", "%25").replace(":", "%3A")
