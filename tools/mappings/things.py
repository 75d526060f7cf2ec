"""What a row became, taken apart: things in CDF and what each of them has, with the row's fields in braces."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from plex_cdf.resources import (
    Asset,
    Datapoint,
    Event,
    Level,
    Reading,
    Relationship,
    Resource,
    SequenceLine,
    TimeSeries,
)

from tools.mappings.probe import Probe

_IN_BRACES = re.compile(r"\{([^{}]+)\}")
_KIND = re.compile(r"PCN\{pcn\}_([A-Z]+)_")


MADE_AS = "made as "
"""With the name of a resource's class, an attribute that says that there is one: a series' points need none."""


class Thing(NamedTuple):
    """Something in CDF: what it is, and its external id with fields in braces."""

    kind: str
    id: str

    @property
    def stem(self) -> str:
        """Its external id up to the last field."""
        return self.id[: self.id.rindex("}") + 1]

    @property
    def ending(self) -> str:
        """What follows, such as `_GOOD`."""
        return self.id.removeprefix(self.stem)


class Slot(NamedTuple):
    """Something that a thing has, such as its name."""

    thing: Thing
    attribute: str


Content = dict[Slot, str]
"""What every slot holds, with fields in braces."""


def content(resources: Iterable[Resource], probe: Probe) -> Content:
    """All that there is of a row's resources; a series and its points are one thing."""
    found: Content = {}
    for resource in resources:
        kind, external_id, attributes = _taken_apart(resource, probe)
        thing = Thing(kind, probe.told(external_id))
        made = {"external id": external_id, f"{MADE_AS}{type(resource).__name__}": "yes"}
        for attribute, value in {**made, **attributes}.items():
            if value not in (None, ""):
                found.setdefault(Slot(thing, attribute), probe.told(value))
    return found


def fields_in(text: str) -> set[str]:
    """The names in braces."""
    return set(_IN_BRACES.findall(text))


def _kind_in(text: str) -> str:
    """What an external id is of: `WORKCENTER`."""
    match = _KIND.match(text)
    return match[1] if match else ""


def _taken_apart(resource: Resource, probe: Probe) -> tuple[str, str, dict[str, Any]]:
    """Kind, external id and attributes; of a point, those of its series."""
    match resource:
        case Asset() as each:
            return "asset", each.external_id, _named(each) | {"parent": each.parent}
        case Event() as each:
            found = {"type": each.type, "subtype": each.subtype, "start": each.start, "end": each.end}
            links: dict[str, str] = {}
            for link in each.assets:
                name = f"link to `{_kind_in(probe.told(link))}`"
                links[name] = f"{links.get(name, '')} {link}".strip()
            metadata = {f"metadata {key}": value for key, value in each.metadata.items()}
            return "event", each.external_id, found | {"description": each.description} | links | metadata
        case TimeSeries() as each:
            found = {"unit": each.unit, "text": each.is_string, "step": each.is_step, "linked asset": each.asset}
            return "series", each.external_id, _named(each) | found
        case Reading(series=series, value=value):
            return "series", series, {"value": value, "how": "reading"}
        case Level(series=series, value=value):
            return "series", series, {"value": value, "how": "level"}
        case Datapoint() as each:
            how = "sum" if each.rank is None else "rank"
            return "series", each.series, {"value": each.value, "timestamp": each.timestamp, "how": how}
        case SequenceLine() as each:
            cells = {f"column {col.name}": cell for col, cell in zip(each.columns, each.values, strict=True)}
            order = " ".join(probe.told(part) for part in each.order)
            metadata = {f"metadata {key}": value for key, value in each.metadata.items()}
            return (
                "sequence",
                each.sequence,
                {"name": each.name, **cells, "order of lines": order, "linked asset": each.asset} | metadata,
            )
        case Relationship() as each:
            return "relationship", each.external_id, {"source": each.source, "target": each.target}


def _named(each: Asset | TimeSeries) -> dict[str, Any]:
    metadata = {f"metadata {key}": value for key, value in each.metadata.items()}
    return {"name": each.name, "description": each.description, **metadata}
