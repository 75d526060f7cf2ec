"""Prints of rows and things in memory, and which of them have changed.

Prints of rows lie in scopes. A scope is what one complete read covers (a whole list, the operations of one job, one
day of a history), and therefore what such a read may declare gone. A print holds the row's *gate*, a digest of what
Plex said, and an *entry* for each thing that was made of it: the digest of the thing as last written, or
`[digest, links]` where links could not be made yet, or one of the marks in `entries`.
"""

from collections.abc import Iterator
from zlib import crc32

from plex_cdf.cdf.entries import INTENDED, SHARED, UNREAD, Entry, Items, Print, as_print, is_day, missing, suffix_of

_BUCKETS = 256
Rows = dict[str, dict[str, list[object]]]
"""A row of RAW: prints, `[gate, items]`, by scope and key."""


class Prints:
    """The prints of one extractor that are at hand, in rows as RAW keeps them.

    Args:
        lane: The lane of this run.
    """

    def __init__(self, lane: str) -> None:
        self._suffix = suffix_of(lane)
        self._buckets = [f"/{bucket:02x}{self._suffix}" for bucket in range(_BUCKETS)]
        self._rows: dict[str, Rows] = {}
        # Entries that are true only once this run has written what they are of.
        self._pending: dict[str, set[tuple[str, str, str]]] = {}
        self._dirty: set[str] = set()
        # Rows that hold something intended, or something without all its links.
        self._open_ends: set[str] = set()

    # --- reading ---

    def get(self, stream: str, scope: str, key: str) -> Print:
        """The print of a row; an empty one where nothing is known. Not for changing."""
        found = self._rows.get(self._row(stream, scope, key), {}).get(scope, {}).get(key)
        return as_print(found) if found else (UNREAD, {})

    def shared(self, stream: str, scope: str, item: str) -> Entry | None:
        """The entry of a thing that belongs to no single row."""
        row = self._row(stream, scope, item)
        found = self._items(row, scope, SHARED).get(item)
        # What another lane wrote exists for this one too.
        return found if found is not None else self._items(row.removesuffix(self._suffix), scope, SHARED).get(item)

    def mark(self, stream: str, scope: str) -> str:
        """What a scope was last read for, for example the gate of the job whose operations it holds."""
        return self.get(stream, scope, SHARED)[0]

    def prints(self, stream: str, scope: str) -> Iterator[tuple[str, Print]]:
        """All rows of a scope."""
        for row in self._rows_of(stream, scope):
            for key, found in self._rows.get(row, {}).get(scope, {}).items():
                if key != SHARED:
                    yield key, as_print(found)

    def shared_items(self, stream: str, scope: str) -> Iterator[tuple[str, Entry]]:
        """All things of a scope that belong to no single row."""
        for row in self._rows_of(stream, scope):
            yield from list(self._items(row, scope, SHARED).items())

    def loaded(self, stream: str, *, every: bool = False) -> Iterator[tuple[str, str, Items]]:
        """Prints of a stream that have been read: scope, key (SHARED for what belongs to no row), items.

        Unless `every` one is asked for, those of rows in RAW that hold something intended, or something without all
        its links.
        """
        rows = self._rows if every else self._open_ends
        for row in sorted(row for row in rows if row.startswith(f"{stream}/") and row in self._rows):
            for scope, prints in list(self._rows[row].items()):
                for key, found in list(prints.items()):
                    yield scope, key, as_print(found)[1]

    # --- changing ---

    def put(self, stream: str, scope: str, key: str, gate: str) -> None:
        """Sets the gate of a row, or what a scope was read for."""
        row = self._row(stream, scope, key)
        if self.get(stream, scope, key)[0] != gate:
            self._own(row, scope, key)[0] = gate
            self._dirty.add(row)

    def put_item(
        self, stream: str, scope: str, key: str, item: str, entry: Entry | None, *, pending: bool = False
    ) -> None:
        """Sets an entry, or forgets it.

        Args:
            stream: Its stream.
            scope: Its scope.
            key: Its row's key, SHARED for what belongs to no single row.
            item: The thing.
            entry: What is known of it.
            pending: Whether the entry is true only once this run has written the thing.
        """
        row = self._row(stream, scope, key or item)
        items = self._items(row, scope, key)
        if items.get(item) == entry and not pending:
            return
        own = as_print(self._own(row, scope, key))[1]
        if entry is None:
            own.pop(item, None)
        else:
            own[item] = entry
            if entry == INTENDED or isinstance(entry, list):
                self._open_ends.add(row)
        waits = self._pending.setdefault(row, set())
        (waits.add if pending else waits.discard)((scope, key, item))
        self._dirty.add(row)

    def unread(self, stream: str, scope: str) -> None:
        """Has every row of a scope compared again, since what they make up together is in doubt."""
        for row in self._rows_of(stream, scope):
            for found in self._rows.get(row, {}).get(scope, {}).values():
                if found[0] != UNREAD:
                    found[0] = UNREAD
                    self._dirty.add(row)

    def forget(self, stream: str, scope: str, key: str) -> None:
        """Removes the print of a row."""
        row = self._row(stream, scope, key)
        if self._rows.get(row, {}).get(scope, {}).pop(key, None) is not None:
            self._dirty.add(row)

    # --- where they lie ---

    def _missing_in(self, row: str) -> set[str]:
        return {
            link
            for prints in self._rows.get(row, {}).values()
            for found in prints.values()
            for known in as_print(found)[1].values()
            if isinstance(known, list)
            for link in missing(known)
        }

    def _row(self, stream: str, scope: str, key: str) -> str:
        """Where a print lies. What is no day belongs to one lane alone."""
        if scope and is_day(scope):
            return f"{stream}/{scope}"
        return stream + self._buckets[crc32((scope or key).encode()) % _BUCKETS]

    def _rows_of(self, stream: str, scope: str) -> list[str]:
        if scope:
            return [self._row(stream, scope, "")]
        return [stream + bucket for bucket in self._buckets]

    def _items(self, row: str, scope: str, key: str) -> Items:
        found = self._rows.get(row, {}).get(scope, {}).get(key)
        return as_print(found)[1] if found else {}

    def _own(self, row: str, scope: str, key: str) -> list[object]:
        return self._rows.setdefault(row, {}).setdefault(scope, {}).setdefault(key, [UNREAD, {}])
