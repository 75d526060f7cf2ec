"""Where properties of an instance come from: a container, or a view of containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.cdf.api.definitions import Definitions
from sandbox.cdf.api.http import AnyJson, ApiError, Json
from sandbox.cdf.instances.view_store import Views

Name = tuple[str, str]


@dataclass(frozen=True)
class Source:
    """A container or a view, as one request names it.

    Attributes:
        space: where it is defined.
        key: how answers name it: external id, with the version for a view.
        fields: container and property behind each of its properties.
        types: what the containers say of each of its properties.
        filter: the view's own filter, if it has one.
    """

    space: str
    key: str
    fields: Mapping[str, tuple[Name, str]]
    types: Mapping[str, Json]
    filter: Json | None = None

    def containers(self) -> set[Name]:
        """The containers behind it."""
        return {container for container, _ in self.fields.values()}

    def by_container(self, properties: Json) -> dict[Name, Json]:
        """Properties that a client sends, by the containers that keep them.

        Raises:
            ApiError: 400 for a property that the source does not have.
        """
        found: dict[Name, Json] = {} if properties else {name: {} for name in self.containers()}
        for name, value in properties.items():
            if name not in self.fields:
                raise ApiError(400, f"Unknown property {name} in {self.space}:{self.key}")
            container, field = self.fields[name]
            found.setdefault(container, {})[field] = value
        return found

    def read(self, kept: Mapping[Name, Json]) -> Json | None:
        """The source's properties of an instance; None when it has nothing in the source's containers."""
        if self.containers().isdisjoint(kept):
            return None
        return {
            name: kept[container][field]
            for name, (container, field) in self.fields.items()
            if field in kept.get(container, {})
        }


def source_of(containers: Definitions, views: Views, reference: AnyJson) -> Source:
    """The source that a reference names.

    Raises:
        ApiError: 400 when there is no such container or view.
    """
    if not isinstance(reference, dict) or reference.get("type") not in ("container", "view"):
        raise ApiError(400, f"source: must be a reference of type container or view, not {reference}")
    space, external_id = str(reference.get("space")), str(reference.get("externalId"))
    if reference["type"] == "container":
        row = containers.rows.get((space, external_id))
        if row is None:
            raise ApiError(400, f"One or more containers do not exist: '{space}:{external_id}'")
        types = row["properties"]
        return Source(space, external_id, {name: ((space, external_id), name) for name in types}, types)
    version = str(reference.get("version"))
    view = views.rows.get((space, external_id, version))
    if view is None:
        raise ApiError(400, f"One or more views do not exist: '{space}:{external_id}/{version}'")
    fields = _fields(views.properties((space, external_id, version)), containers)
    found = {name: containers.rows[container]["properties"][field] for name, (container, field) in fields.items()}
    return Source(space, f"{external_id}/{version}", fields, found, view.get("filter"))


def _fields(properties: Json, containers: Definitions) -> dict[str, tuple[Name, str]]:
    """Where a view's properties lie; those whose container was deleted lie nowhere."""
    found = {
        name: ((each["container"]["space"], each["container"]["externalId"]), each["containerPropertyIdentifier"])
        for name, each in properties.items()
        if "container" in each
    }
    return {
        name: (container, field)
        for name, (container, field) in found.items()
        if field in containers.rows.get(container, {"properties": {}})["properties"]
    }
