"""What answers of the Plex Data Source API say: rows in either format, what a data source has, why it refuses."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from plex_cdf.errors import ConfigurationError, ParameterError, ThrottledError, TransientError
from plex_cdf.plex import answers
from plex_cdf.plex.client import Row
from plex_cdf.plex.exchange import Answer

# Three spellings are known: limitExceeded (the vendor's sample), rowLimitedExceeded (its description of format 2) and
# rowLimitExceeded (clients that work); in the table or beside it.
_FLAG = re.compile(r"(row_?)?limit(ed)?_?exceeded", re.IGNORECASE)
_NOT_CUT = ("", "0", "false", "none")
# The usual row limit. An answer that has no flag at all cannot say that it was cut: from here on it is taken to be.
USUAL_LIMIT = 1000

_ASK = "ask Plex Customer Care to"
_ACCESS = {
    "USER_ACCESS_DENIED": "dsUser or dsPassword of this PCN in PLEX_KEYS is wrong; if neither is, "
    f"{_ASK} unlock this web service account",
    "CUSTOMER_ACCESS_DENIED": f"{_ASK} make a web service account that may use this PCN",
    "DATA_SOURCE_API_ACCESS_DENIED": f"{_ASK} allow this PCN's web service account the Data Source API",
    "DATA_SOURCE_ACCESS_DENIED": f"{_ASK} grant data source {{source}} to this PCN's web service account (Web Service "
    "Access By User Account), or set enabled: false for it under dataSources in the pipeline's config",
}
_NO_ACCESS = (
    f"dsUser or dsPassword of this PCN in PLEX_KEYS is wrong, or {_ASK} allow its web service account the Data Source "
    "API and data source {source}"
)


@dataclass(frozen=True)
class Execution:
    """What a data source gave.

    Attributes:
        rows: Column to value.
        cut: Whether there are more that it did not give.
        transaction: The number by which Plex can look the call up on its screen "Data Source API Transactions".
    """

    rows: list[Row]
    cut: bool
    transaction: str | None


@dataclass(frozen=True)
class Metadata:
    """What a data source takes and gives.

    Attributes:
        name: Its name, for people.
        inputs: Whether an input is required, by its name, whose case counts.
        columns: The names of its columns.
    """

    name: str
    inputs: Mapping[str, bool]
    columns: tuple[str, ...]


def execution(body: dict[str, Any]) -> Execution:
    """Reads `{"rows": [{…}]}` (format 2) and `{"tables": [{"columns": […], "rows": [[…]]}]}` (the default).

    Raises:
        KeyError, TypeError, ValueError: It is neither.
    """
    tables = [body] if "rows" in body else body["tables"]
    rows = [row for table in tables for row in _rows(table)]
    flags = [value for part in (body, *tables) for name, value in part.items() if _FLAG.fullmatch(name)]
    cut = any(str(flag).lower() not in _NOT_CUT for flag in flags) if flags else len(rows) >= USUAL_LIMIT
    return Execution(rows, cut, _transaction(body))


def _rows(table: Mapping[str, Any]) -> list[Row]:
    return [row if isinstance(row, dict) else dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def description(body: dict[str, Any]) -> Metadata:
    """Reads the metadata of a data source. Raises as `execution` does."""
    inputs = {str(each["name"]): bool(each.get("required")) for each in body["inputs"]}
    return Metadata(str(body.get("name")), inputs, tuple(str(each["name"]) for each in body["columns"]))


def refusal(call: str, source: int, inputs: Collection[str], url: str, answer: Answer) -> Exception:
    """The error of an answer that is none, sorted by its code, which is constant, and else by its status.

    Args:
        call: Method and path.
        source: The data source's id.
        inputs: The names of the inputs that were sent.
        url: The API's origin, as configured.
        answer: The answer.
    """
    codes, status = answers.codes(answer), answer.status
    said = f"Plex answered {call} with {status} {answers.message(answer)}".rstrip() + _looked_up_by(answer)
    if status == 429:
        return ThrottledError(
            f"{said}: too many calls; lower dataSourceApi.callsPerMinute", answers.retry_after(answer)
        )
    if status in (401, 403) or any(code.endswith("_ACCESS_DENIED") for code in codes):
        advice = next((_ACCESS[code] for code in codes if code in _ACCESS), _NO_ACCESS)
        return ConfigurationError(f"{said}: {advice.format(source=source)}")
    if any(code.startswith("DATA_SOURCE_INPUT_") for code in codes):
        return ParameterError(
            f"{said}: correct the inputs of data source {source} under dataSources in the pipeline's config; sent were "
            f"{', '.join(inputs) or 'none'}"
        )
    if status == 404 or any(code.endswith("_NOT_FOUND") for code in codes):
        return ConfigurationError(
            f"{said}: Plex has no data source {source} to run; correct its id under dataSources in the pipeline's "
            f"config, or dataSourceApi.url, which is {url}"
        )
    if status >= 500 or status == 408 or "REQUEST_PROCESSING_ERROR" in codes:
        return TransientError(said)
    if answer.is_redirect:
        return ConfigurationError(f"{said}, a redirect: is dataSourceApi.url right? It is {url}")
    return ConfigurationError(f"{said}: Plex refuses how data source {source} is asked")


def _looked_up_by(answer: Answer) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    number = _transaction(body) if isinstance(body, dict) else None
    return f" (transactionNo {number})" if number else ""


def _transaction(body: Mapping[str, Any]) -> str | None:
    number = body.get("transactionNo")
    return str(number) if number is not None else None
