"""A simple model of a classic resource, and sequences of requests to try it with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from model_world import Row, World, bare, names, walk


@dataclass
class Kind:
    """One classic resource: what it accepts, said independently of the server."""

    path: str
    fields: dict[str, st.SearchStrategy[Any]]
    """Strategies of the values of fields that may be set and, unless `fixed`, updated."""
    required: Row = field(default_factory=dict)
    """What every create carries besides."""
    defaults: Row = field(default_factory=dict)
    """What the server adds to a row."""
    fixed: frozenset[str] = frozenset()
    not_null: frozenset[str] = frozenset()
    invalid: tuple[Row, ...] = ()
    can_delete: bool = True
    single_create: bool = False
    shape: Callable[[Row], Row] = dict
    """How an answered row is made comparable."""
    no_metadata: Row = field(default_factory=lambda: {"metadata": {}})
    """What metadata that is set to null reads as."""
    shortest: int = 0
    """How far the end of a row lies behind its start at least."""

    def consistent(self, row: Row) -> bool:
        """Whether the times of a row, if it has both, agree with each other."""
        start, end = row.get("startTime"), row.get("endTime")
        return start is None or end is None or end - start >= self.shortest


class Model:
    """What a resource holds, by external id."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.rows: dict[str, Row] = {}

    def create(self, items: list[Row]) -> tuple[int, Any]:
        if any(item in self.kind.invalid for item in items):
            return 400, None
        seen = set(self.rows)
        duplicated: dict[str, None] = {}
        for item in items:
            if item["externalId"] in seen:
                duplicated[item["externalId"]] = None
            seen.add(item["externalId"])
        if duplicated:
            return 409, [{"externalId": name} for name in duplicated]
        if not all(map(self.kind.consistent, items)):
            return 400, None
        for item in items:
            self.rows[item["externalId"]] = self.kind.defaults | item
        return 201, [self.rows[item["externalId"]] for item in items]

    def missing(self, names_: list[str]) -> list[Row]:
        return [{"externalId": name} for name in names_ if name not in self.rows]

    def update(self, items: list[Row]) -> tuple[int, Any]:
        asked = [item["externalId"] for item in items]
        if missing := self.missing(asked):
            return 400, ("missing", missing)
        if len(set(asked)) < len(asked):
            return 400, ("duplicated", [{"externalId": n} for i, n in enumerate(asked) if n in asked[:i]])
        changed = {}
        for item in items:
            row = dict(self.rows[item["externalId"]])
            for name, operation in item["update"].items():
                if name in self.kind.fixed or (name in self.kind.not_null and "setNull" in operation):
                    return 400, None
                apply(row, name, operation, self.kind)
            if not self.kind.consistent(row):
                return 400, None
            changed[item["externalId"]] = row
        self.rows |= changed
        return 200, [self.rows[name] for name in asked]

    def delete(self, asked: list[str], ignore: bool) -> tuple[int, Any]:
        if not ignore and (missing := self.missing(asked)):
            return 400, ("missing", missing)
        known = [name for name in asked if name in self.rows]
        if len(set(known)) < len(known):
            return 400, ("duplicated", [{"externalId": n} for i, n in enumerate(known) if n in known[:i]])
        for name in known:
            del self.rows[name]
        return 200, None

    def read(self, asked: list[str], ignore: bool) -> tuple[int, Any]:
        if not ignore and (missing := self.missing(asked)):
            return 400, ("missing", missing)
        known = [name for name in asked if name in self.rows]
        if len(set(known)) < len(known):
            return 400, ("duplicated", [{"externalId": n} for i, n in enumerate(known) if n in known[:i]])
        return 200, [self.rows[name] for name in known]


def apply(row: Row, name: str, operation: Row, kind: Kind) -> None:
    """One operation of an update."""
    if "setNull" in operation:
        row.pop(name, None)
        if name == "metadata":
            row |= kind.no_metadata
    elif "set" in operation:
        row[name] = operation["set"]
    else:
        kept = {k: v for k, v in row.get(name, {}).items() if k not in operation["remove"]}
        row[name] = kept | operation["add"]


def requests_of(kind: Kind) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Sequences of requests for a resource."""
    item = st.builds(
        lambda name, fields: {"externalId": name} | kind.required | fields,
        names,
        st.fixed_dictionaries({}, optional=kind.fields),
    )
    if kind.invalid:
        item = st.one_of(*[item] * 9, st.sampled_from(kind.invalid))
    operation = {
        name: st.one_of(
            st.builds(lambda value: {"set": value}, strategy),
            st.just({"setNull": True}),
            *([_pairs_changed] if name == "metadata" else []),
        )
        for name, strategy in kind.fields.items()
    }
    change = st.builds(
        lambda name, update: {"externalId": name, "update": update},
        names,
        st.fixed_dictionaries({}, optional=operation),
    )
    most = 1 if kind.single_create else 3
    actions = [
        st.tuples(st.just("create"), st.lists(item, min_size=1, max_size=most)),
        st.tuples(st.just("create"), st.lists(item, min_size=1, max_size=most)),
        st.tuples(st.just("update"), st.lists(change, min_size=1, max_size=1)),
        st.tuples(st.just("update"), st.lists(change, min_size=1, max_size=3)),
        st.tuples(st.just("read"), st.tuples(st.lists(names, min_size=1, max_size=4), st.booleans())),
        st.tuples(st.just("list"), st.integers(1, 3)),
    ]
    if "startTime" in kind.fields:
        # Moving one end of a row alone, and rows that have both: chance brings these together too seldom.
        timed = st.builds(
            lambda name, start, length: (
                {"externalId": name} | kind.required | {"startTime": start, "endTime": start + length}
            ),
            names,
            kind.fields["startTime"],
            st.integers(kind.shortest, 2),
        )
        moved = st.builds(
            lambda name, end, to: {"externalId": name, "update": {end: {"set": to}}},
            names,
            st.sampled_from(["startTime", "endTime"]),
            kind.fields["startTime"],
        )
        actions += [
            st.tuples(st.just("create"), st.lists(timed, min_size=1, max_size=2)),
            st.tuples(st.just("update"), st.lists(moved, min_size=1, max_size=1)),
            st.tuples(st.just("update"), st.lists(moved, min_size=1, max_size=3)),
        ]
    if kind.can_delete:
        actions.append(st.tuples(st.just("delete"), st.tuples(st.lists(names, min_size=1, max_size=3), st.booleans())))
    return st.lists(st.one_of(actions), min_size=4, max_size=10)


_pairs_changed = st.builds(
    lambda add, remove: {"add": add, "remove": remove},
    st.dictionaries(st.sampled_from("klm"), st.text(max_size=3), max_size=2),
    st.lists(st.sampled_from("klm"), max_size=2),
)
pairs = st.dictionaries(st.sampled_from("klm"), st.text(max_size=3), max_size=3)


def agrees(kind: Kind, world: World, steps: list[tuple[str, Any]]) -> None:
    """Send every request, and compare each answer with the model's."""
    model = Model(kind)
    for action, content in steps:
        if action == "create":
            expected = model.create(content)
            body = content[0] if kind.single_create else {"items": content}
            _compare(kind, world.post(kind.path, body), expected, single=kind.single_create)
        elif action == "update":
            _compare(kind, world.post(f"{kind.path}/update", {"items": content}), model.update(content))
        elif action == "list":
            found = walk(world, f"{kind.path}/list", {}, content)
            assert sorted(_key(kind.shape(bare(row))) for row in found) == sorted(map(_key, model.rows.values()))
        else:
            asked, ignore = content
            expected = model.read(asked, ignore) if action == "read" else model.delete(asked, ignore)
            items = [{"externalId": name} for name in asked]
            suffix = "byids" if action == "read" else "delete"
            _compare(kind, world.post(f"{kind.path}/{suffix}", {"items": items, "ignoreUnknownIds": ignore}), expected)


def _key(row: Row) -> str:
    return json.dumps(row, sort_keys=True)


def _compare(kind: Kind, answered: tuple[int, Any], expected: tuple[int, Any], *, single: bool = False) -> None:
    status, body = answered
    wanted, content = expected
    assert status == wanted, body
    if status >= 400:
        error = body["error"]
        assert error["code"] == status
        assert error["message"]
        if status == 409:
            assert error["duplicated"] == content
        elif content is not None:
            assert error[content[0]] == content[1]
    elif content is None:
        assert body == {}
    else:
        rows = [body] if single else body["items"]
        for row in rows:
            row.pop("uploadUrl", None)
            assert row["createdTime"] <= row["lastUpdatedTime"]
        assert [kind.shape(bare(row)) for row in rows] == content
