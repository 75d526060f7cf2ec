"""Which older days of histories hold things that lack links, so that nobody has to read them to know."""

from collections.abc import Collection, Iterable, Mapping
from zlib import crc32

from plex_cdf.cdf.lane_rows import WAITING, LaneRows, Place
from plex_cdf.cdf.raw import Columns, RawTable

_BUCKETS = 64
Months = dict[str, int]
"""Days as bits, the first of the month the lowest, by month such as `2026-01`: every run reads them, a year or more."""


class Waiting:
    """The days that wait for each asset, by stream, in buckets of assets.

    Args:
        table: The first table of fingerprints.
        lane: The lane of this run.
        rows: What the table has.
    """

    def __init__(self, table: RawTable, lane: str, rows: Mapping[str, Columns]) -> None:
        self._rows = LaneRows(table, WAITING, lane, rows)
        self._streams: dict[str, dict[str, Months]] = {}
        for stream, assets in self._rows.own():
            self._streams.setdefault(stream, {}).update(assets)

    def assets(self) -> set[str]:
        """What any day waits for."""
        return {asset for assets in self._streams.values() for asset in assets}

    def days(self, stream: str, arrived: Iterable[str]) -> list[str]:
        """The days of a stream that wait for one of these assets, in order."""
        assets = self._streams.get(stream, {})
        waiting: Months = {}
        for asset in arrived:
            _merge(waiting, assets.get(asset, {}))
        return [f"{month}-{day:02}" for month in sorted(waiting) for day in range(1, 32) if waiting[month] & _bit(day)]

    def note(self, lacking: Mapping[str, Collection[str]]) -> dict[str, Columns]:
        """Notes what days, such as `production_entries/2026-01-31`, lack now; the rows to be saved, if any."""
        noted: dict[str, Months] = {}
        found: dict[str, dict[str, Months]] = {}
        for row, lacks in lacking.items():
            stream, _, day = row.partition("/")
            bits = {day[:7]: _bit(int(day[8:]))}
            _merge(noted.setdefault(stream, {}), bits)
            for asset in lacks:
                _merge(found.setdefault(stream, {}).setdefault(asset, {}), bits)
        changed = {place for stream in noted for place in self._replace(stream, noted[stream], found.get(stream, {}))}
        return self._rows.stored(self._content(changed))

    def adopt(self, rows: Mapping[str, Columns]) -> None:
        """Takes over what another lane, which does not run now, left without its links; `listed` gives the rows."""
        others = self._rows.elsewhere(rows)
        changed: set[Place] = set()
        for stream, assets in others.values():
            own = self._streams.setdefault(stream, {})
            for asset, months in assets.items():
                _merge(own.setdefault(asset, {}), months)
                changed.add((stream, _bucket(asset)))
        self._rows.put(self._content(changed))
        if others:
            self._rows.delete(list(others))

    def _replace(self, stream: str, noted: Months, found: dict[str, Months]) -> set[Place]:
        """Has the noted days of a stream wait for what was found, and for nothing else; what that changes."""
        own = self._streams.setdefault(stream, {})
        changed: set[Place] = set()
        for asset in own.keys() | found:
            before = own.get(asset, {})
            months = {month: left for month, days in before.items() if (left := days & ~noted.get(month, 0))}
            _merge(months, found.get(asset, {}))
            if months != before:
                changed.add((stream, _bucket(asset)))
                own[asset] = months
                if not months:
                    del own[asset]
        return changed

    def _content(self, places: set[Place]) -> dict[Place, dict[str, Months]]:
        content: dict[Place, dict[str, Months]] = {place: {} for place in sorted(places)}
        for stream in {stream for stream, _ in places}:
            for asset, months in self._streams[stream].items():
                if (place := (stream, _bucket(asset))) in content:
                    content[place][asset] = months
        return content


def _merge(months: Months, others: Months) -> None:
    for month, days in others.items():
        months[month] = months.get(month, 0) | days


def _bit(day: int) -> int:
    return 1 << (day - 1)


def _bucket(asset: str) -> str:
    return f"{crc32(asset.encode()) % _BUCKETS:02x}"
