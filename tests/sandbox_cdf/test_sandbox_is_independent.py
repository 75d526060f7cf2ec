"""The stand-ins judge the bundle, so neither may know the other's code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.source("Ours: docs/sandbox.md")

ROOT = Path(__file__).parents[2]
BUNDLE = {"plex_cdf", "shared", "functions", "handler"}


def imported(file: Path) -> Iterator[str]:
    """The top names of whatever a file imports, also inside of functions, also by name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(each.value).partition(".")[0] for each in node.args if isinstance(each, ast.Constant))


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_sandbox_imports_nothing_of_the_bundle() -> None:
    assert len(files("sandbox")) > 80
    found = {str(file.relative_to(ROOT)): names for file in files("sandbox") if (names := BUNDLE & {*imported(file)})}
    assert found == {}


def test_the_stand_ins_need_no_tool_of_ours() -> None:
    """The demo deploys with our tools; what it deploys into does not know them."""
    stand_ins = [*files("sandbox/cdf"), *files("sandbox/plex"), *files("sandbox/console")]
    assert [str(file.relative_to(ROOT)) for file in stand_ins if {"tools", "tests"} & {*imported(file)}] == []


def test_the_bundle_imports_nothing_of_the_sandbox() -> None:
    bundle = [*files("shared"), *files("functions")]
    assert len(bundle) > 30
    assert [str(file.relative_to(ROOT)) for file in bundle if "sandbox" in imported(file)] == []


@pytest.mark.parametrize(
    "code",
    [
        "import plex_cdf.naming",
        "from plex_cdf import errors",
        "def late():\n    import plex_cdf",
        "__import__('plex_cdf')",
    ],
)
def test_an_import_is_found_wherever_it_is(tmp_path: Path, code: str) -> None:
    (tmp_path / "code.py").write_text(code)
    assert "plex_cdf" in imported(tmp_path / "code.py")
