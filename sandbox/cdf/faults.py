"""Which requests go wrong, and how: rules that a control request sets.

`PUT /__cdf__/faults` takes a list of rules, `DELETE` forgets them, `GET` shows them with what each has struck. The
first rule that fits a request, and whose turn it is, strikes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, answer, unzipped

Kind = Literal[
    "status",
    "html",
    "noMessage",
    "rejectItem",
    "missing",
    "conflict",
    "reset",
    "close",
    "stall",
    "repeatCursor",
    "lag",
    "expiresIn",
]


class Fault(BaseModel):
    """One rule.

    Attributes:
        method: of HTTP, or `*`.
        path: glob over the path of a request, whole or below the project.
        kind: What goes wrong. `status`: an error with this status. `html`: a web page with 502. `noMessage`: an error
            without the message that the API always gives. `rejectItem`: 400 for one item, as long as it is sent.
            `missing`: 400 for ids that are not there yet. `conflict`: another writer sends the same a moment before.
            `reset`, `close`: RST or FIN instead of an answer. `stall`: nothing, for a while. `repeatCursor`: the cursor
            leads to where it came from. `lag`: rows are not seen until they are `seconds` old. `expiresIn`: tokens
            live for `seconds`.
        count: How often it strikes at most; None for always.
        skip: How many fitting requests it lets pass first.
        probability: With which it strikes.
        seed: What its chance begins with.
        after_commit: Whether the request is worked on before it goes wrong.
        status: Of `status`, `noMessage`.
        message: Of `status`; None for the usual one.
        retry_after: Seconds that `status` names in Retry-After; None for no such header.
        auto_retryable: Whether `status` says that the request may be sent again, whatever it was.
        seconds: Of `stall`, `lag` and `expiresIn`.
        item: Position of what `rejectItem` refuses.
        external_id: The same by its external id, wherever it is.
        missing: What `missing` names; None for the first item's id.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)

    method: str = "*"
    path: str = "*"
    kind: Kind
    count: int | None = Field(default=None, ge=1)
    skip: int = Field(default=0, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    after_commit: bool = False
    status: int = Field(default=503, ge=400, le=599)
    message: str | None = None
    retry_after: int | None = Field(default=None, ge=0)
    auto_retryable: bool = False
    seconds: float = Field(default=60.0, ge=0)
    item: int | None = Field(default=None, ge=0)
    external_id: str | None = None
    missing: list[dict[str, Any]] | None = None

    def position(self, items: list[Any]) -> int | None:
        """Where in a request the item is that `rejectItem` refuses; None when it is not there."""
        if self.external_id is None:
            return self.item if self.item is not None and self.item < len(items) else None
        ids = [item.get("externalId") if isinstance(item, dict) else None for item in items]
        return ids.index(self.external_id) if self.external_id in ids else None


RULES = TypeAdapter(list[Fault])


def items_in(body: bytes, encoding: str | None) -> list[Any]:
    """The items of a request; none when it has none."""
    try:
        data = orjson.loads(unzipped(body, encoding) or b"{}")
    except (orjson.JSONDecodeError, ApiError):
        return []
    items = data.get("items") if isinstance(data, dict) else None
    return items if isinstance(items, list) else []


@dataclass
class _Rule:
    """A fault and what has become of it."""

    fault: Fault
    random: Random = field(init=False)
    seen: int = 0
    struck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.fault.seed)

    def strikes(self, method: str, path: str, below: str, items: list[Any]) -> bool:
        """Whether it is due for a request, which it counts."""
        fault = self.fault
        if fault.method not in {"*", method} or not (fnmatchcase(path, fault.path) or fnmatchcase(below, fault.path)):
            return False
        if fault.kind == "rejectItem" and fault.position(items) is None:
            return False
        if fault.count is not None and len(self.struck) >= fault.count:
            return False
        self.seen += 1
        if self.seen <= fault.skip or self.random.random() >= fault.probability:
            return False
        self.struck.append(f"{method} {below}")
        return True

    def row(self) -> Json:
        shown = self.fault.model_dump(by_alias=True, exclude_none=True)
        return shown | {"struck": len(self.struck), "requests": self.struck}


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def due(self, method: str, path: str, body: bytes, encoding: str | None) -> Fault | None:
        """What a request runs into, None for nothing."""
        if not self._rules:
            return None
        items = items_in(body, encoding) if any(rule.fault.kind == "rejectItem" for rule in self._rules) else []
        parts = path.split("/", 5)
        below = f"/{parts[5]}" if len(parts) > 5 and path.startswith("/api/") else path
        return next((rule.fault for rule in self._rules if rule.strikes(method, path, below, items)), None)

    def routes(self) -> list[Route]:
        """The control endpoint."""
        return [Route("/__cdf__/faults", self._serve, methods=["GET", "PUT", "DELETE"])]

    async def _serve(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self._rules = [_Rule(fault) for fault in RULES.validate_json(await request.body())]
            except ValidationError as error:
                raise ApiError(400, f"A list of faults is due: {error}") from error
        elif request.method == "DELETE":
            self._rules = []
        return answer([rule.row() for rule in self._rules])
