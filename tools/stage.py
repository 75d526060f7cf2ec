"""Assemble what the Cognite Toolkit builds: `python -m tools.stage`.

The Toolkit reads modules from a directory called `modules` and the code of a function from beside its YAML. It ships
whatever lies there, leaves symlinked directories out without a word, and has no notion of shared code. So the tree is
copied, as real files:

    cognite_modules/                -> .build_src/modules/
    functions/<externalId>/         -> .build_src/modules/…/functions/<externalId>/
    shared/plex_cdf/                -> .build_src/modules/…/functions/<externalId>/plex_cdf/
"""

import shutil
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tools import yaml_text

ROOT = Path(__file__).resolve().parents[1]
STAGED = ".build_src"
PACKAGE = "plex_cdf"
JUNK = ("__pycache__", "*.py[cod]", ".*", "tests", "test_*.py", "*_test.py", "conftest.py", "*.egg-info")
"""Names that never belong in a function: caches, environments and other hidden files, tests."""


class StagingError(Exception):
    """The tree cannot be staged; the message names the file and says how to mend it."""


def is_junk(name: str) -> bool:
    """Whether a file or directory of this name is left out of a function."""
    return any(fnmatch(name, pattern) for pattern in JUNK)


def stage(root: Path = ROOT) -> dict[str, Path]:
    """Wipe `.build_src` and assemble it anew. The same sources give the same bytes, and so the same Toolkit hash.

    Args:
        root: the repository.

    Returns:
        The directory of each function's code in the staged tree, by external id.

    Raises:
        StagingError: on a function without code, code without a function, or a symlink.
    """
    staged, modules, shared = root / STAGED, root / "cognite_modules", root / "shared" / PACKAGE
    # First, so that nothing is left to build when the tree is refused.
    shutil.rmtree(staged, ignore_errors=True)
    if not (shared / "__init__.py").is_file():
        raise StagingError(f"{_show(shared, root)} is not a package: every function carries it, so it must exist")
    sources = {directory.name: directory for directory in _directories(root / "functions")}
    for directory in (modules, shared, *sources.values()):
        _refuse_symlinks(directory, root)
    declared = _declared(modules, root)
    for name in sorted(sources.keys() - declared.keys()):
        raise StagingError(
            f"functions/{name} has no *.Function.yaml with externalId {name}: add one or delete the code"
        )
    for name in declared:
        _check_code(name, sources.get(name))

    shutil.copytree(modules, staged / "modules", ignore=_ignored)
    targets = {name: staged / "modules" / place.relative_to(modules) / name for name, place in declared.items()}
    for name, target in targets.items():
        shutil.copytree(sources[name], target, ignore=_ignored)
        shutil.copytree(shared, target / PACKAGE, ignore=_ignored)
    return targets


def _declared(modules: Path, root: Path) -> dict[str, Path]:
    """The directory of each function's YAML, by external id."""
    places: dict[str, Path] = {}
    for file in sorted(modules.rglob("*.[Ff]unction.y*ml")):
        for function in _resources(file):
            name = function.get("externalId")
            if not isinstance(name, str) or "{" in name:
                raise StagingError(f"{_show(file, root)}: externalId {name!r} must be written out, it names the code")
            if name in places:
                raise StagingError(f"{_show(file, root)}: function {name} is declared twice")
            places[name] = file.parent
    return places


def _check_code(name: str, source: Path | None) -> None:
    if source is None or not (source / "handler.py").is_file() or not (source / "requirements.txt").is_file():
        raise StagingError(f"function {name} needs functions/{name}/handler.py and functions/{name}/requirements.txt")
    if (source / PACKAGE).exists():
        raise StagingError(f"functions/{name}/{PACKAGE} is in the way of the shared package: delete it")


def _resources(file: Path) -> Iterator[dict[str, Any]]:
    content = yaml_text.read(file.read_text(encoding="utf-8"))
    yield from content if isinstance(content, list) else [content]


def _directories(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if path.is_dir() and not is_junk(path.name))


def _refuse_symlinks(directory: Path, root: Path) -> None:
    for path in (directory, *directory.rglob("*")):
        if path.is_symlink():
            raise StagingError(
                f"{_show(path, root)} is a symlink, which the Toolkit drops: put the files themselves there"
            )


def _ignored(_: str, names: list[str]) -> list[str]:
    return [name for name in names if is_junk(name)]


def _show(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def main() -> int:
    """Stage this repository and say what came of it."""
    try:
        targets = stage()
    except StagingError as error:
        print(f"stage: {error}", file=sys.stderr)
        return 1
    print(f"staged {', '.join(targets) or 'no functions'} in {STAGED}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
