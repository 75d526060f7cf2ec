"""What `cdf build` left in build/, read back."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import yaml_text

DIRECTORY = "build"


@dataclass(frozen=True)
class Resource:
    """One built resource.

    Attributes:
        kind: its Toolkit kind in lower case, such as `schedule`.
        file: where it is, relative to the repository.
        source: the file that it was built from, relative to the repository.
        text: the YAML as built, `${VARIABLES}` not yet filled in.
        content: the same, parsed.
    """

    kind: str
    file: Path
    source: str
    text: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Build:
    """The content of a build directory.

    Attributes:
        resources: everything that would be deployed.
        modules: how many modules were built, each facility counted.
        config_hash: the Toolkit's hash of the configuration that was built.
        insights: what the Toolkit found, as rows of its insights.csv.
    """

    root: Path
    resources: list[Resource]
    modules: int
    config_hash: str
    insights: list[dict[str, str]]

    def of(self, kind: str) -> Iterator[Resource]:
        """The resources of one kind."""
        return (resource for resource in self.resources if resource.kind == kind)


def read(root: Path) -> Build:
    """Read the build directory of a repository.

    Raises:
        FileNotFoundError: when nothing was built.
    """
    directory = root / DIRECTORY
    lineage = yaml_text.read((directory / "lineage.yaml").read_text(encoding="utf-8"))
    sources = _sources(lineage)
    resources = [
        _resource(root, file, sources.get(file.relative_to(directory).as_posix(), file.name))
        for file in sorted(directory.glob("*/*.yaml"))
    ]
    insights = directory / "insights.csv"
    rows: list[dict[str, str]] = []
    if insights.is_file():
        with insights.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    return Build(root, resources, lineage["modulesSummary"]["processed"], lineage.get("configHash") or "", rows)


def _sources(lineage: dict[str, Any]) -> dict[str, str]:
    """Where the built files come from, as the Toolkit has written it down."""
    built = [row for module in lineage.get("moduleLineage") or [] for row in module.get("resourceLineage") or []]
    return {row["builtFile"]: row["sourceFile"].replace("modules/", "cognite_modules/", 1) for row in built}


def _resource(root: Path, file: Path, source: str) -> Resource:
    text = file.read_text(encoding="utf-8")
    kind = file.suffixes[-2].removeprefix(".").lower()
    return Resource(kind, file.relative_to(root), source, text, yaml_text.read(text))
