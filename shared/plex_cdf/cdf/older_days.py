"""The prints of older days of histories, in a table of their own: a row for each stream and day.

A night reads again what a month or more holds, and RAW can neither filter by key nor give several rows by their keys.
But a list may name the columns that it gives. So a row's one column is named after its stream and month: three months
of a stream, which is what a night touches at most, take one call, from which all other rows come back empty.
"""

from collections.abc import Iterable, Iterator

from plex_cdf.cdf.raw import Columns, RawTable

_MONTHS_PER_LIST = 3


class OlderDays:
    """Reads and writes days; a day is named as its row is, `production_entries/2026-01-31`.

    Args:
        table: Where they lie.
    """

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._names: set[str] | None = None
        # What came with days that were asked for, and may be asked for next; a few months of a stream at most.
        self._at_hand: dict[str, Columns] = {}

    def read(self, days: Iterable[str]) -> Iterator[tuple[str, Columns]]:
        """Those of some days that there are, in order."""
        if self._names is None:
            self._names = set(self._table.keys())
        wanted = sorted(day for day in days if day in self._names)
        listed: set[str] = set()
        for number, day in enumerate(wanted):
            if day not in self._at_hand and _month(day) not in listed:
                months = _months(day)
                # One alone is cheaper by itself.
                if any(_month(other) in months for other in wanted[number + 1 : number + 2]):
                    self._list(months)
                    listed.update(months)
            found = self._at_hand.pop(day, None)
            yield day, self._one(day) if found is None else found

    def put(self, days: dict[str, Columns]) -> None:
        """Replaces days whole."""
        self._table.put({day: {_month(day): content} for day, content in days.items()}, ours=True)
        for day in days:
            self._at_hand.pop(day, None)
        if self._names is not None:
            self._names |= days.keys()

    def _list(self, months: list[str]) -> None:
        self._at_hand = {
            day: content
            for day, columns in self._table.all(columns=",".join(months))
            for month, content in columns.items()
            if month in months
        }

    def _one(self, day: str) -> Columns:
        columns = self._table.get(day) or {}
        return next(iter(columns.values()), {})


def _month(day: str) -> str:
    """The column of a day, such as `production_entries/2026-01`."""
    return day[:-3]


def _months(day: str) -> list[str]:
    """The columns of a day's month and of those after it that are listed with it."""
    stream, _, name = day.rpartition("/")
    year, month = int(name[:4]), int(name[5:7]) - 1
    following = (divmod(month + ahead, 12) for ahead in range(_MONTHS_PER_LIST))
    return [f"{stream}/{year + years:04}-{number + 1:02}" for years, number in following]
