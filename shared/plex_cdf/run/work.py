"""The work of a run between its lease and its report: its streams, one after another, and what they share."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from plex_cdf.cdf.entries import BACKFILL, INCREMENTAL
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.lane_rows import QUARANTINE, LaneRows, listed
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.raw import RawTable
from plex_cdf.cdf.resolver import IDS_PER_CALL, Resolver
from plex_cdf.cdf.state import State
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Writer
from plex_cdf.config import HistorySettings
from plex_cdf.engine.comparison import Comparison
from plex_cdf.engine.intake import Intake
from plex_cdf.engine.process import Engine
from plex_cdf.engine.recovery import Recovery
from plex_cdf.errors import PlexCdfError
from plex_cdf.reading.base import Reading
from plex_cdf.reading.windows import DAY, NEVER, recent
from plex_cdf.report import Status
from plex_cdf.run.call import Call
from plex_cdf.run.commits import Commits
from plex_cdf.run.lanes import Lanes
from plex_cdf.run.modes import Modes
from plex_cdf.stream import Sources, Stream

# A full run is a person's, who waits; but of what never comes there may be a million.
_LOOKS_IF_FULL = 100


@dataclass
class Work:
    """What the streams of a run share.

    Attributes:
        call: What is to be done.
        sources: Where rows come from.
        lanes: The leases, and the state rows of other lanes.
        state: The state row of the run's own lane.
    """

    call: Call
    sources: Sources
    lanes: Lanes
    state: State

    def __post_init__(self) -> None:
        """Reads what earlier runs left."""
        call, report = self.call, self.call.report
        scheduled = self.state if call.lane == INCREMENTAL else self.lanes.state(INCREMENTAL)
        self.fingerprints = self._fingerprints(scheduled)
        self.quarantine = self._quarantine()
        self.resolver = Resolver(call.api, call.deadline)
        self.reading = Reading(
            self.sources,
            call.settings,
            call.naming,
            self.fingerprints,
            self.state.streams,
            call.payload.mode == "full",
            report,
            self._may_reconcile,
        )
        self.modes = Modes(call, self.reading, self.quarantine, scheduled.streams)
        lease = self.lanes.lease
        self.commits = lease and Commits(
            lease, self.state, self.fingerprints, self.quarantine, lambda: self.reading.now, call.outside.monotonic
        )
        self.finished = 0
        self._adopted = False

    @cached_property
    def arrived(self) -> dict[str, int]:
        """The ids of missing assets that are there now: one look for what all streams wait for, rather than one each.

        The rest waits for later runs.
        """
        return self.resolver.assets(self._turn(self.fingerprints.all_missing()))

    def stream(self, stream: Stream[Any]) -> None:
        """Brings what a stream has to say into CDF."""
        state = self.reading.state(stream)
        contract = self.call.settings.contract.get(stream.name, "evolve")
        intake = Intake(stream, self.call.naming, state.get("fields"), contract)
        engine = self._engine(stream, intake)
        self._finish(stream, engine.recovery)
        for batch in self.modes.batches(stream):
            if self.commits:
                self.commits.if_due()
            engine.process(batch)
            state["fields"] = intake.fields
            for field in sorted(intake.drift):
                self.call.report.note(f"{stream.name}: Plex sends a field that it did not send before, {field}")
        self.finished += 1

    def end(self, status: Status) -> Status:
        """Saves what was done."""
        if self.commits:
            before = self.reading.now - int(self.call.settings.quarantine_days * DAY)
            if expired := self.quarantine.expire(before):
                self.call.report.note(f"{expired} rows have left quarantine after quarantineDays")
            self.commits.commit()
        return status

    def save_what_is_done(self) -> None:
        """The same, on the way out of a run that failed: why it failed matters more."""
        if self.commits and (self.finished or self.fingerprints.dirty or self.fingerprints.unconfirmed):
            try:
                self.commits.commit()
            except PlexCdfError as error:
                self.call.report.note(f"what was done could not be saved, and is looked at again: {error}")

    def _fingerprints(self, scheduled: State) -> Fingerprints:
        """What the table of fingerprints holds, as far as it concerns the lane."""
        name, lane = self.call.extractor.name, self.call.lane
        history = isinstance(self.call.settings, HistorySettings)
        return Fingerprints(
            self._first_table(),
            self._table(f"history_{name}") if history else None,
            lane,
            {INCREMENTAL: scheduled.generation, lane: self.state.generation},
        )

    def _quarantine(self) -> Quarantine:
        call = self.call
        index = LaneRows(self._first_table(), QUARANTINE, call.lane, self.fingerprints.beside)
        return Quarantine(self._table("quarantine"), index, call.report.extractor, call.report.run_id)

    def _first_table(self) -> RawTable:
        return self._table(f"fingerprints_{self.call.extractor.name}")

    def _table(self, name: str) -> RawTable:
        return RawTable(self.call.api, self.call.naming.database, name)

    def _turn(self, missing: list[str]) -> list[str]:
        """As many as a run looks for, each in turn: some may never come."""
        number = IDS_PER_CALL * (_LOOKS_IF_FULL if self.call.payload.mode == "full" else 1)
        if len(missing) <= number:
            return missing
        turn = [*(link for link in missing if link > self.state.looked_for), *missing][:number]
        self.state.looked_for = turn[-1]
        return turn

    def _finish(self, stream: Stream[Any], recovery: Recovery) -> None:
        """Finishes what earlier runs left among what every run reads again, then in days whose links have arrived."""
        arrived, scheduled = self.arrived, self.call.lane == INCREMENTAL
        if stream.windowed:
            self.fingerprints.keep_at_hand(stream.name, recent(self.reading, stream) if scheduled else NEVER)
        recovery.finish()
        waiting = self.fingerprints.waiting(stream.name, arrived) if self.commits else []
        if self.commits and waiting and (not scheduled or self._may_reconcile()):
            # There may be years of them.
            for _, days in groupby(waiting, key=lambda day: day[:7]):
                self.fingerprints.open(stream.name, days)
                recovery.finish()
                if self.fingerprints.dirty:
                    self.commits.commit()
                self.fingerprints.close()

    def _may_reconcile(self) -> bool:
        """Whether no backfill is at work on older days; what it left to be done is this lane's from now on."""
        lease = self.lanes.lease
        if not lease or not self.lanes.take(BACKFILL):
            return False
        if not self._adopted:
            self._adopted = True
            lease.check()
            # As they are now: since this run's own look a backfill may have ended.
            left = listed(self._first_table())
            self.fingerprints.adopt(left)
            self.quarantine.adopt(left)
        return True

    def _tries_refused(self, stream: Stream[Any]) -> bool:
        """Whether content that CDF has refused is sent again: by order, or with a nightly read of the whole list."""
        nightly = "lastFull" in self.reading.state(stream) and self.reading.is_full(stream)
        return nightly or self.call.payload.mode in ("full", "replay")

    def _engine(self, stream: Stream[Any], intake: Intake) -> Engine:
        call, report = self.call, self.call.report.stream(stream.name)
        upkeep = Upkeep(call.api, self.resolver, call.deadline)
        recovery = Recovery(
            stream.name,
            stream.kind,
            call.naming,
            upkeep,
            self.fingerprints,
            report,
            repair=call.payload.mode == "full",
            dry_run=call.payload.dry_run,
        )
        comparison = Comparison(
            stream.name,
            stream.kind,
            call.naming,
            intake,
            self.fingerprints,
            call.settings.vanish_limit,
            self._tries_refused(stream),
            call.report.note,
        )
        return Engine(
            stream.name,
            recovery,
            comparison,
            Writer(call.api, self.resolver, call.naming.data_set(stream.domain), call.deadline),
            upkeep,
            self.fingerprints,
            self.quarantine,
            report,
            call.report.note,
            now=lambda: self.reading.now,
            still_ours=self.lanes.lease.check if self.lanes.lease else lambda: None,
            dry_run=call.payload.dry_run,
        )
