"""Which requests go wrong, and how: rules that a control request sets.

`PUT /__plex__/faults` takes a list of rules, `DELETE` forgets them, `GET` shows them with how often each has struck.
The first rule whose path fits, and whose turn it is, strikes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from starlette.responses import Response
from starlette.routing import Route

from sandbox.plex.control import ControlError

if TYPE_CHECKING:
    from starlette.requests import Request

Kind = Literal["throttle", "error", "cut", "html", "drip", "resetBefore", "resetAfter", "empty", "rowLimit", "redirect"]


class Fault(BaseModel):
    """One rule.

    Attributes:
        path: Glob over the path of a request, without its query.
        kind: What goes wrong. `throttle`: 429. `error`: a status of 5xx (or another). `cut`: the body ends half-way.
            `html`: a web page with 200. `drip`: the body comes byte by byte. `resetBefore`, `resetAfter`: the
            connection is reset before or after the request was worked on. `empty`: `200 []`. `rowLimit`: the row-limit
            flag of a data source is set. `redirect`: to another place.
        count: How often it strikes at most; None for always.
        skip: How many fitting requests it lets pass first.
        probability: With which it strikes.
        seed: What its chance begins with.
        status: Of `error` and `redirect`.
        retry_after: Seconds that `throttle` and `error` name in Retry-After; None for no such header.
        seconds: How long a `drip` takes.
        location: Where a `redirect` leads.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)

    path: str = "*"
    kind: Kind
    count: int | None = Field(default=None, ge=1)
    skip: int = Field(default=0, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    status: int | None = Field(default=None, ge=300, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=1.0, ge=0)
    location: str = "/sso/login"


RULES = TypeAdapter(list[Fault])


@dataclass
class _Rule:
    """A fault and what has become of it."""

    fault: Fault
    random: Random = field(init=False)
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.fault.seed)

    def strikes(self, path: str) -> bool:
        """Whether it is due for a request, which it counts."""
        fault = self.fault
        if not fnmatchcase(path, fault.path) or (fault.count is not None and self.struck >= fault.count):
            return False
        self.seen += 1
        if self.seen <= fault.skip or self.random.random() >= fault.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def due(self, path: str) -> Fault | None:
        """What a request runs into, None for nothing."""
        return next((rule.fault for rule in self._rules if rule.strikes(path)), None)

    def routes(self) -> list[Route]:
        """The control routes."""
        return [
            Route("/__plex__/faults", self.show, methods=["GET"]),
            Route("/__plex__/faults", self.put, methods=["PUT"]),
            Route("/__plex__/faults", self.clear, methods=["DELETE"]),
        ]

    async def show(self, _request: Request) -> Response:
        """The rules, each with `struck`."""
        return _answer(
            [{**rule.fault.model_dump(by_alias=True, exclude_none=True), "struck": rule.struck} for rule in self._rules]
        )

    async def put(self, request: Request) -> Response:
        """Take a list of rules in place of those before."""
        try:
            self._rules = [_Rule(fault) for fault in RULES.validate_json(await request.body())]
        except ValidationError as error:
            raise ControlError(f"A list of faults is due: {error}") from error
        return Response(status_code=204)

    async def clear(self, _request: Request) -> Response:
        """Forget the rules."""
        self._rules = []
        return Response(status_code=204)


def _answer(data: list[dict[str, Any]]) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")
