"""Resources as CDF's asset-centric API spells them, inside its limits.

Limits count UTF-8 bytes. What is too long is cut at a character's border and counted; a full name or description is
kept in the metadata, where it fits. Only a key that is no external id makes a row unusable.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plex_cdf.errors import DataError
from plex_cdf.naming import cut
from plex_cdf.resources import Asset, Event, Reading, Relationship, SequenceLine, TimeSeries

SOURCE = "Plex"
# Of a numeric datapoint.
GREATEST_VALUE = 1e100
# Of a text in a datapoint, and in a sequence.
POINT_TEXT_BYTES = 1023
CELL_TEXT_BYTES = 255


@dataclass(frozen=True)
class Kind:
    """A resource type of the API: its path, and which fields an update sets, or clears when they are absent."""

    letter: str
    path: str
    fields: tuple[str, ...]
    required: frozenset[str] = frozenset()


ASSETS = Kind(
    "a",
    "/assets",
    ("name", "parentExternalId", "description", "source", "metadata"),
    frozenset({"name", "parentExternalId"}),
)
SERIES = Kind(
    "t", "/timeseries", ("name", "unit", "isStep", "description", "assetId", "metadata"), frozenset({"isStep"})
)
EVENTS = Kind(
    "e", "/events", ("type", "subtype", "startTime", "endTime", "description", "source", "assetIds", "metadata")
)
RELATIONSHIPS = Kind("r", "/relationships", ("sourceExternalId", "sourceType", "targetExternalId", "targetType"))
SEQUENCES = Kind("s", "/sequences", ("name", "columns", "description", "assetId", "metadata"))
# What a series reads now: of one row, or of all together.
READINGS = Kind("d", "/timeseries/data", ())
LEVELS = Kind("l", "/timeseries/data", ())
# What it holds at an instant.
POINTS = Kind("p", "/timeseries/data", ())
# What others refer to comes first.
WRITE_ORDER = (ASSETS, SERIES, EVENTS, RELATIONSHIPS, SEQUENCES, READINGS, LEVELS, POINTS)
BY_LETTER = {kind.letter: kind for kind in WRITE_ORDER}
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(slots=True)
class Item:
    """One resource ready to be sent.

    Attributes:
        kind: What it is.
        external_id: In CDF.
        body: As for a create, without the ids that only CDF knows.
        links: External ids of the assets that it is linked to.
        truncated: Whether something was cut.
        reordered: Whether its end lay before its start, which Plex has and CDF refuses.
        only_if_known: Written only where it exists already.
        place: Where in it, for one of many that share an external id: the datapoints of a series.
        lacks: How much is missing that another definition of the same thing may have; its digest ends with it.
    """

    kind: Kind
    external_id: str
    body: dict[str, Any]
    links: tuple[str, ...] = ()
    truncated: bool = False
    reordered: bool = False
    only_if_known: bool = False
    place: str = ""
    lacks: int = 0
    id: str = field(init=False)
    _hash: str = field(init=False, default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derives the id among all kinds."""
        self.id = f"{self.kind.letter}:{self.external_id}{self.place}"

    @property
    def hash(self) -> str:
        """The digest that tells whether it has changed; made when it is first asked for, which it often is not."""
        if not self._hash:
            content = _CANONICAL.encode([self.body, self.links])
            digest = urlsafe_b64encode(hashlib.blake2b(content.encode(), digest_size=9).digest()).decode()
            self._hash = f"{digest}.{self.lacks}" if self.lacks else digest
        return self._hash


@dataclass(frozen=True)
class MetadataLimits:
    """Bytes of a value, and of all keys and values together."""

    value: int
    total: int


METADATA_PAIRS = 256
METADATA_KEY_BYTES = 128
_ASSET_METADATA = MetadataLimits(10_240, 10_240)
_EVENT_METADATA = MetadataLimits(128_000, 200_000)
_SERIES_METADATA = MetadataLimits(10_000, 10_000)


class _Cutter:
    """Cuts texts, remembers whether it had to, and keeps what was cut for the metadata."""

    def __init__(self) -> None:
        self.truncated = False
        self._full: dict[str, str] = {}

    def text(self, text: str | None, limit: int, *, full: str | None = None) -> str | None:
        """A text of at most so many bytes, nothing for an empty one; `full` names the metadata of one that was cut."""
        if not text:
            return None
        short = cut(text, limit)
        if len(short) < len(text):
            self.truncated = True
            if full is not None:
                self._full[full] = text
        return short

    def metadata(self, pairs: Mapping[str, str], limits: MetadataLimits) -> dict[str, str]:
        """Metadata inside all its limits, then the full texts of what was cut, where they still fit."""
        if not self._full and _surely_inside(pairs, limits):
            return dict(pairs)
        kept = _inside(pairs, limits)
        self.truncated |= kept != pairs and _characters(kept) < _characters(pairs)
        room = limits.total - _size(kept) if self._full else 0
        for key, text in self._full.items():
            whole = cut(text, limits.value)
            size = len(key) + len(whole.encode())
            if len(whole) == len(text) and size <= room and len(kept) < METADATA_PAIRS and key not in kept:
                kept[key] = whole
                room -= size
        return kept


def _surely_inside(pairs: Mapping[str, str], limits: MetadataLimits) -> bool:
    """Whether metadata needs no closer look: short plain text, as nearly all rows have."""
    text = "".join([*pairs, *pairs.values()])
    keys = len(pairs) <= METADATA_PAIRS and max(map(len, pairs), default=0) <= METADATA_KEY_BYTES
    return keys and len(text) <= min(limits.value, limits.total) and text.isascii()


def _inside(pairs: Mapping[str, str], limits: MetadataLimits) -> dict[str, str]:
    """Metadata inside its limits: when the total is too much, the longest values give way."""
    first = list(pairs.items())[:METADATA_PAIRS]
    kept = {cut(key, METADATA_KEY_BYTES): cut(value, limits.value) for key, value in first}
    excess = _size(kept) - limits.total
    for key in sorted(kept, key=lambda key: len(kept[key].encode()), reverse=True):
        if excess <= 0:
            break
        size = len(kept[key].encode())
        kept[key] = cut(kept[key], max(0, size - excess))
        excess -= size - len(kept[key].encode())
    while _size(kept) > limits.total:  # the keys alone are too much
        kept.popitem()
    return kept


def _size(pairs: Mapping[str, str]) -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items())


def _characters(pairs: Mapping[str, str]) -> int:
    return sum(len(key) + len(value) for key, value in pairs.items())


Single = Asset | Event | TimeSeries | Reading | Relationship
"""What stands for itself; the other resources are parts of what several rows make up."""


def encode(resource: Single) -> Item:
    """The resource as an item of the classic API.

    Raises:
        DataError: A reading that is no number CDF could store.
    """
    match resource:
        case Asset():
            return _asset(resource)
        case Event():
            return _event(resource)
        case TimeSeries():
            return _series(resource)
        case Relationship():
            return Item(
                RELATIONSHIPS,
                resource.external_id,
                {
                    "sourceExternalId": resource.source,
                    "sourceType": resource.source_type,
                    "targetExternalId": resource.target,
                    "targetType": resource.target_type,
                },
            )
        case Reading():
            value = checked(resource.series, resource.value)
            return Item(READINGS, resource.series, {"value": value}, only_if_known=resource.only_if_known)


def checked(series: str, value: float | str) -> float | str:
    """A value that CDF can store.

    Raises:
        DataError: It is no number, or too great a one.
    """
    if isinstance(value, float) and not abs(value) <= GREATEST_VALUE:
        raise DataError(f"the value {value} of series {series} is beyond what CDF stores")
    return cut(value, POINT_TEXT_BYTES) if isinstance(value, str) else value


def sequence_body(line: SequenceLine, rows: list[list[Any]]) -> dict[str, Any]:
    """A table, with its rows beside what a create takes."""
    cutter = _Cutter()
    columns = [
        {"externalId": column.name, "name": column.name, "valueType": column.type}
        | ({"metadata": {"unit": column.unit}} if column.unit else {})
        for column in line.columns
    ]
    short = [[cut(value, CELL_TEXT_BYTES) if isinstance(value, str) else value for value in row] for row in rows]
    body = {
        "name": cutter.text(line.name, 255),
        "columns": columns,
        "metadata": cutter.metadata(line.metadata, _SERIES_METADATA),
        "rows": short,
    }
    return _given(body)


def _asset(asset: Asset) -> Item:
    cutter = _Cutter()
    body = {
        "name": cutter.text(asset.name, 140, full="fullName") or "?",
        "parentExternalId": asset.parent,
        "description": cutter.text(asset.description, 500, full="fullDescription"),
        "source": SOURCE,
        "metadata": cutter.metadata(asset.metadata, _ASSET_METADATA),
    }
    return Item(ASSETS, asset.external_id, _given(body), truncated=cutter.truncated)


def _event(event: Event) -> Item:
    cutter = _Cutter()
    reordered = event.start is not None and event.end is not None and event.end < event.start
    body = {
        "type": cutter.text(event.type, 64),
        "subtype": cutter.text(event.subtype, 64),
        "startTime": event.end if reordered else event.start,
        "endTime": event.end,
        "description": cutter.text(event.description, 500, full="fullDescription"),
        "source": SOURCE,
        "metadata": cutter.metadata(event.metadata, _EVENT_METADATA),
    }
    return Item(EVENTS, event.external_id, _given(body), event.assets, truncated=cutter.truncated, reordered=reordered)


def _series(series: TimeSeries) -> Item:
    cutter = _Cutter()
    body = {
        "name": cutter.text(series.name, 255, full="fullName") or "?",
        "unit": cutter.text(series.unit, 32),
        "isString": series.is_string,
        "isStep": series.is_step,
        "description": cutter.text(series.description, 500, full="fullDescription"),
        "metadata": cutter.metadata(series.metadata, _SERIES_METADATA),
    }
    links = (series.asset,) if series.asset else ()
    return Item(SERIES, series.external_id, _given(body), links, truncated=cutter.truncated, lacks=series.lacks)


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}
