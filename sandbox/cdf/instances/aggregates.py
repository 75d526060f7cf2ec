"""Aggregates of instances: numbers per group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import floor

import orjson

from sandbox.cdf.api.http import AnyJson, ApiError, Json, limit_of, objects, texts

MAX_GROUPS, MAX_AGGREGATES = 5, 5
METRICS: dict[str, Callable[[Sequence[AnyJson]], AnyJson]] = {
    "count": len,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
}
_BASE = ("externalId", "space")
_NUMBERS = {"int32", "int64", "float32", "float64"}


def aggregated(rows: Sequence[Json], types: Mapping[str, Json], data: Json, kind: str) -> list[Json]:
    """One item per group of rows, each with the numbers asked for.

    Args:
        rows: instances with their properties of the view.
        types: the view's properties; ``externalId`` and ``space`` count among them.
        data: the request: ``aggregates``, ``groupBy``, ``limit``.
        kind: whether they are nodes or edges.

    Raises:
        ApiError: 400 for a metric or property that is unknown.
    """
    groups = texts(data.get("groupBy"), "groupBy")
    asked = [_metric(each, types) for each in objects(data.get("aggregates"), "aggregates")]
    for name in groups:
        _check_known(name, types)
    if len(groups) > MAX_GROUPS or len(asked) > MAX_AGGREGATES:
        raise ApiError(400, f"At most {MAX_GROUPS} groups and {MAX_AGGREGATES} aggregates")
    members: dict[bytes, list[Json]] = {} if groups else {orjson.dumps([]): list(rows)}
    for row in rows if groups else ():
        members.setdefault(orjson.dumps([row.get(name) for name in groups]), []).append(row)
    items = []
    for key, inside in members.items():
        group = {name: value for name, value in zip(groups, orjson.loads(key), strict=True) if value is not None}
        numbers = [number(inside) for number in asked]
        items.append({"instanceType": kind, "aggregates": numbers} | ({"group": group} if groups else {}))
    return items[: limit_of(data.get("limit"), default=100)]


def _check_known(name: str, types: Mapping[str, Json]) -> None:
    if name not in types and name not in _BASE:
        raise ApiError(400, f"Unknown property {name}")


def _metric(sent: Json, types: Mapping[str, Json]) -> Callable[[Sequence[Json]], Json]:
    """How to compute one aggregate of a group."""
    metric, content = next(iter(sent.items()), ("", None))
    known = (*METRICS, "histogram")
    if len(sent) != 1 or metric not in known or not isinstance(content, dict):
        raise ApiError(400, f"aggregates: must be one of {', '.join(known)}, not {metric}")
    name = str(content.get("property", "externalId" if metric == "count" else None))
    _check_known(name, types)
    kind = types.get(name, {"type": {"type": "text"}})["type"]
    if metric != "count" and (kind["type"] not in _NUMBERS or kind.get("list")):
        raise ApiError(400, f"aggregates: {metric} of {name}, which is no number")
    if metric == "histogram":
        return _histogram(name, content.get("interval"))
    return lambda rows: {"aggregate": metric, "property": name} | _number(metric, _values(rows, name))


def _number(metric: str, values: Sequence[AnyJson]) -> Json:
    value = METRICS[metric](values)
    return {} if value is None else {"value": value}


def _histogram(name: str, interval: AnyJson) -> Callable[[Sequence[Json]], Json]:
    """Numbers by intervals that start at multiples of their width."""
    if isinstance(interval, bool) or not isinstance(interval, int | float) or interval <= 0:
        raise ApiError(400, f"aggregates: interval must be a number above 0, not {interval}")

    def number(rows: Sequence[Json]) -> Json:
        try:
            counts = Counter(floor(value / interval) for value in _values(rows, name))
        except OverflowError as error:
            raise ApiError(400, f"aggregates: interval {interval} is too small for {name}") from error
        buckets = [{"start": key * interval, "count": count} for key, count in sorted(counts.items())]
        return {"aggregate": "histogram", "property": name, "interval": interval, "buckets": buckets}

    return number


def _values(rows: Sequence[Json], name: str) -> list[AnyJson]:
    return [row[name] for row in rows if row.get(name) is not None]
