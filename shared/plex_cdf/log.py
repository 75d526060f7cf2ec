"""JSON log lines on stdout, which is what the Functions platform keeps, with secrets taken out.

Never the `logging` module's root: the platform's own wrapper uses it.
"""

import json
import math
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import quote, quote_plus

MASK = "***"
# Credentials that were not configured here but may stand in an error text of a library: header, form, URL.
_CREDENTIAL = re.compile(
    r"""(?ix)
    \b(?:bearer|basic)\s+(?P<token>[a-z0-9+/=._~-]{8,})
    | (?:api-key|api-secret|client_?secret|access_?token|password)["']?\s*[:=]\s*["']?(?P<value>[^\s"',&}]+)
    | ://(?P<user>[^\s/@]+)@
    """
)


class Redactor:
    """Takes known secrets, and what looks like a credential, out of text.

    Secrets may overlap or contain one another: all their places are found in the original text first and masked as one.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({form for secret in secrets if secret for form in _forms(secret)})

    def text(self, text: str) -> str:
        """The text with every secret replaced by a mask."""
        spans = [match.span(str(match.lastgroup)) for match in _CREDENTIAL.finditer(text)]
        for secret in self._secrets:
            start = text.find(secret)
            while start >= 0:
                spans.append((start, start + len(secret)))
                start = text.find(secret, start + 1)
        if not spans:
            return text
        parts, position = [], 0
        for start, end in sorted(spans):
            if start >= position:
                parts += [text[position:start], MASK]
            position = max(position, end)
        return "".join([*parts, text[position:]])

    def value(self, value: object) -> object:
        """The same for any value, keys included; what JSON cannot hold becomes text."""
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item) for item in value]
        text = str(value)
        shown = self.text(text)
        is_json = value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
        return value if is_json and shown == text else shown


def _forms(secret: str) -> list[str]:
    """How a secret may stand in a text: as it is, in a URL or form, inside JSON, inside Python's quotes."""
    in_quotes = repr(secret)[1:-1]
    return [
        secret,
        quote(secret, safe="", errors="replace"),
        quote(secret, errors="replace"),
        quote_plus(secret, errors="replace"),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        in_quotes,
        in_quotes.replace("'", "\\'"),
    ]


class Log:
    """A logger that carries its context: each line has the bound fields, so that one run can be followed by its id.

    Args:
        redactor: Applied to every value of every line.
        out: Where lines go; None is the stdout of the moment.
        now: The time of a line.
        context: Fields of every line.
    """

    def __init__(
        self,
        redactor: Redactor,
        *,
        out: TextIO | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        **context: object,
    ) -> None:
        self.redactor = redactor
        self._out = out
        self._now = now
        self._context = context

    def bind(self, **context: object) -> "Log":
        """A logger with more context."""
        return Log(self.redactor, out=self._out, now=self._now, **{**self._context, **context})

    def info(self, event: str, **figures: object) -> None:
        """One line about something that happened."""
        self._line("INFO", event, figures)

    def failure(self, event: str, error: BaseException, **figures: object) -> None:
        """One line about a failure, with its stack."""
        stack = "".join(traceback.format_exception(error))
        self._line("ERROR", event, {**figures, "error": f"{type(error).__name__}: {error}", "stack": stack})

    def _line(self, level: str, event: str, figures: dict[str, object]) -> None:
        time = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"time": time, "level": level, "event": event, **self._context, **figures}
        # ASCII: any stdout can hold it, and no character of a value ends the line for anyone.
        text = json.dumps(self.redactor.value(line))
        (self._out or sys.stdout).write(text + "\n")
