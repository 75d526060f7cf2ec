"""What a call is: all that is known of it before Plex is asked for anything."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from plex_cdf.cdf.api import CdfApi
from plex_cdf.cdf.entries import BACKFILL, INCREMENTAL
from plex_cdf.cdf.pipeline import Pipeline
from plex_cdf.config import Payload, Settings
from plex_cdf.credentials import PlexKey
from plex_cdf.deadline import Deadline
from plex_cdf.errors import ConfigurationError
from plex_cdf.log import Log
from plex_cdf.naming import Naming
from plex_cdf.report import Report
from plex_cdf.stream import Extractor, Stream


@dataclass(frozen=True)
class Outside:
    """The world as a run sees it; tests bring their own."""

    session: Callable[[], requests.Session] = requests.Session
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


OUTSIDE = Outside()


@dataclass
class Call:
    """A call whose payload, settings and key are known to be good, and to fit each other.

    Attributes:
        extractor: What to run.
        payload: What the call asks for.
        settings: The pipeline's config.
        key: The facility's credentials.
        api: The way to CDF.
        pipeline: Where the settings are from, and where the outcome goes.
        report: Figures and notes.
        log: Bound to this run.
        deadline: The run's.
        outside: Sessions and clocks.
        naming: The facility's.
        lane: Incremental or backfill.
        streams: Those that the call asks for, in their declared order.
    """

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
    naming: Naming = field(init=False)
    lane: str = field(init=False)
    streams: tuple[Stream[Any], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Checks what concerns several of them.

        Raises:
            ConfigurationError: The pipeline is another function's, or a stream is named that does not exist.
        """
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

    def _chosen(self) -> tuple[Stream[Any], ...]:
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
