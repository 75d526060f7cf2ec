"""What a run knows of what was written before: digests of rows and things, so that what is unchanged costs nothing.

Writing is announced by what it will have written: entries go to RAW before the things go to CDF, with the generation
that the state row confirms afterwards. So a commit costs one row, and a run that finds an unconfirmed entry knows what
to look for.
"""

from collections.abc import Iterable

from plex_cdf.cdf.entries import INCREMENTAL, INTENDED, UNREAD, as_print, is_day
from plex_cdf.cdf.generations import PENDING, Generations
from plex_cdf.cdf.older_days import OlderDays
from plex_cdf.cdf.portions import cut, join, name_of, row_of
from plex_cdf.cdf.prints import Prints, Rows
from plex_cdf.cdf.raw import Columns, RawTable
from plex_cdf.cdf.waiting import Waiting


class Fingerprints(Prints):
    """All prints of one extractor, in two tables.

    The first is read whole at the beginning of a run, for RAW cannot filter by key and one list call is cheap: it has
    the lists, in buckets of rows so that one change rewrites one small row, and the days of histories that every run
    reads again. Older days lie in the second and are read where they are needed.

    Args:
        table: What every run needs.
        history: Older days of histories; None for an extractor without.
        lane: The lane of this run.
        confirmed: The last confirmed generation of each lane.

    Attributes:
        beside: What else the first table has, by row.
    """

    def __init__(self, table: RawTable, history: RawTable | None, lane: str, confirmed: dict[str, int]) -> None:
        super().__init__(lane)
        self._table = table
        self._history = OlderDays(history) if history else None
        self._lane = lane
        self._recent: set[str] = set()
        self._first_recent: dict[str, str] = {}
        rows = dict(table.all())
        self.beside = {name: columns for name, columns in rows.items() if "/" not in name}
        self._waiting = Waiting(table, lane, self.beside)
        self._generations = Generations(lane, confirmed, self.beside)
        # How many rows of the first table hold the prints of one.
        self._portions: dict[str, int] = {}
        self._load_first(rows)

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

    def adopt(self, rows: dict[str, Columns]) -> None:
        """Takes over what another lane, which does not run now, left without its links."""
        self._waiting.adopt(rows)

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
        own = rows.keys() - old.keys()
        recent: dict[str, Columns] = {}
        for row in sorted(own):
            recent |= self._in_portions(row, rows[row])
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
            self._table.delete([name_of(row, number) for row in moved for number in range(self._portions.pop(row, 1))])
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

    def _storable(self, row: str) -> Rows:
        """The row as RAW keeps it: entries that are not confirmed yet with their generation."""
        scopes = {
            scope: kept
            for scope, prints in self._rows.get(row, {}).items()
            if (kept := {key: found for key, found in prints.items() if found[0] or found[1]})
        }
        waits = self._pending.get(row)
        if not waits:
            return scopes
        stored: Rows = {
            scope: {key: [found[0], dict(as_print(found)[1])] for key, found in prints.items()}
            for scope, prints in scopes.items()
        }
        for scope, key, item in waits:
            found = stored.get(scope, {}).get(key)
            if found and item in (items := as_print(found)[1]):
                items[item] = self._generations.announced(items[item])
        return stored

    def _in_portions(self, row: str, scopes: Rows) -> dict[str, Columns]:
        """What the first table is to have of a row; what a larger one left behind goes empty."""
        portions = cut(scopes)
        number = self._portions[row] = max(len(portions), self._portions.get(row, 1))
        portions += [{}] * (number - len(portions))
        return {name_of(row, place): {"scopes": portion} for place, portion in enumerate(portions)}

    def _load_first(self, rows: dict[str, Columns]) -> None:
        """What the first table has for this lane."""
        found: dict[str, list[Rows]] = {}
        for name, columns in rows.items():
            if self._concerns_us(row_of(name)):
                found.setdefault(row_of(name), []).append(columns.get("scopes") or {})
        for row, portions in found.items():
            self._load(row, join(portions))
            self._portions[row] = len(portions)
            self._recent.add(row)

    def _load(self, row: str, scopes: Rows) -> None:
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
