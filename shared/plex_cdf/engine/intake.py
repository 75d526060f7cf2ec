"""How rows of Plex come in: each gets its key, its gate and, unless it is known to be unchanged, its resources."""

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from plex_cdf.cdf.classic import POINTS, Item, checked, encode
from plex_cdf.cdf.combined import Part, is_cut
from plex_cdf.config import Contract, explain
from plex_cdf.engine.provenance import mapped_by
from plex_cdf.errors import ConfigurationError, DataError
from plex_cdf.naming import Naming
from plex_cdf.plex.client import Row
from plex_cdf.plex.records.base import Instant, Record, declared
from plex_cdf.reading.base import Scope
from plex_cdf.resources import Datapoint, Level, SequenceLine
from plex_cdf.stream import Stream


@dataclass(slots=True)
class Incoming:
    """A row on its way.

    Attributes:
        scope: What it was read with.
        key: Plex's key of the thing, or the digest that stands for one; None where it has no usable one.
        row: As Plex sent it.
        gate: Digest of what Plex said, and of how it is mapped.
        main: The external id of what stands for it, made of its key.
        items: What it became.
        parts: What it adds to things that several rows make up.
        truncated: Whether something of it was cut.
        problem: Why it became nothing.
        mapped: Whether it was looked at; else it is unchanged.
        twin: Whether another row of the read has its key.
        apart: Whether things that it makes up with other rows wait for another read, so that it is looked at again.
    """

    scope: str
    key: str | None
    row: Row
    gate: str
    main: str = ""
    items: list[Item] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    truncated: bool = False
    problem: str | None = None
    mapped: bool = False
    twin: bool = False
    apart: bool = False


class Intake:
    """Takes the rows of one stream in.

    Args:
        stream: What it declares.
        naming: The facility's.
        fields: The names of Plex's fields that were seen before, None before the first read.
        contract: What a new one means.
    """

    def __init__(self, stream: Stream[Any], naming: Naming, fields: Iterable[str] | None, contract: Contract) -> None:
        self._stream = stream
        self._naming = naming
        record: type[Record] = stream.record
        self._names = [alias for _, alias in declared(record) if alias != "rowKey"]
        self._seed = mapped_by(stream)
        self._contract = contract
        self._known = set(fields) | set(self._names) if fields is not None else None
        self.drift: set[str] = set()

    @property
    def fields(self) -> list[str] | None:
        """The names of fields to remember."""
        return sorted(self._known) if self._known is not None else None

    def take(self, scope: Scope) -> list[Incoming]:
        """The rows of a scope with their keys and gates. Exact twins of a row with a key are one row.

        Raises:
            ConfigurationError: There is a new field, and the stream is frozen.
        """
        self._watch(scope.rows)
        return self._identified(scope) if self._stream.windowed else self._keyed(scope)

    def map(self, row: Incoming) -> None:
        """Makes resources of a row, or notes why it cannot."""
        row.mapped = True
        if row.problem:
            return
        raw = row.row if isinstance(self._stream.key, str) else {**row.row, "rowKey": row.key}
        try:
            row.main = self._naming.id(self._stream.kind, str(row.key))
            record = self._stream.record.model_validate(raw)
            for resource in self._stream.map(record, self._naming):
                if isinstance(resource, Level | Datapoint):
                    checked(resource.series, resource.value)
                if isinstance(resource, Level | Datapoint | SequenceLine):
                    row.parts.append(resource)
                    row.truncated |= is_cut(resource)
                else:
                    row.items.append(item := encode(resource))
                    row.truncated |= item.truncated
        except ValidationError as error:
            row.problem = explain(error, self._stream.record)
        except (DataError, ValueError, ArithmeticError) as error:
            # Whatever a value may cause in a mapping: a number or a date beyond all limits, text that is no Unicode.
            row.problem = f"{error}"
        if row.problem:
            row.items, row.parts = [], []

    def may_be_of(self, row: Incoming, item_id: str) -> bool:
        """Whether a row that cannot be used may have had its part in a thing: datapoints lie at their row's instant."""
        if item_id[0] != POINTS.letter or self._stream.windowed is None:
            return True
        return item_id.endswith(f"@{Instant.parse(row.row.get(self._stream.windowed.instant))}")

    def _keyed(self, scope: Scope) -> list[Incoming]:
        """Rows with a key of Plex's: of one thing there is one row."""
        rows: list[Incoming] = []
        by_key: dict[str, list[Incoming]] = {}
        for raw in scope.rows:
            key = self._key(raw)
            row = Incoming(scope.name, key, raw, self._gate(raw), problem=self._refused(raw))
            twins = by_key.setdefault(key, []) if key is not None else []
            if twins and any(raw == twin.row for twin in twins):
                continue
            twins.append(row)
            rows.append(row)
        for twins in by_key.values():
            if len(twins) > 1:
                for row in twins:
                    row.twin = True
        return rows

    def _identified(self, scope: Scope) -> list[Incoming]:
        """Rows of a history: those that share an identity are told apart by the order of their content."""
        instant = self._stream.windowed.instant if self._stream.windowed else ""
        rows: list[Incoming] = []
        by_key: dict[str, list[Incoming]] = defaultdict(list)
        for raw in scope.rows:
            row = Incoming(scope.name, self._key(raw), raw, self._gate(raw), problem=self._refused(raw))
            rows.append(row)
            if row.key is None or scope.undated:
                row.problem = f"{instant} is {raw.get(instant)!r}: not an instant, so that it belongs to no day"
            else:
                by_key[row.key].append(row)
        for key, twins in by_key.items():
            twins.sort(key=lambda row: repr(self._values(row.row)))
            for number, row in enumerate(twins[1:], start=1):
                row.key = f"{key}_{number}"
        return rows

    def _key(self, raw: Row) -> str | None:
        names = self._stream.key
        if isinstance(names, str):
            value = raw.get(names)
            return str(value).strip() or None if value is not None else None
        values = [_plain(raw.get(name)) for name in names]
        if all(value is None for value in values):
            return None
        return urlsafe_b64encode(blake2b(repr(values).encode(errors="replace"), digest_size=12).digest()).decode()

    def _gate(self, raw: Row) -> str:
        content = f"{self._seed}{self._values(raw)!r}"
        return urlsafe_b64encode(blake2b(content.encode(errors="replace"), digest_size=9).digest()).decode()

    def _values(self, raw: Mapping[str, Any]) -> list[Any]:
        return list(map(raw.get, self._names))

    def _watch(self, rows: list[Row]) -> None:
        """Notices fields that Plex did not send before."""
        if self._known is None:
            # The first days of a history may be empty: they tell nothing of what Plex sends.
            self._known = set(self._names).union(*rows) if rows else None
            return
        for row in rows:
            if not self._known.issuperset(row):
                self.drift |= row.keys() - self._known
        if not self.drift or self._contract == "discard_row":
            return
        if self._contract == "freeze":
            raise ConfigurationError(
                f"Plex sends new fields of {self._stream.name}: {', '.join(sorted(self.drift))}; "
                f"contract.{self._stream.name} is freeze in the pipeline's config "
                "(accepted: evolve, freeze, discard_row)"
            )
        self._known |= self.drift

    def _refused(self, row: Row) -> str | None:
        if self._contract != "discard_row" or not self.drift or not (new := row.keys() & self.drift):
            return None
        return f"field {', '.join(sorted(new))} is new, and contract.{self._stream.name} is discard_row"


def _plain(value: object) -> object:
    """A value of an identity, however Plex spells it: instants with any number of digits, ids in any case."""
    if not isinstance(value, str):
        return value
    if len(value) > 15 and value[4] == "-" and value[10] == "T":
        try:
            return int(Instant.parse(value))
        except ValueError:
            return value
    return value.strip().lower() or None
