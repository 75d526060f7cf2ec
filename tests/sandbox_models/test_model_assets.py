"""Assets agree with a dict of names to parents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_world import World, new_world, walk, with_examples

pytestmark = pytest.mark.source("SDK _api/assets.py, data_classes/assets.py")

names = st.sampled_from(["a", "b", "c", "d"])
parents = st.one_of(st.none(), names)
steps_of_assets = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.lists(st.tuples(names, parents), min_size=1, max_size=4)),
        st.tuples(st.just("create"), st.lists(st.tuples(names, parents), min_size=1, max_size=4)),
        st.tuples(st.just("move"), st.tuples(names, names)),
        st.tuples(st.just("delete"), st.tuples(st.lists(names, min_size=1, max_size=2, unique=True), st.booleans())),
        st.tuples(st.just("subtree"), names),
    ),
    min_size=5,
    max_size=14,
)


class Forest:
    """Parents by name."""

    def __init__(self) -> None:
        self.parents: dict[str, str | None] = {}

    def path(self, name: str, parents: dict[str, str | None]) -> list[str] | None:
        """From the root to a name; None for a cycle."""
        found = [name]
        while (parent := parents[found[-1]]) is not None:
            if parent in found:
                return None
            found.append(parent)
        return found[::-1]

    def create(self, items: list[tuple[str, str | None]]) -> int:
        asked = [name for name, _ in items]
        if len(set(asked)) < len(asked) or set(asked) & self.parents.keys():
            return 409
        grown = self.parents | dict(items)
        if any(parent is not None and parent not in grown for parent in grown.values()):
            return 400
        if any(self.path(name, grown) is None for name in asked):
            return 400
        self.parents = grown
        return 201

    def move(self, name: str, parent: str) -> int:
        if name not in self.parents or parent not in self.parents:
            return 400
        if self.parents[name] == parent:
            return 200
        if self.parents[name] is None or parent in self.below(name):
            return 400
        if self.root(parent) != self.root(name):
            return 400
        self.parents[name] = parent
        return 200

    def root(self, name: str) -> str:
        path = self.path(name, self.parents)
        assert path
        return path[0]

    def below(self, top: str) -> set[str]:
        return {name for name in self.parents if top in (self.path(name, self.parents) or ())}

    def delete(self, asked: list[str], recursive: bool) -> int:
        if not self.parents.keys() >= set(asked):
            return 400
        gone = set().union(*map(self.below, asked))
        if not recursive and gone != set(asked):
            return 400
        self.parents = {name: parent for name, parent in self.parents.items() if name not in gone}
        return 200


def matches(world: World, forest: Forest) -> None:
    rows = walk(world, "/assets/list", {"aggregatedProperties": ["childCount", "depth", "path"]}, 2)
    by_name = {row["externalId"]: row for row in rows}
    assert by_name.keys() == forest.parents.keys()
    for name, parent in forest.parents.items():
        row, path = by_name[name], forest.path(name, forest.parents)
        assert path
        assert row.get("parentExternalId") == parent
        assert row.get("parentId") == (None if parent is None else by_name[parent]["id"])
        assert row["rootId"] == by_name[path[0]]["id"]
        children = sum(each == name for each in forest.parents.values())
        assert row["aggregates"] == {
            "childCount": children,
            "depth": len(path) - 1,
            "path": [{"id": by_name[step]["id"]} for step in path],
        }


@with_examples
@given(steps_of_assets)
def test_a_hierarchy_agrees_with_its_model(steps: list[tuple[str, Any]]) -> None:
    forest = Forest()
    with new_world() as world:
        for action, content in steps:
            if action == "create":
                items = [
                    {"externalId": name, "name": name} | ({} if parent is None else {"parentExternalId": parent})
                    for name, parent in content
                ]
                assert world.post("/assets", {"items": items})[0] == forest.create(content)
            elif action == "move":
                name, parent = content
                update = {"externalId": name, "update": {"parentExternalId": {"set": parent}}}
                assert world.post("/assets/update", {"items": [update]})[0] == forest.move(name, parent)
            elif action == "delete":
                asked, recursive = content
                body = {"items": [{"externalId": name} for name in asked], "recursive": recursive}
                assert world.post("/assets/delete", body)[0] == forest.delete(asked, recursive)
            elif content in forest.parents:
                wanted = {"filter": {"assetSubtreeIds": [{"externalId": content}]}}
                found = {row["externalId"] for row in walk(world, "/assets/list", wanted, 3)}
                assert found == forest.below(content)
        matches(world, forest)
