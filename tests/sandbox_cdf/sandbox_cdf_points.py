"""Points with their status, written and read, and the times that tests of them count in."""

from __future__ import annotations

from typing import Any

from cognite.client.data_classes import TimeSeriesWrite
from sandbox_cdf_client import AnyJson, Cdf

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
UNCERTAIN, BAD = 1 << 30, 2 << 30


def with_series(cdf: Cdf) -> Cdf:
    """A project with the series ``linear``, ``step`` and ``text``."""
    cdf.client.time_series.create(
        [
            TimeSeriesWrite(external_id="linear"),
            TimeSeriesWrite(external_id="step", is_step=True),
            TimeSeriesWrite(external_id="text", is_string=True),
        ]
    )
    return cdf


def write(cdf: Cdf, name: str, *points: tuple[Any, ...]) -> None:
    """Write points, each a timestamp, a value and perhaps a status."""
    keys = ("timestamp", "value", "status")
    sent = [dict(zip(keys, point, strict=False)) for point in points]
    status, answer = cdf.post("/timeseries/data", {"items": [{"externalId": name, "datapoints": sent}]})
    assert status == 200, answer


def read(cdf: Cdf, name: str, **query: AnyJson) -> list[dict[str, Any]]:
    """The points of a series."""
    (item,) = cdf.items("/timeseries/data/list", {"externalId": name}, **query)
    found: list[dict[str, Any]] = item["datapoints"]
    return found
