"""The Data Source API: who may execute what, what goes in, and in which form rows come out."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import Response
from starlette.routing import Route

from sandbox.plex.data_sources.inputs import SourceError, read_inputs, rows_for
from sandbox.plex.data_sources.sources import SOURCES, as_text
from sandbox.plex.plants.clock import moment_of, stamp

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.plex.data_sources.sources import DateStyle, Source
    from sandbox.plex.endpoints.store import Store
    from sandbox.plex.plants.clock import Clock
    from sandbox.plex.plants.plant import Row

FLAGS = ("limitExceeded", "rowLimitedExceeded", "rowLimitExceeded")
"""The spellings of the row-limit flag: the vendor's sample, the vendor's description, working clients."""


@dataclass(frozen=True)
class Account:
    """A web service account; it belongs to one PCN, which its requests can't change.

    Attributes:
        password: Its password.
        pcn: Its tenant.
        granted: Ids of the data sources that it may use, None for all.
        denied: The error code that every request of it gets, such as `DATA_SOURCE_API_ACCESS_DENIED`.
    """

    password: str
    pcn: int
    granted: Collection[int] | None = None
    denied: str | None = None


@dataclass(frozen=True)
class DataSourceSettings:
    """How the Data Source API of this server answers, where tenants differ.

    Attributes:
        flag: Spelling of the row-limit flag; None takes the vendor's, which depends on the format.
        flag_at_top: Whether the default format has the flag beside its tables instead of inside; `format=2`, which
            has no tables, always has it at the top.
        limits: Source id to its row limit, where it isn't the usual one.
        text_dates: Source id to the style in which it writes dates, `us` or `sql`, as plant-local text.
        text_numbers: Ids of the sources that write numbers as text, and `-` for none.
        time_zone: The zone of dates as text.
        broken: Ids of the sources whose run-time object is missing.
    """

    flag: str | None = None
    flag_at_top: bool = False
    limits: Mapping[int, int] = field(default_factory=dict)
    text_dates: Mapping[int, DateStyle] = field(default_factory=dict)
    text_numbers: Collection[int] = ()
    time_zone: str = "America/New_York"
    broken: Collection[int] = ()


class DataSources:
    """The endpoints below `/api/datasources`.

    Args:
        stores: The plants by PCN.
        accounts: User to account.
        settings: How it answers.
        clock: The plants' time.
    """

    def __init__(
        self,
        stores: Mapping[int, Store],
        accounts: Mapping[str, Account],
        settings: DataSourceSettings,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._accounts = accounts
        self._settings = settings
        self._clock = clock
        self._transactions = count(1_000_000_001)

    def routes(self) -> list[Route]:
        """The routes, paths absolute; each takes every method, to refuse it in the API's own words."""
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route("/api/datasources/search", self.search, methods=methods),
            Route("/api/datasources/{id}", self.describe, methods=methods),
            Route("/api/datasources/{id}/execute", self.execute, methods=methods),
        ]

    async def search(self, request: Request) -> Response:
        """The sources that the account may use, whose names contain a text."""
        account = self._enter(request, "GET")
        wanted = request.query_params.get("name", "").lower()
        found = [
            {"id": source.id, "name": source.name, "description": ""}
            for source in SOURCES.values()
            if wanted in source.name.lower() and _granted(account, source)
        ]
        return _answer(found)

    async def describe(self, request: Request) -> Response:
        """The metadata of one source."""
        source = self._source(request, self._enter(request, "GET"))
        return _answer(
            {
                "id": source.id,
                "name": source.name,
                "inputs": [
                    {"name": each.name, "type": each.type, "required": each.required, "nullable": each.nullable}
                    for each in source.inputs
                ],
                "outputs": [],
                "columns": [{"name": name, "type": kind, "nullable": True} for name, kind in source.columns.items()],
            }
        )

    async def execute(self, request: Request) -> Response:
        """Run a source on the account's tenant."""
        account = self._enter(request, "POST")
        source = self._source(request, account)
        flat = request.query_params.get("format") == "2"
        inputs = read_inputs(source, await _body(request), flat=flat)
        rows = rows_for(source, self._stores[account.pcn], stamp(self._clock.now()), inputs)
        limit = self._settings.limits.get(source.id, source.limit)
        if source.most and isinstance(most := inputs.get(source.most), int):
            limit = min(limit, max(most, 0))
        answer = self._flat if flat else self._tables
        body = answer(source, [self._written(source, row) for row in rows[:limit]], exceeded=len(rows) > limit)
        pretty = request.query_params.get("pretty", "").lower() == "true"
        return _answer({**body, "transactionNo": str(next(self._transactions))}, pretty=pretty)

    async def refuse(self, _request: Request, error: Exception) -> Response:
        """The body of every error of this API."""
        if not isinstance(error, SourceError):
            raise error
        errors = [{"code": error.code, "message": str(error)}]
        return _answer({"errors": errors, "transactionNo": str(next(self._transactions))}, error.status)

    def _enter(self, request: Request, method: str) -> Account:
        """Check credentials, account and method, in this order."""
        user, password = _credentials(request.headers.get("authorization", ""))
        account = self._accounts.get(user)
        if account is None or not hmac.compare_digest(account.password.encode(), password.encode()):
            raise SourceError("USER_ACCESS_DENIED", f"You do not have access to user '{user}'.", 401)
        request.state.pcn = account.pcn
        if account.denied:
            raise SourceError(account.denied, "You do not have access to the Data Source API.", 403)
        if request.method != method:
            message = "The method specified in the request is not allowed for the requested resource."
            raise SourceError("METHOD_NOT_ALLOWED", message, 405)
        return account

    def _source(self, request: Request, account: Account) -> Source:
        wanted = request.path_params["id"]
        source = SOURCES.get(int(wanted)) if wanted.isdecimal() and wanted.isascii() else None
        if source is None:
            raise SourceError("DATA_SOURCE_NOT_FOUND", f"Data source '{wanted}' was not found.", 400)
        if not _granted(account, source):
            message = f"You do not have access to data source '{wanted}'."
            raise SourceError("DATA_SOURCE_ACCESS_DENIED", message, 403)
        if source.id in self._settings.broken:
            message = f"The run-time object for data source '{wanted}' was not found."
            raise SourceError("DATA_SOURCE_OBJECT_NOT_FOUND", message, 500)
        return source

    def _tables(self, source: Source, rows: list[Row], *, exceeded: bool) -> dict[str, Any]:
        """The default format: columns, and rows as lists."""
        table: dict[str, Any] = {
            "columns": list(source.columns),
            "rows": [[row.get(name) for name in source.columns] for row in rows],
        }
        flag = {self._settings.flag or "limitExceeded": exceeded}
        if self._settings.flag_at_top:
            return {"outputs": {}, "tables": [table], **flag}
        return {"outputs": {}, "tables": [{**table, **flag}]}

    def _flat(self, source: Source, rows: list[Row], *, exceeded: bool) -> dict[str, Any]:
        """The format with rows as objects."""
        rows = [{name: row.get(name) for name in source.columns} for row in rows]
        return {"outputs": {}, "rows": rows, self._settings.flag or "rowLimitedExceeded": exceeded}

    def _written(self, source: Source, row: Row) -> Row:
        """A row with dates and numbers as this source writes them."""
        style = self._settings.text_dates.get(source.id)
        text_numbers = source.id in self._settings.text_numbers
        if not style and not text_numbers:
            return row
        written = dict(row)
        for name, kind in source.columns.items():
            value = row.get(name)
            if style and kind == "date" and isinstance(value, str):
                # What a control request put there goes out as it came in.
                with suppress(ValueError):
                    written[name] = as_text(moment_of(value).astimezone(ZoneInfo(self._settings.time_zone)), style)
            elif text_numbers and kind == "decimal":
                written[name] = f"{value:.6f}" if isinstance(value, (int, float)) else "-"
            elif text_numbers and kind.startswith("int"):
                written[name] = "-" if value is None else str(value)
        return written


def _granted(account: Account, source: Source) -> bool:
    return account.granted is None or source.id in account.granted


def _credentials(header: str) -> tuple[str, str]:
    """User and password of a Basic header; nobody's where it is none."""
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    user, _, password = text.partition(":")
    return user, password


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        SourceError: The body is none, or the required content type is missing.
    """
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise ValueError("The Content-Type must be application/json")  # noqa: TRY301 - one answer for all
        body = orjson.loads(await request.body())
        if not isinstance(body, dict):
            raise TypeError("The body must be a JSON object")  # noqa: TRY301 - one answer for all
    except (TypeError, ValueError) as error:
        raise SourceError("REQUEST_PROCESSING_ERROR", str(error), 400) from None
    return body


def _answer(data: object, status: int = 200, *, pretty: bool = False) -> Response:
    option = orjson.OPT_INDENT_2 if pretty else None
    return Response(orjson.dumps(data, option=option), status, media_type="application/json")
