"""How a data source is read as a history: a window of time at a time, as rows that are spelt like the REST API's."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from plex_cdf.data_source.config import DAY, DataSource, Link
from plex_cdf.errors import ConfigurationError, IncompleteError
from plex_cdf.naming import EPOCH, as_text, iso
from plex_cdf.plex.client import Row
from plex_cdf.plex.identity import ids_by_key
from plex_cdf.plex.records.source_row import tidy_date, tidy_number, tidy_text
from plex_cdf.stream import Sources

if TYPE_CHECKING:  # nothing is imported for data sources that are switched off
    from plex_cdf.plex.data_source import DataSources

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DataSourceWindow:
    """A history of the Data Source API.

    Attributes:
        source: How the plant describes it.
        pcn: The facility's, which a probe column must hold.
        time_zone: The plant's, in which days begin.
        ids: The UUIDs of keys that were asked for, by standard object and its key's name; kept for the run.
        lock: Windows are read by several threads; each key is asked for once.
    """

    source: DataSource
    pcn: int
    time_zone: str
    ids: dict[tuple[str, str], dict[int, str | None]] = field(default_factory=dict, compare=False, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @property
    def instant(self) -> str:
        """The row's field with its instant."""
        return self.source.placed_by

    def rows(self, sources: Sources, begin: int, end: int) -> list[Row]:
        """The rows of a time range in ms since 1970: declared columns tidied, others as Plex sent them.

        Raises:
            IncompleteError: Plex has cut the answer.
            ConfigurationError: There is no account, the data source is not as configured, or a row is another PCN's.
        """
        api = self._api(sources)
        if self.source.daily_at is None:
            rows = self._execute(api, begin, end)
        else:
            rows = [
                {**row, DAY: iso(first)}
                for first, last in self._days(begin, end, self.source.daily_at)
                # Whether Plex counts the end in is not documented; what happened at a midnight counts once.
                for row in self._execute(api, first, last - 1)
            ]
        rows = self._tidied(rows)
        for link in self.source.links:
            if link.object:
                self._translate(link, link.object, rows, sources)
        return rows

    def _api(self, sources: Sources) -> "DataSources":
        """The Data Source API, once it is known that the data source is as configured."""
        source = self.source
        if sources.data_sources is None:
            raise ConfigurationError(
                f"dataSources enables {source.name}, but PLEX_KEYS has no dsUser and dsPassword under PCN {self.pcn} "
                "(those under default do not count): ask Plex Customer Care for a web service account of this PCN and "
                f"the grant of data source {source.id}, or set enabled: false in the pipeline's config"
            )
        windowed = [name for name in (source.begin_input, source.end_input) if name]
        columns = [*source.declared, *([source.probe] if source.probe else [])]
        sources.data_sources.check(source.id, [*source.inputs, *windowed], columns)
        return sources.data_sources

    def _execute(self, api: "DataSources", begin: int, end: int) -> list[Row]:
        source = self.source
        window = {str(source.begin_input): iso(begin), str(source.end_input): iso(end)}
        rows = api.execute(source.id, {**source.inputs, **window})
        if source.row_limit and len(rows) >= source.row_limit:
            raise IncompleteError(f"data source {source.id} gave {len(rows)} rows, as many as its rowLimit allows")
        if source.probe:
            self._check_pcn(source.probe, rows)
        return rows

    def _check_pcn(self, probe: str, rows: list[Row]) -> None:
        """Makes sure that the account reads this facility: another's rows must never fill this one's data sets."""
        for row in rows:
            number = tidy_number(row.get(probe))
            if number != self.pcn:
                raise ConfigurationError(
                    f"data source {self.source.id} gives rows whose {probe} is {as_text(number)}, not {self.pcn}: the "
                    f"account in dsUser of PLEX_KEYS is not PCN {self.pcn}'s, or probe names a column that does not "
                    "hold the PCN"
                )

    def _tidied(self, rows: list[Row]) -> list[Row]:
        zone = ZoneInfo(self.source.time_zone)
        dates, numbers = set(self.source.date_columns), set(self.source.number_columns)
        columns = (*self.source.declared, DAY)

        def tidy(column: str, value: object) -> object:
            if column in dates:
                return tidy_date(value, zone)
            return tidy_number(value) if column in numbers else tidy_text(value)

        return [{**row, **{name: tidy(name, row[name]) for name in columns if name in row}} for row in rows]

    def _days(self, begin: int, end: int, at: time) -> Iterator[tuple[int, int]]:
        """Beginning and end of the days that begin in a time range."""
        zone = ZoneInfo(self.time_zone)
        day = (EPOCH + timedelta(milliseconds=begin)).astimezone(zone).date()
        while (first := _milliseconds(datetime.combine(day, at, zone))) < end:
            day += _ONE_DAY
            if first >= begin:
                yield first, _milliseconds(datetime.combine(day, at, zone))

    def _translate(self, link: Link, name: str, rows: list[Row], sources: Sources) -> None:
        """Puts the UUID of a link's integer key beside it, None where Plex knows none."""
        key = link.object_key or link.column
        keys = [_integer(row.get(link.column)) for row in rows]
        with self.lock:
            known = self.ids.setdefault((name, key), {})
            if new := sorted({each for each in keys if each is not None} - known.keys()):
                found = ids_by_key(sources.plex, name, key, new)
                known |= {each: found.get(each) for each in new}
        for row, each in zip(rows, keys, strict=True):
            row[link.id_column] = None if each is None else known[each]


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _integer(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
