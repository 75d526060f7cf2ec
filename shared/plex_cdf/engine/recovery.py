"""What earlier runs left to be finished: writes of unknown outcome, and links whose assets have arrived since."""

from contextlib import suppress
from dataclasses import dataclass, field

from plex_cdf.cdf.classic import BY_LETTER, LEVELS, POINTS, READINGS, SERIES
from plex_cdf.cdf.entries import EXISTS, INTENDED, RETIRED, SHARED, UNREAD, WHOLE, Entry, digest, entry, missing
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import chunks
from plex_cdf.engine.plan import id_of
from plex_cdf.errors import DataError
from plex_cdf.naming import Naming
from plex_cdf.report import StreamReport

_AT_ONCE = 20_000


@dataclass
class Recovery:
    """Looks after one stream's fingerprints before they are compared.

    Attributes:
        name: The stream's.
        kind: The part of an external id that says what its things are.
        naming: The facility's.
        upkeep: Looks into CDF.
        fingerprints: Changed in place.
        report: Counts completed links.
        repair: Whether everything is looked for in CDF, so that what was deleted there is made anew.
        dry_run: Changes nothing in CDF.
    """

    name: str
    kind: str
    naming: Naming
    upkeep: Upkeep
    fingerprints: Fingerprints
    report: StreamReport
    repair: bool
    dry_run: bool
    _looked_at: set[str] = field(default_factory=set)

    def finish(self) -> None:
        """Settles what is in doubt among the fingerprints that are at hand, and completes links."""
        self._settle_doubts()
        if not self.dry_run:
            self._complete_links()

    def _settle_doubts(self) -> None:
        loaded = list(self.fingerprints.loaded(self.name, every=self.repair))
        ids = {
            (scope, key, name): (self._id(key, name), known)
            for scope, key, items in loaded
            for name, known in items.items()
            if known == INTENDED
            or (self.repair and scope not in self._looked_at and digest(known) not in (RETIRED, EXISTS))
        }
        self._looked_at |= {scope for scope, _, _ in loaded}
        # Noted bit by bit: there may be a million, and a run's time ends.
        for some in chunks(list(ids), _AT_ONCE):
            self._settle({place: ids[place] for place in some})

    def _settle(self, ids: dict[tuple[str, str, str], tuple[str, Entry]]) -> None:
        """Looks for things in CDF: item id and what is known of each, by scope, key and name."""
        series = {_series_of(item) for item, _ in ids.values() if BY_LETTER[item[0]] is READINGS}
        there = self.upkeep.existing({*(item for item, _ in ids.values()), *series})
        again: set[str] = set()
        for (scope, key, name), (item, known) in ids.items():
            found = _is_there(item, there)
            if found and known != INTENDED:
                continue
            self.fingerprints.put_item(self.name, scope, key, name, EXISTS if found else None)
            if key == SHARED:
                again.add(scope)
            else:
                self.fingerprints.put(self.name, scope, key, UNREAD)
            if self.fingerprints.mark(self.name, scope):
                # What was read for a thing is read for it again.
                self.fingerprints.put(self.name, scope, SHARED, EXISTS)
        if WHOLE in again:
            # A series belongs to every row that adds to it, on whatever day.
            again |= {scope for scope, _, _ in self.fingerprints.loaded(self.name, every=True)}
        for scope in again:
            self.fingerprints.unread(self.name, scope)

    def _complete_links(self) -> None:
        lacking: dict[str, tuple[tuple[str, str, str], Entry]] = {
            self._id(key, name): ((scope, key, name), known)
            for scope, key, items in self.fingerprints.loaded(self.name)
            for name, known in items.items()
            if missing(known)
        }
        # Noted bit by bit: a run that ends in the middle leaves less to the next one.
        for some in chunks(list(lacking)):
            completed = self.upkeep.link({item: missing(lacking[item][1]) for item in some})
            for item, left in completed.items():
                (scope, key, name), known = lacking[item]
                self.fingerprints.put_item(self.name, scope, key, name, entry(str(digest(known)), left))
            self.report.linked += len(completed)

    def _id(self, key: str, name: str) -> str:
        if key == SHARED:
            return name
        # What was noted had a good id once.
        with suppress(DataError):
            return id_of(name, self.naming.id(self.kind, key))
        return name


def _series_of(item: str) -> str:
    return f"{SERIES.letter}:{item[2:]}"


def _is_there(item: str, there: set[str]) -> bool:
    """Whether a thing may be in CDF. A reading is where its series is; datapoints are written again without asking."""
    kind = BY_LETTER[item[0]]
    return kind in (POINTS, LEVELS) or item in there or (kind is READINGS and _series_of(item) in there)
