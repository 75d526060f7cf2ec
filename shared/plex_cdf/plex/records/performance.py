"""What is known of a workcenter's performance: the few fields of Plex's rows that it is computed from, and the result.

Those rows are another extractor's, with all their fields; here, what cannot be read is left out, and there it is in
quarantine with its reason.
"""

from typing import Annotated, Literal

from pydantic import Field

from plex_cdf.plex.records.base import HistoryRecord, Instant, Key, Record

# Sums of what lies beyond could not be held by a number.
Quantity = Annotated[float, Field(ge=-1e12, le=1e12)]


RateName = Literal["targetRate", "standardProductionRate", "idealRate"]


class StatusTime(Record):
    """From when on, and for how many seconds, a workcenter had a status; null lasts until the next one begins.

    Source: `GET /production/v1/production-history/workcenter-status-entries`.
    """

    workcenter_id: Key
    workcenter_code: str | None = None
    log_date: Instant
    workcenter_status: str | None = None
    duration: float | None = None


class Pieces(Record):
    """Pieces of a production or a scrap entry.

    Source: `GET /production/v1/production-history/production-entries` and `…/scrap-entries`.
    """

    workcenter_id: Key
    workcenter_code: str | None = None
    transaction_date: Instant
    part_operation_id: str | None = None
    quantity: Quantity | None = None


class Rates(Record):
    """How many pieces an hour an approved workcenter is to make of a part operation. Any of them may be null, or 0.

    Source: `GET /production/v1/production-definitions/approved-workcenters`.
    """

    workcenter_id: Key
    workcenter_code: str | None = None
    part_operation_id: str | None = None
    target_rate: float | None = None
    standard_production_rate: float | None = None
    ideal_rate: float | None = None


class Performance(HistoryRecord):
    """How a workcenter performed in an hour or in a production day; 1 is 100 %, null is unknown."""

    workcenter_id: Key
    workcenter_code: str | None = None
    begin: Instant
    bucket: Literal["hour", "day"]
    availability: float | None = None
    performance: float | None = None
    quality: float | None = None
    oee: float | None = None
