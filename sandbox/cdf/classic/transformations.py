"""Transformations: a project here has none; what a preview of SQL can answer are counts of classic resources.

The Toolkit counts relationships and labels by such previews, as their API has no aggregate
(`utils/cdf.py`: `relationship_aggregate_count`, `label_aggregate_count`), before it purges a data set.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from starlette.routing import Route

from sandbox.cdf.api.http import ApiError, Json, an_object, limit_of
from sandbox.cdf.api.routing import post
from sandbox.cdf.classic.store import Store

_COUNT = re.compile(
    r"select (?P<columns>(\w+ ?, ?)*)count ?\( ?(?P<counted>\w+) ?\) as (?P<alias>\w+) from _cdf\.(?P<source>\w+)"
    r"( where datasetid in \( ?(?P<data_sets>\d+( ?, ?\d+)*) ?\))?( group by (?P<groups>\w+( ?, ?\w+)*))? ?;?",
    re.IGNORECASE,
)
_FORM = "SELECT [columns,] COUNT(column) AS name FROM _cdf.resource [WHERE dataSetId IN (ids)] [GROUP BY columns]"
_FIELDS = {"query", "convertToString", "limit", "sourceLimit", "inferSchemaLimit", "timeout"}


def routes(stores: Mapping[str, Store]) -> list[Route]:
    """The routes of transformations.

    Args:
        stores: by its name in SQL, each resource that a preview can count.
    """

    def none(data: Json) -> Json:
        an_object(data.get("filter"), "filter")
        limit_of(data.get("limit"))
        return {"items": []}

    return [post("/transformations/filter", none), post("/transformations/query/run", lambda data: _run(stores, data))]


def _run(stores: Mapping[str, Store], data: Json) -> Json:
    """The answer to a query that counts.

    Raises:
        ApiError: 400 for any other query, an unknown resource or column.
    """
    if unknown := data.keys() - _FIELDS:
        raise ApiError(400, f"Unexpected field - {', '.join(sorted(unknown))}")
    query = data.get("query")
    if not isinstance(query, str):
        raise ApiError(400, "query: required, must be a string")
    found = _COUNT.fullmatch(" ".join(query.split()))
    if found is None:
        raise ApiError(400, f"query: this stand-in answers {_FORM}, not {query}")
    columns, groups = _names(found["columns"]), _names(found["groups"])
    if columns != groups:
        raise ApiError(400, f"query: the columns {columns} must be those of GROUP BY, {groups}")
    if found["source"] not in stores:
        raise ApiError(400, f"query: unknown source _cdf.{found['source']}, known are {', '.join(stores)}")
    store = stores[found["source"]]
    known = {"id", "createdTime", "lastUpdatedTime", *store.schema.fields}
    if strange := [name for name in (*columns, found["counted"]) if name not in known]:
        raise ApiError(400, f"query: _cdf.{found['source']} has no column {', '.join(strange)}")
    inside = {int(each) for each in _names(found["data_sets"])}
    rows = [row for row in store.rows.values() if store.is_seen(row)]
    rows = [row for row in rows if found["data_sets"] is None or row.get("dataSetId") in inside]
    counts: Counter[tuple[object, ...]] = Counter() if groups else Counter({(): 0})
    for row in rows:
        counts[tuple(row.get(name) for name in groups)] += row.get(found["counted"]) is not None
    as_text = str if data.get("convertToString") is True else _unchanged
    items = [dict(zip(groups, key, strict=True)) | {found["alias"]: as_text(number)} for key, number in counts.items()]
    schema = [*(_column(name, "string") for name in groups), _column(found["alias"], "long")]
    return {"schema": {"items": schema}, "results": {"items": items}}


def _names(listed: str | None) -> list[str]:
    """The names in a list with commas, which may end with one."""
    return [name.strip() for name in (listed or "").split(",") if name.strip()]


def _unchanged(number: int) -> object:
    return number


def _column(name: str, kind: str) -> Json:
    sql_type = {"string": "STRING", "long": "BIGINT"}[kind]
    return {"name": name, "sqlType": sql_type, "type": kind, "nullable": kind == "string"}
