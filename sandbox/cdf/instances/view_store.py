"""Views: properties of containers under names of their own, their parents' properties among them."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.cdf.api.definitions import Definitions, Name
from sandbox.cdf.api.http import Json


class Views(Definitions):
    """The project's views. ``rows`` has them as they were sent; what a reader sees is put together when it is asked.

    Args:
        containers: what views map.
    """

    def __init__(self, containers: Definitions) -> None:
        super().__init__("space", "externalId", "version")
        self._containers = containers

    def reference(self, item: Json) -> Name:
        """The name that a reference to a view gives."""
        return tuple(str(item.get(part)) for part in self.parts)

    def properties(self, name: Name) -> Json:
        """A view's properties as sent, with those that it inherits; its own win, then those of later parents."""
        row = self.rows.get(name)
        if row is None:
            return {}
        inherited: Json = {}
        for parent in row.get("implements", ()):
            inherited |= self.properties(self.reference(parent))
        own: Json = row.get("properties", {})
        return inherited | own

    def shown(self, rows: Iterable[Json] | None = None, *, inherited: bool = True) -> list[Json]:
        """Views as the API answers them: each property with what its container says of it.

        Args:
            rows: which, of `rows`; all by default.
            inherited: whether with the properties of the views that they implement.
        """
        return [self._shown(row, inherited=inherited) for row in (self.rows.values() if rows is None else rows)]

    def _shown(self, row: Json, *, inherited: bool) -> Json:
        every = self.properties(self.name(row))
        sent = every if inherited else row.get("properties", {})
        mapped = {(each["container"]["space"], each["container"]["externalId"]) for each in _mapped(every)}
        used = {self._containers.rows[name]["usedFor"] for name in mapped if name in self._containers.rows}
        is_mapped = any("container" in each and self._property(each) for each in every.values())
        return row | {
            "properties": {name: shown for name, each in sent.items() if (shown := self._property(each))},
            "writable": is_mapped and self._is_writable(every, mapped),
            # Assumed: what neither maps a property nor filters shows nothing.
            "queryable": is_mapped or row.get("filter") is not None,
            "usedFor": used.pop() if len(used) == 1 else "all",
            "mappedContainers": [{"type": "container", "space": s, "externalId": e} for s, e in sorted(mapped)],
        }

    def _property(self, sent: Json) -> Json | None:
        """A property as answered; None when its container is gone."""
        if "connectionType" in sent:
            if "reverse" in sent["connectionType"]:
                return sent | {"targetsList": self._is_list(sent["through"])}
            return {"direction": "outwards"} | sent
        container = self._containers.rows.get((sent["container"]["space"], sent["container"]["externalId"]))
        known = container and container["properties"].get(sent["containerPropertyIdentifier"])
        if not known:
            return None
        # Names and descriptions are the view's own; the view that a direct relation leads to is part of its type.
        kept = {key: value for key, value in known.items() if key not in {"name", "description"}}
        own = {key: value for key, value in sent.items() if key != "source"}
        target = {"source": sent["source"]} if "source" in sent else {}
        return kept | own | {"type": known["type"] | target}

    def _is_list(self, through: Json) -> bool:
        """Whether the direct relation that a reverse one goes through is a list."""
        source, field = through.get("source") or {}, str(through.get("identifier"))
        if source.get("type") == "view":
            mapped = self.properties(self.reference(source)).get(field, {})
            source, field = mapped.get("container", {}), str(mapped.get("containerPropertyIdentifier"))
        container = (str(source.get("space")), str(source.get("externalId")))
        found = self._containers.rows.get(container, {}).get("properties", {}).get(field, {})
        return bool(found.get("type", {}).get("list"))

    def _is_writable(self, properties: Json, containers: set[tuple[str, str]]) -> bool:
        """Whether the view maps all that its containers require."""
        has = {
            (each["container"]["space"], each["container"]["externalId"], each["containerPropertyIdentifier"])
            for each in _mapped(properties)
        }
        required = {
            (*name, field)
            for name in containers
            for field, each in self._containers.rows.get(name, {"properties": {}})["properties"].items()
            if not each["nullable"] and each.get("defaultValue") is None
        }
        return required <= has


def _mapped(properties: Json) -> list[Json]:
    return [each for each in properties.values() if "container" in each]
