"""Properties of instances, as filters and sorts name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.cdf.api.http import AnyJson, ApiError, Json, texts
from sandbox.cdf.instances.store import Instances, Node
from sandbox.cdf.instances.values import TYPES, value_of

_TIME = {"type": "epoch"}
_BASE: Mapping[str, Json] = {
    "instanceType": {"type": "text"},
    "space": {"type": "text"},
    "externalId": {"type": "text"},
    "version": {"type": "int64"},
    "createdTime": _TIME,
    "lastUpdatedTime": _TIME,
    "deletedTime": _TIME,
    "type": {"type": "direct"},
}
BASE: Mapping[str, Mapping[str, Json]] = {
    "node": _BASE,
    "edge": {**_BASE, "startNode": {"type": "direct"}, "endNode": {"type": "direct"}},
}
"""What all nodes and all edges have, by the API reference of filters."""

_NUMBERS = {"int32", "int64", "float32", "float64"}
_TEXTS = {"text", "enum", "timeseries", "file", "sequence"}


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes:
        read: its value in an instance.
        type: its type, as containers define types.
    """

    read: Callable[[Node], AnyJson]
    type: Json

    def is_like(self, other: Property, *, whole: bool) -> bool:
        """Whether its values can be compared with those of another: as they are, or one by one."""
        kinds = [_NUMBERS, _TEXTS, {self.type["type"]}]
        same = any({self.type["type"], other.type["type"]} <= kind for kind in kinds)
        return same and (not whole or bool(self.type.get("list")) == bool(other.type.get("list")))

    def operand(self, sent: AnyJson, *, whole: bool) -> AnyJson:
        """What a filter compares the property with, in the form in which values are kept.

        Args:
            sent: what the filter says.
            whole: whether it stands for the property, not for one element of a list.

        Raises:
            InvalidError: when the property can never have that value.
        """
        if whole and self.type.get("list"):
            return value_of({"type": self.type}, sent)
        kind = self.type["type"]
        if kind == "epoch":
            return _epoch(sent)
        if kind in _NUMBERS:
            return TYPES["float64"](sent)
        # An enum is compared with any text: one that it does not know matches nothing.
        return TYPES["text" if kind in _TEXTS else kind](sent)


def property_of(store: Instances, path: AnyJson, kind: str) -> Property:
    """The property that a path such as ``["node", name]`` or ``[space, container or view, name]`` names.

    Args:
        store: where containers and views are looked up.
        path: the path.
        kind: whether it is one of nodes or of edges.

    Raises:
        ApiError: 400 for any other path.
    """
    path = texts(path, "property")
    if len(path) == 2 and path[0] == kind:
        name = path[1]
        if name not in BASE[kind]:
            raise ApiError(400, f"property: {kind} has no {name}, only {', '.join(BASE[kind])}")
        return Property(lambda each: each.base().get(name), BASE[kind][name])
    if len(path) != 3:
        raise ApiError(400, f"property: must be [{kind}, name] or [space, container or view, name], not {path}")
    space, key, name = path
    external_id, _, version = key.partition("/")
    source_kind = "view" if version else "container"
    source = store.source({"type": source_kind, "space": space, "externalId": external_id, "version": version})
    if name not in source.fields:
        raise ApiError(400, f"property: {space}:{key} has no {name}")
    container, field = source.fields[name]
    return Property(lambda each: each.properties.get(container, {}).get(field), source.types[name]["type"])


def _epoch(sent: AnyJson) -> int:
    """A time in milliseconds, from a number or a timestamp."""
    if type(sent) is int:
        return sent
    return round(datetime.fromisoformat(TYPES["timestamp"](sent)).astimezone(UTC).timestamp() * 1000)


def refuse_unordered(path: AnyJson, found: Property) -> None:
    """Refuse to sort by what has no order.

    Raises:
        ApiError: 400.
    """
    if found.type["type"] in {"json", "direct"} or found.type.get("list"):
        raise ApiError(400, f"sort: {path} has no order")
