"""Writes of nodes and edges: a version that grows with every real change, requests that hold all or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.cdf.api.fields import InvalidError
from sandbox.cdf.api.http import AnyJson, ApiError, Json, an_object, objects
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.instances import constraints
from sandbox.cdf.instances.names import refuse_unknown
from sandbox.cdf.instances.sources import Name
from sandbox.cdf.instances.store import Instances, Node, kind_of, name_of, reference_name
from sandbox.cdf.instances.values import relation, value_of

_FIELDS = {
    "node": {"instanceType", "space", "externalId", "existingVersion", "type", "sources"},
    "edge": {"instanceType", "space", "externalId", "existingVersion", "type", "sources", "startNode", "endNode"},
}


@dataclass(frozen=True)
class Options:
    """What a request says of all its items.

    Attributes:
        replace: properties that are not given take their default or become null, in the containers that are given.
        skip_conflicts: pass over instances that are newer than ``existingVersion`` instead of refusing all.
        create_targets: create the nodes that direct relations point to.
        create_starts: create the nodes that edges start from.
        create_ends: create the nodes that edges end at.
    """

    replace: bool = False
    skip_conflicts: bool = False
    create_targets: bool = True
    create_starts: bool = False
    create_ends: bool = False


def apply(store: Instances, items: list[Json], options: Options) -> list[Json]:
    """Create instances or change them.

    Raises:
        ApiError: 400 for what is refused, 409 for a version conflict. Nothing is written then.
    """
    missing = {space for space, _ in map(name_of, items)} - {space for (space,) in store.spaces.rows}
    if missing:
        raise ApiError(400, f"One or more spaces do not exist: {', '.join(sorted(missing))}")
    write = _Write(store, options)
    for item in items:
        write.add(item)
    given = len(write.new)
    write.add_targets()
    constraints.check(store, write.new)
    answers = []
    for name, instance in write.new.items():
        modified = store.get(name) is not instance
        if modified:
            store.put(instance)
        answers.append(instance.slim(modified=modified))
    return answers[:given]


class _Write:
    """What a request will write, and what must be there for it.

    Attributes:
        new: instances as they will be, in the request's order.
    """

    def __init__(self, store: Instances, options: Options) -> None:
        self.new: dict[Name, Node] = {}
        self._store = store
        self._containers = store.containers.rows
        self._options = options
        self._now = now_ms()
        # Nodes that must exist, with whether they may be created, and with the containers that they must be in.
        self._targets: dict[Name, bool] = {}
        self._inside: dict[Name, set[Name]] = {}

    def add(self, item: Json) -> None:
        """Take in one item of the request."""
        kind, name = kind_of(item), name_of(item)
        refuse_unknown(item, _FIELDS[kind])
        if name in self.new:
            raise ApiError(400, f"Instance {name[0]}:{name[1]} is given more than once")
        version = item.get("existingVersion")
        if version is not None and (type(version) is not int or version < 0):
            raise ApiError(400, f"existingVersion: must be a whole number from 0, not {version}")
        old = self._store.get(name)
        if old is not None and old.kind != kind:
            raise ApiError(400, f"Instance {name[0]}:{name[1]} exists as {old.kind}")
        if old is not None and version is not None and version < old.version:
            if not self._options.skip_conflicts:
                raise ApiError(409, "A version conflict caused the ingest to fail.")
            self.new[name] = old
        else:
            self.new[name] = self._changed(name, kind, item, old)

    def add_targets(self) -> None:
        """Create the nodes that are referred to, or refuse the request."""
        for name, create in self._targets.items():
            target = self.new.get(name) or self._store.get(name)
            if target is None:
                if not create or (name[0],) not in self._store.spaces.rows:
                    raise ApiError(400, f"Direct relation to {name[0]}:{name[1]}, which does not exist")
                self.new[name] = target = Node(name, 1, self._now, self._now, None, {})
            if target.ends:
                raise ApiError(400, f"Direct relation to {name[0]}:{name[1]}, which is an edge")
            for container in self._inside.get(name, set()) - target.properties.keys():
                raise ApiError(400, f"Direct relation to {':'.join(name)}, which has no data in {':'.join(container)}")

    def _changed(self, name: Name, kind: str, item: Json, old: Node | None) -> Node:
        """The instance as it will be; the same object when nothing changes."""
        properties = self._all_properties(item, kind, old)
        type_ = item.get("type", old.type if old else None)
        ends: tuple[Json, Json] | None = None
        if item.get("type") is not None:
            self._refer(_reference("type", type_), create=self._options.create_targets)
        if kind == "edge":
            _reference("type", type_)
            ends = (_reference("startNode", item.get("startNode")), _reference("endNode", item.get("endNode")))
            self._refer(ends[0], create=self._options.create_starts)
            self._refer(ends[1], create=self._options.create_ends)
        if old is None:
            return Node(name, 1, self._now, self._now, type_, properties, ends)
        if (properties, type_, ends) == (old.properties, old.type, old.ends):
            return old
        return Node(name, old.version + 1, old.created, self._now, type_, properties, ends)

    def _all_properties(self, item: Json, kind: str, old: Node | None) -> dict[Name, Json]:
        """What the instance will have in all containers."""
        properties = dict(old.properties) if old else {}
        touched: set[Name] = set()
        for each in objects(item.get("sources"), "sources"):
            refuse_unknown(each, {"source", "properties"})
            source = self._store.source(each.get("source"))
            for container, sent in source.by_container(an_object(each.get("properties"), "properties")).items():
                used_for = self._containers[container]["usedFor"]
                if used_for not in {kind, "all"}:
                    raise ApiError(400, f"Container {':'.join(container)} is used for {used_for}, not for {kind}")
                before = properties.get(container)
                # Two sources of one item may share a container; the second adds to the first.
                if self._options.replace and container not in touched:
                    before = None
                properties[container] = self._properties(container, sent, before)
                touched.add(container)
        for container in touched:
            before = old.properties.get(container, {}) if old else {}
            self._check(container, before, properties[container])
        return properties

    def _properties(self, container: Name, sent: Json, before: Json | None) -> Json:
        """What the instance will have in one container, where it had ``before``."""
        definitions = self._containers[container]["properties"]
        kept = dict(before or {})
        for name, value in sent.items():
            if value is None:
                kept.pop(name, None)
                continue
            try:
                kept[name] = value_of(definitions[name], value)
            except InvalidError as error:
                raise ApiError(400, f"Property {name} of container {':'.join(container)}: {error}") from error
            if definitions[name]["type"]["type"] == "direct":
                self._refer_to(definitions[name]["type"], kept[name])
        if before is None:
            defaults = {name: each["defaultValue"] for name, each in definitions.items() if "defaultValue" in each}
            kept |= {name: value for name, value in defaults.items() if name not in sent}
        return kept

    def _check(self, container: Name, before: Json, after: Json) -> None:
        """Refuse null in required properties, and changes of immutable ones."""
        for name, definition in self._containers[container]["properties"].items():
            if not definition["nullable"] and name not in after:
                raise ApiError(400, f"Property {name} of container {':'.join(container)} cannot be null")
            if definition["immutable"] and name in before and after.get(name) != before[name]:
                raise ApiError(400, f"Property {name} of container {':'.join(container)} cannot be changed")

    def _refer(self, reference: Json, *, create: bool) -> None:
        name = reference_name(reference)
        self._targets[name] = self._targets.get(name, False) or create

    def _refer_to(self, kind: Json, value: AnyJson) -> None:
        """Note what the value of a direct relation needs.

        Source: the API reference of containers: a relation to nodes of one container is to a node that has data in it,
        and such a node is never created by the relation.
        """
        wanted = kind.get("container")
        for reference in value if isinstance(value, list) else [value]:
            self._refer(reference, create=self._options.create_targets and wanted is None)
            if wanted is not None:
                inside = self._inside.setdefault(reference_name(reference), set())
                inside.add((wanted["space"], wanted["externalId"]))


def _reference(name: str, value: AnyJson) -> Json:
    try:
        return relation(value)
    except InvalidError as error:
        raise ApiError(400, f"{name}: {error}") from error
