"""The things that mappings make. They know no API: a writer turns them into one.

References are external ids. Timestamps are milliseconds since 1970 in UTC. Nobody changes a resource once it is made;
to have Python see to that would more than double the time of making one, and a first load makes millions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Asset:
    """A place in the hierarchy."""

    external_id: str
    name: str
    parent: str
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
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


@dataclass(slots=True)
class TimeSeries:
    """A series, to be filled by datapoints.

    Many rows may define one: of their definitions the one that `lacks` least stands, whenever its row is read; the
    latest among equals.
    """

    external_id: str
    name: str
    unit: str | None = None
    is_string: bool = False
    is_step: bool = True
    asset: str | None = None
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    lacks: int = 0


@dataclass(slots=True)
class Reading:
    """What a series reads now; written only when it differs from what was last written.

    `only_if_known` keeps a closing value from starting a series of its own.
    """

    series: str
    value: float | str
    only_if_known: bool = False


@dataclass(slots=True)
class Level:
    """A part of what a series reads now: the parts of all rows of one complete read are summed.

    A series that no row adds to any more reads 0. Only for streams that are read whole.
    """

    series: str
    value: float


@dataclass(slots=True)
class Datapoint:
    """A part of what a series holds at an instant: a datapoint overwrites its timestamp, so rows share it.

    Without a rank, the values of all rows at the instant are summed; with ranks, the value of the highest one stands
    (the last in the alphabet among equals).
    """

    series: str
    timestamp: int
    value: float | str
    rank: int | None = None


@dataclass(slots=True)
class Column:
    """A column of a sequence."""

    name: str
    type: Literal["STRING", "DOUBLE", "LONG"] = "STRING"
    unit: str | None = None


@dataclass(slots=True)
class SequenceLine:
    """One line of a sequence, a table: the lines of all rows of one complete read make it up, in the order of `order`.

    Every line brings the table's own facts, which are the same in all of them.
    """

    sequence: str
    name: str
    columns: tuple[Column, ...]
    values: tuple[str | float | int | None, ...]
    order: tuple[float | str, ...]
    asset: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Relationship:
    """A directed link between two things."""

    external_id: str
    source: str
    source_type: Literal["asset", "event"]
    target: str
    target_type: Literal["asset", "event"]


Resource = Asset | Event | TimeSeries | Reading | Level | Datapoint | SequenceLine | Relationship
