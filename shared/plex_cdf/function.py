"""One call of a function's `handle()`, from its payload to its answer."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from cognite.client import CogniteClient
from requests.adapters import HTTPAdapter

from plex_cdf.cdf.api import CdfApi, single_retry_layer
from plex_cdf.cdf.fingerprints import Fingerprints
from plex_cdf.cdf.lease import Lease
from plex_cdf.cdf.pipeline import Pipeline
from plex_cdf.cdf.quarantine import Quarantine
from plex_cdf.cdf.raw import RawTable
from plex_cdf.cdf.resolver import Resolver
from plex_cdf.cdf.state import State
from plex_cdf.cdf.upkeep import Upkeep
from plex_cdf.cdf.writer import Writer
from plex_cdf.config import Payload, PlexKey, Settings, read_key, read_payload, read_settings, secret_values
from plex_cdf.deadline import Deadline
from plex_cdf.engine import Engine
from plex_cdf.errors import ConfigurationError, DataError, LeaseError, OutOfTimeError, PlexCdfError
from plex_cdf.log import Log, Redactor
from plex_cdf.naming import Naming
from plex_cdf.plex.client import PlexClient
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.reading import Reader
from plex_cdf.report import Report, Status
from plex_cdf.retry import Retry
from plex_cdf.stream import Extractor, Stream

DEFAULT_SECONDS = 7 * 60
# Reading stops before writing must: what was read by then still gets into CDF, so that every call makes progress.
READING_SHARE = 0.8
# A lease outlives any run that the platform lets live (9 to 10 minutes), so that only a killed run's expires.
LEASE_MARGIN_SECONDS = 180
LANE = "incremental"


@dataclass(frozen=True)
class Outside:
    """The world as a run sees it; tests bring their own."""

    session: Callable[[], requests.Session] = requests.Session
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def run(
    extractor: Extractor[Any],
    *,
    client: CogniteClient,
    data: Mapping[str, Any] | None,
    secrets: Mapping[str, str] | None,
    function_call_info: Mapping[str, Any] | None,
    outside: Outside = Outside(),
) -> dict[str, Any]:
    """One run of an extractor for one facility.

    Args:
        extractor: What to run.
        client: The platform's, with the identity of this call.
        data: `{"pipeline": "plex_340884_jobs"}`, optionally with `mode`, `streams`, `dryRun`.
        secrets: The function's secrets, with `plex-keys`.
        function_call_info: The platform's facts about this call.
        outside: Sessions and clocks.

    Returns:
        The figures of the run as JSON; status `success`, `partial` (time was up, the next call resumes) or `skipped`.

    Raises:
        PlexCdfError: So that CDF shows the call as failed; the extraction pipeline has a failure run that says what
        to do.
    """
    call_id = (function_call_info or {}).get("call_id")
    run_id = f"call-{call_id}" if call_id else f"run-{uuid.uuid4().hex[:12]}"
    log = Log(Redactor(secret_values(secrets)), runId=run_id, callId=call_id, extractor=extractor.name)
    deadline = Deadline(DEFAULT_SECONDS, outside.monotonic)
    with single_retry_layer():
        api = CdfApi(client, Retry(deadline, sleep=outside.sleep))
        named = data.get("pipeline") if isinstance(data, Mapping) else None
        pipeline = Pipeline(api, str(named))
        try:
            payload = read_payload(data)
            settings = read_settings(extractor.settings, payload.pipeline, pipeline.config())
            deadline.limit(settings.time_limit_minutes * 60)
            key = read_key(secrets, settings.facility.pcn)
            log = log.bind(facility=settings.facility.pcn)
            report = Report(extractor.name, settings.facility.pcn, run_id, payload.mode, payload.dry_run)
            return _Run(extractor, payload, settings, key, api, pipeline, report, log, deadline, outside).execute()
        except Exception as error:
            log.failure("failed", error)
            if named and not _is_dry(data):
                pipeline.report("failure", f"{error} Run {run_id}", log)
            shown = log.redactor.text(str(error))
            if shown != str(error):
                # The platform shows the error of a failed call to everybody who may see the function.
                raise PlexCdfError(shown) from None
            raise


def _is_dry(data: object) -> bool:
    return isinstance(data, Mapping) and data.get("dryRun") is True


@dataclass
class _Run:
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

    def __post_init__(self) -> None:
        self.naming = Naming(self.settings.facility.pcn)
        expected = self.naming.pipeline(self.extractor.name)
        if self.pipeline.external_id != expected:
            raise ConfigurationError(
                f"the extraction pipeline {self.pipeline.external_id} is not this function's: with facility.pcn "
                f"{self.settings.facility.pcn} in its config, plex_{self.extractor.name} runs {expected}; correct "
                "pipeline in the call's data, or facility.pcn"
            )
        self.streams = self._chosen()
        self.started = self.outside.monotonic()

    def _chosen(self) -> tuple[Stream[Any], ...]:
        """The streams that this call asks for, in their declared order."""
        streams = self.extractor.streams(self.settings)
        names = [stream.name for stream in streams]
        unknown = [name for name in self.payload.streams if name not in names]
        if unknown:
            raise ConfigurationError(
                f"the call's data: streams names {', '.join(unknown)}, which {self.extractor.name} does not have "
                f"(accepted: {', '.join(names)})"
            )
        return tuple(stream for stream in streams if not self.payload.streams or stream.name in self.payload.streams)

    def execute(self) -> dict[str, Any]:
        """Takes the lease, reads, writes, reports."""
        with self.outside.session() as session:
            session.mount("http", HTTPAdapter(pool_maxsize=8))
            plex = self._plex(session)
            lease = Lease(
                self.api,
                self.naming.space,
                f"{self.extractor.name}_{LANE}",
                self.report.run_id,
                self.settings.time_limit_minutes * 60 + LEASE_MARGIN_SECONDS,
                self.outside.now,
            )
            if self.payload.dry_run:
                return self._answer(self._extract(plex, lease), plex)
            try:
                lease.acquire()
                try:
                    status = self._extract(plex, lease)
                finally:
                    self._release(lease)
            except LeaseError as error:
                self.report.note(str(error))
                self.pipeline.report("seen", self.report.sentence("skipped"), self.log)
                return self._answer("skipped", plex)
            self._fail_over_quarantine()
            self.pipeline.report("success", self.report.sentence(status), self.log)
            return self._answer(status, plex)

    def _plex(self, session: requests.Session) -> PlexClient:
        left = READING_SHARE * self.settings.time_limit_minutes * 60 - self.deadline.spent()
        reading = Deadline(left, self.outside.monotonic)
        limiter = RateLimiter(
            self.settings.plex.calls_per_minute,
            reading,
            clock=self.outside.monotonic,
            sleep=self.outside.sleep,
        )
        return PlexClient(
            self.settings.plex.url,
            self.key,
            self.settings.facility.tenant_id,
            session=session,
            limiter=limiter,
            retry=Retry(reading, sleep=self.outside.sleep),
            timeout=self.settings.plex.timeout_seconds,
        )

    def _extract(self, plex: PlexClient, lease: Lease) -> Status:
        """Every stream in turn; what is done is remembered also when a later stream fails."""
        note = plex.check_tenant()
        if note:
            self.report.note(note)
        name, database = self.extractor.name, self.naming.database
        state = State(RawTable(self.api, database, "state"), f"{name}_{LANE}")
        fingerprints = Fingerprints(RawTable(self.api, database, f"fingerprints_{name}"))
        quarantine = Quarantine(RawTable(self.api, database, "quarantine"), state.quarantine, name, self.report.run_id)
        reader = Reader(
            plex, self.settings, self.naming, fingerprints, state.streams, self.payload.mode == "full", self.report
        )
        resolver, finished = Resolver(self.api), 0
        # One call for what all streams wait for, rather than one each.
        resolver.assets(fingerprints.all_missing())
        try:
            for stream in self.streams:
                self._stream(stream, reader, resolver, quarantine, plex, lease)
                finished += 1
        except OutOfTimeError:
            finished = len(self.streams)
            return "partial"
        finally:
            if finished and not self.payload.dry_run:
                lease.renew()
                state.save(plex.now)
        return "success"

    def _stream(
        self,
        stream: Stream[Any],
        reader: Reader,
        resolver: Resolver,
        quarantine: Quarantine,
        plex: PlexClient,
        lease: Lease,
    ) -> None:
        engine = Engine(
            stream,
            self.naming,
            Writer(self.api, resolver, self.naming.data_set(stream.domain), self.deadline),
            Upkeep(self.api, resolver, self.deadline),
            reader.fingerprints,
            quarantine,
            self.report.stream(stream.name),
            self.report.note,
            self.settings.vanish_limit,
            retry_refused=reader.is_full(stream),
            repair=self.payload.mode == "full",
            now=lambda: plex.now,
            still_ours=lease.renew,
            dry_run=self.payload.dry_run,
        )
        engine.begin()
        for batch in reader.read(stream):
            engine.process(batch)
        self.log.info("stream done", stream=stream.name, **self.report.stream(stream.name).answer())

    def _fail_over_quarantine(self) -> None:
        """Raises when so many rows are bad that something else must be wrong; after the commit: good rows are in."""
        rows = sum(stream.rows for stream in self.report.streams.values())
        bad = sum(stream.quarantined for stream in self.report.streams.values())
        if self.settings.quarantine_limit.exceeded(bad, rows):
            raise DataError(
                f"{bad} of {rows} rows are in quarantine, more than quarantineLimit allows; their reasons stand in RAW "
                f"table quarantine of database {self.naming.database}. The other rows are in CDF."
            )

    def _release(self, lease: Lease) -> None:
        try:
            lease.release()
        except PlexCdfError as error:
            # It expires by itself; what the run did, or why it failed, matters more.
            self.log.failure("lease not released", error)

    def _answer(self, status: Status, plex: PlexClient) -> dict[str, Any]:
        seconds = self.outside.monotonic() - self.started
        answer = self.report.answer(status, plex_calls=plex.calls, cdf_calls=self.api.calls, seconds=seconds)
        self.log.info("done", **{key: value for key, value in answer.items() if key not in ("streams", "runId")})
        return answer
