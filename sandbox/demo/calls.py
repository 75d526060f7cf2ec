"""One call of a function: what it answered, and what it cost as the stand-ins recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.writes import Write

FIGURES = ("rows", "created", "updated", "unchanged", "retracted", "quarantined", "truncated")
"""The figures that a function answers per stream."""


@dataclass(frozen=True)
class Call:
    """One call of a function.

    Attributes:
        number: The pass that it belongs to, from 1.
        function: External id of the function.
        call_id: CDF's id of the call.
        status: What the function answered (`success`, `partial`, `skipped`), else CDF's status (`Failed`, `Timeout`).
        error: Why it failed, empty when it did not.
        streams: Figures per stream, as answered.
        notes: Remarks, as answered.
        plex_calls: Requests that the Plex stand-in recorded during the call.
        cdf_calls: Requests that the CDF stand-in recorded as made by the call.
        seconds: From start to end, by CDF's clock.
        finished: False for a `partial` call that nobody continued.
        pcn: The facility that it was made for.
        writes: What CDF recorded that it wrote.
    """

    number: int
    function: str
    call_id: int
    status: str
    error: str = ""
    streams: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    plex_calls: int = 0
    cdf_calls: int = 0
    seconds: float = 0.0
    finished: bool = True
    pcn: int = 0
    writes: tuple[Write, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it did its work, alone or together with the calls after it."""
        return self.status == "success" or (self.status == "partial" and self.finished)

    def total(self, figure: str) -> int:
        """One of `FIGURES` over all streams."""
        return sum(int(stream.get(figure) or 0) for stream in self.streams.values())

    def as_json(self) -> dict[str, Any]:
        """The call as an object of the JSON file."""
        figures = {figure: self.total(figure) for figure in FIGURES}
        return {
            "pass": self.number,
            "facility": self.pcn,
            "function": self.function,
            "callId": self.call_id,
            "status": self.status,
            "error": self.error or None,
            **figures,
            "plexCalls": self.plex_calls,
            "cdfCalls": self.cdf_calls,
            "seconds": round(self.seconds, 3),
            "streams": {name: dict(figures) for name, figures in self.streams.items()},
            "notes": list(self.notes),
        }
