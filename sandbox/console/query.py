"""What the console's JSON routes share: reading a query, paging, matching words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer

MAX_LIMIT = 1000

Predicate = Callable[[Json], bool]


def get(path: str, handler: Callable[[Request], object]) -> Route:
    """A route that answers JSON to a query (a coroutine, as Starlette runs plain functions in threads)."""

    async def endpoint(request: Request) -> Response:
        return answer(handler(request))

    return Route(path, endpoint, methods=["GET"])


def text_of(request: Request, name: str) -> str:
    """A parameter of the query; empty when it is absent."""
    return str(request.query_params.get(name, "")).strip()


def number_of(request: Request, name: str) -> int | None:
    """A whole number of the query; None when it is absent.

    Raises:
        ApiError: 400 when it is none.
    """
    text = text_of(request, name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ApiError(400, f"{name}: {text!r} is no whole number") from None


def bounds_of(request: Request) -> tuple[int, int]:
    """Where the page asked for begins and ends.

    Raises:
        ApiError: 400 when ``offset`` or ``limit`` is no number from 0.
    """
    offset, limit = number_of(request, "offset"), number_of(request, "limit")
    offset, limit = 0 if offset is None else offset, 100 if limit is None else limit
    if offset < 0 or not 0 < limit <= MAX_LIMIT:
        raise ApiError(400, f"offset: from 0, limit: from 1 to {MAX_LIMIT}")
    return offset, offset + limit


def paged(rows: Sequence[object], request: Request) -> Json:
    """The page asked for, and how many rows there are in all."""
    begin, end = bounds_of(request)
    return {"items": list(rows[begin:end]), "total": len(rows), "offset": begin}


def matching(rows: Iterable[Json], tests: Sequence[Predicate]) -> list[Json]:
    """The rows that pass every test."""
    return [row for row in rows if all(test(row) for test in tests)]


def words_of(request: Request, *fields: str) -> list[Predicate]:
    """Tests for the words of the parameter ``text``: each stands in one of the fields, or in the metadata."""
    return [has_word(word, fields) for word in text_of(request, "text").lower().split()]


def has_word(word: str, fields: Sequence[str]) -> Predicate:
    """A test for a word in lower case."""

    def test(row: Json) -> bool:
        return any(word in str(row.get(name, "")).lower() for name in fields) or any(
            word in str(value).lower() for value in row.get("metadata", {}).values()
        )

    return test


def one(rows: dict[int, Json], request: Request, kind: str) -> Json:
    """The row that the path names by its internal id.

    Raises:
        ApiError: 404 when there is none.
    """
    row = rows.get(request.path_params["id"])
    if row is None:
        raise ApiError(404, f"{kind} {request.path_params['id']} does not exist")
    return row
