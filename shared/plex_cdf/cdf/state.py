"""What a run must know of the ones before it: one RAW row per extractor and lane."""

from typing import Any

from plex_cdf.cdf.raw import RawTable

VERSION = 1


class State:
    """The state row.

    `streams` holds what each stream's reader keeps (last full read, watermark, open jobs …), `quarantine` which rows
    wait there: digest to the key of the thing, by stream.
    """

    def __init__(self, table: RawTable, key: str) -> None:
        self._table = table
        self._key = key
        columns = table.get(key) or {}
        self.streams: dict[str, dict[str, Any]] = columns.get("streams") or {}
        self.quarantine: dict[str, dict[str, str | None]] = columns.get("quarantine") or {}

    def stream(self, name: str) -> dict[str, Any]:
        """What a stream keeps; changes to it are saved with the row."""
        return self.streams.setdefault(name, {})

    def save(self, now: int) -> None:
        """Writes the row. Only after CDF has acknowledged everything that it claims."""
        columns = {"version": VERSION, "savedAt": now, "streams": self.streams, "quarantine": self.quarantine}
        self._table.put({self._key: columns})
