"""Whether a function's zip would run in CDF.

What it holds, whether it imports with nothing else around, and whether it accepts the configs of its pipelines.
"""

import ast
import json
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tools.built import Resource
from tools.stage import PACKAGE, is_junk

HANDLE_ARGUMENTS = frozenset({"client", "data", "secrets", "function_call_info"})
"""What CDF passes to `handle`, by keyword and only where the function declares it."""

INSIDE = Path(__file__).with_name("inside.py")
IMPORT_SECONDS = 120


def check(function: str, file: Path, handler: str, configs: Mapping[str, Resource], root: Path) -> Iterator[str]:
    """What is wrong with a bundle, one message each.

    Args:
        function: external id of the function.
        file: its zip.
        handler: path of the handler's file inside the zip.
        configs: the configs that it may be called with, by external id of the extraction pipeline.
        root: the repository, whose sources the zip must equal.
    """
    if not file.is_file():
        yield f"function {function} has no bundle {file.name}: build again"
        return
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        code, packages = Path(scratch, "code"), Path(scratch, "packages")
        with zipfile.ZipFile(file) as archive:
            yield from _check_names(function, archive)
            archive.extractall(code)
        yield from _check_sources(function, code, root)
        problems = [*_check_handle(function, code / handler), *_link_packages(function, code, packages)]
        yield from problems or _check_inside(function, code, packages, handler, configs)


def _check_names(function: str, archive: zipfile.ZipFile) -> Iterator[str]:
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename)
        if any(is_junk(part) for part in path.parts):
            yield f"function {function}: {path} does not belong in a bundle; `make build` leaves it out"
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield f"function {function}: {path} is a symlink; put the file itself there"


def _check_sources(function: str, code: Path, root: Path) -> Iterator[str]:
    """The Toolkit drops symlinked directories and deploys a stale zip without a word, so compare file by file."""
    if not (code / PACKAGE / "__init__.py").is_file():
        yield f"function {function}: its bundle lacks {PACKAGE}/ (is it a symlink?); `make build` copies it there"
        return
    for source, target in ((root / "functions" / function, code), (root / "shared" / PACKAGE, code / PACKAGE)):
        for file in sorted(source.rglob("*")):
            name = file.relative_to(source)
            if not file.is_file() or any(is_junk(part) for part in name.parts):
                continue
            built = target / name
            if not built.is_file() or built.read_bytes() != file.read_bytes():
                yield f"function {function}: {file.relative_to(root)} is newer than the bundle; build again"


def _check_handle(function: str, file: Path) -> Iterator[str]:
    accepted = ", ".join(sorted(HANDLE_ARGUMENTS))
    if not file.is_file():
        yield f"function {function}: its bundle lacks {file.name}, which functionPath names"
        return
    try:
        body = ast.parse(file.read_text(encoding="utf-8")).body
    except SyntaxError as error:
        yield f"function {function}: {file.name} is not Python: {error.msg} in line {error.lineno}"
        return
    handles = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == "handle"]
    if not handles:
        yield f"function {function}: {file.name} has no `def handle(…)` at its top level"
        return
    given = handles[-1].args
    names = {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    if unknown := sorted(names - HANDLE_ARGUMENTS):
        yield f"function {function}: handle takes {', '.join(unknown)}; CDF passes only {accepted}"
    if given.vararg or given.kwarg or given.posonlyargs:
        yield f"function {function}: handle may not take *args, **kwargs or positional-only arguments; only {accepted}"


def _link_packages(function: str, code: Path, packages: Path) -> Iterator[str]:
    """Collect the packages that requirements.txt leads to, as CDF would install them, from this environment."""
    packages.mkdir()
    requirements = code / "requirements.txt"
    if not requirements.is_file():
        yield f"function {function}: its bundle lacks requirements.txt"
        return
    lines = (line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines())
    waiting: list[tuple[Requirement, bool]] = []
    for line in filter(None, lines):
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            yield f"function {function}: requirements.txt has {line!r}; write lines such as requests==2.34.2"
            continue
        if not any(specifier.operator == "==" for specifier in requirement.specifier):
            yield f"function {function}: requirements.txt has {line!r}; pin it with ==, or CDF installs the newest"
        waiting.append((requirement, True))
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, direct = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            package = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            yield f"function {function}: {requirement} is not installed here; add it to requirements.lock"
            continue
        if direct and package.version not in requirement.specifier:
            yield f"function {function}: requirements.txt has {requirement}, installed is {package.version}; align them"
        _link(package, packages)
        extras = requirement.extras or {""}
        for text in package.requires or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append((needed, False))


def _link(package: metadata.Distribution, packages: Path) -> None:
    """Make a package importable from the directory `packages`, without its neighbours."""
    for name in {file.parts[0] for file in package.files or [] if ".." not in file.parts}:
        target = packages / name
        if not target.exists() and not name.endswith(".pth"):
            target.symlink_to(Path(str(package.locate_file(name))))


def _check_inside(
    function: str, code: Path, packages: Path, handler: str, configs: Mapping[str, Resource]
) -> Iterator[str]:
    """Import the handler, and judge the configs, where neither this repository nor its environment can help out."""
    module = ".".join(PurePosixPath(handler).with_suffix("").parts)
    # Isolated and without site-packages: nothing but the standard library and the two directories is on the path.
    command = [sys.executable, "-I", "-S", "-B", os.fspath(INSIDE), os.fspath(code), os.fspath(packages), module]
    try:
        result = subprocess.run(
            command,
            cwd=packages,
            input=json.dumps({name: each.content.get("config") for name, each in configs.items()}),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield f"function {function}: importing {handler} takes over {IMPORT_SECONDS} s; do the work in handle()"
        return
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        yield (
            f"function {function}: {handler} does not import with only its bundle and requirements.txt: {reason}; "
            "add the file to the function or shared package, or the package to requirements.txt"
        )
        return
    # What the handler prints while it is imported comes first.
    for pipeline, problem in json.loads(result.stdout.splitlines()[-1]):
        yield f"{problem} (made from {configs[pipeline].source} and the deploy variables that it names)"
