"""The asset hierarchy as CDF lists it: a flat list of rows with `parentId`, made a tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.demo.content import ASSETS, kind_of
from sandbox.demo.reading import Row

LEAF_KINDS = frozenset(ASSETS.values())
"""Kinds of the assets that extractors write; all others are the deployed skeleton."""


@dataclass(eq=False)
class Branch:
    """An asset and what is below it, sorted by name.

    Attributes:
        name: The asset's name.
        external_id: Its external id.
        is_skeleton: Whether it was deployed, not extracted.
        children: The assets right below.
        leaves: How many extracted assets are below, at any depth.
    """

    name: str
    external_id: str
    is_skeleton: bool
    children: list[Branch] = field(default_factory=list)
    leaves: int = 0

    def split(self) -> tuple[list[Branch], list[Branch]]:
        """The deployed assets right below, and the extracted ones."""
        return [child for child in self.children if child.is_skeleton], [
            child for child in self.children if not child.is_skeleton
        ]


def build_tree(assets: Sequence[Row]) -> list[Branch]:
    """The roots of the hierarchy; an asset whose parent is not in the list is a root too."""
    branches = {
        row["id"]: Branch(
            name=str(row.get("name") or row.get("externalId") or row["id"]),
            external_id=str(row.get("externalId") or ""),
            is_skeleton=kind_of(row) not in LEAF_KINDS,
        )
        for row in assets
    }
    roots: list[Branch] = []
    for row in assets:
        parent = branches.get(row.get("parentId"))
        (roots if parent is None else parent.children).append(branches[row["id"]])
    for root in roots:
        _count(root)
    return sorted(roots, key=lambda branch: in_order(branch.name))


def _count(branch: Branch) -> None:
    branch.children.sort(key=lambda child: in_order(child.name))
    for child in branch.children:
        _count(child)
    branch.leaves = sum(child.leaves + (not child.is_skeleton) for child in branch.children)


def in_order(name: str) -> list[tuple[int, str]]:
    """A key that sorts `Operation 20` before `Operation 100`."""
    return [(int(text), "") if text.isdecimal() else (-1, text) for text in re.split(r"(\d+)", name) if text]
