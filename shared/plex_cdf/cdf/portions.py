"""Rows of RAW that would be too large for one: more under the same name, `{row}#1`, `{row}#2` and so on.

A column may have 2,621,440 characters. Source: `POST /raw/dbs/{db}/tables/{table}/rows` of the CDF API.
"""

from collections.abc import Iterator

from plex_cdf.cdf.entries import Items, as_print, missing
from plex_cdf.cdf.prints import Rows

# Prints, entries and missing links; each has at most an external id of 255 characters, mostly much less.
PER_ROW = 10_000
_AT_ONCE = 1000


def cut(scopes: Rows) -> list[Rows]:
    """The prints of a row in as many portions as it takes; one for nearly every row."""
    weight = sum(_weight(as_print(found)[1]) for prints in scopes.values() for found in prints.values())
    if weight <= PER_ROW:
        return [scopes]
    portions: list[Rows] = [{}]
    weight = 0
    for scope, key, gate, items in _pieces(scopes):
        weight += _weight(items)
        if weight > PER_ROW:
            portions.append({})
            weight = _weight(items)
        own = portions[-1].setdefault(scope, {}).setdefault(key, [gate, {}])
        as_print(own)[1].update(items)
    return portions


def join(portions: list[Rows]) -> Rows:
    """A row from its portions."""
    whole, *others = portions
    for portion in others:
        for scope, key, gate, items in _pieces(portion):
            as_print(whole.setdefault(scope, {}).setdefault(key, [gate, {}]))[1].update(items)
    return whole


def name_of(row: str, number: int) -> str:
    """What a portion of a row is called."""
    return f"{row}#{number}" if number else row


def row_of(name: str) -> str:
    """The row that a portion is of."""
    return name.partition("#")[0]


def _pieces(scopes: Rows) -> Iterator[tuple[str, str, str, Items]]:
    """Prints, those of many entries piece by piece: scope, key, gate, entries."""
    for scope, prints in scopes.items():
        for key, found in prints.items():
            gate, items = as_print(found)
            names = list(items)
            for start in range(0, max(1, len(names)), _AT_ONCE):
                yield scope, key, gate, {name: items[name] for name in names[start : start + _AT_ONCE]}


def _weight(items: Items) -> int:
    return 1 + len(items) + sum(len(missing(known)) for known in items.values() if known.__class__ is list)
