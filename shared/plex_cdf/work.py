"""The work of a run between its lease and its report: its streams, one after another, and what they share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from plex_cdf.cdf.api import CdfApi
from plex_cdf.cdf.entries import BACKFILL, INCREMENTAL, is_day
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.lease import Lease
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.raw import RawTable
from plex_cdf.cdf.resolver import IDS_PER_CALL, Resolver
from plex_cdf.cdf.state import State
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Writer
from plex_cdf.children import children
from plex_cdf.commits import Commits
from plex_cdf.comparison import Comparison
from plex_cdf.config import HistorySettings, Payload, Settings
from plex_cdf.deadline import Deadline
from plex_cdf.engine import Engine
from plex_cdf.errors import ConfigurationError, PlexCdfError
from plex_cdf.intake import Intake
from plex_cdf.naming import Naming, iso
from plex_cdf.reading import Batch, Reading, Scope, read_by
from plex_cdf.recovery import Recovery
from plex_cdf.report import Report, Status
from plex_cdf.stream import HOUR, Children, Sources, Stream, Windowed
from plex_cdf.windows import DAY, NEVER, Window, again, backfill, floor, incremental, recent


@dataclass
class Work:
    """What the streams of a run share.

    Attributes:
        extractor: Its name.
        lane: Incremental or backfill.
        payload: What the call asks for.
        settings: The pipeline's config.
        naming: The facility's.
        sources: Where rows come from.
        api: The way to CDF.
        state: The lane's state row.
        lease: The lane's; None for a dry run.
        report: Figures and notes.
        deadline: The run's.
        monotonic: Seconds.
        other_lane: The state row of another lane.
        take_lane: Takes another lane beside its own; whether that was possible.
    """

    extractor: str
    lane: str
    payload: Payload
    settings: Settings
    naming: Naming
    sources: Sources
    api: CdfApi
    state: State
    lease: Lease | None
    report: Report
    deadline: Deadline
    monotonic: Callable[[], float]
    other_lane: Callable[[str], State]
    take_lane: Callable[[str], bool]

    def __post_init__(self) -> None:
        """Reads what earlier runs left."""
        database = self.naming.database
        history = isinstance(self.settings, HistorySettings)
        confirmed = {self.lane: self.state.generation}
        self.before_backfill: dict[str, Any] = {}
        if self.lane != INCREMENTAL:
            other = self.other_lane(INCREMENTAL)
            confirmed[INCREMENTAL], self.before_backfill = other.generation, other.streams
        self.fingerprints = Fingerprints(
            RawTable(self.api, database, f"fingerprints_{self.extractor}"),
            RawTable(self.api, database, f"history_{self.extractor}") if history else None,
            self.lane,
            confirmed,
        )
        self.quarantine = Quarantine(
            RawTable(self.api, database, "quarantine"), self.state.quarantine, self.extractor, self.report.run_id
        )
        self.resolver = Resolver(self.api)
        self.reading = Reading(
            self.sources,
            self.settings,
            self.naming,
            self.fingerprints,
            self.state.streams,
            self.payload.mode == "full",
            self.report,
            self._may_reconcile,
        )
        self.commits = self.lease and Commits(
            self.lease, self.state, self.fingerprints, self.quarantine, lambda: self.reading.now, self.monotonic
        )
        self.finished = 0
        # One look for what all streams wait for, rather than one each; the rest waits for later runs.
        missing = self.fingerprints.all_missing()
        self.arrived = self.resolver.assets(missing if self.payload.mode == "full" else self._turn(missing))

    def _turn(self, missing: list[str]) -> list[str]:
        """As many as one look takes, each in turn: some may never come."""
        if len(missing) <= IDS_PER_CALL:
            return missing
        turn = [*(link for link in missing if link > self.state.looked_for), *missing][:IDS_PER_CALL]
        self.state.looked_for = turn[-1]
        return turn

    def stream(self, stream: Stream[Any]) -> None:
        """Brings what a stream has to say into CDF."""
        state = self.reading.state(stream)
        contract = self.settings.contract.get(stream.name, "evolve")
        intake = Intake(stream, self.naming, state.get("fields"), contract)
        engine = self._engine(stream, intake)
        if stream.windowed:
            since = recent(self.reading, stream) if self.lane == INCREMENTAL else NEVER
            self.fingerprints.keep_at_hand(stream.name, since)
            waiting = self.fingerprints.waiting(stream.name, self.arrived)
            if waiting and (self.lane != INCREMENTAL or self._may_reconcile()):
                self.fingerprints.open(stream.name, waiting)
        engine.recovery.finish()
        for batch in self._batches(stream):
            if self.commits:
                self.commits.if_due()
            engine.process(batch)
            state["fields"] = intake.fields
            for field in sorted(intake.drift):
                self.report.note(f"{stream.name}: Plex sends a field that it did not send before, {field}")
        self.finished += 1

    def end(self, status: Status) -> Status:
        """Saves what was done."""
        if self.commits:
            before = self.reading.now - int(self.settings.quarantine_days * DAY)
            if expired := self.quarantine.expire(before):
                self.report.note(f"{expired} rows have left quarantine after quarantineDays")
            self.commits.commit()
        return status

    def save_what_is_done(self) -> None:
        """The same, on the way out of a run that failed: why it failed matters more."""
        if self.commits and (self.finished or self.fingerprints.dirty or self.fingerprints.unconfirmed):
            try:
                self.commits.commit()
            except PlexCdfError as error:
                self.report.note(f"what was done could not be saved, and is looked at again: {error}")

    def _batches(self, stream: Stream[Any]) -> Iterator[Batch]:
        """How this call reads the stream."""
        window = stream.windowed
        if self.payload.mode == "replay":
            yield from self._replayed(stream, window)
        elif window and self.lane != INCREMENTAL:
            yield from backfill(self.reading, stream, window, self._range(stream))
        elif window:
            yield from incremental(self.reading, stream, window)
        elif isinstance(stream.read, Children):
            yield from children(self.reading, stream, stream.read)
        else:
            yield from read_by(self.reading, stream)

    def _range(self, stream: Stream[Any]) -> Window:
        """The days to read again, up to where the scheduled runs are at work."""
        settings, since, until = self.settings, self.payload.since, self.payload.until
        if not isinstance(settings, HistorySettings) or since is None or until is None:
            raise ConfigurationError("the call's data: mode backfill needs since and until")
        watermark = self.before_backfill.get(stream.name, {}).get("watermark")
        begins = floor(settings.start_date)
        if watermark is not None:
            begins = max(begins, floor(watermark - int(settings.overlap_hours * HOUR)))
        wanted = (floor(since), floor(until) + (DAY if until.timestamp() * 1000 % DAY else 0))
        if wanted[0] >= begins:
            raise ConfigurationError(
                f"the call's data: since is {since.isoformat()}, and from {iso(begins)} on the scheduled runs read "
                f"{stream.name}; a backfill ends before"
            )
        if wanted[1] > begins:
            self.report.note(f"{stream.name}: the backfill ends at {iso(begins)}, where the scheduled runs begin")
        return wanted[0], min(wanted[1], begins)

    def _replayed(self, stream: Stream[Any], window: Windowed | None) -> Iterator[Batch]:
        """The rows in quarantine: days of a history are read again, other rows are tried as they were."""
        if window:
            since = "" if self.lease is None or self._may_reconcile() else recent(self.reading, stream)
            days = [scope for scope in self.quarantine.scopes(stream.name) if is_day(scope) and scope >= since]
            yield from again(self.reading, stream, window, days)
            return
        for scope, digests in self.quarantine.scopes(stream.name).items():
            rows = [row for digest in digests if (row := self.quarantine.payload(stream.name, digest)) is not None]
            yield [Scope(scope, rows, complete=False)]

    def _may_reconcile(self) -> bool:
        """Whether no backfill is at work on older days; what it left to be done is this lane's from now on."""
        if not self.commits or not self.take_lane(BACKFILL):
            return False
        self.fingerprints.adopt()
        other = self.other_lane(BACKFILL)
        if other.quarantine:
            self.quarantine.adopt(other.quarantine)
            self.commits.commit()
            other.quarantine = {}
            other.save(self.reading.now)
        return True

    def _engine(self, stream: Stream[Any], intake: Intake) -> Engine:
        dry_run, report = self.payload.dry_run, self.report.stream(stream.name)
        upkeep = Upkeep(self.api, self.resolver, self.deadline)
        recovery = Recovery(
            stream.name,
            stream.kind,
            self.naming,
            upkeep,
            self.fingerprints,
            report,
            repair=self.payload.mode == "full",
            dry_run=dry_run,
        )
        comparison = Comparison(
            stream.name,
            stream.kind,
            self.naming,
            intake,
            self.fingerprints,
            self.settings.vanish_limit,
            self.reading.is_full(stream) or self.payload.mode == "replay",
            self.report.note,
        )
        return Engine(
            stream.name,
            recovery,
            comparison,
            Writer(self.api, self.resolver, self.naming.data_set(stream.domain), self.deadline),
            upkeep,
            self.fingerprints,
            self.quarantine,
            report,
            self.report.note,
            now=lambda: self.reading.now,
            still_ours=self.lease.check if self.lease else lambda: None,
            dry_run=dry_run,
        )
