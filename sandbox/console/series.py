"""Time series with their points, thinned so that a plot of them looks as one of all would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.points.datapoints import EARLIEST, LATEST, Point
from sandbox.cdf.project import Project
from sandbox.console.links import assets_named, data_set_of
from sandbox.console.query import Predicate, get, matching, number_of, one, paged, words_of

COLUMNS = 600
"""Into how many stretches a plot is cut: more than one per pixel would not be seen."""

MOST_POINTS = 4 * COLUMNS
"""Up to so many points are shown as they are."""

MOST_LISTED = 200


def routes(project: Project) -> list[Route]:
    """A page of series, single ones, and their points."""

    def listed(request: Request) -> Json:
        asset = number_of(request, "asset")
        tests = words_of(request, "externalId", "name", "description", "unit")
        linked: list[Predicate] = [] if asset is None else [lambda row: row.get("assetId") == asset]
        page = paged(matching(project.time_series.rows.values(), [*linked, *tests]), request)
        return page | {"items": [_with_latest(project, row) for row in page["items"]]}

    def shown(request: Request) -> Json:
        row = one(project.time_series.rows, request, "Time series")
        return {
            "row": row,
            "assets": assets_named(project, [row["assetId"]] if "assetId" in row else []),
            "dataSet": data_set_of(project, row),
        }

    def points(request: Request) -> Json:
        key = one(project.time_series.rows, request, "Time series")["id"]
        start, end = number_of(request, "from"), number_of(request, "to")
        found = project.datapoints.between(
            key, EARLIEST if start is None else start, LATEST + 1 if end is None else end
        )
        return {"total": len(found), "points": thinned(found), "latest": found[: -MOST_LISTED - 1 : -1]}

    return [
        get("/timeseries", listed),
        get("/timeseries/{id:int}", shown),
        get("/timeseries/{id:int}/points", points),
    ]


def _with_latest(project: Project, row: Json) -> Json:
    assets = assets_named(project, [row["assetId"]] if "assetId" in row else [])
    return row | {"assets": assets, "latest": project.datapoints.before(row["id"], LATEST + 1)}


def thinned(points: Sequence[Point]) -> list[Point]:
    """Few enough points to draw: first, lowest, highest and last of each stretch; of texts, where they change.

    Args:
        points: by time, all numbers or all texts.
    """
    if len(points) <= MOST_POINTS:
        return list(points)
    start, span = points[0][0], points[-1][0] - points[0][0] + 1
    kept: list[Point] = []
    for _, stretch in groupby(points, key=lambda point: (point[0] - start) * COLUMNS // span):
        kept.extend(_extremes(list(stretch)))
    return kept


def _extremes(stretch: Sequence[Point]) -> Iterator[Point]:
    ends = {stretch[0], stretch[-1]}
    if not isinstance(stretch[0][1], str):
        ends |= {min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])}
    yield from sorted(ends, key=lambda point: point[0])
