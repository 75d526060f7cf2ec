"""Whatever a client sends, it gets an answer that says what is wrong, never a crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from sandbox_cdf_client import PROJECT, AnyJson, Cdf
from starlette.applications import Starlette
from starlette.types import Message

pytestmark = pytest.mark.source("Assumed: whatever cannot be is 400, and no request breaks the server")

JUNK: list[AnyJson] = [
    None,
    1,
    -1.5,
    "x",
    True,
    {},
    [1],
    ["x"],
    [{}],
    [[1]],
    {"a": 1},
    {"min": "x"},
    [{"externalId": [1]}],
]
RESOURCES = ("assets", "events", "timeseries", "files", "relationships", "sequences", "datasets", "labels", "extpipes")
FILTERS = """
    type metadata externalIdPrefix dataSetIds assetIds assetExternalIds assetSubtreeIds rootAssetIds startTime uploaded
    activeAtTime labels root parentIds rootIds statuses message createdTime sourceExternalIds directoryPrefix externalId
"""
FIELDS = "externalId name metadata assetIds dataSetId labels startTime columns parentExternalId contacts rawTables"
OPERATORS = "and or not equals in prefix range exists containsAny search hasData"
PARTS = "filter advancedFilter sort limit cursor partition aggregatedProperties search aggregate properties sources"
POINTS = "datapoints before start end limit cursor aggregates granularity inclusiveBegin exclusiveEnd"
OTHERS = """
    /raw/dbs /raw/dbs/delete /raw/dbs/d/tables /raw/dbs/d/tables/delete /raw/dbs/d/tables/t/rows /groups /groups/delete
    /raw/dbs/d/tables/t/rows/delete /sessions /sessions/byids /sessions/revoke /extpipes/runs /extpipes/runs/list
    /extpipes/config /models/spaces /models/containers /models/views /models/instances /models/instances/byids
    /models/instances/list /models/instances/delete /files /sequences/data /sequences/data/list /sequences/data/delete
    /sequences/data/latest
"""
KEYS = """
    name key columns id clientId externalId space properties sources capabilities status existingVersion type config
    rows filter limit cursor start end before constraints
"""


def listings(junk: AnyJson) -> Iterator[tuple[str, AnyJson]]:
    for resource in RESOURCES:
        for part in PARTS.split():
            for action in ("list", "aggregate", "search"):
                yield f"/{resource}/{action}", {part: junk}
        for name in FILTERS.split():
            yield f"/{resource}/list", {"filter": {name: junk}}
    for operator in OPERATORS.split():
        for content in (junk, {"property": junk, "value": 1}, {"property": ["type"], "value": junk, "values": junk}):
            yield "/events/list", {"advancedFilter": {operator: content}}
            yield "/models/instances/list", {"filter": {operator: content}}
    for name in FILTERS.split():
        yield "/extpipes/runs/list", {"filter": {"externalId": "x", name: junk}}


def writes(junk: AnyJson) -> Iterator[tuple[str, AnyJson]]:
    for resource in RESOURCES:
        for name in ("id", "externalId"):
            for action in ("byids", "delete", "update"):
                yield f"/{resource}/{action}", {"items": [{name: junk, "update": {}}]}
        for name in FIELDS.split():
            yield f"/{resource}", {"items": [{name: junk}]}
            for operation in (junk, {"set": junk}, {"add": junk}, {"remove": junk}):
                yield f"/{resource}/update", {"items": [{"externalId": "x", "update": {name: operation}}]}
    for name in POINTS.split():
        for action in ("", "/list", "/latest", "/delete"):
            yield f"/timeseries/data{action}", {"items": [{"externalId": "x", name: junk}]}
            yield f"/timeseries/data{action}", {"items": [{"externalId": "x"}], "aggregates": ["count"], name: junk}
    for operation in ("add", "remove", "modify"):
        yield "/sequences/update", {"items": [{"externalId": "x", "update": {"columns": {operation: junk}}}]}
    for path in OTHERS.split():
        yield path, {"items": junk}
        for name in KEYS.split():
            item = {"space": "sp", "externalId": "x", "version": "v", "key": "k", "columns": {}} | {name: junk}
            yield path, {"items": [item]}
            yield path, {"externalId": "x", name: junk}
            yield path, {"items": [{name: junk}]}


async def status_of(app: Starlette, path: str, body: AnyJson, token: str) -> int:
    """What the application answers, without a server between: there are many requests."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/v1/projects/{PROJECT}{path}",
        "raw_path": b"",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())],
    }
    statuses = []

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return int(statuses[0])


@pytest.mark.parametrize("junk", JUNK, ids=json.dumps)
def test_garbage_is_answered(cdf: Cdf, app: Starlette, junk: AnyJson) -> None:
    data_set = cdf.items("/datasets", {"externalId": "x"})[0]["id"]
    cdf.items("/assets", {"externalId": "x", "name": "x", "metadata": {"a": "b"}})
    cdf.items("/events", {"externalId": "x", "startTime": 1, "type": "t"})
    cdf.items("/timeseries", {"externalId": "x"})
    cdf.items("/sequences", {"externalId": "x", "columns": [{"externalId": "c"}]})
    cdf.items("/extpipes", {"externalId": "x", "name": "x", "dataSetId": data_set})
    cdf.items("/models/spaces", {"space": "sp"})
    cdf.items("/models/containers", {"space": "sp", "externalId": "C", "properties": {"p": {"type": {"type": "text"}}}})
    cdf.items("/models/instances", {"space": "sp", "externalId": "x"})
    cdf.post("/raw/dbs/d/tables/t/rows?ensureParent=true", {"items": [{"key": "k", "columns": {}}]})

    async def crashed() -> list[tuple[str, AnyJson]]:
        sent = [*listings(junk), *writes(junk)]
        return [each for each in sent if await status_of(app, *each, cdf.token) >= 500]

    assert asyncio.run(crashed()) == []
