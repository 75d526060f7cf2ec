"""What a listing may ask for beside a filter: a partition, an order, a property, words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from sandbox.cdf.api.http import AnyJson, ApiError, Json, texts
from sandbox.cdf.classic.row_values import ARRAYS, property_names

MAX_PARTITIONS = 10

_WORD = re.compile(r"[^\W_]+")


def partition_of(data: Json) -> tuple[int, int]:
    """Index and number of a request's ``partition``, such as ``"2/5"``.

    Raises:
        ApiError: 400 when it is no such text, names more partitions than the API has, or comes with a sort
            (cognite-sdk-python, `_api/assets.py`, docstring of `list`).
    """
    value = data.get("partition")
    if value is None:
        return 0, 1
    index, _, count = str(value).partition("/")
    if not index.isdecimal() or not count.isdecimal() or not 1 <= int(index) <= int(count) <= MAX_PARTITIONS:
        raise ApiError(400, f"partition: must be m/n with n at most {MAX_PARTITIONS}")
    if data.get("sort"):
        raise ApiError(400, "partition: cannot be used together with sort")
    return int(index) % int(count), int(count)


def check_sort(sort: AnyJson, known: Collection[str]) -> None:
    """Refuse to sort by a property that a resource does not have, or that has no order.

    Raises:
        ApiError: 400 with what is accepted instead.
    """
    for rule in sort if isinstance(sort, list) else [sort]:
        if not isinstance(rule, dict) or not rule.keys() <= {"property", "order", "nulls"}:
            raise ApiError(400, f"sort: must be a list of {{property, order, nulls}}, has {rule!r}")
        if rule.get("property") == ["_score_"]:
            raise ApiError(400, "sort: the order by _score_ is not modelled")
        names = property_names(rule.get("property"), known)
        if names == ["metadata"] or names[0] in ARRAYS:
            raise ApiError(400, f"sort: {names} has no order")


def sorted_rows(rows: list[Json], sort: object) -> list[Json]:
    """Rows in the order that ``[{"property": […], "order": "asc", "nulls": "auto"}]`` asks for.

    ``auto`` takes a missing value for larger than any other: last when ascending, first when descending.

    Raises:
        ApiError: 400 when ``sort`` is anything else, or names a property that has no order.
    """
    for rule in reversed(sort if isinstance(sort, list) else [sort]):
        path = texts(rule.get("property"), "sort.property") if isinstance(rule, dict) else None
        if not path:
            raise ApiError(400, "sort: must be a list of {property, order, nulls}")
        order, nulls = rule.get("order", "asc"), rule.get("nulls", "auto")
        if order not in ("asc", "desc") or nulls not in ("auto", "first", "last"):
            raise ApiError(400, "sort: order must be asc or desc, nulls must be auto, first or last")
        value = value_at(path)
        present = [row for row in rows if value(row) is not None]
        absent = [row for row in rows if value(row) is None]
        try:
            present.sort(key=value, reverse=order == "desc")
        except TypeError as error:
            raise ApiError(400, f"sort: {path} has no order") from error
        absent_first = order == "desc" if nulls == "auto" else nulls == "first"
        rows = absent + present if absent_first else present + absent
    return rows


def value_at(path: Sequence[str]) -> Callable[[Json], AnyJson]:
    """How to read a property that may lie deeper in a row; None where there is nothing."""

    def value(row: Json) -> AnyJson:
        found: AnyJson = row
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return value


def words_of(text: AnyJson) -> list[str]:
    """The words of a text in lower case; an underscore parts words."""
    return _WORD.findall(str(text or "").casefold())


def relevance(row: Json, wanted: Json, fields: Sequence[str]) -> float:
    """How well a row fits a ``search``: 0 when it does not, more for whole words than for parts, and for shorter texts.

    A named field must contain every word; of a ``query`` any word in any of ``fields`` is enough.
    """
    total = 0.0
    for field, text in wanted.items():
        words = words_of(text)
        if not words:
            continue
        names = fields if field == "query" else (field,)
        scores = [max(_fit(word, words_of(row.get(name))) for name in names) for word in words]
        if not any(scores) or (field != "query" and not all(scores)):
            return 0
        total += sum(scores)
    return total or 1


def _fit(word: str, words: list[str]) -> float:
    """2 for a whole word, 1 for its beginning, a half for a part of it, a little more where there are few words."""
    best = (
        max((2.0 if word == each else 1.0 if each.startswith(word) else 0.5 if word in each else 0.0) for each in words)
        if words
        else 0.0
    )
    return best + 0.1 / len(words) if best else 0.0
