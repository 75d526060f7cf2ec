"""Which announcements count: those whose generation a state row has confirmed.

A run announces under a number, and the next commit of its state row confirms the number: one row for however many
entries. What a run that was killed announced may lie in rows that nobody reads for long, so its number is void for
good. A run knows of it, for every number is noted before its first entry is saved.
"""

from plex_cdf.cdf.entries import INTENDED, Entry, digest, suffix_of
from plex_cdf.cdf.raw import Columns

_ANNOUNCED = "announced"
PENDING = "~"
"""Begins an entry that waits to be confirmed: lane and generation follow."""


class Generations:
    """The generations of a run's lane, and of those lanes whose state rows it has read.

    Args:
        lane: The lane of this run.
        confirmed: The last confirmed generation of each lane.
        rows: The first table of fingerprints, which has the notes.
    """

    def __init__(self, lane: str, confirmed: dict[str, int], rows: dict[str, Columns]) -> None:
        self._lane = lane
        self._confirmed = dict(confirmed)
        self._void = {name: _void(rows.get(_ANNOUNCED + suffix_of(name), {}), last) for name, last in confirmed.items()}
        self._number: int = max([confirmed.get(lane, 0), *self._void.get(lane, ())]) + 1
        self._noted = False

    def note(self) -> dict[str, Columns]:
        """The row that has to be saved before the first entry of a generation; none when it was."""
        if self._noted:
            return {}
        self._noted = True
        void = sorted(self._void.get(self._lane, ()))
        return {_ANNOUNCED + suffix_of(self._lane): {"generation": self._number, "void": void}}

    @property
    def to_confirm(self) -> int:
        """The number for the state row."""
        return self._number if self._noted else self._confirmed.get(self._lane, 0)

    def confirm(self) -> None:
        """The state row has confirmed the number; what is announced from now on waits for the next one."""
        self._confirmed[self._lane] = self.to_confirm
        self._number += self._noted
        self._noted = False

    def announced(self, known: Entry) -> Entry:
        """An entry as it is saved before it is true."""
        text = f"{PENDING}{self._lane}:{self._number}:{digest(known)}"
        return [text, known[1]] if isinstance(known, list) else text

    def settled(self, stored: Entry) -> Entry:
        """A saved entry as it counts: plain, or marked as intended where nobody has confirmed it."""
        text = str(digest(stored))
        if not text.startswith(PENDING):
            return stored
        lane, number, text = text[1:].split(":", 2)
        if int(number) > self._confirmed.get(lane, 0) or int(number) in self._void.get(lane, ()):
            return INTENDED
        return [text, stored[1]] if isinstance(stored, list) else text


def _void(note: Columns, confirmed: int) -> set[int]:
    """The numbers that were announced by runs that ended before they could confirm them."""
    last = note.get("generation") or 0
    return {*(note.get("void") or ()), *([last] if last > confirmed else [])}
