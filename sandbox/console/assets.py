"""Assets as a tree that is read branch by branch."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project
from sandbox.console.links import assets_named, data_set_of
from sandbox.console.query import get, matching, number_of, one, paged, words_of

MOST_RELATIONSHIPS = 100


def routes(project: Project) -> list[Route]:
    """Branches, searches and single assets."""

    def listed(request: Request) -> Json:
        words = words_of(request, "name", "externalId", "description")
        if words:
            return paged([_branch(project, row) for row in matching(project.assets.rows.values(), words)], request)
        parent = number_of(request, "parent")
        if parent is None:
            found = [row for row in project.assets.rows.values() if "parentId" not in row]
        else:
            found = [project.assets.rows[key] for key in project.assets.children.get(parent, ())]
        found.sort(key=lambda row: (str(row["name"]).lower(), row["id"]))
        page = paged(found, request)
        return page | {"items": [_branch(project, row) for row in page["items"]]}

    return [
        get("/assets", listed),
        get("/assets/{id:int}", lambda request: _shown(project, one(project.assets.rows, request, "Asset"))),
    ]


def _branch(project: Project, row: Json) -> Json:
    shown = {name: row.get(name) for name in ("id", "externalId", "name", "description")}
    return shown | {"children": len(project.assets.children.get(row["id"], ()))}


def _shown(project: Project, row: Json) -> Json:
    key = row["id"]
    path = [key]
    while (parent := project.assets.rows[path[-1]].get("parentId")) is not None:
        path.append(parent)
    linked = {
        "events": sum(key in event.get("assetIds", ()) for event in project.events.rows.values()),
        "timeseries": sum(key == series.get("assetId") for series in project.time_series.rows.values()),
        "sequences": sum(key == sequence.get("assetId") for sequence in project.sequences.rows.values()),
        "files": sum(key in file.get("assetIds", ()) for file in project.files.rows.values()),
    }
    return {
        "row": row,
        "path": assets_named(project, path[:0:-1]),
        "dataSet": data_set_of(project, row),
        "children": len(project.assets.children.get(key, ())),
        "linked": linked,
        "relationships": relationships_of(project, "asset", row.get("externalId")),
    }


def relationships_of(project: Project, kind: str, external_id: str | None) -> list[Json]:
    """The first relationships of a resource, each with the resource at its other end.

    Args:
        project: where they are.
        kind: the resource's type, as relationships name it.
        external_id: its external id.
    """
    stores = {
        "asset": project.assets,
        "event": project.events,
        "timeSeries": project.time_series,
        "sequence": project.sequences,
        "file": project.files,
    }
    found: list[Json] = []
    for row in project.relationships.rows.values() if external_id else ():
        for end, other in (("source", "target"), ("target", "source")):
            if row[f"{end}ExternalId"] == external_id and row[f"{end}Type"] == kind:
                far = stores[row[f"{other}Type"]].by_external_id(row[f"{other}ExternalId"]) or {}
                found.append(
                    {
                        "externalId": row["externalId"],
                        "direction": "to" if end == "source" else "from",
                        "labels": [label["externalId"] for label in row.get("labels", ())],
                        "type": row[f"{other}Type"],
                        "id": far.get("id"),
                        "name": far.get("name") or far.get("description") or row[f"{other}ExternalId"],
                    }
                )
        if len(found) >= MOST_RELATIONSHIPS:
            break
    return found
