"""The prints of older days of histories, in a table of their own: a row for each stream and day.

A night reads again what a month or more holds, and RAW can neither filter by key nor give several rows by their keys.
But a list may name the columns that it gives. So a row's one column is named after its stream and month: three months
of a stream, which is what a night touches at most, take one call, from which all other rows come back empty. A day that
is too large for a row lies in portions.
"""

from collections.abc import Iterable, Iterator
from itertools import count, takewhile

from plex_cdf.cdf.portions import cut, join, name_of
from plex_cdf.cdf.prints import Rows
from plex_cdf.cdf.raw import Columns, RawTable

_MONTHS_PER_LIST = 3


class OlderDays:
    """Reads and writes days; a day is named as its row is, `production_entries/2026-01-31`.

    Args:
        table: Where they lie.
    """

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._listed: set[str] | None = None
        # What came with days that were asked for, and may be asked for next; a few months of a stream at most.
        self._at_hand: dict[str, Columns] = {}

    def read(self, days: Iterable[str]) -> Iterator[tuple[str, Rows]]:
        """Those of some days that there are, in order."""
        names = self._names()
        wanted = sorted(day for day in days if day in names)
        listed: set[str] = set()
        for number, day in enumerate(wanted):
            if day not in self._at_hand and _month(day) not in listed:
                months = _months(day)
                # One alone is cheaper by itself.
                if any(_month(other) in months for other in wanted[number + 1 : number + 2]):
                    self._list(months)
                    listed.update(months)
            yield day, join([self._one(name) for name in self._portions(day)])

    def put(self, days: dict[str, Rows]) -> None:
        """Replaces days whole."""
        rows: dict[str, Columns] = {}
        for day, content in days.items():
            # What a larger day left behind goes empty.
            rows |= {name: {_month(day): {}} for name in self._portions(day)}
            rows |= {name_of(day, number): {_month(day): part} for number, part in enumerate(cut(content))}
        self._table.put(rows, ours=True)
        for name in rows:
            self._at_hand.pop(name, None)
        self._names().update(rows)

    def _names(self) -> set[str]:
        if self._listed is None:
            self._listed = set(self._table.keys())
        return self._listed

    def _portions(self, day: str) -> list[str]:
        """The rows that a day has."""
        names = self._names()
        return list(takewhile(names.__contains__, (name_of(day, number) for number in count())))

    def _list(self, months: list[str]) -> None:
        self._at_hand = {
            name: content
            for name, columns in self._table.all(columns=",".join(months))
            for month, content in columns.items()
            if month in months
        }

    def _one(self, name: str) -> Rows:
        found = self._at_hand.pop(name, None)
        if found is None:
            found = next(iter((self._table.get(name) or {}).values()), {})
        return found


def _month(day: str) -> str:
    """The column of a day, such as `production_entries/2026-01`."""
    return day[:-3]


def _months(day: str) -> list[str]:
    """The columns of a day's month and of those after it that are listed with it."""
    stream, _, name = day.rpartition("/")
    year, month = int(name[:4]), int(name[5:7]) - 1
    following = (divmod(month + ahead, 12) for ahead in range(_MONTHS_PER_LIST))
    return [f"{stream}/{year + years:04}-{number + 1:02}" for years, number in following]
