"""A stream's section: what it is, where it comes from, what it becomes, and the table of its fields."""

from collections.abc import Iterator

from plex_cdf.naming import Naming

from tools.mappings.places import Choice, Place, Places
from tools.mappings.probe import Field
from tools.mappings.things import Slot
from tools.mappings.words import code, identity, listed, reading, things

TABLE = ("| Plex field | type | in CDF | unit |", "|---|---|---|---|")
# Things whose metadata hold the whole row.
KEEPERS = ("asset", "event")


def section(places: Places, asked: list[str]) -> Iterator[str]:
    """The lines of the section of a stream that asks Plex for this."""
    stream = places.stream
    about = " ".join((stream.record.__doc__ or "").partition("Source: ")[0].split())
    data_set = Naming(0).data_set(stream.domain).replace("0", "{pcn}")
    yield from (f"## {stream.name}", "")
    if about:
        yield from (about, "")
    yield f"- From {reading(stream, asked)}. {identity(stream)}"
    yield f"- To data set `{data_set}`:"
    yield from (f"  - {line}" for line in things(places))
    yield from ("", *TABLE, *_rows(places), "")


def _rows(places: Places) -> Iterator[str]:
    """The fields by where they land; those of which there is nothing more to tell come last, together."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    rest: dict[str, dict[str, list[str]]] = {}
    for field in [*places.fields, *places.inside]:
        text, unit = landing(field, places), _unit(field, places)
        if places.of[field.name] or places.choices[field.name] or unit:
            alike.setdefault((field.type, text, unit), []).append(field.name)
        else:
            rest.setdefault(text, {}).setdefault(field.type, []).append(field.name)
    for (kind, text, unit), names in alike.items():
        yield f"| {listed(names)} | {kind} | {text} | {unit} |"
    for text, kinds in rest.items():
        if len(kinds) == 1:
            yield from (f"| {listed(names)} | {kind} | {text} | |" for kind, names in kinds.items())
        else:
            told = "; ".join(f"{kind}: {listed(names)}" for kind, names in kinds.items())
            yield f"| {told} | as noted | {text} | |"


def landing(field: Field, places: Places) -> str:
    """Where a field lands, in words."""
    told: dict[str, list[str]] = {}
    for (kind, phrase), slots in _phrases(field, places).items():
        alike = [slot for slot in places.contents if (slot.thing.kind, slot.attribute) == (kind, slots[0].attribute)]
        some = "" if len(slots) == len(alike) else f" of {listed(slot.thing.ending for slot in slots)}"
        told.setdefault(kind, []).append(phrase + some)
    parts = [f"{kind} {', '.join(phrases)}" for kind, phrases in told.items()]
    parts += map(_chosen, places.choices[field.name])
    keys = set().union(*(places.kept.get(kind, ()) for kind in KEEPERS))
    kept = any(_holds(key, field.name) for key in keys)
    if not parts and kept and field.name not in keys:
        return f"metadata {code(field.name + '.…')}"
    if not parts:
        return "metadata" if kept else "not in CDF"
    lost = not kept and any(kind in places.kept for kind in KEEPERS)
    return "; ".join(parts) + (" (not in metadata)" if lost else "")


def _chosen(choice: Choice) -> str:
    if choice.how == "null":
        return f"a new {choice.kind} only while it is null"
    return f"decides which {choice.kind}" if choice.how == "which" else f"decides whether there is a {choice.kind}"


def _phrases(field: Field, places: Places) -> dict[tuple[str, str], list[Slot]]:
    """The places of a field by kind of thing and in words, with the slots that these are."""
    own = places.of[field.name]
    is_id = any(place.slot.attribute.partition(" ")[0] in ("external", "link") for place in own)
    found: dict[tuple[str, str], list[Slot]] = {}
    for place in own:
        # That an id is shown where a name is null goes without saying.
        if not (is_id and place.instead_of):
            found.setdefault((place.slot.thing.kind, _phrase(place, field.type)), []).append(place.slot)
    return found


def _phrase(place: Place, kind: str) -> str:
    first, _, last = place.slot.attribute.partition(" ")
    words = f"{first} {code(last)}" if first in ("metadata", "column") else place.slot.attribute
    if place.computed and kind != "true or false":
        return f"{words} (computed)"
    if place.instead_of:
        return f"{words} (where {listed(place.instead_of)} {'is' if len(place.instead_of) == 1 else 'are'} null)"
    return words


def _holds(key: str, name: str) -> bool:
    """Whether it is a field's key, or one of a field inside of it or around it."""
    return f"{name}.".startswith(f"{key}.") or f"{key}.".startswith(f"{name}.")


def _unit(field: Field, places: Places) -> str:
    """What is declared, or the unit of the series that holds the field's values."""
    unit = field.unit
    for place in places.of[field.name]:
        if place.slot.attribute == "value" and not place.computed:
            unit = unit or places.contents.get(Slot(place.slot.thing, "unit"), "")
    return f"in {code(unit.strip('{}'))}" if unit.startswith("{") else unit
