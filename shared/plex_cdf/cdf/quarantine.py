"""Where rejected rows wait, with the reason, while their neighbours go on.

A row's place is its stream and the digest of its payload: a row that stays bad is written once. The index (which rows
are there, and of which thing) lies in the state row, so that looking costs no call.
"""

import hashlib
import json

from plex_cdf.cdf.raw import Columns, RawTable
from plex_cdf.naming import iso


class Quarantine:
    """The rejected rows of one extractor.

    Args:
        table: The facility's table.
        index: By stream: digest to the key of the thing, None where the row has no usable key.
        extractor: Named in each row.
        run_id: Named in each row.
    """

    def __init__(self, table: RawTable, index: dict[str, dict[str, str | None]], extractor: str, run_id: str) -> None:
        self._table = table
        self._index = index
        self._extractor = extractor
        self._run_id = run_id
        self._put: dict[str, Columns] = {}
        self._delete: list[str] = []

    def add(self, stream: str, key: str | None, row: object, reason: str, now: int) -> str:
        """Keeps a row, unless it is there already; its digest names it."""
        # As text, so that it is kept exactly, whatever CDF might object to in it.
        content = json.dumps(row, sort_keys=True, ensure_ascii=True)
        digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        known = self._index.setdefault(stream, {})
        if digest in known:
            return digest
        known[digest] = key
        self._put[f"{self._extractor}/{stream}/{digest}"] = {
            "extractor": self._extractor,
            "stream": stream,
            "key": key,
            "reason": reason,
            "payload": content,
            "runId": self._run_id,
            "time": iso(now),
        }
        return digest

    def keys(self, stream: str) -> set[str]:
        """The things of which a row waits."""
        return {key for key in self._index.get(stream, {}).values() if key is not None}

    def release(self, stream: str, keys: set[str]) -> None:
        """Lets rows go whose thing has arrived in good order."""
        self._remove(stream, [digest for digest, key in self._index.get(stream, {}).items() if key in keys])

    def keep(self, stream: str, digests: set[str]) -> None:
        """Lets all other rows of a stream go: a complete read has shown that Plex no longer has them."""
        self._remove(stream, [digest for digest in self._index.get(stream, {}) if digest not in digests])

    def _remove(self, stream: str, digests: list[str]) -> None:
        for digest in digests:
            del self._index[stream][digest]
            self._delete.append(f"{self._extractor}/{stream}/{digest}")

    @property
    def dirty(self) -> bool:
        """Whether something waits to be saved."""
        return bool(self._put or self._delete)

    def flush(self) -> None:
        """Saves what has changed."""
        if self._put:
            self._table.put(self._put)
            self._put = {}
        if self._delete:
            self._table.delete(self._delete)
            self._delete = []
