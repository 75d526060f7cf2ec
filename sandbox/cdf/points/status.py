"""Status of a point: a code whose two highest bits say good, uncertain or bad.

Below them are a sub-code, two flags that the structure or the semantics changed, and info bits, as OPC UA has them
(https://docs.cognite.com/dev/concepts/reference/status_codes). A symbol spells all of it:
``BadBrowseNameInvalid, StructureChanged, Low``.
"""

from __future__ import annotations

import re
from functools import cache

from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.points.status_codes import SUB_CODES

GOOD = 0

_NAMES = {code: name for name, code in SUB_CODES.items()}
_HAS_INFO, _INFO_BITS, _RESERVED, _LIMIT, _ORIGIN = 0x0400, 0x03FF, 0x3860, 0x0300, 0x0003
_FLAGS = {
    "StructureChanged": 0x8000,
    "SemanticsChanged": 0x4000,
    "Constant": 0x0300,
    "High": 0x0200,
    "Low": 0x0100,
    "Overflow": 0x0080,
    "MultipleValues": 0x0010,
    "ExtraData": 0x0008,
    "Partial": 0x0004,
    "Interpolated": 0x0002,
    "Calculated": 0x0001,
}
_EXCLUSIVE = {0x0300: _LIMIT, 0x0200: _LIMIT, 0x0100: _LIMIT, 0x0002: _ORIGIN, 0x0001: _ORIGIN}
"""Flags that are a value of several bits: one of a group may be set."""


def category(code: int) -> int:
    """0 for good, 1 for uncertain, 2 for bad."""
    return code >> 30


def code_of(status: AnyJson) -> int:
    """The code of a ``{"code", "symbol"}``; good when nothing is said.

    Raises:
        ApiError: 400 for a code or symbol that does not exist, or that contradict each other.
    """
    if status is None:
        return GOOD
    if not isinstance(status, dict) or not status.keys() <= {"code", "symbol"}:
        raise ApiError(400, f"status: takes code and symbol, got {status!r}")
    code, symbol = status.get("code"), status.get("symbol")
    if code is None:
        return GOOD if symbol is None else _parsed(symbol)
    if type(code) is not int:
        raise ApiError(400, f"Invalid status code {code!r}: must be a whole number")
    _check(code)
    if symbol is not None and _parsed(symbol) | (code & _HAS_INFO) != code:
        raise ApiError(400, f"Invalid status code {code}: its symbol is {symbol_of(code)}, not {symbol}")
    return code


@cache
def symbol_of(code: int) -> str:
    """How a valid code is spelt."""
    parts = [_NAMES[code >> 16]]
    for name, bits in _FLAGS.items():
        if code & _EXCLUSIVE.get(bits, bits) == bits:
            parts.append(name)
    return ", ".join(parts)


def shown(code: int) -> Json:
    """A status in an answer."""
    return {"code": code, "symbol": symbol_of(code)}


@cache
def _check(code: int) -> None:
    """Refuse a code that is not permitted.

    Raises:
        ApiError: 400.
    """
    if code >> 16 not in _NAMES:
        raise ApiError(400, f"Invalid status code {code}: unknown category or sub-code")
    if code & _RESERVED:
        raise ApiError(400, f"Invalid status code {code}: a reserved bit is set")
    if code & _INFO_BITS and not code & _HAS_INFO:
        raise ApiError(400, f"Invalid status code {code}: when info type is 00, all info bits must be 0")
    if code & _ORIGIN == _ORIGIN:
        raise ApiError(400, f"Invalid status code {code}: Calculated and Interpolated exclude each other")


def _parsed(symbol: AnyJson) -> int:
    """The code of a symbol.

    Raises:
        ApiError: 400 when there is no such symbol.
    """
    first, *flags = filter(None, re.split("[ ,]", symbol)) if isinstance(symbol, str) and symbol.strip(" ,") else [""]
    if first not in SUB_CODES:
        raise ApiError(
            400, f"Invalid status code symbol {symbol!r}: {first!r} is unknown, as Good or BadNoData are not"
        )
    code = SUB_CODES[first] << 16
    for flag in flags:
        bits = _FLAGS.get(flag)
        if bits is None:
            raise ApiError(400, f"Invalid status code symbol {symbol!r}: {flag!r} is none of {', '.join(_FLAGS)}")
        if code & _EXCLUSIVE.get(bits, 0) not in {0, bits}:
            raise ApiError(400, f"Invalid status code symbol {symbol!r}: {flag} excludes a flag before it")
        code |= bits
    return code | _HAS_INFO if code & _INFO_BITS else code
