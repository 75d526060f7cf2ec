"""Nodes: properties by container, a version that grows with every real change, writes that hold all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.cdf.definitions import Definitions
from sandbox.cdf.fields import InvalidError
from sandbox.cdf.http import AnyJson, ApiError, Json, an_object, objects
from sandbox.cdf.ids import Ids
from sandbox.cdf.ordered import OrderedRows
from sandbox.cdf.properties import value_of
from sandbox.cdf.sources import Name, Source, source_of
from sandbox.cdf.times import now_ms
from sandbox.cdf.view_store import Views

MAX_EXTERNAL_ID = 256


@dataclass(frozen=True)
class Node:
    """One node as it is kept.

    Attributes:
        name: space and external id.
        properties: by container (space and external id), then by property.
        type: direct relation to its type, if any.
    """

    name: Name
    version: int
    created: int
    updated: int
    type: Json | None
    properties: dict[Name, Json]

    def slim(self, *, modified: bool) -> Json:
        """What a write answers."""
        return self._head() | {"wasModified": modified}

    def row(self, sources: Sequence[Source]) -> Json:
        """What a read answers, with the properties of the sources asked for."""
        row = self._head() | ({"type": self.type} if self.type else {})
        shown: Json = {}
        for source in sources:
            found = source.read(self.properties)
            if found is not None:
                shown.setdefault(source.space, {})[source.key] = found
        return row | {"properties": shown} if sources else row

    def _head(self) -> Json:
        return {
            "instanceType": "node",
            "space": self.name[0],
            "externalId": self.name[1],
            "version": self.version,
            "createdTime": self.created,
            "lastUpdatedTime": self.updated,
        }


class Instances:
    """The project's nodes by space and external id.

    Attributes:
        rows: the number of each node in `ordered`.
    """

    def __init__(self, ids: Ids, spaces: Definitions, containers: Definitions, views: Views) -> None:
        self._ids = ids
        self._spaces = spaces
        self._containers = containers
        self._views = views
        self.rows: dict[Name, int] = {}
        self.ordered = OrderedRows[Node]()

    def get(self, name: Name) -> Node | None:
        """The node with a name."""
        number = self.rows.get(name)
        return None if number is None else self.ordered.rows[number]

    def source(self, reference: AnyJson) -> Source:
        """The container or view that a reference names; errors as `source_of`."""
        return source_of(self._containers, self._views, reference)

    def name(self, item: Json) -> Name:
        """The name that an item gives.

        Raises:
            ApiError: 400 when it names no node.
        """
        if item.get("instanceType", "node") != "node":
            raise ApiError(400, "instanceType: this stand-in keeps nodes only")
        space, external_id = item.get("space"), item.get("externalId")
        if not isinstance(space, str) or not isinstance(external_id, str):
            raise ApiError(400, "space and externalId: required")
        if not 1 <= len(external_id) <= MAX_EXTERNAL_ID or "\x00" in external_id:
            raise ApiError(400, f"externalId: must have 1 to {MAX_EXTERNAL_ID} characters, none of them null")
        return space, external_id

    def apply(self, items: list[Json], *, replace: bool, skip_conflicts: bool, create_targets: bool) -> list[Json]:
        """Create nodes or change them.

        Args:
            items: what to write.
            replace: properties that are not given become null, in the containers that are given.
            skip_conflicts: pass over nodes that are newer than ``existingVersion`` instead of refusing all.
            create_targets: create the nodes that direct relations point to.

        Raises:
            ApiError: 400 for what is refused, 409 for a version conflict. Nothing is written then.
        """
        now = now_ms()
        new: dict[Name, Node] = {}
        targets: dict[Name, None] = {}
        for item in items:
            name = self.name(item)
            if name in new:
                raise ApiError(400, f"Instance {name[0]}:{name[1]} is given more than once")
            if (name[0],) not in self._spaces.rows:
                raise ApiError(400, f"Space {name[0]} does not exist")
            old = self.get(name)
            if old is not None and _conflicts(item, old):
                if not skip_conflicts:
                    raise ApiError(409, "A version conflict caused the ingest to fail.")
                new[name] = old
                continue
            new[name] = self._changed(name, old, item, now, replace=replace)
            targets |= dict.fromkeys(_targets(new[name]))
        self._check_targets(targets, new, now, create=create_targets)
        answers = []
        for name, node in new.items():
            modified = self.get(name) is not node
            if modified:
                self.put(node)
            answers.append(node.slim(modified=modified))
        return answers[: len(items)]

    def _changed(self, name: Name, old: Node | None, item: Json, now: int, *, replace: bool) -> Node:
        """The node as it will be; the same object when nothing changes."""
        properties = dict(old.properties) if old else {}
        for each in objects(item.get("sources"), "sources"):
            source = self.source(each.get("source"))
            for container, sent in source.by_container(an_object(each.get("properties"), "properties")).items():
                properties[container] = self._properties(container, sent, properties.get(container), replace=replace)
        kind = item.get("type", old.type if old else None)
        if kind is not None and (not isinstance(kind, dict) or kind.keys() != {"space", "externalId"}):
            raise ApiError(400, "type: must be {space, externalId}")
        if old is None:
            return Node(name, 1, now, now, kind, properties)
        if properties == old.properties and kind == old.type:
            return old
        return Node(name, old.version + 1, old.created, now, kind, properties)

    def _properties(self, container: Name, sent: Json, before: Json | None, *, replace: bool) -> Json:
        definitions = self._containers.rows[container]["properties"]
        kept = {} if replace or before is None else dict(before)
        for name, value in sent.items():
            if value is None:
                kept.pop(name, None)
                continue
            try:
                kept[name] = value_of(definitions[name], value)
            except InvalidError as error:
                raise ApiError(400, f"Property {name}: {error}") from error
        for name, definition in definitions.items():
            if before is None and name not in sent and definition.get("defaultValue") is not None:
                kept[name] = definition["defaultValue"]
            if definition["immutable"] and before and name in before and kept.get(name) != before[name]:
                raise ApiError(400, f"Property {name} of container {container[0]}:{container[1]} cannot be changed")
            if not definition["nullable"] and name not in kept:
                raise ApiError(400, f"Property {name} of container {container[0]}:{container[1]} cannot be null")
        return kept

    def _check_targets(self, targets: dict[Name, None], new: dict[Name, Node], now: int, *, create: bool) -> None:
        for name in targets:
            if name in self.rows or name in new:
                continue
            if not create or (name[0],) not in self._spaces.rows:
                raise ApiError(400, f"Direct relation to {name[0]}:{name[1]}, which does not exist")
            new[name] = Node(name, 1, now, now, None, {})

    def put(self, node: Node) -> None:
        """Store a node."""
        number = self.rows.setdefault(node.name, 0) or self._ids.new()
        self.rows[node.name] = number
        self.ordered.put(number, node)

    def delete(self, items: list[Json]) -> list[Json]:
        """Remove nodes; the answer names those that existed."""
        names = [name for name in dict.fromkeys(map(self.name, items)) if name in self.rows]
        for name in names:
            self.ordered.pop(self.rows.pop(name))
        return [{"instanceType": "node", "space": space, "externalId": external_id} for space, external_id in names]

    def forget_container(self, container: Name) -> None:
        """Drop what nodes have in a container that is deleted."""
        for node in list(self.ordered.rows.values()):
            if container in node.properties:
                rest = {name: values for name, values in node.properties.items() if name != container}
                self.put(Node(node.name, node.version, node.created, node.updated, node.type, rest))

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every node."""
        for number, node in self.ordered.rows.items():
            containers = [[*name, values] for name, values in node.properties.items()]
            yield str(number), node.row(()) | {"containers": containers}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        properties = {(space, container): values for space, container, values in value["containers"]}
        name = (value["space"], value["externalId"])
        stamps = (value["version"], value["createdTime"], value["lastUpdatedTime"])
        self.rows[name] = int(key)
        self.ordered.put(int(key), Node(name, *stamps, value.get("type"), properties))


def _conflicts(item: Json, old: Node) -> bool:
    version = item.get("existingVersion")
    if version is not None and type(version) is not int:
        raise ApiError(400, "existingVersion: must be a whole number")
    return version is not None and version < old.version


def _targets(node: Node) -> Iterator[Name]:
    values = [value for properties in node.properties.values() for value in properties.values()]
    for value in [*values, node.type]:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and each.keys() == {"space", "externalId"}:
                yield each["space"], each["externalId"]
