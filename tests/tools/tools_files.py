"""Files for tests, and what lies in this repository."""

from pathlib import Path

from tools.stage import ROOT

FUNCTIONS = tuple(sorted(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir()))
"""External ids of the functions of this repository."""
HISTORIES = ("production", "inventory", "quality", "performance")
"""Extractors that read windows of time."""
EXTRACTORS = tuple(name.removeprefix("plex_") for name in FUNCTIONS)


def write(file: Path, text: str) -> None:
    """Write a file and the directories above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def edit(repository: Path, pattern: str, old: str, new: str) -> None:
    """Another text in the first built file of a pattern."""
    file = sorted((repository / "build").glob(pattern))[0]
    text = file.read_text(encoding="utf-8")
    assert old in text
    write(file, text.replace(old, new))
