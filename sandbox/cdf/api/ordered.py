"""Rows by a growing number, so that a listing can go on behind any of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

Row = TypeVar("Row")


class OrderedRows(Generic[Row]):
    """Rows by number; new ones always get a higher number than all before.

    Attributes:
        rows: by number, in order. Change it through `put` and `pop` alone.
    """

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._order: list[int] = []
        self._is_current = True

    def put(self, number: int, row: Row) -> None:
        """Add a row behind all others, or replace the one with this number."""
        if number not in self.rows:
            self._order.append(number)
        self.rows[number] = row

    def pop(self, number: int) -> Row:
        """Remove a row."""
        self._is_current = False
        return self.rows.pop(number)

    def after(self, number: int, until: int | None = None) -> Iterator[tuple[int, Row]]:
        """Rows above a number (and at most ``until``), in order."""
        if not self._is_current:
            self._order = list(self.rows)
            self._is_current = True
        order = self._order
        for position in range(bisect_right(order, number), len(order)):
            found = order[position]
            if until is not None and found > until:
                return
            yield found, self.rows[found]

    def numbers(self) -> list[int]:
        """All numbers, in order."""
        return list(self.rows)
