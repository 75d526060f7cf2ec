"""The messages that the product can say, read from its source."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from docs_markdown import ROOT

VALUE = "\0"
"""Stands where a message has a value."""


@cache
def messages() -> tuple[str, ...]:
    """Every text of the source; implicitly joined ones as one."""
    files = [file for part in ("shared", "functions", "tools", "sandbox") for file in (ROOT / part).rglob("*.py")]
    return tuple(text for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8"))))


def is_said(quoted: str) -> bool:
    """Whether some message has the quoted words in their order, anything standing for each ellipsis."""
    pieces = [piece.strip() for piece in quoted.split("…") if piece.strip()]
    return any(_holds(message, pieces) for message in messages())


def _holds(message: str, pieces: list[str]) -> bool:
    places = [message.find(piece) for piece in pieces]
    return -1 not in places and all(before < after for before, after in pairwise(places))


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
