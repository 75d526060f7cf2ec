"""The things that mappings make. They know no API: a writer turns them into one.

References are external ids. Timestamps are milliseconds since 1970 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Asset:
    """A place in the hierarchy."""

    external_id: str
    name: str
    parent: str
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or is planned, linked to the assets that it concerns."""

    external_id: str
    type: str
    subtype: str | None = None
    start: int | None = None
    end: int | None = None
    description: str | None = None
    assets: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """A series, to be filled by datapoints."""

    external_id: str
    name: str
    unit: str | None = None
    is_string: bool = False
    is_step: bool = True
    asset: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a series reads now; written only when it differs from what was last written.

    `only_if_known` keeps a closing value from starting a series of its own.
    """

    series: str
    value: float | str
    only_if_known: bool = False


@dataclass(frozen=True, slots=True)
class Relationship:
    """A directed link between two things."""

    external_id: str
    source: str
    source_type: Literal["asset", "event"]
    target: str
    target_type: Literal["asset", "event"]


Resource = Asset | Event | TimeSeries | Reading | Relationship
