"""The loop that every stream shares: take in, compare, announce, write, settle.

What will be written is announced first: its digests go to the fingerprints, unconfirmed; then it is written; then the
state row confirms them. A run that finds something unconfirmed asks CDF what became of it. So a run may be killed at
any request.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plex_cdf.cdf.classic import ASSETS, BY_LETTER, EVENTS, LEVELS, POINTS, READINGS, SERIES
from plex_cdf.cdf.combined import id_of_whole
from plex_cdf.cdf.entries import EXISTS, INTENDED, REFUSED, RETIRED, SHARED, UNREAD, WHOLE, Entry, entry
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Outcome, Writer
from plex_cdf.engine.comparison import Comparison
from plex_cdf.engine.intake import Incoming
from plex_cdf.engine.plan import Place, Plan, shared
from plex_cdf.engine.recovery import Recovery
from plex_cdf.engine.tally import count, count_retracted, describe
from plex_cdf.errors import OutOfTimeError, PlexCdfError
from plex_cdf.reading.base import Batch
from plex_cdf.report import StreamReport

_MARKED = (ASSETS, EVENTS)


@dataclass
class Engine:
    """Brings the rows of one stream into CDF.

    Attributes:
        name: The stream's.
        recovery: Finishes what earlier runs left.
        comparison: Finds what differs.
        writer: For the stream's data set.
        upkeep: For what was written before.
        fingerprints: Changed in place. Whoever runs the engine has them confirmed.
        quarantine: Takes the rows that cannot be used.
        report: Counts.
        note: Takes what a person should know.
        now: The instant of Plex's clock, ms.
        still_ours: Called before something is announced; raises when the lease is lost.
        dry_run: Only plans.
    """

    name: str
    recovery: Recovery
    comparison: Comparison
    writer: Writer
    upkeep: Upkeep
    fingerprints: Fingerprints
    quarantine: Quarantine
    report: StreamReport
    note: Callable[[str], None]
    now: Callable[[], int]
    still_ours: Callable[[], None]
    dry_run: bool = False

    def process(self, batch: Batch) -> None:
        """Brings a batch into CDF.

        Raises:
            OutOfTimeError: When what CDF acknowledged has been noted.
            TransientError: The same.
        """
        if self.fingerprints.open(self.name, [scope.name for scope in batch]):
            self.recovery.finish()
        rows, plan = self.comparison.compare(batch)
        if self.dry_run:
            describe(self.report, plan, self.upkeep)
            count(self.report, rows, plan, {item.id for _, item in plan.writes()})
            # As if it were written, in memory only: other streams go on from it.
            for (scope, key, name), item in plan.writes():
                self.fingerprints.put_item(self.name, scope, key, name, item.hash)
            return
        outcome = Outcome()
        error: PlexCdfError | None = None
        outcome.held = self.writer.held(item for _, item in plan.writes())
        plan.leave_out(_blame(rows, outcome.held))
        if plan:
            self._announce(plan, rows)
            try:
                self._write(plan, outcome)
            except PlexCdfError as failure:
                error = failure
        self._settle(plan, rows, outcome, error)
        self._sort_out(batch, rows)
        count(self.report, rows, plan, outcome.done.keys())
        if error is not None:
            raise error
        for left, key in plan.left:
            self._leave(left, key)
        for left, key in plan.moved:
            self.fingerprints.forget(self.name, left, key)
        for read in batch:
            if read.mark is not None:
                # Where nothing was marked, it is read again, for a person may say that more may vanish.
                self.fingerprints.put(self.name, read.name, SHARED, EXISTS if read.braked else read.mark)

    def _leave(self, scope: str, key: str) -> None:
        """A row that is gone is looked at when it comes back; nothing is kept of one that made nothing of its own."""
        if self.fingerprints.get(self.name, scope, key)[1]:
            self.fingerprints.put(self.name, scope, key, UNREAD)
        else:
            self.fingerprints.forget(self.name, scope, key)

    def _announce(self, plan: Plan, rows: list[Incoming]) -> None:
        self.still_ours()
        lacking = self.writer.lacking(item for _, item in plan.writes())
        for (scope, key, name), item in plan.writes():
            self.fingerprints.put_item(
                self.name, scope, key, name, entry(item.hash, lacking.get(item.id, ())), pending=True
            )
        for (scope, key, name), _ in plan.retires:
            self.fingerprints.put_item(self.name, scope, key, name, RETIRED, pending=True)
        self._open_gates(rows)
        self.fingerprints.flush()

    def _open_gates(self, rows: Iterable[Incoming]) -> None:
        """From now on a row is only looked at when it differs from what it is now."""
        for row in rows:
            if row.key is not None and row.mapped:
                self.fingerprints.put(self.name, row.scope, row.key, UNREAD if row.problem or row.apart else row.gate)
                if row.apart and self.fingerprints.mark(self.name, row.scope):
                    self.fingerprints.put(self.name, row.scope, SHARED, EXISTS)

    def _write(self, plan: Plan, outcome: Outcome) -> None:
        creates, updates = [item for _, item in plan.creates], [item for _, item in plan.updates]
        self.writer.write(creates, updates, self.now(), outcome)
        retires = [item_id for _, item_id in plan.retires]
        not_marked = self.upkeep.retire(retires, self.now())
        for item_id, reason in not_marked.items():
            self.note(f"{item_id[2:]} could not be marked as gone: {reason}")
        outcome.done.update((item_id, ()) for item_id in retires if item_id not in not_marked)

    def _settle(self, plan: Plan, rows: list[Incoming], outcome: Outcome, error: PlexCdfError | None) -> None:
        """Replaces what was announced by what is known now."""
        _blame(rows, outcome.refused)
        self._open_gates(rows)
        unsure = error is not None and not isinstance(error, OutOfTimeError)
        for place, item in plan.writes():
            if item.id in outcome.done:
                self._note(place, entry(item.hash, outcome.done[item.id]), announced=True)
            elif item.id not in outcome.refused:
                self._note(place, INTENDED if unsure else plan.before[item.id])
            elif item.kind in (READINGS, LEVELS, POINTS):
                # Its series may have been deleted in CDF: both are made anew by the next run.
                self._note(place, None)
                self._note(shared(WHOLE, f"{SERIES.letter}:{item.external_id}"), None)
            else:
                self._note(place, REFUSED + item.hash)
        for place, item_id in plan.retires:
            if item_id not in outcome.done:
                self._note(place, INTENDED if unsure else plan.before[item_id])
            else:
                self._note(place, RETIRED if BY_LETTER[item_id[0]] in _MARKED else None, announced=True)
        count_retracted(self.report, [item_id for _, item_id in plan.retires if item_id in outcome.done])

    def _note(self, place: Place, known: Entry | None, *, announced: bool = False) -> None:
        """Notes what is known of a thing; what did not go as announced is looked at again."""
        scope, key, name = place
        if announced:
            if known is None or self._entry(place) != known:
                self.fingerprints.put_item(self.name, scope, key, name, known, pending=known is not None)
            return
        self.fingerprints.put_item(self.name, scope, key, name, known)
        if key == SHARED:
            self.fingerprints.unread(self.name, scope)
        else:
            self.fingerprints.put(self.name, scope, key, UNREAD)

    def _entry(self, place: Place) -> Entry | None:
        scope, key, name = place
        if key == SHARED:
            return self.fingerprints.shared(self.name, scope, name)
        return self.fingerprints.get(self.name, scope, key)[1].get(name)

    def _sort_out(self, batch: Batch, rows: list[Incoming]) -> None:
        """Sends bad rows to quarantine; lets out those whose thing has arrived, or that Plex no longer has."""
        waiting = self.quarantine.keys(self.name)
        arrived: set[str] = set()
        bad: set[str] = set()
        for row in rows:
            if row.problem:
                bad.add(self.quarantine.add(self.name, row.scope, row.key, row.row, row.problem, self.now()))
            elif row.key in waiting:
                arrived.add(str(row.key))
        self.quarantine.release(self.name, arrived - {row.key for row in rows if row.problem})
        for scope in batch:
            if scope.complete and not scope.braked:
                self.quarantine.keep(self.name, scope.name, bad)


def _blame(rows: list[Incoming], reasons: dict[str, str]) -> set[tuple[str, str]]:
    """Notes on the rows what was held back or refused of theirs; which rows those are, by scope and key."""
    blamed: set[tuple[str, str]] = set()
    for row in rows if reasons else ():
        ids = [*(item.id for item in row.items), *map(id_of_whole, row.parts)]
        found = [reason for item_id in ids if (reason := reasons.get(item_id))]
        if found:
            row.problem = row.problem or found[0]
            blamed.add((row.scope, str(row.key)))
    return blamed
