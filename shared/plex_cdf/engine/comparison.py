"""What differs between the rows that came and what was written before."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from plex_cdf.cdf.classic import (
    ASSETS,
    BY_LETTER,
    EVENTS,
    LEVELS,
    POINTS,
    RELATIONSHIPS,
    SEQUENCES,
    SERIES,
    Item,
)
from plex_cdf.cdf.combined import combine, id_of_whole, level
from plex_cdf.cdf.entries import REFUSED, RETIRED, SHARED, WHOLE, Entry, Print, digest, is_gone
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.config import Limit
from plex_cdf.engine.intake import Incoming, Intake
from plex_cdf.engine.plan import Place, Plan, id_of, name_of, shared
from plex_cdf.naming import Naming
from plex_cdf.reading.base import Batch, Scope

Taken = dict[str, list[Incoming]]
"""The rows of each scope, by its name."""
_OWN = (ASSETS, EVENTS, RELATIONSHIPS)
# What no row has on its own.
_TOGETHER = {kind.letter for kind in (POINTS, LEVELS, SEQUENCES)}
# What would read too little when rows are missing.
_KEPT = (LEVELS, POINTS, SEQUENCES)


@dataclass
class Comparison:
    """Compares the rows of one stream with its fingerprints.

    Attributes:
        name: The stream's.
        kind: The part of an external id that says what its things are.
        naming: The facility's.
        intake: Takes rows in.
        fingerprints: What was written before.
        vanish_limit: Above it nothing is declared gone.
        retry_refused: Whether content that CDF refused before is sent again.
        note: Takes what a person should know.
    """

    name: str
    kind: str
    naming: Naming
    intake: Intake
    fingerprints: Fingerprints
    vanish_limit: Limit
    retry_refused: bool
    note: Callable[[str], None]

    def compare(self, batch: Batch) -> tuple[list[Incoming], Plan]:
        """The rows of a batch, those mapped that are not known to be unchanged, and what they ask of CDF."""
        known = {scope.name: dict(self.fingerprints.prints(self.name, scope.name)) for scope in batch}
        taken = {scope.name: self._taken(scope, known[scope.name]) for scope in batch}
        rows = [row for found in taken.values() for row in found]
        plan = Plan()
        self._plan_own(plan, rows)
        for scope in batch:
            self._plan_together(plan, scope, taken[scope.name])
        for row in rows:
            if row.mapped and not row.problem:
                self._retire_rest(plan, row)
        lefts = {scope.name: self._left(plan, scope, known[scope.name], taken[scope.name]) for scope in batch}
        if any(lefts.values()):
            self._plan_gone(plan, batch, lefts, taken)
        return rows, plan

    def _taken(self, scope: Scope, known: dict[str, Print]) -> list[Incoming]:
        rows = self.intake.take(scope)
        changed = [
            row for row in rows if row.key is None or row.problem or row.twin or _differs(row, known.get(row.key))
        ]
        came = {row.key for row in rows}
        left = scope.complete and any(key not in came and not is_gone(items) for key, (_, items) in known.items())
        if (changed or left) and self._makes_together(scope.name):
            # What rows make up together can only be made from all of them.
            changed = rows
        for row in changed:
            self.intake.map(row)
        good = Counter(row.key for row in rows if row.twin and not row.problem)
        for row in rows:
            if good[row.key] > 1:
                # One request cannot hold both, and which of them is right is not ours to say.
                row.problem = f"another row of this read stands for {row.main} too"
                row.items, row.parts = [], []
        return rows

    def _makes_together(self, scope: str) -> bool:
        return any(item[0] in _TOGETHER for item, _ in self.fingerprints.shared_items(self.name, scope))

    def _plan_own(self, plan: Plan, rows: list[Incoming]) -> None:
        """What each row stands for."""
        series: dict[str, Item] = {}
        for row in rows:
            for item in row.items:
                if item.kind is SERIES:
                    # Many rows bring the series that they add to.
                    if item.id not in series or item.lacks <= series[item.id].lacks:
                        series[item.id] = item
                    continue
                name = name_of(item.id, row.main)
                known = self.fingerprints.get(self.name, row.scope, str(row.key))[1].get(name)
                self._compare(plan, (row.scope, str(row.key), name), item, known, row)
        for item in series.values():
            self._compare(plan, shared(WHOLE, item.id), item, self.fingerprints.shared(self.name, WHOLE, item.id))

    def _compare(self, plan: Plan, place: Place, item: Item, known: Entry | None, row: Incoming | None = None) -> None:
        before = digest(known)
        if (item.only_if_known and before is None) or before == item.hash or _lacks_less(before, item):
            return
        if before == REFUSED + item.hash and not self.retry_refused:
            if row:
                row.problem = "CDF refused this content before"
            return
        # What was refused is most likely not there; if it is, CDF says so and it is updated.
        plan.add(place, item, known, new=before is None or before.startswith(REFUSED))

    def _plan_together(self, plan: Plan, scope: Scope, rows: list[Incoming]) -> None:
        """What the rows of a scope make up together, and what they no longer do."""
        if rows and not any(row.mapped for row in rows):
            return
        if not scope.complete:
            for row in rows:
                row.apart = bool(row.parts)
            return
        made: set[str] = set()
        items, impossible = combine(part for row in rows for part in row.parts)
        for item in items:
            made.add(item.id)
            known = self.fingerprints.shared(self.name, scope.name, item.id)
            self._compare(plan, shared(scope.name, item.id), item, known)
        for row in rows if impossible else ():
            reasons = [reason for part in row.parts if (reason := impossible.get(id_of_whole(part)))]
            row.problem = row.problem or (reasons[0] if reasons else None)
        self._plan_emptied(plan, scope, rows, made)

    def _plan_emptied(self, plan: Plan, scope: Scope, rows: list[Incoming], made: set[str]) -> None:
        """What the rows of a scope made up together before, and no longer do."""
        bad = [row for row in rows if row.problem]
        for item_id, known in self.fingerprints.shared_items(self.name, scope.name):
            kind = BY_LETTER[item_id[0]]
            zero = level(item_id[2:], 0.0) if kind is LEVELS else None
            if item_id in made or kind not in _KEPT or (zero and digest(known) == zero.hash):
                continue
            if any(self.intake.may_be_of(row, item_id) for row in bad):
                # It is there but cannot be used, and this may be its part; so all is looked at again.
                _put_off(rows)
            elif zero:
                self._compare(plan, shared(scope.name, item_id), zero, known)
            else:
                plan.retire(shared(scope.name, item_id), item_id, known)

    def _left(self, plan: Plan, scope: Scope, known: dict[str, Print], rows: list[Incoming]) -> list[str]:
        """The rows that a complete read no longer holds; none when they are too many to be believed."""
        there = [key for key, (_, items) in known.items() if not is_gone(items)]
        came = {row.key for row in rows}
        left = sorted(key for key in there if key not in came) if scope.complete else []
        if not scope.certain and self.vanish_limit.exceeded(len(left), len(there)):
            self._brake(plan, scope, len(left), len(there))
            _put_off(rows)
            return []
        return [*left, *(key for key in scope.gone if key in there)]

    def _plan_gone(self, plan: Plan, batch: Batch, lefts: dict[str, list[str]], taken: Taken) -> None:
        """What left its scope: gone, or in another one, since a date was corrected or it has another parent."""
        for number, scope in enumerate(batch):
            left = lefts[scope.name]
            moved = self._elsewhere(scope.name, left, lefts, taken)
            # What has left several scopes is marked once.
            moved |= {key for later in batch[number + 1 :] for key in lefts[later.name]}.intersection(left)
            plan.moved += [(scope.name, key) for key in left if key in moved]
            for key in left:
                if key not in moved:
                    self._retire_row(plan, scope.name, key)

    def _elsewhere(self, scope: str, left: list[str], lefts: dict[str, list[str]], taken: Taken) -> set[str]:
        """Which of those that left a scope have come with another one, or are known there and have not left that."""
        if not left or scope == WHOLE:
            return set()
        gone = {name: set(keys) for name, keys in lefts.items()}
        others = (row for name, rows in taken.items() if name != scope for row in rows)
        found = {str(row.key) for row in others if row.items or row.problem}
        loaded = self.fingerprints.loaded(self.name, every=True)
        found |= {
            key
            for other, key, items in loaded
            if other != scope and items and not is_gone(items) and key not in gone.get(other, ())
        }
        return found.intersection(left)

    def _brake(self, plan: Plan, scope: Scope, left: int, whole: int) -> None:
        scope.braked = True
        what = f"{self.name} of {scope.name}" if scope.name else self.name
        self.note(
            f"{what}: {left} of {whole} are absent from Plex's answer, more than vanishLimit allows: nothing was "
            "marked; raise vanishLimit in the pipeline's config if they are really gone"
        )
        plan.retires = [(place, item) for place, item in plan.retires if place[:2] != (scope.name, SHARED)]
        plan.updates = [
            (place, item) for place, item in plan.updates if item.kind not in _KEPT or place[:2] != (scope.name, SHARED)
        ]

    def _retire_rest(self, plan: Plan, row: Incoming) -> None:
        """What a row was before and is no more, for example a link to another part."""
        made = {item.id for item in row.items}
        for name, known in self.fingerprints.get(self.name, row.scope, str(row.key))[1].items():
            item_id = id_of(name, row.main)
            if item_id not in made and digest(known) != RETIRED and BY_LETTER[item_id[0]] in _OWN:
                plan.retire((row.scope, str(row.key), name), item_id, known)

    def _retire_row(self, plan: Plan, scope: str, key: str) -> None:
        main = self.naming.id(self.kind, key)
        items = self.fingerprints.get(self.name, scope, key)[1]
        for name, known in items.items():
            item_id = id_of(name, main)
            if digest(known) != RETIRED and BY_LETTER[item_id[0]] in _OWN:
                plan.retire((scope, key, name), item_id, known)
        plan.left.append((scope, key))


def _put_off(rows: list[Incoming]) -> None:
    """Has the rows of a scope looked at again by the next read, as something of theirs was held back."""
    for row in rows:
        row.apart = row.apart or bool(row.parts)


def _lacks_less(known: str | None, item: Item) -> bool:
    """Whether a fuller definition was written before; of what is there with unknown content that is assumed."""
    if not item.lacks or known is None or known.startswith(REFUSED):
        return False
    return item.lacks > int(known.partition(".")[2] or 0)


def _differs(row: Incoming, known: Print | None) -> bool:
    return known is None or known[0] != row.gate
