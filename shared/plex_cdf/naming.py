"""What things are called in CDF: external ids, data sets, tables, and how Plex values read as text.

Ids carry the facility's PCN and Plex's own key, never a part number: two facilities share numbers.
"""

from datetime import UTC, datetime, timedelta

from plex_cdf.errors import DataError

# The API allows 255; bytes are the strictest reading of it.
EXTERNAL_ID_BYTES = 255
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Naming:
    """The names of one facility.

    Args:
        pcn: The facility's Plexus Customer Number.
    """

    def __init__(self, pcn: int) -> None:
        self.pcn = pcn
        self.database = f"plex_{pcn}"
        self.space = f"plex_{pcn}"
        self._prefix = f"PCN{pcn}_"

    def id(self, kind: str, key: str, suffix: str = "") -> str:
        """The external id of one thing: `PCN340884_PART_{key}`.

        Raises:
            DataError: The id would not fit into an external id, or holds what no external id may hold.
        """
        text = f"{self._prefix}{kind}_{key}{suffix}"
        size = len(key.encode(errors="replace"))
        if len(text.encode(errors="replace")) > EXTERNAL_ID_BYTES:
            raise DataError(f"the key of this {kind.lower()} has {size} bytes, too long for an external id")
        if "\0" in text:
            raise DataError(f"the key of this {kind.lower()}, of {size} bytes, holds a NUL character")
        if text.encode(errors="ignore") != text.encode(errors="replace"):
            # Half a surrogate pair is no UTF-8; replaced by a stand-in, two keys could become one id.
            raise DataError(f"the key of this {kind.lower()}, of {size} bytes, holds half a character")
        return text

    def branch(self, name: str) -> str:
        """The external id of a branch of the deployed hierarchy: `PCN340884_PARTS_LIBRARY`."""
        return self._prefix + name

    def pipeline(self, extractor: str) -> str:
        """The external id of an extractor's extraction pipeline: `plex_340884_jobs`."""
        return f"plex_{self.pcn}_{extractor}"

    def data_set(self, domain: str) -> str:
        """The external id of a domain's data set: `plex_340884_master`."""
        return f"plex_{self.pcn}_{domain}"


def cut(text: str, limit: int) -> str:
    """The longest beginning of a text that fits into so many UTF-8 bytes, whole characters only.

    Half a surrogate pair, which JSON may hold and UTF-8 may not, becomes a question mark.
    """
    if len(text) <= limit and text.isascii():
        return text
    encoded = text.encode(errors="replace")
    return encoded[:limit].decode(errors="ignore")


def as_text(value: object) -> str:
    """A Plex value as metadata holds it: `true`, `25`, `25.5`, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def iso(timestamp: int) -> str:
    """Milliseconds since 1970 as `2026-04-09T14:03:27.123Z`."""
    # Whole milliseconds: a division would be off by one in years that Plex uses for "never".
    moment = EPOCH + timedelta(milliseconds=timestamp)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
