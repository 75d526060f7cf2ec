"""What makes resources out of a stream's rows, as a digest: when it changes, every row is compared anew."""

import sys
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from plex_cdf.stream import Stream

# What every mapping is built of, and what turns resources into items.
_SHARED = (
    *("plex_cdf.naming", "plex_cdf.mapping", "plex_cdf.patterns", "plex_cdf.status_classes", "plex_cdf.resources"),
    *("plex_cdf.cdf.classic", "plex_cdf.cdf.combined"),
)


def mapped_by(stream: Stream[Any]) -> str:
    """The digest of a stream's mapping, of its record and of what both are built of, settings included."""
    mapping: Any = stream.map
    digest = blake2b(digest_size=8)
    while isinstance(mapping, partial):
        digest.update(repr((mapping.args, sorted(mapping.keywords.items()))).encode())
        mapping = mapping.func
    # A record stands on others: those with a key of their own, those with rows inside.
    records = (kind.__module__ for kind in stream.record.__mro__ if kind.__module__.startswith("plex_cdf."))
    for name in dict.fromkeys((*records, *_SHARED)):
        digest.update(source_of(name))
    digest.update(sources_beside(mapping.__module__))
    return digest.hexdigest()


@cache
def sources_beside(module: str) -> bytes:
    """The digest of all modules in the folder of one: a mapping may be spread over several."""
    file = getattr(sys.modules.get(module), "__file__", None)
    digest = blake2b()
    for source in sorted(Path(file).parent.glob("*.py")) if file else ():
        digest.update(source.read_bytes())
    return digest.digest()


@cache
def source_of(module: str) -> bytes:
    """The digest of a module's source; nothing of one that is not loaded, or that has no file."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return blake2b(Path(file).read_bytes()).digest() if file and Path(file).exists() else b""
