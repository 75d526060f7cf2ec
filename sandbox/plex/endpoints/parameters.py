"""Query parameters: how an endpoint declares them, how they are checked, and which rows they let through.

Dates follow the vendor's rule: a `T`, a zone (`Z` or an offset) and at most seven fraction digits; seconds may be left
out. A plain date is refused. Names count in any case, unknown ones are ignored, list parameters are repeated. Whether
the end of a window belongs to it is documented nowhere: here it does, which is what a client must be ready for.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from sandbox.plex.plants.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.plex.plants.plant import Row

DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.(\d{0,7}))?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class InvalidError(Exception):
    """A request that Plex answers with 400.

    Args:
        code: The vendor's constant.
        message: What is wrong, for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Match(Enum):
    """How a parameter's values are compared with a row's."""

    EQUAL = "equal"
    CONTAINS = "contains"
    FROM = "from"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter of an endpoint.

    Attributes:
        name: As documented; requests may write it in any case.
        parse: From the text in the URL to the value to compare with; raises `InvalidError`.
        values: What a row holds to compare with.
        test: How it is compared.
        many: Whether it may be repeated; otherwise the first value counts.
        required: Whether Plex refuses the request without it.
    """

    name: str
    parse: Callable[[str, str], Any]
    values: Callable[[Row], Any]
    test: Match = Match.EQUAL
    many: bool = False
    required: bool = False


def read_text(name: str, text: str) -> str:  # noqa: ARG001 - one signature for all readers
    """A text is what it is."""
    return text


def read_uuid(name: str, text: str) -> str:
    """A UUID, in lower case with dashes.

    Raises:
        InvalidError: It is none.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise InvalidError(
            "REQUEST_VALIDATION_FAILED", f"The value '{text}' is not valid for {name}: a UUID is due."
        ) from None


def read_bool(name: str, text: str) -> bool:
    """True or false, in any case.

    Raises:
        InvalidError: It is neither.
    """
    if text.lower() not in {"true", "false"}:
        raise InvalidError(
            "REQUEST_VALIDATION_FAILED", f"The value '{text}' is not valid for {name}: true or false is due."
        )
    return text.lower() == "true"


def read_int(name: str, text: str) -> int:
    """A whole number.

    Raises:
        InvalidError: It is none.
    """
    if not re.fullmatch(r"[+-]?\d{1,10}", text, re.ASCII):
        raise InvalidError(
            "REQUEST_VALIDATION_FAILED", f"The value '{text}' is not valid for {name}: an integer is due."
        )
    return int(text)


def read_number(name: str, text: str) -> float:
    """A number.

    Raises:
        InvalidError: It is none.
    """
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,9})?", text, re.ASCII):
        raise InvalidError("REQUEST_VALIDATION_FAILED", f"The value '{text}' is not valid for {name}: a number is due.")
    return float(text)


def read_date(name: str, text: str) -> str:
    """A date and time with a zone, as an instant of the fixed form.

    Raises:
        InvalidError: `ARGUMENT_INVALID`, as for every form that Plex doesn't support.
    """
    found = DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError  # noqa: TRY301 - the same answer as for a date that no calendar has
        minutes, seconds, fraction, zone = found.groups()
        whole = stamp(datetime.fromisoformat(f"{minutes}:{seconds or '00'}{zone}"))
    except (ValueError, OverflowError):
        raise InvalidError(
            "ARGUMENT_INVALID", f"The value '{text}' for {name} is not a supported date format."
        ) from None
    return f"{whole[:20]}{(fraction or '').ljust(7, '0')}Z"


def field_values(path: str) -> Callable[[Row], Any]:
    """What a row holds at `field`, or at `field.inner` of a list of objects (all of them).

    Rows put in by tests may hold anything there.
    """
    outer, _, inner = path.partition(".")
    if not inner:
        return lambda row: row.get(outer)
    return lambda row: [item.get(inner) for item in _listed(row.get(outer)) if isinstance(item, dict)]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(name: str, field: str | None = None, *, many: bool = False) -> Parameter:
    """A text that equals a field (of the same name unless another is given)."""
    return Parameter(name, read_text, field_values(field or name), many=many)


def guid(name: str, field: str | None = None, *, many: bool = False, required: bool = False) -> Parameter:
    """A UUID that equals a field."""
    return Parameter(name, read_uuid, field_values(field or name), many=many, required=required)


def flag(name: str) -> Parameter:
    """A boolean that equals the field of its name."""
    return Parameter(name, read_bool, field_values(name))


def whole(name: str) -> Parameter:
    """An integer that equals the field of its name."""
    return Parameter(name, read_int, field_values(name))


def number(name: str) -> Parameter:
    """A number that equals the field of its name."""
    return Parameter(name, read_number, field_values(name))


def among(name: str, field: str, *, many: bool = False, parse: Callable[[str, str], Any] = read_text) -> Parameter:
    """A value that is among the values of a list field, or of `list.inner`."""
    return Parameter(name, parse, field_values(field), Match.CONTAINS, many)


def window(
    begin: str,
    end: str,
    values: str | Callable[[Row], Any],
    *,
    required: bool = False,
    end_required: bool | None = None,
) -> tuple[Parameter, ...]:
    """The two ends of a time window over a date field, both included; either both are required or, mostly, none."""
    read = field_values(values) if isinstance(values, str) else values
    return (
        Parameter(begin, read_date, read, Match.FROM, required=required),
        Parameter(end, read_date, read, Match.UNTIL, required=required if end_required is None else end_required),
    )


Filter = Callable[["Row"], bool]


def filters(declared: Iterable[Parameter], query: Sequence[tuple[str, str]]) -> list[Filter]:
    """The filters that a query asks for.

    Args:
        declared: The endpoint's parameters.
        query: Names and values of the query string, in order.

    Raises:
        InvalidError: A value is of the wrong form, or a required parameter is missing.
    """
    given = _by_name(query)
    wanted: list[Filter] = []
    for parameter in declared:
        texts = given.get(parameter.name.lower())
        if texts is None:
            if parameter.required:
                raise InvalidError("REQUEST_VALIDATION_FAILED", f"The parameter {parameter.name} is required.")
            continue
        wanted.append(_filter(parameter, texts if parameter.many else texts[:1]))
    return wanted


def value_of(name: str, query: Sequence[tuple[str, str]]) -> str | None:
    """The first value of a parameter, None where it isn't given."""
    return _by_name(query).get(name.lower(), [None])[0]


def span(declared: Iterable[Parameter], query: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The window that a query asks for, as instants; an end that it leaves open is before or after all times.

    Args:
        declared: The endpoint's parameters, of which the first begin and the first end count.
        query: As for `filters`, which has checked it.
    """
    ends = {Match.FROM: "", Match.UNTIL: "9"}
    for parameter in reversed(tuple(declared)):
        text = value_of(parameter.name, query)
        if parameter.test in ends and text is not None:
            ends[parameter.test] = parameter.parse(parameter.name, text)
    return ends[Match.FROM], ends[Match.UNTIL]


def _by_name(query: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in query:
        given.setdefault(name.lower(), []).append(value)
    return given


def _filter(parameter: Parameter, texts: Sequence[str]) -> Filter:
    """One filter; a null never passes it, and an empty value lets nothing through."""
    values = parameter.values
    if parameter.test in {Match.FROM, Match.UNTIL}:
        bound = parameter.parse(parameter.name, texts[0])
        if parameter.test is Match.FROM:
            return lambda row: isinstance(value := values(row), str) and value >= bound
        return lambda row: isinstance(value := values(row), str) and value <= bound
    # A tuple, not a set: rows put in by tests may hold what has no hash.
    accepted = tuple(parameter.parse(parameter.name, text) for text in texts if text)
    if parameter.test is Match.CONTAINS:
        return lambda row: any(value in accepted for value in _listed(values(row)))
    return lambda row: values(row) in accepted
