"""A run of one extractor for one facility, once its payload, settings and key are known to be good."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from plex_cdf.cdf.api import CdfApi
from plex_cdf.cdf.entries import BACKFILL, INCREMENTAL
from plex_cdf.cdf.lease import Lease
from plex_cdf.cdf.pipeline import Pipeline
from plex_cdf.cdf.raw import RawTable
from plex_cdf.cdf.state import State
from plex_cdf.config import Payload, PlexKey, Settings
from plex_cdf.deadline import Deadline
from plex_cdf.errors import ConfigurationError, DataError, LeaseError, OutOfTimeError, PlexCdfError
from plex_cdf.log import Log
from plex_cdf.naming import Naming
from plex_cdf.plex.breaker import Breaker
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.report import Report, Status
from plex_cdf.retry import Retry
from plex_cdf.stream import Extractor, Sources, Stream
from plex_cdf.work import Work

if TYPE_CHECKING:
    from plex_cdf.plex.data_source import DataSources

# Reading stops before writing must: what was read by then still gets into CDF, so that every call makes progress.
READING_SHARE = 0.8
# A lease outlives any run that the platform lets live (9 to 10 minutes), so that only a killed run's expires.
LEASE_MARGIN_SECONDS = 180


@dataclass(frozen=True)
class Outside:
    """The world as a run sees it; tests bring their own."""

    session: Callable[[], requests.Session] = requests.Session
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


OUTSIDE = Outside()


@dataclass
class Run:
    """A run whose payload, settings and key are known to be good."""

    extractor: Extractor[Any]
    payload: Payload
    settings: Settings
    key: PlexKey
    api: CdfApi
    pipeline: Pipeline
    report: Report
    log: Log
    deadline: Deadline
    outside: Outside
    breaker: dict[str, Any] = field(default_factory=dict)
    leases: list[Lease] = field(default_factory=list)
    other_lanes: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks what concerns several of them."""
        self.naming = Naming(self.settings.facility.pcn)
        expected = self.naming.pipeline(self.extractor.name)
        if self.pipeline.external_id != expected:
            raise ConfigurationError(
                f"the extraction pipeline {self.pipeline.external_id} is not this function's: with facility.pcn "
                f"{self.settings.facility.pcn} in its config, plex_{self.extractor.name} runs {expected}; correct "
                "pipeline in the call's data, or facility.pcn"
            )
        self.lane = BACKFILL if self.payload.mode == "backfill" else INCREMENTAL
        self.streams = self._chosen()
        self.started = self.outside.monotonic()

    def execute(self) -> dict[str, Any]:
        """Takes the lease, reads, writes, reports."""
        with self.outside.session() as session:
            session.mount("http", HTTPAdapter(pool_maxsize=8))
            plex = self._plex(session)
            if self.payload.dry_run:
                return self._answer(self._extract(plex, session, None), plex)
            self.leases.append(self._lease(self.lane))
            try:
                self.leases[0].acquire()
                try:
                    status = self._extract(plex, session, self.leases[0])
                finally:
                    self._release()
            except LeaseError as error:
                self.report.note(str(error))
                self.pipeline.report("seen", self.report.sentence("skipped"), self.log)
                return self._answer("skipped", plex)
            self._fail_over_quarantine()
            self.pipeline.report("success", self.report.sentence(status), self.log)
            return self._answer(status, plex)

    def _extract(self, plex: PlexClient, session: requests.Session, lease: Lease | None) -> Status:
        """Every stream in turn; what is done is remembered also when a later stream fails."""
        state = self.state(self.lane)
        self.breaker |= state.breaker
        knew, state.breaker = dict(self.breaker), self.breaker
        try:
            note = plex.check_tenant()
        except PlexCdfError:
            if lease and knew != self.breaker:
                lease.renew()
                state.save(plex.now)
            raise
        if note:
            self.report.note(note)
        work = Work(
            self.extractor.name,
            self.lane,
            self.payload,
            self.settings,
            self.naming,
            Sources(plex, self._data_sources(session)),
            self.api,
            state,
            lease,
            self.report,
            self.deadline,
            self.outside.monotonic,
            other_lane=self.state,
            take_lane=self.take_lane,
        )
        try:
            for stream in self.streams:
                work.stream(stream)
                self.log.info("stream done", stream=stream.name, **self.report.stream(stream.name).answer())
        except OutOfTimeError:
            return work.end("partial")
        except LeaseError:
            raise
        except PlexCdfError:
            work.save_what_is_done()
            raise
        return work.end("success")

    def _chosen(self) -> tuple[Stream[Any], ...]:
        """The streams that this call asks for, in their declared order."""
        streams = self.extractor.streams(self.settings)
        names = [stream.name for stream in streams]
        wrong = [name for name in (*self.payload.streams, *self.settings.contract) if name not in names]
        if wrong:
            where = (
                "the call's data: streams" if wrong[0] in self.payload.streams else "the pipeline's config: contract"
            )
            raise ConfigurationError(
                f"{where} names {', '.join(wrong)}, which {self.extractor.name} does not have "
                f"(accepted: {', '.join(names)})"
            )
        chosen = [stream for stream in streams if not self.payload.streams or stream.name in self.payload.streams]
        if self.lane == BACKFILL:
            chosen = [stream for stream in chosen if stream.windowed]
            if not chosen:
                raise ConfigurationError(
                    f"the call's data: mode backfill is for histories, and {self.extractor.name} reads lists here; "
                    "mode full reads them whole"
                )
        return tuple(chosen)

    def state(self, lane: str) -> State:
        """The state row of a lane."""
        return State(RawTable(self.api, self.naming.database, "state"), f"{self.extractor.name}_{lane}")

    def take_lane(self, lane: str) -> bool:
        """Takes another lane beside its own, to the end of the run; whether nobody else has it."""
        if lane not in self.other_lanes:
            lease = self._lease(lane)
            try:
                lease.acquire()
                self.leases.append(lease)
                self.other_lanes[lane] = True
            except LeaseError as error:
                self.report.note(f"older days are read again by a later run: {error}")
                self.other_lanes[lane] = False
        return self.other_lanes[lane]

    def _lease(self, lane: str) -> Lease:
        seconds = self.settings.time_limit_minutes * 60 + LEASE_MARGIN_SECONDS
        name = f"{self.extractor.name}_{lane}"
        return Lease(self.api, self.naming.space, name, self.report.run_id, seconds, self.outside.now)

    def _release(self) -> None:
        for lease in self.leases:
            try:
                lease.release()
            except PlexCdfError as error:
                # It expires by itself; what the run did, or why it failed, matters more.
                self.log.failure("lease not released", error)

    def _reading_deadline(self) -> Deadline:
        left = READING_SHARE * self.settings.time_limit_minutes * 60 - self.deadline.spent()
        return Deadline(left, self.outside.monotonic)

    def _plex(self, session: requests.Session) -> PlexClient:
        reading = self._reading_deadline()
        return PlexClient(
            self.settings.plex.url,
            self.key,
            self.settings.facility.tenant_id,
            session=session,
            limiter=self._limiter(self.settings.plex.calls_per_minute, reading),
            retry=Breaker(Retry(reading, sleep=self.outside.sleep), self.breaker, self.outside.now),
            timeout=self.settings.plex.timeout_seconds,
        )

    def _data_sources(self, session: requests.Session) -> "DataSources | None":
        """The Data Source API, for an extractor that has settings for it and a facility that has an account."""
        api, reading = getattr(self.settings, "data_source_api", None), self._reading_deadline()
        if api is None:
            return None
        from plex_cdf.plex.data_source import connect  # noqa: PLC0415  # most functions need not import it

        return connect(
            api,
            self.key,
            session=session,
            limiter=self._limiter(api.calls_per_minute, reading),
            retry=Retry(reading, sleep=self.outside.sleep),
            timeout=self.settings.plex.timeout_seconds,
            log=self.log,
        )

    def _limiter(self, calls_per_minute: int, reading: Deadline) -> RateLimiter:
        return RateLimiter(calls_per_minute, reading, clock=self.outside.monotonic, sleep=self.outside.sleep)

    def _fail_over_quarantine(self) -> None:
        """Raises when so many rows are bad that something else must be wrong; after the commit: good rows are in."""
        rows = sum(stream.rows for stream in self.report.streams.values())
        bad = sum(stream.quarantined for stream in self.report.streams.values())
        if self.settings.quarantine_limit.exceeded(bad, rows):
            raise DataError(
                f"{bad} of {rows} rows are in quarantine, more than quarantineLimit allows; their reasons stand in RAW "
                f"table quarantine of database {self.naming.database}. The other rows are in CDF."
            )

    def _answer(self, status: Status, plex: PlexClient) -> dict[str, Any]:
        seconds = self.outside.monotonic() - self.started
        answer = self.report.answer(status, plex_calls=plex.calls, cdf_calls=self.api.calls, seconds=seconds)
        self.log.info("done", **{key: value for key, value in answer.items() if key not in ("streams", "runId")})
        return answer
