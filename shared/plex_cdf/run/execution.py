"""A run: takes its lease, reads, writes, reports."""

from dataclasses import dataclass, field
from typing import Any

from plex_cdf.errors import DataError, LeaseError, OutOfTimeError, PlexCdfError
from plex_cdf.report import Status
from plex_cdf.run.call import Call
from plex_cdf.run.connections import connected
from plex_cdf.run.lanes import Lanes
from plex_cdf.run.work import Work
from plex_cdf.stream import Sources


@dataclass
class Run:
    """One run of one extractor for one facility.

    Attributes:
        call: What it is to do.
        breaker: What is remembered of Plex's failures.
        lanes: Its leases and state rows.
    """

    call: Call
    breaker: dict[str, Any] = field(default_factory=dict)
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        """Looks at the clock."""
        self.lanes = Lanes(self.call)
        self._began = self.call.outside.monotonic()

    def execute(self) -> dict[str, Any]:
        """From the lease to the answer.

        Raises:
            PlexCdfError: What is done is saved, what is not is left to the next run.
        """
        call = self.call
        with connected(call, self.breaker) as sources:
            if call.payload.dry_run:
                return self._answer(self._extract(sources), sources)
            try:
                self.lanes.acquire()
                try:
                    status = self._extract(sources)
                finally:
                    self.lanes.release()
            except LeaseError as error:
                call.report.note(str(error))
                call.pipeline.report("seen", call.report.sentence("skipped"), call.log)
                return self._answer("skipped", sources)
            self._fail_over_quarantine()
            call.pipeline.report("success", call.report.sentence(status), call.log)
            return self._answer(status, sources)

    def _extract(self, sources: Sources) -> Status:
        """Every stream in turn; what is done is remembered also when a later stream fails."""
        call, state = self.call, self.lanes.state(self.call.lane)
        self.breaker |= state.breaker
        knew, state.breaker = dict(self.breaker), self.breaker
        try:
            note = sources.plex.check_tenant()
        except PlexCdfError:
            if self.lanes.lease and knew != self.breaker:
                self.lanes.lease.renew()
                state.save(sources.plex.now)
            raise
        if note:
            call.report.note(note)
        work = Work(call, sources, self.lanes, state)
        try:
            for stream in call.streams:
                work.stream(stream)
                call.log.info("stream done", stream=stream.name, **call.report.stream(stream.name).answer())
        except OutOfTimeError:
            return work.end("partial")
        except LeaseError:
            raise
        except PlexCdfError:
            work.save_what_is_done()
            raise
        return work.end("success")

    def _fail_over_quarantine(self) -> None:
        """Raises when so many rows are bad that something else must be wrong; after the commit: good rows are in."""
        call = self.call
        rows = sum(stream.rows for stream in call.report.streams.values())
        bad = sum(stream.quarantined for stream in call.report.streams.values())
        if call.settings.quarantine_limit.exceeded(bad, rows):
            raise DataError(
                f"{bad} of {rows} rows are in quarantine, more than quarantineLimit allows; their reasons stand in RAW "
                f"table quarantine of database {call.naming.database}. The other rows are in CDF."
            )

    def _answer(self, status: Status, sources: Sources) -> dict[str, Any]:
        call = self.call
        seconds = call.outside.monotonic() - self._began
        answer = call.report.answer(status, plex_calls=sources.calls, cdf_calls=call.api.calls, seconds=seconds)
        call.log.info("done", **{key: value for key, value in answer.items() if key not in ("streams", "runId")})
        return answer
