"""The aggregate endpoint of classic resources: counts, values and properties of the rows that a filter keeps.

Texts are aggregated without regard to case, and the most frequent come first
(https://docs.cognite.com/20230101/assets/aggregate-assets).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from sandbox.cdf.api.http import AnyJson, ApiError, Json, limit_of, objects, texts
from sandbox.cdf.classic.filters import compared
from sandbox.cdf.classic.listing import relevance, value_at
from sandbox.cdf.classic.row_values import property_names
from sandbox.cdf.classic.store import Store

MAX_BUCKETS = 10_000

Keep = Callable[[AnyJson], bool]


def aggregate(store: Store, data: Json) -> Json:
    """The answer to an aggregate request.

    Raises:
        ApiError: 400 for an aggregate, a property or a filter that the API does not have.
    """
    kind = data.get("aggregate") or "count"
    keep = _bucket_filter(data.get("aggregateFilter"))
    rows = [row for _, row in store.select(store.matching(data))]
    search = data.get("search")
    if isinstance(search, dict):
        rows = [row for row in rows if relevance(row, search, store.searchable)]
    if kind == "count" and not data.get("properties"):
        return {"items": [{"count": len(rows)}]}
    if kind in ("cardinalityProperties", "uniqueProperties"):
        path = texts(data.get("path"), "path") or _property(store, data)[0]
        if path != ["metadata"]:
            raise ApiError(400, f"path: {path} has no properties, [metadata] has")
        counts = Counter(key for row in rows for key in map(str.casefold, row.get("metadata", ())) if keep(key))
        if kind == "cardinalityProperties":
            return {"items": [{"count": len(counts)}]}
        return _buckets(data, ((count, {"property": [*path, key]}) for key, count in counts.most_common()))
    if kind not in ("count", "cardinalityValues", "uniqueValues"):
        raise ApiError(400, f"aggregate: {kind} is unknown")
    path, own = _property(store, data)
    kept = [[each for each in _values(path, row) if keep(each) and own(each)] for row in rows]
    if kind == "count":
        return {"items": [{"count": sum(map(bool, kept))}]}
    if path == ["metadata"]:
        raise ApiError(400, "property: metadata has no single value, [metadata, key] has")
    found = Counter(each for values in kept for each in values)
    if kind == "cardinalityValues":
        return {"items": [{"count": len(found)}]}
    return _buckets(data, ((count, value) for value, count in found.most_common()))


def _property(store: Store, data: Json) -> tuple[list[str], Keep]:
    """The one property that a request names, and the filter on its values."""
    properties = objects(data.get("properties"), "properties")
    if len(properties) != 1:
        raise ApiError(400, "properties: exactly one is needed")
    if unknown := properties[0].keys() - {"property", "filter"}:
        raise ApiError(400, f"properties: unknown key {', '.join(unknown)}, has property and filter")
    path = property_names(properties[0].get("property"), store.properties)
    return path, _bucket_filter(properties[0].get("filter"))


def _values(path: list[str], row: Json) -> list[AnyJson]:
    """The values that a row counts for: none, one, those of a list, or those of its metadata."""
    value = value_at(path)(row)
    if value is None:
        return []
    values = list(value.values()) if path == ["metadata"] else value if isinstance(value, list) else [value]
    values = [each["externalId"] if isinstance(each, dict) and "externalId" in each else each for each in values]
    return [each.casefold() if isinstance(each, str) else each for each in values]


def _buckets(data: Json, found: Iterable[tuple[int, AnyJson]]) -> Json:
    limit = limit_of(data.get("limit"), default=MAX_BUCKETS, maximum=MAX_BUCKETS)
    return {"items": [{"count": count, "values": [value]} for count, value in found][:limit]}


def _bucket_filter(node: AnyJson) -> Keep:
    """The test of an ``aggregateFilter``: ``and``, ``or``, ``not``, ``prefix``, ``in`` and ``range`` of the bucket."""
    if node is None:
        return lambda _: True
    if not isinstance(node, dict) or len(node) != 1:
        raise ApiError(400, "aggregateFilter: must be an object with one operator")
    ((operator, content),) = node.items()
    if operator in ("and", "or"):
        tests = [_bucket_filter(each) for each in objects(content, operator)]
        combine = all if operator == "and" else any
        return lambda value: combine(test(value) for test in tests)
    if operator == "not":
        inner = _bucket_filter(content)
        return lambda value: not inner(value)
    if not isinstance(content, dict) or operator not in ("prefix", "in", "range"):
        raise ApiError(400, f"aggregateFilter: unknown operator {operator}")
    return compared(operator, {name: _folded(each) for name, each in content.items()})


def _folded(value: AnyJson) -> AnyJson:
    """A filter's value in the case that buckets have."""
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return value.casefold() if isinstance(value, str) else value
