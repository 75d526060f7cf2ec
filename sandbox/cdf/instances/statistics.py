"""How much of data modeling a project uses, and what it may use at most.

Source of the limits: https://docs.cognite.com/cdf/dm/dm_reference/dm_limits_and_restrictions, for a project as it is
sold. Instances that are deleted are gone at once here, so none is ever soft-deleted.
"""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.routing import Route

from sandbox.cdf.api.http import Json, items_of
from sandbox.cdf.api.routing import get, post
from sandbox.cdf.instances.modeling import MAX_ITEMS, DataModeling

MAX_SPACES, MAX_CONTAINERS, MAX_VIEWS, MAX_DATA_MODELS, MAX_PROPERTIES = 100, 1_000, 2_000, 500, 25_000
MAX_INSTANCES, MAX_SOFT_DELETED = 5_000_000, 10_000_000
READS, WRITES, DELETES = 8, 4, 2
"""Requests for instances at once."""


def routes(modeling: DataModeling) -> list[Route]:
    """The routes of statistics, for the project and by space."""

    def whole(_: Request) -> Json:
        spaces = _by_space(modeling)
        total: Counter[str] = Counter()
        for row in spaces:
            total.update({name: value for name, value in row.items() if name != "space"})
        return {
            "spaces": {"count": len(spaces), "limit": MAX_SPACES},
            "containers": {"count": total["containers"], "limit": MAX_CONTAINERS},
            "views": {"count": total["views"], "limit": MAX_VIEWS},
            "dataModels": {"count": total["dataModels"], "limit": MAX_DATA_MODELS},
            "containerProperties": {"count": total["containerProperties"], "limit": MAX_PROPERTIES},
            "instances": {
                "edges": total["edges"],
                "softDeletedEdges": 0,
                "nodes": total["nodes"],
                "softDeletedNodes": 0,
                "instances": total["nodes"] + total["edges"],
                "instancesLimit": MAX_INSTANCES,
                "softDeletedInstances": 0,
                "softDeletedInstancesLimit": MAX_SOFT_DELETED,
            },
            "concurrentReadLimit": READS,
            "concurrentWriteLimit": WRITES,
            "concurrentDeleteLimit": DELETES,
        }

    def named(data: Json) -> Json:
        wanted = {modeling.spaces.name(item)[0] for item in items_of(data, maximum=MAX_ITEMS, minimum=1)}
        return {"items": [row for row in _by_space(modeling) if row["space"] in wanted]}

    return [
        get("/models/statistics", whole),
        get("/models/statistics/spaces", lambda _: {"items": _by_space(modeling)}),
        post("/models/statistics/spaces/byids", named),
    ]


def _by_space(modeling: DataModeling) -> list[Json]:
    """What lies in each space; every version of a view and of a data model counts."""
    definitions = {"containers": modeling.containers, "views": modeling.views, "dataModels": modeling.data_models}
    counts: Counter[tuple[str, str]] = Counter(
        (name[0], kind) for kind, store in definitions.items() for name in store.rows
    )
    counts.update((each.name[0], f"{each.kind}s") for each in modeling.instances.ordered.rows.values())
    for name, row in modeling.containers.rows.items():
        counts[name[0], "containerProperties"] += len(row["properties"])
    shown = ("containers", "views", "dataModels", "containerProperties", "edges", "nodes")
    return [
        {"space": space}
        | {kind: counts[space, kind] for kind in shown}
        | {"softDeletedEdges": 0, "softDeletedNodes": 0}
        for (space,) in modeling.spaces.rows
    ]
