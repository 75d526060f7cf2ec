"""Which rows the request that is served now may see: set once per request, asked by every store that finds rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sandbox.cdf.api.http import Json

Sight = Callable[[str, Json], bool]
"""Whether a row, of a store of some kind, is there for the caller."""

_SIGHT: ContextVar[Sight | None] = ContextVar("sight", default=None)


def sight() -> Sight | None:
    """What the current request may see; None when it is everything."""
    return _SIGHT.get()


@contextmanager
def seeing(limited: Sight | None) -> Iterator[None]:
    """Serve a request that sees no more than this, and no more than it saw before."""
    before = _SIGHT.get()
    if limited is not None and before is not None:
        first, second = before, limited
        token = _SIGHT.set(lambda kind, row: first(kind, row) and second(kind, row))
    else:
        token = _SIGHT.set(limited or before)
    try:
        yield
    finally:
        _SIGHT.reset(token)
