"""What CDF holds of a facility, whenever it was read."""

from typing import Any

from bench import Bench, Row

KINDS = (
    *("production", "scrap", "workcenter_status", "setup", "container_move", "container_adjustment", "deviation"),
    *("job", "job_operation"),
)
# What was seen at some instant, and left no trace in Plex.
SEEN = ("_JOB", "_PROGRESS")


def content(facility: Bench) -> dict[str, Any]:
    """Everything by its external id, without what CDF adds; what is retracted aside."""
    assets, series = facility.assets(), facility.series()
    names = {row["id"]: name for name, row in assets.items() if not _is_inactive(row)}
    added = ("id", "createdTime", "lastUpdatedTime", "dataSetId", "rootId", "parentId", "assetIds", "assetId")
    held: dict[str, Any] = {}
    events = [row for kind in KINDS for row in facility.events(kind).values()]
    for row in [*assets.values(), *series.values(), *events]:
        if row.get("metadata", {}).get("plexState") is None and not row["externalId"].endswith(SEEN):
            links = [names[each] for each in [*row.get("assetIds", ()), row.get("assetId")] if each in names]
            held[row["externalId"]] = {name: value for name, value in row.items() if name not in added} | {
                "links": sorted(links)
            }
    for name in series:
        points = facility.points(name)
        if "_ONHAND_" not in name and not name.endswith(SEEN):
            held[f"points of {name}"] = points
        elif "_ONHAND_" in name and list(points.values())[-1] == 0:
            # A place that has emptied has read 0 since; who never saw it full knows nothing of it.
            del held[name]
        elif "_ONHAND_" in name:
            held[f"points of {name}"] = list(points.values())[-1]
    return held


def _is_inactive(row: Row) -> bool:
    return bool(row.get("metadata", {}).get("plexState") == "inactive")


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (one.get(name), other.get(name)) for name in one.keys() | other.keys() if one.get(name) != other.get(name)
    }
