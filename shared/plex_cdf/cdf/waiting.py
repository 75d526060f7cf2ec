"""Which older days of histories hold things that lack links, so that nobody has to read them to know."""

from collections.abc import Iterable

from plex_cdf.cdf.entries import suffix_of
from plex_cdf.cdf.raw import Columns, RawTable

_WAITING = "waiting"


class Waiting:
    """The assets that the days of each stream wait for, kept in one row for each lane.

    Args:
        table: The first table of fingerprints.
        lane: The lane of this run.
        rows: What the table has.
    """

    def __init__(self, table: RawTable, lane: str, rows: dict[str, Columns]) -> None:
        self._table = table
        self._name = _WAITING + suffix_of(lane)
        self._days: dict[str, list[str]] = rows.get(self._name, {}).get("days") or {}
        self._elsewhere = [name for name in rows if name.startswith(_WAITING) and name != self._name]
        self._rows = rows

    def assets(self) -> set[str]:
        """What any day waits for."""
        return {asset for assets in self._days.values() for asset in assets}

    def days(self, stream: str, arrived: Iterable[str]) -> list[str]:
        """The days of a stream that wait for one of these assets."""
        there = set(arrived)
        rows = [row for row, assets in self._days.items() if row.startswith(f"{stream}/") and there & set(assets)]
        return [row.partition("/")[2] for row in rows]

    def note(self, lacking: dict[str, set[str]]) -> dict[str, Columns]:
        """Notes what days lack now; the row to be saved, none where nothing has changed."""
        before = self._days
        found = {row: sorted(assets) for row, assets in lacking.items() if assets}
        self._days = {row: assets for row, assets in before.items() if row not in lacking} | found
        return {} if self._days == before else {self._name: {"days": self._days}}

    def adopt(self) -> None:
        """Takes over what another lane, which does not run now, left without its links."""
        for name in self._elsewhere:
            self._days |= self._rows[name].get("days") or {}
            self._table.put({self._name: {"days": self._days}})
            self._table.delete([name])
        self._elsewhere = []
