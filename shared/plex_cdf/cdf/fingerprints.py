"""What a run knows of what was written before: digests of rows and things, so that what is unchanged costs nothing.

Prints of rows lie in scopes. A scope is what one complete read covers (a whole list, the operations of one job, one
day of a history), and therefore what such a read may declare gone. A print holds the row's *gate*, a digest of what
Plex said, and an *entry* for each thing that was made of it: the digest of the thing as last written, or
`[digest, links]` where links could not be made yet, or one of the marks below.

Writing is announced by what it will have written: entries go to RAW before the things go to CDF, with the generation
that the state row confirms afterwards. So a commit costs one row, and a run that finds an unconfirmed entry knows what
to look for.
"""

from collections.abc import Iterable, Iterator
from zlib import crc32

from plex_cdf.cdf.entries import (
    INCREMENTAL,
    INTENDED,
    SHARED,
    UNREAD,
    Entry,
    Items,
    Print,
    as_print,
    is_day,
    missing,
    suffix_of,
)
from plex_cdf.cdf.generations import PENDING, Generations
from plex_cdf.cdf.older_days import OlderDays
from plex_cdf.cdf.raw import Columns, RawTable
from plex_cdf.cdf.waiting import Waiting

_BUCKETS = 256
_Rows = dict[str, dict[str, list[object]]]


class Fingerprints:
    """All prints of one extractor, in two tables.

    The first is read whole at the beginning of a run, for RAW cannot filter by key and one list call is cheap: it has
    the lists, in buckets of rows so that one change rewrites one small row, and the days of histories that every run
    reads again. Older days lie in the second and are read where they are needed.

    Args:
        table: What every run needs.
        history: Older days of histories; None for an extractor without.
        lane: The lane of this run.
        confirmed: The last confirmed generation of each lane.
    """

    def __init__(self, table: RawTable, history: RawTable | None, lane: str, confirmed: dict[str, int]) -> None:
        self._table = table
        self._history = OlderDays(history) if history else None
        self._lane = lane
        self._suffix = suffix_of(lane)
        self._rows: dict[str, _Rows] = {}
        self._recent: set[str] = set()
        self._first_recent: dict[str, str] = {}
        self._pending: dict[str, set[tuple[str, str, str]]] = {}
        self._dirty: set[str] = set()
        self._open_ends: set[str] = set()
        rows = dict(table.all())
        self._waiting = Waiting(table, lane, rows)
        self._generations = Generations(lane, confirmed, rows)
        for key, columns in rows.items():
            if self._concerns_us(key):
                self._load(key, columns.get("scopes") or {})
                self._recent.add(key)

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

    # --- days ---

    def keep_at_hand(self, stream: str, since: str) -> None:
        """Says from which day on a history's prints are read by every run; earlier ones go to the second table."""
        self._first_recent[stream] = since
        for row in self._recent:
            name, _, day = row.partition("/")
            if name == stream and len(day) == len(since) and day < since:
                self._dirty.add(row)

    def open(self, stream: str, scopes: Iterable[str]) -> bool:
        """Reads the prints of those scopes that are days and not at hand; whether there were any."""
        days = [f"{stream}/{scope}" for scope in scopes if is_day(scope)]
        wanted = [row for row in days if row not in self._rows and self._is_old(row)]
        if not wanted or self._history is None:
            return False
        found = False
        for row, content in self._history.read(wanted):
            self._load(row, content)
            found = True
        return found

    def close(self) -> None:
        """Puts the days away that lie in the second table, to save memory."""
        for row in [row for row in self._rows if self._is_old(row) and row not in self._recent]:
            if row not in self._dirty and row not in self._pending:
                del self._rows[row]

    # --- links ---

    def all_missing(self) -> list[str]:
        """The assets that any thing still lacks a link to, in order."""
        recent = {link for row in self._open_ends for link in self._missing_in(row)}
        return sorted(recent | self._waiting.assets())

    def waiting(self, stream: str, arrived: Iterable[str]) -> list[str]:
        """The older days in which something lacks one of these links."""
        return self._waiting.days(stream, arrived)

    def adopt(self) -> None:
        """Takes over what another lane, which does not run now, left without its links."""
        self._waiting.adopt()

    # --- saving ---

    @property
    def generation(self) -> int:
        """What the state row has to confirm for the entries of this run, if there are any."""
        return self._generations.to_confirm

    @property
    def dirty(self) -> bool:
        """Whether something waits to be saved."""
        return bool(self._dirty)

    @property
    def unconfirmed(self) -> bool:
        """Whether saved entries wait for their confirmation."""
        return bool(self._pending)

    def flush(self) -> None:
        """Saves what has changed."""
        if not self._dirty:
            return
        rows = {row: self._storable(row) for row in sorted(self._dirty)}
        old = {row: scopes for row, scopes in rows.items() if self._is_old(row)}
        recent: dict[str, Columns] = {row: {"scopes": scopes} for row, scopes in rows.items() if row not in old}
        own = set(recent)
        if any(self._pending.values()):
            recent |= self._generations.note()
        if self._history is not None and old:
            recent |= self._waiting.note({row: self._missing_in(row) for row in old})
        if recent:
            self._table.put(recent, ours=True)
        if self._history is not None and old:
            self._history.put(old)
        self._recent |= own
        # Only after they are safe in the other table.
        moved = sorted(self._recent & old.keys())
        if moved:
            self._table.delete(moved)
            self._recent -= set(moved)
        self._dirty.clear()

    def confirm(self) -> None:
        """Says that the state row has confirmed the generation; a new one begins."""
        self._generations.confirm()
        if self._lane != INCREMENTAL:
            # The other lane need not know of this one's state row.
            self._dirty |= self._pending.keys()
        self._pending.clear()
        self.flush()

    def _is_old(self, row: str) -> bool:
        stream, _, day = row.partition("/")
        first = self._first_recent.get(stream)
        return first is not None and len(day) == len(first) and day < first

    def _storable(self, row: str) -> _Rows:
        """The row as RAW keeps it: entries that are not confirmed yet with their generation."""
        scopes = {
            scope: kept
            for scope, prints in self._rows.get(row, {}).items()
            if (kept := {key: found for key, found in prints.items() if found[0] or found[1]})
        }
        waits = self._pending.get(row)
        if not waits:
            return scopes
        stored: _Rows = {
            scope: {key: [found[0], dict(as_print(found)[1])] for key, found in prints.items()}
            for scope, prints in scopes.items()
        }
        for scope, key, item in waits:
            found = stored.get(scope, {}).get(key)
            if found and item in (items := as_print(found)[1]):
                items[item] = self._generations.announced(items[item])
        return stored

    def _load(self, row: str, scopes: _Rows) -> None:
        """A row out of RAW: what is confirmed is plain, what is not is marked as intended, its row to be compared."""
        self._rows[row] = scopes
        for prints in scopes.values():
            for found in prints.values():
                items = as_print(found)[1]
                for item, stored in items.items():
                    if stored.__class__ is str and stored and stored[0] != PENDING:
                        continue  # as nearly all are
                    known = items[item] = self._generations.settled(stored)
                    if known == INTENDED:
                        found[0] = UNREAD
                    if known == INTENDED or isinstance(known, list):
                        self._open_ends.add(row)

    def _concerns_us(self, key: str) -> bool:
        """Whether a row of the first table is for this lane: the days in it are for the scheduled runs alone."""
        name = key.partition("/")[2]
        if not name or (self._suffix and is_day(name)):
            return False
        return "." not in name or key.endswith(self._suffix or "/")

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
        if is_day(scope):
            return f"{stream}/{scope}"
        return f"{stream}/{crc32((scope or key).encode()) % _BUCKETS:02x}{self._suffix}"

    def _rows_of(self, stream: str, scope: str) -> list[str]:
        if scope:
            return [self._row(stream, scope, "")]
        return [f"{stream}/{bucket:02x}{self._suffix}" for bucket in range(_BUCKETS)]

    def _items(self, row: str, scope: str, key: str) -> Items:
        found = self._rows.get(row, {}).get(scope, {}).get(key)
        return as_print(found)[1] if found else {}

    def _own(self, row: str, scope: str, key: str) -> list[object]:
        return self._rows.setdefault(row, {}).setdefault(scope, {}).setdefault(key, [UNREAD, {}])
