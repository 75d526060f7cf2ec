"""The streams of plex_performance: availability, performance, quality and OEE of every workcenter, by hour and by day.

They are computed from status, production and scrap entries and from approved rates. Where Plex has granted its daily
performance report, a data source, that is read beside them.
"""

from collections.abc import Iterator
from datetime import time
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from oee import HOUR
from performance_window import PerformanceWindow
from plex_cdf.config import TimeOfDay
from plex_cdf.data_source import stream as data_source
from plex_cdf.data_source.config import DataSource, WithDataSources
from plex_cdf.data_source.defaults import completed_by, default_data_sources
from plex_cdf.mapping import lacking
from plex_cdf.naming import Naming
from plex_cdf.patterns import Patterns
from plex_cdf.plex.records.performance import Performance, RateName
from plex_cdf.resources import Datapoint, Resource, TimeSeries
from plex_cdf.status_classes import StatusClasses
from plex_cdf.stream import Extractor, Stream
from pydantic import BeforeValidator, Field, field_validator

DAILY_PERFORMANCE = 18765


class PerformanceSettings(WithDataSources):
    """What plex_performance adds to the config of an extractor of histories.

    Attributes:
        status_classes: The classes of the workcenter statuses; none is assumed, and without one that runs there is
            nothing to compute.
        workcenters: Patterns of the codes of the workcenters that are read.
        day_start: When a production day begins, local in `timeZone`; its hours are counted from there.
        lookback_hours: How long a status may last, as far as it is counted: so much before a bucket is read too.
        target_rates: Which of an approved workcenter's rates is the target, in pieces an hour: the first above 0.
        overlap_hours: By default those of other extractors and a production day of 25 hours more: what arrives within
            24 hours may change a day that began so long before.
        data_sources: Plex's daily performance report, switched off until it is granted.
    """

    status_classes: StatusClasses
    workcenters: Patterns = Patterns.model_construct()
    day_start: TimeOfDay = time(0, 0)
    lookback_hours: float = Field(default=72, gt=0)
    target_rates: tuple[RateName, ...] = Field(
        default=("targetRate", "standardProductionRate", "idealRate"), min_length=1
    )
    overlap_hours: float = Field(default=49, ge=25)
    data_sources: Annotated[tuple[DataSource, ...], BeforeValidator(completed_by(DAILY_PERFORMANCE))] = Field(
        default_factory=partial(default_data_sources, DAILY_PERFORMANCE)
    )

    @field_validator("status_classes")
    @classmethod
    def _something_runs(cls, classes: StatusClasses) -> StatusClasses:
        if not classes.run:
            raise ValueError("run must name at least one status during which a workcenter runs, as Plex spells it")
        return classes


def performance(row: Performance, naming: Naming) -> Iterator[Resource]:
    """The figures of a bucket that there are, at its begin: `…_OEE` by the hour, `…_OEE_DAY` by the production day."""
    asset = naming.id("WORKCENTER", row.workcenter_id)
    daily, suffix = ("daily ", "_DAY") if row.bucket == "day" else ("", "")
    for name, value in (
        ("availability", row.availability),
        ("performance", row.performance),
        ("quality", row.quality),
        ("OEE", row.oee),
    ):
        if value is not None:
            series = naming.id("WORKCENTER", row.workcenter_id, f"_{name.upper()}{suffix}")
            # A share of one, which is 100 %.
            said = f"{row.workcenter_code or row.workcenter_id} {daily}{name}"
            yield TimeSeries(series, said, unit="1", asset=asset, lacks=lacking(row.workcenter_code))
            yield Datapoint(series, row.begin, value)


def streams(settings: PerformanceSettings) -> tuple[Stream[Any], ...]:
    """What is computed here, then what Plex computes, where that is enabled."""
    read = PerformanceWindow(
        classes=settings.status_classes,
        workcenters=settings.workcenters,
        zone=ZoneInfo(settings.time_zone),
        day_start=settings.day_start,
        lookback=int(settings.lookback_hours * HOUR),
        targets=settings.target_rates,
    )
    key = ("workcenterId", "begin", "bucket")
    computed = Stream("performance", read, key, "PERFORMANCE", Performance, performance, "production")
    return (computed, *data_source.streams(settings, "production"))


PERFORMANCE = Extractor("performance", PerformanceSettings, streams)
