"""The packages of each stand-in import one way, so that each can be read with those below it alone."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.source("Ours: docs/sandbox.md")

ROOT = Path(__file__).parents[2]


def modules(stand_in: str) -> dict[str, Path]:
    """Every module of a stand-in by its dotted name; packages themselves hold no code."""
    files = (ROOT / "sandbox" / stand_in).rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files if file.stem != "__init__"}


def imported(file: Path) -> Iterator[str]:
    """What a file imports by name, each name perhaps a module's."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("stand_in", ["cdf", "plex"])
def test_neither_modules_nor_packages_import_in_a_circle(stand_in: str) -> None:
    known = modules(stand_in)
    between_modules = {name: known.keys() & {*imported(file)} for name, file in known.items()}
    between_packages: dict[str, set[str]] = defaultdict(set)
    for name, others in between_modules.items():
        package = name.rpartition(".")[0]
        between_packages[package] |= {other.rpartition(".")[0] for other in others} - {package}
    assert len(between_packages) > 5
    # Raises CycleError, which names the circle.
    TopologicalSorter(between_modules).prepare()
    TopologicalSorter(between_packages).prepare()
