"""Things that several rows make up together: what a series holds at an instant or reads now, and tables."""

from collections import defaultdict
from collections.abc import Iterable
from math import fsum

from plex_cdf.cdf.classic import (
    CELL_TEXT_BYTES,
    LEVELS,
    POINT_TEXT_BYTES,
    POINTS,
    SEQUENCES,
    Item,
    checked,
    sequence_body,
)
from plex_cdf.errors import DataError
from plex_cdf.resources import Datapoint, Level, SequenceLine

Part = Level | Datapoint | SequenceLine


def combine(parts: Iterable[Part]) -> tuple[list[Item], dict[str, str]]:
    """The parts of all rows of a scope as items, the same whatever the order of the rows.

    Returns:
        The items; and by id those that cannot be made, such as a sum beyond what CDF could store, with the reason.
    """
    wholes: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        wholes[id_of_whole(part)].append(part)
    items: list[Item] = []
    impossible: dict[str, str] = {}
    for item_id, found in wholes.items():
        try:
            items.append(_whole(found))
        except DataError as error:
            impossible[item_id] = str(error)
    return items, impossible


def _whole(parts: list[Part]) -> Item:
    match parts[0]:
        case Level(series):
            return level(series, fsum(part.value for part in parts if isinstance(part, Level)))
        case Datapoint(series, timestamp):
            return _point(series, timestamp, [part for part in parts if isinstance(part, Datapoint)])
        case SequenceLine():
            return _sequence([part for part in parts if isinstance(part, SequenceLine)])


def is_cut(part: Part) -> bool:
    """Whether a text of it is longer than CDF stores."""
    match part:
        case Datapoint(value=str(text)):
            return len(text.encode()) > POINT_TEXT_BYTES
        case SequenceLine(values=values):
            return any(isinstance(value, str) and len(value.encode()) > CELL_TEXT_BYTES for value in values)
    return False


def id_of_whole(part: Part) -> str:
    """The id of the item that a part goes into."""
    match part:
        case Level():
            return f"{LEVELS.letter}:{part.series}"
        case Datapoint():
            return f"{POINTS.letter}:{part.series}@{part.timestamp}"
        case SequenceLine():
            return f"{SEQUENCES.letter}:{part.sequence}"


def level(series: str, value: float) -> Item:
    """What a series reads now."""
    return Item(LEVELS, series, {"value": checked(series, value)})


def _point(series: str, timestamp: int, parts: list[Datapoint]) -> Item:
    ranked = [part for part in parts if part.rank is not None]
    value: float | str
    if ranked:
        value = max(ranked, key=lambda part: (part.rank, str(part.value))).value
    elif len(parts) == 1:
        value = parts[0].value
    else:
        numbers = [part.value for part in parts if not isinstance(part.value, str)]
        if len(numbers) < len(parts):
            raise DataError(f"several texts without a rank stand for series {series} at {timestamp}")
        value = fsum(numbers)
    body = {"timestamp": timestamp, "value": checked(series, value)}
    return Item(POINTS, series, body, place=f"@{timestamp}")


def _sequence(lines: list[SequenceLine]) -> Item:
    ordered = sorted(
        lines, key=lambda line: ([(isinstance(part, str), part) for part in line.order], repr(line.values))
    )
    first = ordered[0]
    return Item(
        SEQUENCES,
        first.sequence,
        sequence_body(first, [list(line.values) for line in ordered]),
        (first.asset,) if first.asset else (),
    )
