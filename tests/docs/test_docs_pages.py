"""The pages against the source: links, commands, settings, messages, names."""

import argparse
import ast
import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from docs_markdown import LINK, PAGES, ROOT, anchors, blocks, codes, prose, table, tables
from docs_messages import is_said
from plex_cdf.stream import Extractor
from pydantic.alias_generators import to_camel

from sandbox.__main__ import COLUMNS, parser
from sandbox.demo.terminal import HEADINGS
from sandbox.plex import csv_plant
from tools import config, keys

DOCS = ROOT / "docs"
README, CONFIGURATION, OPERATIONS = ROOT / "README.md", DOCS / "configuration.md", DOCS / "operations.md"
SANDBOX, ARCHITECTURE = DOCS / "sandbox.md", DOCS / "architecture.md"
MAKE = ["make", "-C", str(ROOT), "-o", ".venv/.ready", f"BIN={Path(sys.executable).parent}"]


def ran(command: list[str], **variables: str) -> str:
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def commands(word: str) -> list[list[str]]:
    """The lines of all shell blocks that begin with a word, without placeholders."""
    lines = [
        line
        for page in PAGES
        for kind in ("sh", "console")
        for text in blocks(page, kind)
        for line in text.splitlines()
    ]
    return [shlex.split(line) for line in lines if line.startswith(f"{word} ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_stays_short_and_its_tables_have_their_columns(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 250
    for each in tables(page):
        assert {len(row) for row in each} == {len(each[0])}, each[0]


def test_every_page_is_reached_from_the_readme() -> None:
    reached = {target.partition("#")[0] for target in LINK.findall(prose(README))}
    assert {f"docs/{page.name}" for page in DOCS.glob("*.md")} <= reached


def test_every_make_command_is_one_that_the_makefile_knows() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {word for page in PAGES for word in re.findall(r"`make (\w+)", prose(page))}
    assert told <= targets
    assert len(commands("make")) > 5
    for command in [*commands("make"), ["make", "demo", "test", "build", "deploy"]]:
        ran([*MAKE, "-n", *command[1:]], CONFIG="config.dev.yaml")
    assert all(f"make {target}" in ran([*MAKE, "help"]) for target in targets)


def test_make_keys_takes_the_keys_of_the_readme(tmp_path: Path) -> None:
    (example,) = blocks(README, "json")
    file = tmp_path / "keys.json"
    file.write_text(example, encoding="utf-8")
    printed = ran([*MAKE, "--no-print-directory", "keys", f"FILE={file}"])
    assert keys.decode(printed.strip()) == keys.parse(example)


def test_every_option_of_the_sandbox_is_told_and_no_other() -> None:
    (subcommands,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name, subparser in subcommands.choices.items():
        options = {option for action in subparser._actions for option in action.option_strings} - {"-h", "--help"}
        told = table(SANDBOX, f"option of `python -m sandbox {name}`")
        assert {code.split()[0] for row in told for code in codes(row[0])} == options


def test_the_toolkit_has_the_options_that_are_told() -> None:
    cdf = commands(".venv/bin/cdf")
    assert cdf
    for command in cdf:
        told = ran([str(Path(sys.executable).with_name("cdf")), command[1], "--help"], COLUMNS="200")
        assert all(option in told for option in command if option.startswith("--"))


@pytest.mark.parametrize("name", ["config.dev.yaml", "config.prod.yaml"])
def test_the_deploy_variables_are_those_of_the_configurations(name: str) -> None:
    told = {(codes(row[0])[0], (codes(row[1]) or [row[1]])[0]) for row in table(CONFIGURATION, "variable", "level")}
    modules = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))["variables"]["modules"]
    levels = {"foundation": modules.pop("foundation"), "facility": modules.pop("facility")[0], "shared": modules}
    assert told == {(variable, level) for level, values in levels.items() for variable in values}
    assert {variable for variable, _ in told} == config.load(ROOT / name).variables


def test_the_environment_variables_are_those_that_a_deploy_looks_at() -> None:
    told = {code.partition("=")[0] for row in table(CONFIGURATION, "variable", "meaning") for code in codes(row[0])}
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tools").glob("*.py"))
    modules = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "cognite_modules").rglob("*.yaml"))
    used = set(re.findall(r'"((?:CDF|IDP)_[A-Z_]+|LOGIN_FLOW|PROVIDER)"', source)) - {"CDF_TOKEN"}
    used |= {re.sub(r"\{\{ (\w+) \}\}", r"{\1}", name) for name in re.findall(r"\$\{(PLEX_[^$]*?[A-Z])\}", modules)}
    assert told == used


def extractors() -> dict[str, Extractor[Any]]:
    """What every function runs, by the function's name."""
    names = {handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py")}
    extractors = {name: name.removeprefix("plex_") for name in names}
    return {name: getattr(import_module(each), each.upper()) for name, each in extractors.items()}


def test_the_readme_names_every_function_with_its_streams_and_its_mappings() -> None:
    rows = table(README, "function", "streams of Plex rows")
    told = {codes(row[0])[0]: codes(row[1]) for row in rows}
    needed = {
        "facility": {"pcn": 1, "tenantId": str(UUID(int=1))},
        "startDate": "2026-01-01",
        "statusClasses": {"run": ["Production"]},
    }
    for name, extractor in extractors().items():
        known = {field.alias for field in extractor.settings.model_fields.values()}
        settings = extractor.settings.model_validate({key: value for key, value in needed.items() if key in known})
        assert told.pop(name) == [stream.name for stream in extractor.streams(settings)]
    assert told == {}
    for row in rows:
        assert LINK.findall(row[0]) == [f"docs/mappings/{codes(row[0])[0].removeprefix('plex_')}.md"]


def test_the_readme_says_how_often_functions_run() -> None:
    (facility,) = yaml.safe_load((ROOT / "config.dev.yaml").read_text(encoding="utf-8"))["variables"]["modules"][
        "facility"
    ]
    for row in table(README, "function", "streams of Plex rows"):
        name = codes(row[0])[0].removeprefix("plex_")
        cron = facility[f"{to_camel(name)}Cron"].split()[0]
        assert row[3] == ("hour" if cron.isdecimal() else f"{cron.rpartition('/')[2]} minutes")


def test_every_message_that_is_told_is_one_that_is_said() -> None:
    cells = [row[0] for first in ("the message says", "the note says", "reason") for row in table(OPERATIONS, first)]
    quoted = [quote for cell in cells for quote in codes(cell)]
    assert len(quoted) > 30
    assert [quote for quote in quoted if not is_said(quote)] == []


def test_the_excerpt_of_the_demo_is_of_this_demo() -> None:
    (excerpt,) = blocks(README, "text")
    heading, *lines = excerpt.splitlines()
    assert re.split(r"  +", heading.strip()) == list(HEADINGS)
    promises = [
        line.removeprefix("kept").split(",")[0].split(":")[0].strip() for line in lines if line.startswith("kept")
    ]
    assert promises
    assert all(is_said(promise) for promise in promises)


def test_the_columns_of_a_log_are_told_and_some_may_be_missing(tmp_path: Path) -> None:
    told = {codes(row[0])[0]: row[1] for row in table(SANDBOX, "column", "meaning")}
    assert tuple(told) == COLUMNS
    values = {"order_qty": "10", "report_type": "D", "qty_completed": "5", "duration_minutes": "60"}
    values |= {"completed_at": "2024-03-01T10:00", "qty_for_mrb": "1"}
    used = [name for name, meaning in told.items() if meaning != "not used"]
    log = tmp_path / "log.csv"
    log.write_text("\n".join([",".join(used), ",".join(values.get(name, name) for name in used)]), encoding="utf-8")
    assert csv_plant(log).pcn == 340884


def test_the_control_endpoints_are_those_that_there_are() -> None:
    told = {code.split()[-1] for row in table(SANDBOX, "request") for code in codes(row[0]) if "/" in code}
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "sandbox").rglob("*.py"))
    paths = re.findall(r'Route\("(/__\w+__/[^"]+)"', source)
    assert told == {re.sub(r"{\w+_id:int}", "{id}", path).replace(":int", "") for path in paths}


def test_imports_point_down_the_floors_that_the_architecture_names() -> None:
    package = ROOT / "shared" / "plex_cdf"
    floors: dict[str, int] = {}
    for height, row in enumerate(reversed(table(ARCHITECTURE, "floor", "modules"))):
        for name in codes(row[1]):
            files = (package / name).glob("**/*.py") if name.endswith("/") else [package / name]
            floors |= {_module(file): height for file in files}
    named = {_module(file) for file in package.rglob("*.py") if file.name != "__init__.py"}
    assert named <= floors.keys()
    for module in named:
        for imported in _imports(ROOT / "shared" / Path(*module.split(".")).with_suffix(".py")):
            above = floors.get(imported, 0) > floors[module]
            across = {module.split(".")[1], imported.split(".")[1]} == {"plex", "cdf"}
            assert not above, f"{module} imports {imported}"
            assert not across, f"{module} imports {imported}"


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT / "shared").with_suffix("").parts)


def _imports(file: Path) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return [str(node.module) for node in nodes if str(node.module).startswith("plex_cdf.")]
