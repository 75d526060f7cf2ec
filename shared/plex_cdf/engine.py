"""The loop that every stream shares: validate, map, compare, write, commit.

A batch that has something to write goes in three steps: its ids are noted as intended, then written, then their
digests replace the note. A run that finds the note asks CDF what became of those ids. So a run may be killed at any
request.
"""

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from plex_cdf.cdf.classic import ASSETS, BY_LETTER, DATAPOINTS, EVENTS, RELATIONSHIPS, Item, encode
from plex_cdf.cdf.fingerprints import (
    EXISTS,
    INTENDED,
    REFUSED,
    RETIRED,
    WHOLE,
    Entry,
    Fingerprints,
    digest,
    entry,
    missing,
)
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Outcome, Writer
from plex_cdf.config import Limit, explain
from plex_cdf.errors import DataError, OutOfTimeError
from plex_cdf.naming import Naming
from plex_cdf.plan import explain_update
from plex_cdf.plex.client import Row
from plex_cdf.reading import Batch, Scope
from plex_cdf.report import PLANNED_EXAMPLES, StreamReport
from plex_cdf.stream import Stream


@dataclass
class _Row:
    """A row on its way: what it became, or why it became nothing."""

    scope: str
    key: str | None
    row: Row
    items: list[Item] = field(default_factory=list)
    problem: str | None = None


@dataclass
class _Plan:
    """What a batch asks of CDF, each with its scope; `before` is what was known of an item until now."""

    creates: list[tuple[str, Item]] = field(default_factory=list)
    updates: list[tuple[str, Item]] = field(default_factory=list)
    retires: list[tuple[str, str]] = field(default_factory=list)
    before: dict[str, Entry | None] = field(default_factory=dict)

    def writes(self) -> list[tuple[str, Item]]:
        """Everything to be created or updated."""
        return self.creates + self.updates

    def __bool__(self) -> bool:
        return bool(self.creates or self.updates or self.retires)


@dataclass
class Engine:
    """Brings the rows of one stream into CDF.

    Attributes:
        stream: What it declares.
        naming: The facility's.
        writer: For the stream's data set.
        upkeep: For what was written before.
        fingerprints: What was written before; changed in place and saved.
        quarantine: Takes the rows that cannot be used.
        report: Counts.
        note: Takes what a person should know.
        vanish_limit: Above it nothing is declared gone.
        retry_refused: Whether content that CDF refused before is sent again.
        repair: Whether what was written before is looked for in CDF first, so that what was deleted there is made anew.
        now: The instant of Plex's clock, ms.
        still_ours: Called before every commit; raises when the lease is lost.
        dry_run: Only plans.
    """

    stream: Stream[Any]
    naming: Naming
    writer: Writer
    upkeep: Upkeep
    fingerprints: Fingerprints
    quarantine: Quarantine
    report: StreamReport
    note: Callable[[str], None]
    vanish_limit: Limit
    retry_refused: bool
    repair: bool
    now: Callable[[], int]
    still_ours: Callable[[], None]
    dry_run: bool = False

    def begin(self) -> None:
        """Finishes what earlier runs left: writes of unknown outcome, and links whose assets have arrived since."""
        name = self.stream.name
        doubtful = [
            (scope, item, known)
            for scope, item, known in self.fingerprints.stream_items(name)
            if known == INTENDED or (self.repair and digest(known) != RETIRED)
        ]
        there = self.upkeep.existing(item for _, item, _ in doubtful)
        for scope, item, known in doubtful:
            # A datapoint is where its series is.
            if item not in there and f"t:{item[2:]}" not in there:
                self.fingerprints.put(name, scope, item, None)
            elif known == INTENDED:
                self.fingerprints.put(name, scope, item, EXISTS)
        lacking = {
            item: (scope, known) for scope, item, known in self.fingerprints.stream_items(name) if missing(known)
        }
        if not lacking or self.dry_run:
            return
        completed = self.upkeep.link({item: missing(known) for item, (_, known) in lacking.items()})
        for item, left in completed.items():
            scope, known = lacking[item]
            self.fingerprints.put(name, scope, item, entry(str(digest(known)), left))
        self.report.linked += len(completed)
        if completed:
            self._commit()

    def process(self, batch: Batch) -> None:
        """Brings a batch into CDF and commits it.

        Raises:
            OutOfTimeError: After the commit of what CDF acknowledged.
            LeaseError: Before the commit.
        """
        rows = [row for scope in batch for row in self._rows(scope)]
        plan = self._compare(batch, rows)
        if self.dry_run:
            self._describe(plan)
            self._count(rows, plan, {item.id for _, item in plan.writes()})
            # As if it were written, in memory only: other streams go on from it.
            for name, item in plan.writes():
                self.fingerprints.put(self.stream.name, name, item.id, item.hash)
            return
        outcome, out_of_time = Outcome(), None
        self._hold(plan, outcome)
        if plan:
            self._intend(plan)
            try:
                self._write(plan, outcome)
            except OutOfTimeError as error:
                out_of_time = error
        self._settle(plan, outcome)
        self._sort_out(batch, rows, outcome)
        self._count(rows, plan, outcome.done.keys())
        if out_of_time is None:
            for scope in batch:
                if scope.mark is not None:
                    self.fingerprints.set_mark(self.stream.name, scope.name, scope.mark)
        self._commit()
        if out_of_time is not None:
            raise out_of_time

    def _rows(self, scope: Scope) -> list[_Row]:
        """The rows of a scope, mapped; of exact twins one."""
        rows: list[_Row] = []
        by_key: dict[str, list[Row]] = {}
        for raw in scope.rows:
            row = self._mapped(scope.name, raw)
            twins = by_key.setdefault(row.key, []) if row.key is not None else []
            if raw not in twins:
                twins.append(raw)
                rows.append(row)
        return rows

    def _mapped(self, scope: str, raw: Row) -> _Row:
        key = raw.get(self.stream.key)
        row = _Row(scope, str(key).strip() or None if key is not None else None, raw)
        try:
            record = self.stream.record.model_validate(raw)
            row.items = [encode(resource) for resource in self.stream.map(record, self.naming)]
        except ValidationError as error:
            row.problem = explain(error, self.stream.record)
        except (DataError, ValueError, ArithmeticError) as error:
            # Whatever a value may cause in a mapping: a number or a date beyond all limits, text that is no Unicode.
            row.problem = f"{error}"
        return row

    def _compare(self, batch: Batch, rows: list[_Row]) -> _Plan:
        """What differs between the rows and what was written before."""
        plan, claimed = _Plan(), Counter(item.id for row in rows for item in row.items)
        seen: dict[str, set[str]] = {scope.name: set() for scope in batch}
        for row in rows:
            for item in row.items:
                seen[row.scope].add(item.id)
                if claimed[item.id] > 1:
                    # One request cannot hold both, and which of them is right is not ours to say.
                    row.problem = f"another row of this read stands for {item.external_id} too"
                    continue
                known = self.fingerprints.get(self.stream.name, row.scope, item.id)
                before = digest(known)
                if before == item.hash or (item.only_if_known and before is None):
                    continue
                if before == REFUSED + item.hash and not self.retry_refused:
                    row.problem = "CDF refused this content before"
                    continue
                plan.before[item.id] = known
                # What was refused is most likely not there; if it is, CDF says so and it is updated.
                is_new = before is None or before.startswith(REFUSED)
                (plan.creates if is_new else plan.updates).append((row.scope, item))
        for scope in batch:
            unreadable = [row.key for row in rows if row.problem and row.key and row.scope == scope.name]
            for item_id in self._gone(scope, seen[scope.name], unreadable):
                plan.before[item_id] = self.fingerprints.get(self.stream.name, scope.name, item_id)
                plan.retires.append((scope.name, item_id))
        return plan

    def _gone(self, scope: Scope, seen: set[str], unreadable: list[str]) -> list[str]:
        """What a complete read no longer holds, and what Plex says it does not know.

        A row that is there but cannot be used is not gone: its key stands in the ids of all that was made of it.
        """
        named: list[str] = []
        for key in scope.gone:
            # A key that makes no external id was never written.
            with suppress(DataError):
                external_id = self.naming.id(self.stream.kind, key)
                named += [f"{kind.letter}:{external_id}" for kind in (ASSETS, EVENTS)]
        known = {
            item
            for item, noted in self.fingerprints.items(self.stream.name, scope.name)
            if BY_LETTER[item[0]] in (ASSETS, EVENTS, RELATIONSHIPS) and digest(noted) != RETIRED
        }
        if not scope.complete:
            return [item for item in named if item in known]
        absent = [item for item in known - seen if not any(key in item for key in unreadable)]
        if self.vanish_limit.exceeded(len(absent), len(known)):
            scope.braked = True
            self.note(
                f"{self.stream.name}: {len(absent)} of {len(known)} are absent from Plex's answer, more than "
                "vanishLimit allows: nothing was marked; raise vanishLimit in the pipeline's config if they are "
                "really gone"
            )
            return []
        return sorted(absent)

    def _hold(self, plan: _Plan, outcome: Outcome) -> None:
        """Leaves out what has to wait for its parent: nothing is noted or written for it."""
        outcome.held = self.writer.held(item for _, item in plan.writes())
        plan.creates = [(scope, item) for scope, item in plan.creates if item.id not in outcome.held]
        plan.updates = [(scope, item) for scope, item in plan.updates if item.id not in outcome.held]

    def _intend(self, plan: _Plan) -> None:
        for scope, item in plan.writes():
            self.fingerprints.put(self.stream.name, scope, item.id, INTENDED)
        for scope, item_id in plan.retires:
            self.fingerprints.put(self.stream.name, scope, item_id, INTENDED)
        self.fingerprints.flush()

    def _write(self, plan: _Plan, outcome: Outcome) -> None:
        creates, updates = [item for _, item in plan.creates], [item for _, item in plan.updates]
        self.writer.write(creates, updates, self.now(), outcome)
        retires = [item_id for _, item_id in plan.retires]
        not_marked = self.upkeep.retire(retires, self.now())
        for item_id, reason in not_marked.items():
            self.note(f"{item_id[2:]} could not be marked as gone: {reason}")
        outcome.done.update((item_id, ()) for item_id in retires if item_id not in not_marked)

    def _settle(self, plan: _Plan, outcome: Outcome) -> None:
        """Replaces the notes by what is known now."""
        name = self.stream.name
        for scope, item in plan.writes():
            if item.id in outcome.done:
                self.fingerprints.put(name, scope, item.id, entry(item.hash, outcome.done[item.id]))
            elif item.id not in outcome.refused:
                self.fingerprints.put(name, scope, item.id, plan.before[item.id])
            elif item.kind is DATAPOINTS:
                # Its series may have been deleted in CDF: both are made anew by the next run.
                self.fingerprints.put(name, scope, item.id, None)
                self.fingerprints.put(name, scope, f"t:{item.external_id}", None)
            else:
                self.fingerprints.put(name, scope, item.id, REFUSED + item.hash)
        for scope, item_id in plan.retires:
            self.fingerprints.put(name, scope, item_id, RETIRED if item_id in outcome.done else EXISTS)
        self._count_retired([item_id for _, item_id in plan.retires if item_id in outcome.done])

    def _sort_out(self, batch: Batch, rows: list[_Row], outcome: Outcome) -> None:
        """Sends bad rows to quarantine; lets out those whose thing has arrived, or that Plex no longer has."""
        name, waiting = self.stream.name, self.quarantine.keys(self.stream.name)
        arrived: set[str] = set()
        bad: set[str] = set()
        for row in rows:
            reasons = [
                reason for item in row.items if (reason := outcome.refused.get(item.id) or outcome.held.get(item.id))
            ]
            row.problem = row.problem or (reasons[0] if reasons else None)
            if row.problem:
                bad.add(self.quarantine.add(name, row.key, row.row, row.problem, self.now()))
            elif row.key in waiting:
                arrived.add(str(row.key))
        self.quarantine.release(name, arrived)
        if any(scope.complete and scope.name == WHOLE and not scope.braked for scope in batch):
            self.quarantine.keep(name, bad)

    def _count(self, rows: list[_Row], plan: _Plan, done: Collection[str]) -> None:
        created = {item.id for _, item in plan.creates}
        planned = created | {item.id for _, item in plan.updates}
        report = self.report
        for row in rows:
            ids = [item.id for item in row.items]
            report.rows += 1
            report.truncated += any(item.truncated for item in row.items)
            report.reordered += any(item.reordered for item in row.items)
            if row.problem:
                report.quarantined += 1
            elif any(item in planned and item not in done for item in ids):
                report.pending += 1
            elif ids and ids[0] in created:
                report.created += 1
            elif any(item in planned for item in ids):
                report.updated += 1
            else:
                report.unchanged += 1

    def _describe(self, plan: _Plan) -> None:
        """What a dry run would do, and why: updates with the values that differ from what CDF holds now."""
        for _, item in plan.creates:
            if item.kind is not DATAPOINTS:
                self.report.planned("create", item.external_id)
        examples = [item for _, item in plan.updates][:PLANNED_EXAMPLES]
        current = self.upkeep.current(examples)
        for item in examples:
            self.report.planned("update", explain_update(item, current.get(item.id)))
        for _, item_id in plan.retires:
            self.report.planned("retract", {"externalId": item_id[2:], "why": "no longer in Plex"})
        self._count_retired([item_id for _, item_id in plan.retires])

    def _count_retired(self, item_ids: list[str]) -> None:
        """Things, not the links between them."""
        self.report.retracted += sum(BY_LETTER[item_id[0]] is not RELATIONSHIPS for item_id in item_ids)

    def _commit(self) -> None:
        if self.fingerprints.dirty or self.quarantine.dirty:
            self.still_ours()
            self.quarantine.flush()
            self.fingerprints.flush()
