"""Aggregates of nodes: numbers per group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import orjson

from sandbox.cdf.http import AnyJson, ApiError, Json, limit_of, objects, texts

MAX_GROUPS, MAX_AGGREGATES = 5, 5
METRICS: dict[str, Callable[[Sequence[AnyJson]], AnyJson]] = {
    "count": len,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
}


def aggregated(rows: Sequence[Json], properties: Collection[str], data: Json) -> list[Json]:
    """One item per group of rows, each with the numbers asked for.

    Args:
        rows: nodes with their properties of the view.
        properties: the view's; ``externalId`` counts as one.
        data: the request: ``aggregates``, ``groupBy``, ``limit``.

    Raises:
        ApiError: 400 for a metric or property that is unknown.
    """
    groups = texts(data.get("groupBy"), "groupBy")
    asked = [_metric(each) for each in objects(data.get("aggregates"), "aggregates")]
    known = {*properties, "externalId", "space"}
    if unknown := {name for name in (*groups, *(name for _, name in asked)) if name not in known}:
        raise ApiError(400, f"Unknown property {', '.join(sorted(unknown))}")
    if len(groups) > MAX_GROUPS or len(asked) > MAX_AGGREGATES or data.get("query"):
        raise ApiError(400, f"At most {MAX_GROUPS} groups and {MAX_AGGREGATES} aggregates, and no query")
    members: dict[bytes, list[Json]] = {} if groups else {orjson.dumps([]): list(rows)}
    for row in rows if groups else ():
        members.setdefault(orjson.dumps([row.get(name) for name in groups]), []).append(row)
    items = []
    for key, inside in members.items():
        group = {name: value for name, value in zip(groups, orjson.loads(key), strict=True) if value is not None}
        numbers = [_number(inside, metric, name) for metric, name in asked]
        items.append({"instanceType": "node", "aggregates": numbers} | ({"group": group} if groups else {}))
    return items[: limit_of(data.get("limit"), default=100)]


def _metric(sent: Json) -> tuple[str, str]:
    metric, content = next(iter(sent.items()), ("", None))
    if len(sent) != 1 or metric not in METRICS or not isinstance(content, dict):
        raise ApiError(400, f"aggregates: this stand-in computes {', '.join(METRICS)}, not {metric}")
    return metric, str(content.get("property", "externalId"))


def _number(rows: Sequence[Json], metric: str, name: str) -> Json:
    values = [row[name] for row in rows if row.get(name) is not None]
    try:
        return {"aggregate": metric, "property": name, "value": METRICS[metric](values)}
    except TypeError as error:
        raise ApiError(400, f"aggregates: {metric} of {name} is no number") from error
