"""What a run knows of the resources that were written before: a digest of each, so that an unchanged row costs nothing.

Entries lie in scopes. A scope is what one complete read covers (a whole list, the operations of one job), and
therefore what such a read may declare gone. Rows of RAW hold buckets of entries, so that one change rewrites one
small row.

An entry is the digest of the resource as last written; or `[digest, links]` where links could not be made yet; or
one of the marks below.
"""

from collections.abc import Iterator
from zlib import crc32

from plex_cdf.cdf.raw import RawTable

Entry = str | list[object]

INTENDED = ""
"""A write was begun, and it is not known whether it arrived."""
EXISTS = "?"
"""It is in CDF with unknown content."""
RETIRED = "-"
"""It is marked in CDF as no longer in Plex."""
REFUSED = "!"
"""Begins the digest of content that CDF refused: not sent again until it changes."""

WHOLE = ""
"""The scope of a stream that is read as one list."""
_MARK = ""
_BUCKETS = 256


class Fingerprints:
    """All entries of one extractor, read at once: RAW cannot filter by key, and one list call is cheap.

    Args:
        table: The extractor's own table.
    """

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._rows: dict[str, dict[str, dict[str, Entry]]] = {
            key: columns.get("scopes") or {} for key, columns in table.all()
        }
        self._dirty: set[str] = set()

    def get(self, stream: str, scope: str, item: str) -> Entry | None:
        """The entry of an item, None where nothing is known."""
        return self._rows.get(_row(stream, scope, item), {}).get(scope, {}).get(item)

    def put(self, stream: str, scope: str, item: str, entry: Entry | None) -> None:
        """Sets an entry, or forgets it; `flush` saves it."""
        key = _row(stream, scope, item)
        entries = self._rows.setdefault(key, {}).setdefault(scope, {})
        if entries.get(item) == entry:
            return
        if entry is None:
            entries.pop(item, None)
        else:
            entries[item] = entry
        self._dirty.add(key)

    def mark(self, stream: str, scope: str) -> Entry | None:
        """What the scope was last read for, for example the digest of the job whose operations it holds."""
        return self.get(stream, scope, _MARK)

    def set_mark(self, stream: str, scope: str, mark: str) -> None:
        """Notes what the scope was read for."""
        self.put(stream, scope, _MARK, mark)

    def items(self, stream: str, scope: str) -> Iterator[tuple[str, Entry]]:
        """All items of a scope with their entries."""
        rows = [_row(stream, scope, "")] if scope else [f"{stream}/{bucket:02x}" for bucket in range(_BUCKETS)]
        for row in rows:
            for item, entry in self._rows.get(row, {}).get(scope, {}).items():
                if item != _MARK:
                    yield item, entry

    def stream_items(self, stream: str) -> Iterator[tuple[str, str, Entry]]:
        """All items of a stream: scope, item, entry."""
        for bucket in range(_BUCKETS):
            for scope, entries in self._rows.get(f"{stream}/{bucket:02x}", {}).items():
                for item, entry in entries.items():
                    if item != _MARK:
                        yield scope, item, entry

    def all_missing(self) -> set[str]:
        """The assets that any item still lacks a link to."""
        return {
            link
            for scopes in self._rows.values()
            for entries in scopes.values()
            for known in entries.values()
            for link in missing(known)
        }

    @property
    def dirty(self) -> bool:
        """Whether something waits to be saved."""
        return bool(self._dirty)

    def flush(self) -> None:
        """Saves what has changed."""
        if self._dirty:
            self._table.put({key: {"scopes": self._rows[key]} for key in sorted(self._dirty)})
            self._dirty.clear()


def digest(entry: Entry | None) -> str | None:
    """The digest, or mark, of an entry."""
    return str(entry[0]) if isinstance(entry, list) else entry


def missing(entry: Entry) -> list[str]:
    """The links that an entry still lacks."""
    return [str(link) for link in entry[1]] if isinstance(entry, list) and isinstance(entry[1], list) else []


def entry(of: str, lacking: tuple[str, ...]) -> Entry:
    """An entry from a digest and the links that could not be made."""
    return [of, list(lacking)] if lacking else of


def _row(stream: str, scope: str, item: str) -> str:
    return f"{stream}/{crc32((scope or item).encode()) % _BUCKETS:02x}"
