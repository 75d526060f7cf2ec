"""The pages as data: fenced blocks, tables, links and headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
Table = list[list[str]]


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its lines, without the indentation of a list."""

    language: str
    text: str


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [_dedented(match[2]) for match in found if match[1] == language]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def tables(page: Path) -> list[Table]:
    """The tables, each as a heading and rows of cells."""
    found: list[Table] = [[]]
    for line in prose(page).splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [[table[0], *table[2:]] for table in found if table]


def table(page: Path, *heading: str) -> Table:
    """The rows of all tables whose heading begins so."""
    return [row for each in tables(page) if tuple(each[0][: len(heading)]) == heading for row in each[1:]]


def codes(cell: str) -> list[str]:
    """The inline code of a cell or a text."""
    return CODE.findall(cell)


def anchors(page: Path) -> set[str]:
    """What may follow `#` in a link to the page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _dedented(text: str) -> str:
    indent = len(text) - len(text.lstrip(" "))
    return "".join(line[indent:] if line.strip() else line for line in text.splitlines(keepends=True))
