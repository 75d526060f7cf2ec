"""What has changed among instances since a cursor; the Toolkit downloads what views show in this way.

Instances that were deleted are not told of: none is kept.
"""

from __future__ import annotations

import base64
import binascii

import orjson
from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json, limit_of
from sandbox.cdf.api.routing import post
from sandbox.cdf.api.times import now_ms
from sandbox.cdf.instances.names import refuse_unknown
from sandbox.cdf.instances.queries import MAX_LIMIT, members, parts, shown
from sandbox.cdf.instances.store import Instances, Node

_MODES = (None, "onePhase", "twoPhase", "noBackfill")
_EXPIRED = "allowExpiredCursorsAndAcceptMissedDeletes"


def routes(store: Instances) -> list[Route]:
    """The route of synchronisation."""
    return [post("/models/instances/sync", lambda data: _synced(store, data))]


def _synced(store: Instances, data: Json) -> Json:
    """The instances that changed, in the order of their changes, and always a cursor to the changes to come.

    Raises:
        ApiError: 400 for what is unknown or not modelled.
    """
    refuse_unknown(data, {"with", "select", "cursors", _EXPIRED})
    if data.get(_EXPIRED) not in {None, True, False}:
        raise ApiError(400, f"{_EXPIRED}: must be true or false")
    expressions, selects, cursors = parts(data)
    sets: dict[str, list[Node]] = {}
    following: dict[str, str] = {}
    for name, expression in expressions.items():
        mode = expression.get("mode")
        if mode not in _MODES:
            raise ApiError(400, f"with.{name}.mode: must be one of {', '.join(map(str, _MODES[1:]))}, not {mode}")
        plain = {part: value for part, value in expression.items() if part != "mode"}
        limit = limit_of(plain.get("limit"), default=100, maximum=MAX_LIMIT)
        since = _position(cursors.get(name)) if name in cursors else (now_ms() if mode == "noBackfill" else 0, 0)
        # What changes in this very millisecond may not be all of it; it comes with the next request.
        before = (now_ms(), 0)
        changes = {(each.updated, store.rows[each.name]): each for each in members(store, name, plain, sets)}
        found = sorted(at for at in changes if since < at < before)[:limit]
        sets[name] = [changes[at] for at in found]
        last = found[-1] if found else since
        following[name] = base64.urlsafe_b64encode(orjson.dumps(last)).decode()
    items = {name: shown(store, name, sets[name], select) for name, select in selects.items()}
    return {"items": items, "nextCursor": {name: following[name] for name in selects}}


def _position(sent: AnyJson) -> tuple[int, int]:
    """Time and number of the last change that was told."""
    try:
        time, number = orjson.loads(base64.urlsafe_b64decode(str(sent)))
    except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError) as error:
        raise ApiError(400, "cursors: not a cursor of this API") from error
    if type(time) is not int or type(number) is not int:
        raise ApiError(400, "cursors: not a cursor of this API")
    return time, number
