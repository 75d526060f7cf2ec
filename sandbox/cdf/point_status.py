"""Status of a point: a code whose two highest bits say good, uncertain or bad.

This stand-in knows the three plain codes, and those with info bits; not the many named sub-codes.
"""

from __future__ import annotations

from sandbox.cdf.http import AnyJson, ApiError, Json

GOOD = 0
SYMBOLS = ("Good", "Uncertain", "Bad")

_SUB_CODE = 0x3FFF_0000
_INFO_TYPE, _INFO_BITS = 0x0C00, 0x03FF


def category(code: int) -> int:
    """0 for good, 1 for uncertain, 2 for bad."""
    return code >> 30


def code_of(status: AnyJson) -> int:
    """The code of a ``{"code", "symbol"}``; good when nothing is said.

    Raises:
        ApiError: 400 for a code or symbol that does not exist, that is not modelled, or that contradict each other.
    """
    if status is None:
        return GOOD
    if not isinstance(status, dict) or not status.keys() <= {"code", "symbol"}:
        raise ApiError(400, "status: must have code or symbol")
    code, symbol = status.get("code"), status.get("symbol")
    if symbol is not None and symbol not in SYMBOLS:
        raise ApiError(400, f"Invalid status code symbol {symbol!r}; this stand-in knows {', '.join(SYMBOLS)}")
    if code is None:
        return GOOD if symbol is None else SYMBOLS.index(symbol) << 30
    if type(code) is not int or not 0 <= code < 3 << 30 or (code & _INFO_BITS and not code & _INFO_TYPE):
        raise ApiError(400, f"Invalid status code {code!r}")
    if code & _SUB_CODE:
        raise ApiError(400, f"status: this stand-in does not model the sub-code of {code}")
    if symbol is not None and symbol != SYMBOLS[category(code)]:
        raise ApiError(400, f"Invalid status code {code}: its symbol is {SYMBOLS[category(code)]}")
    return code


def shown(code: int) -> Json:
    """A status in an answer."""
    return {"code": code, "symbol": SYMBOLS[category(code)]}
