"""Events: what happened, the latest start first."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project
from sandbox.console.assets import relationships_of
from sandbox.console.links import assets_named, data_set_of
from sandbox.console.query import Predicate, bounds_of, get, matching, number_of, one, text_of, words_of


def routes(project: Project) -> list[Route]:
    """A page of events, the types that there are, and single events."""

    def listed(request: Request) -> Json:
        begin, end = bounds_of(request)
        found = matching(project.events.rows.values(), _tests(request))
        # Python's heap beats a sort of everything as long as the page is near the beginning.
        page = nlargest(end, found, key=lambda row: row.get("startTime", -1))[begin:]
        items = [row | {"assets": assets_named(project, row.get("assetIds", ())[:3])} for row in page]
        return {"items": items, "total": len(found), "offset": begin}

    def types(_: Request) -> Json:
        counts = Counter((row.get("type"), row.get("subtype")) for row in project.events.rows.values())
        ordered = sorted(counts.items(), key=lambda item: (str(item[0][0]), str(item[0][1])))
        return {"items": [{"type": kind, "subtype": sub, "count": count} for (kind, sub), count in ordered]}

    def shown(request: Request) -> Json:
        row = one(project.events.rows, request, "Event")
        return {
            "row": row,
            "assets": assets_named(project, row.get("assetIds", ())),
            "dataSet": data_set_of(project, row),
            "relationships": relationships_of(project, "event", row.get("externalId")),
        }

    return [get("/events", listed), get("/events/types", types), get("/events/{id:int}", shown)]


def _tests(request: Request) -> list[Predicate]:
    tests: list[Predicate] = []
    kind, subtype = text_of(request, "type"), text_of(request, "subtype")
    asset, start, end = (number_of(request, name) for name in ("asset", "from", "to"))
    if kind:
        tests.append(lambda row: row.get("type") == kind)
    if subtype:
        tests.append(lambda row: row.get("subtype") == subtype)
    if asset is not None:
        tests.append(lambda row: asset in row.get("assetIds", ()))
    if start is not None:
        tests.append(lambda row: row.get("startTime", -1) >= start)
    if end is not None:
        tests.append(lambda row: 0 <= row.get("startTime", -1) < end)
    return tests + words_of(request, "externalId", "description", "type", "subtype", "source")
