"""What every endpoint shares: reading a JSON request, answering JSON, and the API's error envelope."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

Json = dict[str, Any]
"""A JSON object."""

AnyJson = Any
"""Any JSON value, yet to be looked at."""

_DUMP_OPTIONS = orjson.OPT_NON_STR_KEYS


class ApiError(Exception):
    """A refusal that the client sees as ``{"error": {"code", "message", "missing"?, "duplicated"?}}``."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        missing: Sequence[Json] | None = None,
        duplicated: Sequence[Json] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.missing = missing
        self.duplicated = duplicated

    def envelope(self) -> Json:
        """The body of the answer."""
        error: Json = {"code": self.code, "message": self.message}
        if self.missing is not None:
            error["missing"] = list(self.missing)
        if self.duplicated is not None:
            error["duplicated"] = list(self.duplicated)
        return {"error": error}


async def body(request: Request) -> Json:
    """The JSON object of a request, unzipped where the client says that it is zipped.

    Raises:
        ApiError: 400 when it is no JSON object.
    """
    payload = unzipped(await request.body(), request.headers.get("content-encoding"))
    if not payload:
        return {}
    try:
        data = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, f"Request body is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise ApiError(400, "Request body must be a JSON object")
    return data


def unzipped(payload: bytes, encoding: str | None) -> bytes:
    """The payload without its gzip coat; an empty one stays empty (clients set the header on GET too).

    Raises:
        ApiError: 400 when the payload is no gzip, or cut, or wears another coat.
    """
    if encoding in {None, "", "identity"} or not payload:
        return payload
    if encoding != "gzip":
        raise ApiError(400, f"Content-Encoding: must be gzip or identity, is {encoding!r}")
    try:
        return gzip.decompress(payload)
    except (OSError, EOFError, zlib.error) as error:
        raise ApiError(400, f"Request body is not valid gzip: {error}") from error


def answer(data: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(data, option=_DUMP_OPTIONS), status_code=status, media_type="application/json")


def address(request: Request) -> str:
    """The address by which a client reached this server, without a slash at its end."""
    return str(request.base_url).rstrip("/")


def items_of(data: Json, *, maximum: int = 1000, minimum: int = 0) -> list[Json]:
    """The ``items`` of a request.

    Raises:
        ApiError: 400 when there is no such list, it holds anything but objects, or it is longer than the API allows.
    """
    items = data.get("items")
    if not isinstance(items, list):
        raise ApiError(400, "items: required, must be a list")
    if len(items) > maximum:
        raise ApiError(400, f"items: must have at most {maximum} elements, has {len(items)}")
    if len(items) < minimum:
        raise ApiError(400, f"items: must have at least {minimum} element(s)")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise ApiError(400, f"items[{index}]: must be an object, is {item!r}")
    return items


def an_object(value: AnyJson, name: str) -> Json:
    """A part of a request that is an object; empty when it is absent.

    Raises:
        ApiError: 400 when it is anything else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError(400, f"{name}: must be an object, is {value!r}")
    return value


def objects(value: AnyJson, name: str) -> list[Json]:
    """A part of a request that is a list of objects; empty when it is absent.

    Raises:
        ApiError: 400 when it is anything else.
    """
    return _list(value, name, dict, "objects")


def texts(value: AnyJson, name: str) -> list[str]:
    """A part of a request that is a list of strings; empty when it is absent.

    Raises:
        ApiError: 400 when it is anything else.
    """
    return _list(value, name, str, "strings")


def numbers(value: AnyJson, name: str) -> list[int]:
    """A part of a request that is a list of whole numbers; empty when it is absent.

    Raises:
        ApiError: 400 when it is anything else.
    """
    return _list(value, name, int, "whole numbers")


def _list(value: AnyJson, name: str, kind: type, kinds: str) -> list[AnyJson]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ApiError(400, f"{name}: must be a list of {kinds}, is {value!r}")
    for each in value:
        # To Python, true and false are whole numbers.
        if not isinstance(each, kind) or isinstance(each, bool):
            raise ApiError(400, f"{name}: must be a list of {kinds}, has {each!r}")
    return value


def limit_of(value: object, *, default: int = 100, maximum: int = 1000) -> int:
    """The page size that a request asks for, from JSON or a query.

    Raises:
        ApiError: 400 when it is no whole number from 1 to ``maximum``.
    """
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= maximum:
        raise ApiError(400, f"limit: must be a whole number from 1 to {maximum}, is {value!r}")
    return value
