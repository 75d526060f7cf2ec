"""Which things are read, by patterns of their codes."""

from fnmatch import fnmatchcase

from pydantic import Field

from plex_cdf.config import Model


class Patterns(Model):
    """Narrows what is read: `MILL-*`, `L-0?`, `[AB]*`; upper and lower case differ.

    Attributes:
        include: A code must match one of these; all codes do by default.
        exclude: And none of these.
    """

    # An empty list would read nothing at all, which nobody means.
    include: tuple[str, ...] = Field(default=("*",), min_length=1)
    exclude: tuple[str, ...] = ()

    def match(self, *codes: str | None) -> bool:
        """Whether a row that names these codes is read: one of them is enough. A code that is null counts as empty."""
        return any(self._match(code or "") for code in codes)

    def _match(self, code: str) -> bool:
        return _any(code, self.include) and not _any(code, self.exclude)


def _any(code: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in patterns)
