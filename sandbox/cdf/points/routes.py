"""The routes of points: read raw or aggregated, as JSON or as the API's protobuf message."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cognite.client._proto.data_point_insertion_request_pb2 import DataPointInsertionRequest
from cognite.client._proto.data_point_list_response_pb2 import DataPointListResponse
from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # the package ships no types
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.api.http import AnyJson, ApiError, Json, answer, body, items_of, unzipped
from sandbox.cdf.api.routing import post
from sandbox.cdf.points.aggregates import POINTS
from sandbox.cdf.points.datapoints import MAX_SERIES
from sandbox.cdf.points.queries import Series, described, latest, read
from sandbox.cdf.points.time_series import TimeSeries

PROTOBUF = "application/protobuf"


def message(series: Iterable[Series]) -> bytes:
    """The protobuf answer."""
    response = DataPointListResponse()
    for each in series:
        item = response.items.add()
        for name, value in described(each.row).items():
            if name != "type":
                setattr(item, name, value)
        item.type = 2 if each.row["isString"] else 1
        item.nextCursor = each.next_cursor or ""
        kind = "aggregate" if each.aggregates else "string" if each.row["isString"] else "numeric"
        points = getattr(item, f"{kind}Datapoints").datapoints
        # An aggregate that a bucket lacks is NaN here, and left out in JSON.
        lacking = dict.fromkeys((name for name in each.aggregates if name not in POINTS), math.nan)
        for point in each.points:
            points.add(**(lacking | point))
    return bytes(response.SerializeToString())


def inserted(payload: bytes) -> list[Json]:
    """The items of a protobuf insert, in the form of the JSON one.

    Raises:
        ApiError: 400 when the payload is no such message.
    """
    request = DataPointInsertionRequest()
    try:
        request.ParseFromString(payload)
    except DecodeError as error:
        raise ApiError(400, f"Request body is not a valid message: {error}") from error
    items = []
    for item in request.items:
        name = item.WhichOneof("timeSeriesReference")
        kind = item.WhichOneof("datapointType")
        points = getattr(item, kind).datapoints if kind in {"numericDatapoints", "stringDatapoints"} else []
        named: Json = {} if name is None else {name: getattr(item, name)}
        if name == "instanceId":
            named = {name: {"space": item.instanceId.space, "externalId": item.instanceId.externalId}}
        items.append(named | {"datapoints": [_point(point) for point in points]})
    return items


def _point(sent: AnyJson) -> Json:
    """A point of the message as JSON would bring it."""
    value = sent.value
    if type(value) is float and not math.isfinite(value):
        value = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    point = {"timestamp": sent.timestamp, "value": None if sent.nullValue else value}
    if sent.HasField("status"):
        point["status"] = {"code": sent.status.code} | ({"symbol": sent.status.symbol} if sent.status.symbol else {})
    return point


def routes(time_series: TimeSeries) -> list[Route]:
    """The routes of points."""

    async def insert(request: Request) -> Response:
        if request.headers.get("content-type") == PROTOBUF:
            items = inserted(unzipped(await request.body(), request.headers.get("content-encoding")))
        else:
            items = items_of(await body(request), maximum=MAX_SERIES, minimum=1)
        time_series.points.insert(items)
        return answer({})

    async def listed(request: Request) -> Response:
        series = read(time_series, await body(request))
        if PROTOBUF in request.headers.get("accept", ""):
            return Response(message(series), media_type=PROTOBUF)
        return answer({"items": [each.json() for each in series]})

    def delete(data: Json) -> Json:
        time_series.points.delete(items_of(data, maximum=MAX_SERIES, minimum=1))
        return {}

    return [
        Route("/timeseries/data", insert, methods=["POST"]),
        Route("/timeseries/data/list", listed, methods=["POST"]),
        post("/timeseries/data/latest", lambda data: {"items": [each.json() for each in latest(time_series, data)]}),
        post("/timeseries/data/delete", delete),
    ]
