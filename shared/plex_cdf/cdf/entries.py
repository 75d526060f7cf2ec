"""The words in which fingerprints are kept: entries of things, marks, scopes, lanes."""

Entry = str | list[object]
"""What is known of a thing: the digest of what was last written, `[digest, links]`, or one of the marks below."""
Items = dict[str, Entry]
Print = tuple[str, Items]

INTENDED = ""
"""A write was begun, and it is not known whether it arrived."""
EXISTS = "?"
"""It is in CDF with unknown content."""
RETIRED = "-"
"""It is marked in CDF as no longer in Plex."""
REFUSED = "!"
"""Begins the digest of content that CDF refused: not sent again until it changes."""

_READING = "d"
"""Begins the name of what a series reads now."""

WHOLE = ""
"""The scope of a stream that is read as one list."""
SHARED = ""
"""The key of a print that belongs to no single row: things that several rows make up, and what a scope was read for."""
UNREAD = ""
"""The gate of a row that has to be compared again in any case."""
INCREMENTAL, BACKFILL = "incremental", "backfill"
"""The lane of the scheduled runs; and another one, which keeps what is no day in rows with its name as suffix."""


def digest(entry: Entry | None) -> str | None:
    """The digest, or mark, of an entry."""
    return str(entry[0]) if isinstance(entry, list) else entry


def missing(entry: Entry) -> list[str]:
    """The links that an entry still lacks."""
    return [str(link) for link in entry[1]] if isinstance(entry, list) and isinstance(entry[1], list) else []


def entry(of: str, lacking: tuple[str, ...]) -> Entry:
    """An entry from a digest and the links that could not be made."""
    return [of, list(lacking)] if lacking else of


def as_print(found: list[object]) -> Print:
    """A print as RAW keeps it."""
    gate, items = found
    return gate, items  # type: ignore[return-value]  # as RAW keeps it


def is_gone(items: Items) -> bool:
    """Whether all of a row that can be is marked as gone; what a series of it read last is not."""
    marks = [known for name, known in items.items() if name[0] != _READING]
    return bool(marks) and all(known == RETIRED for known in marks)


def is_day(scope: str) -> bool:
    """Whether a scope is a day of a history, `2026-01-31`; keys of Plex are no days."""
    return len(scope) == 10 and scope[4] == scope[7] == "-" and scope[:4].isdigit()


def suffix_of(lane: str) -> str:
    """What the names of a lane's own rows end with."""
    return "" if lane == INCREMENTAL else f".{lane}"
