"""Where the fields of a stream's rows land: its mapping is tried with rows in which every value can be recognised.

What a resource holds is compared over many such rows: one with everything, one for each field that is null, one for
each value that a choice has. So it shows which field stands in for which, what is computed of what, and what depends
on a choice, without a word about any stream.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

from plex_cdf.errors import DataError
from plex_cdf.naming import Naming
from plex_cdf.stream import Stream

from tools.mappings.probe import PCN, Field, Probe
from tools.mappings.things import MADE_AS, Content, Slot, content, fields_in

# What has few values: each of them is tried. Of text, that is the one that names what it may be.
CHOICES = ("true or false", "text")


class Place(NamedTuple):
    """Where a field lands.

    Attributes:
        slot: What holds it.
        computed: Whether the slot holds something that was computed with it.
        instead_of: The fields that are null where it stands there.
    """

    slot: Slot
    computed: bool = False
    instead_of: tuple[str, ...] = ()


class Choice(NamedTuple):
    """What depends on a field without holding it.

    Attributes:
        kind: Of thing.
        how: Which things there are, whether there is one, or that there is one only while the field is null.
    """

    kind: str
    how: Literal["which", "whether", "null"]


class Case(NamedTuple):
    """A row to try: which fields are null, and which field has another value than usual."""

    nulls: frozenset[str] = frozenset()
    varied: str = ""
    variant: int = 0


class Places:
    """Where everything of a stream lands.

    Attributes:
        stream: Whose places these are.
        fields: The record's.
        contents: What every slot holds, as text with fields in braces, in the first row that shows it.
        others: What it holds where fields of the former are null.
        of: The places of a field, metadata of its own name left aside.
        choices: What a field decides.
        kept: The fields in metadata under their own names, by kind of thing.
    """

    def __init__(self, stream: Stream[Any]) -> None:
        self.stream, self._probe = stream, Probe(stream.record)
        self.fields = [field for field in self._probe.fields if field.name not in self._probe.nested]
        self.contents: Content = {}
        self.others: dict[Slot, list[str]] = {}
        self.of: dict[str, list[Place]] = {field.name: [] for field in self._probe.fields}
        self.choices: dict[str, list[Choice]] = {field.name: [] for field in self._probe.fields}
        self.kept: dict[str, set[str]] = {}
        self._content = cache(self._mapped)
        self._study()

    @property
    def inside(self) -> list[Field]:
        """The fields inside of others that land somewhere by themselves."""
        return [field for field in self._probe.fields if field.name in self._probe.nested and self.of[field.name]]

    def _study(self) -> None:
        names = [field.name for field in self._probe.fields]
        for case in self._cases():
            for slot, text in self._content(case).items():
                if slot in self.contents:
                    continue
                self.contents[slot] = text
                key = slot.attribute.removeprefix("metadata ")
                if key != slot.attribute and key in names:
                    self.kept.setdefault(slot.thing.kind, set()).add(key)
                    continue
                self._land(fields_in(text), Place(slot))
                self._land(self._computed(slot, case), Place(slot, computed=True))
                self._stand_in(slot, case)
        self._choose()

    def _land(self, names: Iterable[str], place: Place) -> None:
        for name in names:
            places = self.of.get(name)
            if places is not None and not any(known.slot == place.slot for known in places):
                places.append(place)

    def _cases(self) -> Iterator[Case]:
        yield Case()
        for field in self._probe.fields:
            if not field.required:
                yield Case(frozenset({field.name}))
            if field.type in CHOICES:
                for variant in range(1, field.options):
                    yield Case(varied=field.name, variant=variant)

    def _computed(self, slot: Slot, case: Case) -> Iterator[str]:
        """The fields whose values change what a slot holds without standing there themselves."""
        for field in self._probe.fields:
            if field.options > 1 and field.name not in case.nulls and not case.varied:
                changed = self._content(case._replace(varied=field.name, variant=1))
                if changed.get(slot, self.contents[slot]) != self.contents[slot]:
                    yield field.name

    def _stand_in(self, slot: Slot, case: Case) -> None:
        """What a slot holds where the fields are null that it holds else, and again where those are null."""
        known: set[str] = set()
        nulls = case.nulls
        while slot in (found := self._content(case._replace(nulls=nulls))):
            new = fields_in(found[slot]) - known
            if nulls != case.nulls and found[slot] not in (self.contents[slot], *self.others.get(slot, [])):
                self.others.setdefault(slot, []).append(found[slot])
            for name in sorted(new):
                if nulls != case.nulls:
                    self._land([name], Place(slot, instead_of=self._least(slot, case, nulls, name)))
            known |= new
            if not (more := {name for name in new if self._nullable(name)}):
                return
            nulls |= more

    def _least(self, slot: Slot, case: Case, nulls: frozenset[str], name: str) -> tuple[str, ...]:
        """The fields that must be null for another to stand there."""
        for each in sorted(nulls - case.nulls):
            fewer = nulls - {each}
            if name in fields_in(self._content(case._replace(nulls=fewer)).get(slot, "")):
                nulls = fewer
        order = list(self.of)
        return tuple(sorted(nulls - case.nulls, key=order.index))

    def _choose(self) -> None:
        """What appears or vanishes with a choice, and what appears where a field is null."""
        usual = self._content(Case())
        for field in self._probe.fields:
            for variant in range(1, field.options if field.type in CHOICES else 1):
                changed = self._content(Case(varied=field.name, variant=variant))
                gone, come = usual.keys() - changed.keys(), changed.keys() - usual.keys()
                self._note(field.name, gone | come, "which" if gone and come else "whether")
            if not field.required:
                come = self._content(Case(frozenset({field.name}))).keys() - usual.keys()
                self._note(field.name, come, "null")

    def _note(self, name: str, slots: Iterable[Slot], how: Literal["which", "whether", "null"]) -> None:
        for kind in sorted({slot.thing.kind for slot in slots if slot.attribute.startswith(MADE_AS)}):
            choice = Choice(kind, how)
            if choice not in self.choices[name]:
                self.choices[name].append(choice)

    def _nullable(self, name: str) -> bool:
        return any(field.name == name and not field.required for field in self._probe.fields)

    def _mapped(self, case: Case) -> Content:
        """What a row becomes."""
        row = self._probe.row(case.nulls, {case.varied: case.variant})
        record = self.stream.record.model_validate(row)
        try:
            return content(self.stream.map(record, Naming(PCN)), self._probe)
        except DataError:
            return {}  # such a row goes to quarantine
