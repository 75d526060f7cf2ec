"""What a run must know of the ones before it: one RAW row per extractor and lane."""

from typing import Any

from plex_cdf.cdf.raw import RawTable


class State:
    """The state row.

    Attributes:
        streams: What each stream's reader keeps (last full read, watermark, open jobs …).
        breaker: What the circuit breaker before Plex remembers.
        generation: The last generation of fingerprints that this row confirms.
        looked_for: The last missing asset that was looked for, where they are too many for one look.
    """

    def __init__(self, table: RawTable, key: str) -> None:
        self._table = table
        self._key = key
        columns = table.get(key) or {}
        self.streams: dict[str, dict[str, Any]] = columns.get("streams") or {}
        self.breaker: dict[str, Any] = columns.get("breaker") or {}
        self.generation: int = columns.get("generation") or 0
        self.looked_for: str = columns.get("lookedFor") or ""

    def save(self, now: int) -> None:
        """Writes the row. Only after CDF has acknowledged everything that it claims."""
        columns = {
            "savedAt": now,
            "generation": self.generation,
            "streams": self.streams,
            "breaker": self.breaker,
            "lookedFor": self.looked_for,
        }
        self._table.put({self._key: columns})
