"""What functions need of the project that they run in."""

from typing import Protocol

from sandbox.cdf.access.identity import Identities
from sandbox.cdf.api.ids import Ids
from sandbox.cdf.classic.files import Files
from sandbox.cdf.functions.store import FunctionStore


class Host(Protocol):
    """A project, as functions see it.

    Attributes:
        name: in URLs.
        ids: gives ids to functions, calls and schedules.
        identities: who calls, and whom a function acts for.
        files: what functions are deployed from.
        functions: what the project knows of functions.
    """

    name: str
    ids: Ids
    identities: Identities
    files: Files
    functions: FunctionStore
