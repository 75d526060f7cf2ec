"""Every test of a rule says where the rule comes from, so that a rule nobody can vouch for is seen to be one.

The forms: `SDK` and `Toolkit` with a file of the installed package (or a test file of the SDK's repository), `API:`
with a page of the API reference, `Docs:` with a page of the documentation, `Assumed:` with what is assumed, `Ours:`
for what is no rule of CDF, such as a control endpoint.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import cognite.client
import pytest

pytestmark = pytest.mark.source("Ours: docs/sandbox-fidelity.md")

TESTS = Path(__file__).parents[1]
FOLDERS = ("sandbox_cdf", "sandbox_functions", "sandbox_models", "contract_cli")
FORMS = re.compile(r"(SDK|SDK tests|Toolkit|API:|Docs:|Assumed:|Ours:) \S")
SDK = Path(cognite.client.__file__).parent
PACKAGES = {"SDK": SDK, "Toolkit": SDK.parents[1] / "cognite_toolkit" / "_cdf_tk"}
FILES = [path for folder in FOLDERS for path in sorted((TESTS / folder).glob("test_*.py"))]


@cache
def files_of(package: Path) -> list[str]:
    return [f"/{path.relative_to(package)}" for path in package.rglob("*.py")]


def has(package: Path, file: str) -> bool:
    """Whether a package has a file; `raw.py` may be a folder of its own."""
    names = (f"*/{file}", f"*/{file.removesuffix('.py')}/__init__.py")
    return any(fnmatchcase(known, name) for known in files_of(package) for name in names)


def sources_in(code: ast.AST, constants: Mapping[str, object]) -> list[object]:
    """What the markers in a piece of code say; None for what cannot be read off the code."""
    marks = [
        node
        for node in ast.walk(code)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "source"
    ]
    return [said(argument, constants) for mark in marks for argument in mark.args]


def said(argument: ast.expr, constants: Mapping[str, object]) -> object:
    if isinstance(argument, ast.Name):
        return constants.get(argument.id)
    return argument.value if isinstance(argument, ast.Constant) else None


def sources_by_test(code: str) -> dict[str, list[object]]:
    """The sources of each test of a file: its own, those of its class, and those of the whole file."""
    tree = ast.parse(code)
    named = [
        (target.id, node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    constants = {name: value.value for name, value in named if isinstance(value, ast.Constant)}
    of_all = [each for name, value in named if name == "pytestmark" for each in sources_in(value, constants)]
    return {
        name: of_all + [each for decorator in decorators for each in sources_in(decorator, constants)]
        for name, decorators in those_in(tree)
    }


def those_in(tree: ast.Module | ast.ClassDef, above: tuple[ast.expr, ...] = ()) -> Iterator[tuple[str, list[ast.expr]]]:
    """Each test of a file or class, with its decorators and those above it."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from those_in(node, (*above, *node.decorator_list))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, [*above, *node.decorator_list]


def wrong_with(source: object) -> str | None:
    """What is wrong with a source; None when nothing is."""
    if not isinstance(source, str):
        return "is no text"
    for part in source.split("; "):
        if not FORMS.match(part):
            return f"has none of the known forms: {part!r}"
        kind = part.split()[0]
        if kind not in PACKAGES or part.startswith("SDK tests"):
            continue
        for file in re.findall(r"[\w./]+\.py\b", part):
            if not has(PACKAGES[kind], file):
                return f"names a file that the {kind} does not have: {file}"
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_test_names_the_source_of_its_rule(path: Path) -> None:
    by_test = sources_by_test(path.read_text(encoding="utf-8"))
    assert [name for name, sources in by_test.items() if not sources] == [], "these name no source"
    wrong = {
        name: found for name, sources in by_test.items() if (found := [w for s in sources if (w := wrong_with(s))])
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("code", "sources"),
    [
        ("def test_a(): ...", []),
        ("import pytest\npytestmark = pytest.mark.slow\ndef test_a(): ...", []),
        ("import pytest\npytestmark = pytest.mark.source('API: x')\ndef test_a(): ...", ["API: x"]),
        ("import pytest\nX = 'API: x'\n@pytest.mark.source(X)\ndef test_a(): ...", ["API: x"]),
        ("import pytest\n@pytest.mark.source('API: x')\nclass TestX:\n    def test_a(self): ...", ["API: x"]),
    ],
)
def test_sources_are_read_off_the_code(code: str, sources: list[object]) -> None:
    assert sources_by_test(code) == {"test_a": sources}


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("SDK _api/events.py; Docs: RAW limits", None),
        ("SDK tests test_nowhere.py", None),
        ("everybody knows", "none of the known forms"),
        ("SDK _api/nowhere.py", "does not have"),
        ("Toolkit yaml_classes/asset.py; Toolkit nowhere.py", "does not have"),
        (None, "no text"),
    ],
)
def test_a_source_has_a_form_and_names_what_there_is(source: object, wrong: str | None) -> None:
    found = wrong_with(source)
    assert found is None if wrong is None else wrong in str(found)


def test_the_fidelity_page_names_files_that_there_are() -> None:
    page = TESTS.parent / "docs" / "sandbox-fidelity.md"
    named = re.findall(r"`([\w./*]+\.py)`", page.read_text(encoding="utf-8"))
    assert len(named) > 10
    packages = (*PACKAGES.values(), TESTS.parent / "sandbox", TESTS)
    assert [file for file in named if not any(has(each, file.removeprefix("sandbox/")) for each in packages)] == []
