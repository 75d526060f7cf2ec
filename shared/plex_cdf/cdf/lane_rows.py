"""Rows beside the prints in the first table of fingerprints, which every run lists anyway: small, and many."""

from collections.abc import Iterator, Mapping
from typing import Any

from plex_cdf.cdf.entries import suffix_of
from plex_cdf.cdf.raw import Columns, RawTable

WAITING, QUARANTINE = "waiting", "quarantine"
Content = dict[str, Any]
Place = tuple[str, str]
"""Stream and bucket."""


class LaneRows:
    """What one lane keeps of one sort, in rows `{sort}:{stream}:{bucket}`, so that no row grows with everything.

    Their one column is named after the sort, so that a list can ask for them alone.

    Args:
        table: The first table of fingerprints.
        sort: What it is.
        lane: The lane of this run.
        rows: What the table has.
    """

    def __init__(self, table: RawTable, sort: str, lane: str, rows: Mapping[str, Columns]) -> None:
        self._table = table
        self._sort = sort
        self._suffix = suffix_of(lane)
        self._own = {name: columns for name, columns in rows.items() if self._is_ours(name)}

    def own(self) -> Iterator[tuple[str, Content]]:
        """What the lane of this run had at its beginning, with the stream of each."""
        return ((_stream(name), columns[self._sort]) for name, columns in self._own.items())

    def elsewhere(self, rows: Mapping[str, Columns]) -> dict[str, tuple[str, Content]]:
        """What another lane, which does not run now, has left: stream and content by row, of what `listed` gives."""
        return {
            name: (_stream(name), columns[self._sort])
            for name, columns in rows.items()
            if name.startswith(f"{self._sort}:") and not self._is_ours(name)
        }

    def stored(self, changed: Mapping[Place, Content]) -> dict[str, Columns]:
        """The rows to be saved. What is empty stays as an empty row, which costs no request of its own."""
        return {
            f"{self._sort}:{stream}:{bucket}{self._suffix}": {self._sort: content}
            for (stream, bucket), content in changed.items()
        }

    def put(self, changed: Mapping[Place, Content]) -> None:
        """Saves them."""
        if changed:
            self._table.put(self.stored(changed))

    def delete(self, names: list[str]) -> None:
        """Removes rows of another lane."""
        self._table.delete(names)

    def _is_ours(self, name: str) -> bool:
        sort, _, bucket = name.rpartition(":")
        suffix = bucket.partition(".")[1] + bucket.partition(".")[2]
        return sort.startswith(f"{self._sort}:") and suffix == self._suffix


def listed(table: RawTable) -> dict[str, Columns]:
    """The rows of all sorts and lanes as they are now; of prints the names alone."""
    return dict(table.all(columns=f"{WAITING},{QUARANTINE}"))


def _stream(name: str) -> str:
    return name.split(":")[1]
