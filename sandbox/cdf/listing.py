"""What a listing may ask for beside a filter: a partition, an order, a property, words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.cdf.http import AnyJson, ApiError, Json, texts

MAX_PARTITIONS = 10


def partition_of(value: object) -> tuple[int, int]:
    """Index and number of a partition such as ``"2/5"``.

    Raises:
        ApiError: 400 when it is no such text, or names more partitions than the API has.
    """
    if value is None:
        return 0, 1
    index, _, count = str(value).partition("/")
    if not index.isdecimal() or not count.isdecimal() or not 1 <= int(index) <= int(count) <= MAX_PARTITIONS:
        raise ApiError(400, f"partition: must be m/n with n at most {MAX_PARTITIONS}")
    return int(index) % int(count), int(count)


def sorted_rows(rows: list[Json], sort: object) -> list[Json]:
    """Rows in the order that ``[{"property": […], "order": "asc"}]`` asks for; rows without the property come last.

    Raises:
        ApiError: 400 when ``sort`` is anything else.
    """
    for rule in reversed(sort if isinstance(sort, list) else [sort]):
        path = texts(rule.get("property"), "sort.property") if isinstance(rule, dict) else None
        if not path:
            raise ApiError(400, "sort: must be a list of {property, order}")
        backwards = rule.get("order", "asc") == "desc"
        value = value_at(path)
        present = [row for row in rows if value(row) is not None]
        absent = [row for row in rows if value(row) is None]
        rows = sorted(present, key=value, reverse=backwards) + absent
    return rows


def value_at(path: Sequence[str]) -> Callable[[Json], AnyJson]:
    """How to read a property that may lie deeper in a row; None where there is nothing."""

    def value(row: Json) -> AnyJson:
        found: AnyJson = row
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return value


def has_words(row: Json, wanted: Json, fields: Sequence[str]) -> bool:
    """Whether a row contains all words searched for: in one field, or in any of ``fields`` for a ``query``."""
    for field, words in wanted.items():
        if words is None:
            continue
        texts = [str(row.get(name, "")) for name in fields] if field == "query" else [str(row.get(field, ""))]
        if not all(any(word in text.lower() for text in texts) for word in str(words).lower().split()):
            return False
    return True
