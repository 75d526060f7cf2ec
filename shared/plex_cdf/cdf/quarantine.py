"""Where rejected rows wait, with the reason, while their neighbours go on.

A row's place is its stream and the digest of its payload: a row that stays bad is written once. The index (which rows
are there, of which thing and scope, and since when) lies in the first table of fingerprints, which every run lists
anyway, in buckets of digests.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from plex_cdf.cdf.lane_rows import LaneRows, Place
from plex_cdf.cdf.raw import Columns, RawTable
from plex_cdf.naming import iso

Row = dict[str, Any]


class Quarantine:
    """The rejected rows of one extractor.

    Args:
        table: The facility's table.
        index: Where the lane of this run keeps which of its rows are there.
        extractor: Named in each row.
        run_id: Named in each row.
    """

    def __init__(self, table: RawTable, index: LaneRows, extractor: str, run_id: str) -> None:
        self._table = table
        self._rows = index
        # By stream and payload digest: key of the thing (None where the row has no usable one), scope, time in ms.
        self._index: dict[str, dict[str, list[Any]]] = {}
        for stream, rows in index.own():
            self._index.setdefault(stream, {}).update(rows)
        self._extractor = extractor
        self._run_id = run_id
        self._put: dict[str, Columns] = {}
        self._delete: list[str] = []
        self._changed: set[Place] = set()

    def add(self, stream: str, scope: str, key: str | None, row: object, reason: str, now: int) -> str:
        """Keeps a row, unless it is there already; its digest names it."""
        # As text, so that it is kept exactly, whatever CDF might object to in it.
        content = json.dumps(row, sort_keys=True, ensure_ascii=True)
        digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
        known = self._index.setdefault(stream, {})
        if digest in known:
            return digest
        known[digest] = [key, scope, now]
        self._changed.add((stream, _bucket(digest)))
        columns = {
            "extractor": self._extractor,
            "stream": stream,
            "scope": scope,
            "key": key,
            "reason": reason,
            "payload": content,
            "runId": self._run_id,
            "time": iso(now),
        }
        self._put[self._place(stream, digest)] = columns
        return digest

    def keys(self, stream: str) -> set[str]:
        """The things of which a row waits."""
        return {key for key, _, _ in self._index.get(stream, {}).values() if key is not None}

    def scopes(self, stream: str) -> dict[str, list[str]]:
        """The scopes of which rows wait, with their digests."""
        scopes: dict[str, list[str]] = {}
        for digest, (_, scope, _) in self._index.get(stream, {}).items():
            scopes.setdefault(scope, []).append(digest)
        return scopes

    def payloads(self, stream: str) -> dict[str, Row]:
        """The waiting rows of a stream as Plex sent them, by digest, read at once; without those that are gone."""
        waiting = {self._place(stream, digest): digest for digest in self._index.get(stream, ())}
        rows = self._table.all(columns="payload") if waiting else ()
        return {waiting[place]: json.loads(columns["payload"]) for place, columns in rows if place in waiting}

    def adopt(self, index: Mapping[str, Columns]) -> None:
        """Takes over the rows of another lane, which does not run now; `lane_rows.listed` gives the index."""
        others = self._rows.elsewhere(index)
        for stream, rows in others.values():
            own = self._index.setdefault(stream, {})
            own |= rows | own
            self._changed |= {(stream, _bucket(digest)) for digest in rows}
        self.flush()
        if others:
            self._rows.delete(list(others))

    def release(self, stream: str, keys: set[str]) -> None:
        """Lets rows go whose thing has arrived in good order."""
        self._remove(stream, [digest for digest, (key, *_) in self._index.get(stream, {}).items() if key in keys])

    def keep(self, stream: str, scope: str, digests: set[str]) -> None:
        """Lets all other rows of a scope go: a complete read has shown that Plex no longer has them."""
        waiting = self.scopes(stream).get(scope, [])
        self._remove(stream, [digest for digest in waiting if digest not in digests])

    def expire(self, before: int) -> int:
        """Lets rows go that have waited since before an instant, in ms; their number."""
        old = {
            stream: [digest for digest, (*_, since) in rows.items() if since < before]
            for stream, rows in self._index.items()
        }
        for stream, digests in old.items():
            self._remove(stream, digests)
        return sum(len(digests) for digests in old.values())

    def _remove(self, stream: str, digests: list[str]) -> None:
        for digest in digests:
            del self._index[stream][digest]
            self._put.pop(self._place(stream, digest), None)
            self._delete.append(self._place(stream, digest))
            self._changed.add((stream, _bucket(digest)))

    def _place(self, stream: str, digest: str) -> str:
        return f"{self._extractor}/{stream}/{digest}"

    def flush(self) -> None:
        """Saves what has changed; deletes first, for what went may have come back since."""
        if self._delete:
            self._table.delete(self._delete)
            self._delete = []
        if self._put:
            self._table.put(self._put)
            self._put = {}
        if self._changed:
            self._rows.put(self._index_of(self._changed))
            self._changed = set()

    def _index_of(self, places: set[Place]) -> dict[Place, dict[str, list[Any]]]:
        """What waits of those streams and buckets."""
        index: dict[Place, dict[str, list[Any]]] = {place: {} for place in sorted(places)}
        for stream in {stream for stream, _ in places}:
            for digest, known in self._index[stream].items():
                if (place := (stream, _bucket(digest))) in index:
                    index[place][digest] = known
        return index


def _bucket(digest: str) -> str:
    return digest[:2]
