"""What a stream declares, in words: how it is read, what identifies a row, and which things it makes."""

from collections.abc import Iterable, Iterator
from typing import Any

from plex_cdf.data_source.window import DataSourceWindow
from plex_cdf.stream import Changes, Children, OpenAndClosed, Sources, Stream, Whole, Windows

from tools.mappings.places import Places
from tools.mappings.things import Slot, Thing

_BEGIN, _DAY = 1_709_251_200_000, 86_400_000
_HOLDS = {
    "reading": "what is read now, written when it differs",
    "level": "the sum over all rows, 0 where no row is left",
    "sum": "rows at one instant are summed",
    "rank": "of rows at one instant the one of the highest rank stands",
}


def code(text: str) -> str:
    """As inline code."""
    return f"`{text}`"


def listed(texts: Iterable[str]) -> str:
    """A list of inline code."""
    return ", ".join(map(code, texts))


def endpoints(stream: Stream[Any]) -> list[str]:
    """What is asked: the list itself, or all that a history of its own kind asks Plex for."""
    match stream.read:
        case Whole(path=path, body=body):
            return [code(f"{'GET' if body is None else 'POST'} {path}")]
        case Children(path=path, parameter=str() as parameter):
            return [code(f"GET {path}?{parameter}={{key}}")]
        case Changes(path=path) | OpenAndClosed(path=path) | Children(path=path) | Windows(path=path):
            return [code(f"GET {path}")]
        case DataSourceWindow(source=source):
            return [f"data source {source.id}"]
        case read:
            listener: Any = _Listener()
            read.rows(Sources(listener), _BEGIN, _BEGIN + _DAY)
            return list(listener.calls)


class _Listener:
    """Stands in for Plex: answers nothing, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.now = _BEGIN + 2 * _DAY
        self.calls: dict[str, None] = {}

    def rows(self, path: str, _params: object = None, body: object = None) -> list[object]:
        self.calls[code(f"{'GET' if body is None else 'POST'} {path}")] = None
        return []


def reading(stream: Stream[Any], asked: list[str]) -> str:
    """How the endpoints are read that are asked."""
    told = " and ".join([", ".join(asked[:-1]), asked[-1]] if asked[1:] else asked)
    match stream.read:
        case Whole():
            return f"{told}, whole in every run"
        case Changes() as read:
            return f"{told}, whole nightly; in between what `GET {read.changes}` names as changed (`{read.since}`)"
        case OpenAndClosed() as read:
            closed = listed((read.closed_begin, read.closed_end))
            return f"{told}, whole nightly; in between open rows (`{read.statuses}`) and lately closed ones ({closed})"
        case Children() as read:
            again = f", each again within {read.refresh_days:g} days" if read.refresh_days else ""
            return f"{told} for each of `{read.parent}`, by default at most {read.budget} in a run{again}"
        case Windows() as read:
            return f"{told}, in windows of time (`{read.begin}`, `{read.end}`) by `{read.instant}`"
        case DataSourceWindow(source=source):
            by = f"day by day; `{source.placed_by}` is the day's begin" if source.daily_at else f"by `{source.instant}`"
            return f"{told}, once `dataSources` enables it (`{source.begin_input}`, `{source.end_input}`), {by}"
        case read:
            return f"{told}, in windows of time; computed, placed by `{read.instant}`"


def identity(stream: Stream[Any]) -> str:
    """What a row is known by."""
    if isinstance(stream.key, str):
        return f"A row is identified by `{stream.key}`."
    return f"A row is identified by {listed(stream.key)} (`{{digest}}`)."


def ids(places: Places) -> Iterator[str]:
    """The kinds of things with their external ids; series that differ in the end of theirs alone stand together."""
    for alike in _alike(places):
        yield _called(alike)


def things(places: Places) -> Iterator[str]:
    """What is made of a row."""
    for alike in _alike(places):
        name = places.contents.get(Slot(alike[0], "name")) if len(alike) == 1 else None
        yield _called(alike) + (f", named {code(name)}" if name else "") + _facts(places, alike[0])


def _alike(places: Places) -> list[list[Thing]]:
    found: dict[tuple[str, ...], list[Thing]] = {}
    for thing in dict.fromkeys(slot.thing for slot in places.contents):
        key = (thing.kind, thing.stem, _facts(places, thing)) if thing.kind == "series" else thing
        found.setdefault(key, []).append(thing)
    return list(found.values())


def _called(alike: list[Thing]) -> str:
    first = alike[0]
    if len(alike) == 1:
        return f"{first.kind} {code(first.id)}"
    return f"{first.kind} {code(first.stem)} with {listed(thing.ending for thing in alike)} behind it"


def _facts(places: Places, thing: Thing) -> str:
    """What is the same for all rows, and what people read."""

    def has(attribute: str) -> str:
        return places.contents.get(Slot(thing, attribute), "")

    def either(attribute: str) -> str:
        return " or ".join(map(code, [has(attribute), *places.others.get(Slot(thing, attribute), [])]))

    match thing.kind:
        case "asset":
            return f", below {either('parent')}"
        case "event":
            return f" of type {code(has('type'))}, described as {code(has('description'))}"
        case "series":
            values = "texts" if has("text") == "True" else "numbers"
            unit = f" in {code(has('unit'))}" if has("unit") else ""
            step = ", stepwise" if has("step") == "True" else ""
            points = _HOLDS.get(has("how"))
            holds = f"; {points}" if points and not _is_alone(places) else ""
            return f": {values}{unit}{step}{holds}"
        case "sequence":
            return ", a line for each row"
        case _:
            return f" from {either('source')} to {either('target')}"


def _is_alone(places: Places) -> bool:
    """Whether no two rows can share an instant of a series: what identifies a row says which series, and when."""
    key = places.stream.key
    return not isinstance(key, str) and all(
        any(choice.how == "which" for choice in places.choices[name])
        or any(place.slot.attribute in ("external id", "timestamp") for place in places.of[name])
        for name in key
    )
