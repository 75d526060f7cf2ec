"""The routes of points: read raw or aggregated, as JSON or as the API's protobuf message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cognite.client._proto.data_point_insertion_request_pb2 import DataPointInsertionRequest
from cognite.client._proto.data_point_list_response_pb2 import DataPointListResponse
from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # the package ships no types
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cdf.classic import post
from sandbox.cdf.datapoints import Point
from sandbox.cdf.http import AnyJson, ApiError, Json, answer, body, items_of, texts, unzipped
from sandbox.cdf.project import Project
from sandbox.cdf.times import granularity, moment

PROTOBUF = "application/protobuf"
MAX_RAW, MAX_AGGREGATES = 100_000, 10_000

AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {"count": len, "sum": sum, "min": min, "max": max}


@dataclass(frozen=True)
class Series:
    """The answer for one series: its row, its points, and where to go on."""

    row: Json
    points: list[Json]
    aggregated: bool
    next_cursor: str | None

    def json(self) -> Json:
        """The series in a JSON answer."""
        shown = described(self.row) | {"datapoints": self.points}
        return shown if self.next_cursor is None else shown | {"nextCursor": self.next_cursor}


def described(row: Json) -> Json:
    """What a reading tells about the series itself."""
    names = ("id", "externalId", "isString", "isStep", "unit", "unitExternalId", "type")
    return {name: row[name] for name in names if name in row}


def read(project: Project, data: Json) -> list[Series]:
    """The points that a request asks for, one entry per item.

    Raises:
        ApiError: 400 with series that are ``missing``, or for a query that cannot be.
    """
    items = items_of(data, maximum=100, minimum=1)
    if data.get("ignoreUnknownIds") is True:
        items = [item for item in items if project.time_series.key(item) is not None]
    defaults = {name: value for name, value in data.items() if name not in {"items", "ignoreUnknownIds"}}
    keys = project.datapoints.known(items)
    return [_read_one(project, key, defaults | item) for key, item in zip(keys, items, strict=True)]


def _read_one(project: Project, key: int, query: Json) -> Series:
    row = project.time_series.rows[key]
    start = moment(query["cursor"] if query.get("cursor") else query.get("start", 0))
    end = moment(query.get("end", "now"))
    aggregates = texts(query.get("aggregates"), "aggregates")
    if aggregates:
        points = _aggregated(project, key, row, query, start, end)
        maximum = MAX_AGGREGATES
    else:
        found = project.datapoints.between(key, start, end)
        points = [{"timestamp": timestamp, "value": value} for timestamp, value in found]
        maximum = MAX_RAW
    limit = query.get("limit", 100)
    if type(limit) is not int or not 0 <= limit <= maximum:
        raise ApiError(400, f"limit: must be a whole number from 0 to {maximum}")
    following = str(points[limit]["timestamp"]) if limit and len(points) > limit else None
    points = points[:limit]
    if query.get("includeOutsidePoints") is True and not aggregates:
        points = _with_outside(project.datapoints.before(key, start), points, project.datapoints.from_(key, end))
    return Series(row, points, bool(aggregates), following)


def _with_outside(before: Point | None, points: list[Json], after: Point | None) -> list[Json]:
    def shown(point: Point | None) -> list[Json]:
        return [] if point is None else [{"timestamp": point[0], "value": point[1]}]

    return shown(before) + points + shown(after)


def _aggregated(project: Project, key: int, row: Json, query: Json, start: int, end: int) -> list[Json]:
    unknown = [name for name in query["aggregates"] if name not in AGGREGATES]
    if unknown:
        raise ApiError(400, f"aggregates: this stand-in has {', '.join(AGGREGATES)}, not {', '.join(unknown)}")
    if row["isString"] and set(query["aggregates"]) != {"count"}:
        raise ApiError(400, "aggregates: string time series have count alone")
    length, unit = granularity(query.get("granularity"))
    first = start - start % unit
    buckets: dict[int, list[AnyJson]] = {}
    for timestamp, value in project.datapoints.between(key, first, end):
        buckets.setdefault(first + (timestamp - first) // length * length, []).append(value)
    return [
        {"timestamp": begin} | {name: AGGREGATES[name](values) for name in query["aggregates"]}
        for begin, values in buckets.items()
    ]


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
        kind = "aggregate" if each.aggregated else "string" if each.row["isString"] else "numeric"
        points = getattr(item, f"{kind}Datapoints").datapoints
        for point in each.points:
            points.add(**point)
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
        items.append(
            {
                str(name): getattr(item, str(name), None),
                "datapoints": [{"timestamp": point.timestamp, "value": point.value} for point in points],
            }
        )
    return items


def routes(project: Project) -> list[Route]:
    """The routes of points."""

    async def insert(request: Request) -> Response:
        if request.headers.get("content-type") == PROTOBUF:
            items = inserted(unzipped(await request.body(), request.headers.get("content-encoding")))
        else:
            items = items_of(await body(request), maximum=MAX_AGGREGATES, minimum=1)
        project.datapoints.insert(items)
        return answer({})

    async def listed(request: Request) -> Response:
        series = read(project, await body(request))
        if PROTOBUF in request.headers.get("accept", ""):
            return Response(message(series), media_type=PROTOBUF)
        return answer({"items": [each.json() for each in series]})

    def latest(data: Json) -> Json:
        items = items_of(data, maximum=100, minimum=1)
        if data.get("ignoreUnknownIds") is True:
            items = [item for item in items if project.time_series.key(item) is not None]
        found = []
        for key, item in zip(project.datapoints.known(items), items, strict=True):
            point = project.datapoints.before(key, moment(item.get("before", "now")))
            points = [] if point is None else [{"timestamp": point[0], "value": point[1]}]
            found.append(described(project.time_series.rows[key]) | {"datapoints": points})
        return {"items": found}

    def delete(data: Json) -> Json:
        project.datapoints.delete(items_of(data, maximum=MAX_AGGREGATES, minimum=1))
        return {}

    return [
        Route("/timeseries/data", insert, methods=["POST"]),
        Route("/timeseries/data/list", listed, methods=["POST"]),
        post("/timeseries/data/latest", latest),
        post("/timeseries/data/delete", delete),
    ]
