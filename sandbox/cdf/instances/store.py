"""Nodes and edges as they are kept: by space and external id, with their properties by container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.api.ordered import OrderedRows
from sandbox.cdf.instances.sources import Name, Source, source_of
from sandbox.cdf.instances.values import MAX_INSTANCE_ID
from sandbox.cdf.instances.view_store import Views

KINDS = ("node", "edge")


@dataclass(frozen=True)
class Node:
    """One instance: a node, or an edge when it has ends.

    Attributes:
        name: space and external id.
        properties: by container (space and external id), then by property.
        type: direct relation to its type, if any.
        ends: of an edge, the nodes at its start and its end.
    """

    name: Name
    version: int
    created: int
    updated: int
    type: Json | None
    properties: dict[Name, Json]
    ends: tuple[Json, Json] | None = None

    @property
    def kind(self) -> str:
        """What it is to the API: ``node`` or ``edge``."""
        return "edge" if self.ends else "node"

    def slim(self, *, modified: bool) -> Json:
        """What a write answers."""
        return self._head() | {"wasModified": modified}

    def row(self, sources: Sequence[Source]) -> Json:
        """What a read answers, with the properties of the sources asked for."""
        row = self.base()
        shown: Json = {}
        for source in sources:
            found = source.read(self.properties)
            if found is not None:
                shown.setdefault(source.space, {})[source.key] = found
        return row | {"properties": shown} if sources else row

    def base(self) -> Json:
        """What every instance of its kind has, whatever it has in containers."""
        ends = {"startNode": self.ends[0], "endNode": self.ends[1]} if self.ends else {}
        return self._head() | ({"type": self.type} if self.type else {}) | ends

    def _head(self) -> Json:
        return {
            "instanceType": self.kind,
            "space": self.name[0],
            "externalId": self.name[1],
            "version": self.version,
            "createdTime": self.created,
            "lastUpdatedTime": self.updated,
        }


class Instances:
    """The project's nodes and edges by space and external id, which no two of them share.

    Attributes:
        spaces: where instances may be.
        containers: what their properties may be.
        rows: the number of each instance in `ordered`.
    """

    def __init__(self, ids: Ids, spaces: Definitions, containers: Definitions, views: Views) -> None:
        self._ids = ids
        self.spaces = spaces
        self.containers = containers
        self._views = views
        self.rows: dict[Name, int] = {}
        self.ordered = OrderedRows[Node]()

    def get(self, name: Name) -> Node | None:
        """The instance with a name."""
        number = self.rows.get(name)
        return None if number is None else self.ordered.rows[number]

    def of_kind(self, kind: str) -> list[Node]:
        """All nodes, or all edges."""
        return [each for each in self.ordered.rows.values() if each.kind == kind]

    def source(self, reference: AnyJson) -> Source:
        """The container or view that a reference names; errors as `source_of`."""
        return source_of(self.containers, self._views, reference)

    def named(self, items: list[Json]) -> list[Node]:
        """The instances that exist of those asked for, each once."""
        wanted = dict.fromkeys((kind_of(item), name_of(item)) for item in items)
        found = ((kind, self.get(name)) for kind, name in wanted)
        return [instance for kind, instance in found if instance is not None and instance.kind == kind]

    def put(self, node: Node) -> None:
        """Store an instance."""
        number = self.rows.setdefault(node.name, 0) or self._ids.new()
        self.rows[node.name] = number
        self.ordered.put(number, node)

    def delete(self, items: list[Json]) -> list[Json]:
        """Remove instances, and the edges of nodes; the answer names those asked for that existed."""
        gone = self.named(items)
        nodes = {each.name for each in gone if not each.ends}
        edges = self.of_kind("edge") if nodes else []
        loose = {each.name for each in edges if each.ends and not nodes.isdisjoint(map(reference_name, each.ends))}
        for name in {each.name for each in gone} | loose:
            self.ordered.pop(self.rows.pop(name))
        return [{"instanceType": each.kind, "space": each.name[0], "externalId": each.name[1]} for each in gone]

    def forget_container(self, container: Name) -> None:
        """Drop what instances have in a container that is deleted."""
        for node in list(self.ordered.rows.values()):
            if container in node.properties:
                rest = {name: values for name, values in node.properties.items() if name != container}
                self.put(replace(node, properties=rest))

    def dump(self) -> Iterator[tuple[str, Json]]:
        """Every instance."""
        for number, node in self.ordered.rows.items():
            containers = [[*name, values] for name, values in node.properties.items()]
            yield str(number), node.base() | {"containers": containers}

    def load(self, key: str, value: Json) -> None:
        """Take back what `dump` gave."""
        properties = {(space, container): values for space, container, values in value["containers"]}
        name = (value["space"], value["externalId"])
        stamps = (value["version"], value["createdTime"], value["lastUpdatedTime"])
        ends = (value["startNode"], value["endNode"]) if value["instanceType"] == "edge" else None
        self.rows[name] = int(key)
        self.ordered.put(int(key), Node(name, *stamps, value.get("type"), properties, ends))


def kind_of(item: Json) -> str:
    """Whether an item or a request is about nodes or edges.

    Raises:
        ApiError: 400 for anything else.
    """
    kind = item.get("instanceType", "node")
    if kind not in KINDS:
        raise ApiError(400, f"instanceType: must be node or edge, not {kind}")
    return str(kind)


def name_of(item: Json) -> Name:
    """The name that an item gives.

    Raises:
        ApiError: 400 when it names no instance.
    """
    space, external_id = item.get("space"), item.get("externalId")
    if not isinstance(space, str) or not isinstance(external_id, str):
        raise ApiError(400, "space and externalId: required")
    if not 1 <= len(external_id) <= MAX_INSTANCE_ID or "\x00" in external_id:
        raise ApiError(400, f"externalId: must have 1 to {MAX_INSTANCE_ID} characters, none of them null")
    return space, external_id


def reference_name(reference: Json) -> Name:
    """The name that a direct relation, once checked, leads to."""
    return reference["space"], reference["externalId"]
