"""Requests to RAW: odd keys, repeated keys, cursors, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import RowWrite
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import Cdf

ODD_KEYS = ["a/b", "/a", "a/", "a//b", "a%2Fb", "%", "ü ☃ 🙂", "?x=1", "#h", "a&b=c", "delete", "a+b", "\\", "ä" * 1024]


@pytest.mark.source("Docs: RAW, insert rows")
def test_odd_keys_are_found_by_their_path(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows
    rows.insert("d", "t", [RowWrite(key, {"key": key}) for key in ODD_KEYS], ensure_parent=True)
    assert [rows.retrieve("d", "t", key).columns for key in ODD_KEYS] == [{"key": key} for key in ODD_KEYS]
    assert {row.key for row in rows.list("d", "t", limit=None)} == set(ODD_KEYS)
    rows.delete("d", "t", ODD_KEYS)
    assert rows.list("d", "t", limit=None) == []


@pytest.mark.source("Assumed: the last of several rows with one key stays")
def test_a_key_that_comes_twice_is_one_row(cdf: Cdf) -> None:
    items = [{"key": "k", "columns": {"a": 1, "b": 1}}, {"key": "k", "columns": {"a": 2}}]
    assert cdf.post("/raw/dbs/d/tables/t/rows?ensureParent=true", {"items": items}) == (200, {})
    (row,) = cdf.get("/raw/dbs/d/tables/t/rows")[1]["items"]
    assert row["columns"] == {"a": 2}


@pytest.mark.source("Assumed: what RAW does not know is refused")
@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/raw/dbs", {"items": [{"name": "n", "x": 1}]}, "x"),
        ("/raw/dbs", {"items": [{"name": "a/b"}]}, "slash"),
        ("/raw/dbs/delete", {"items": [{"name": "d"}], "recursive": "yes"}, "recursive"),
        ("/raw/dbs/delete", {"items": [{"nam": "d"}]}, "nam"),
        ("/raw/dbs/d/tables", {"items": [{"name": "n"}], "x": 1}, "x"),
        ("/raw/dbs/d/tables?ensureparent=true", {"items": [{"name": "n"}]}, "ensureparent"),
        ("/raw/dbs/d/tables?ensureParent=1", {"items": [{"name": "n"}]}, "ensureParent"),
        ("/raw/dbs/d/tables/t/rows", {"items": [{"key": "k", "columns": {}, "lastUpdatedTime": 1}]}, "lastUpdatedTime"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{"key": "k"}, {"key": 3}]}, "key"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{}]}, "key"),
        ("/raw/dbs/d/tables/t/rows/delete", {"items": [{"key": "k", "x": 1}]}, "x"),
    ],
)
def test_what_raw_does_not_know_is_refused(cdf: Cdf, path: str, body: dict[str, Any], named: str) -> None:
    cdf.client.raw.rows.insert("d", "t", {"k": {"a": 1}}, ensure_parent=True)
    error = cdf.refused(path, body)
    assert error["code"] == 400
    assert named in error["message"]
    assert [row.key for row in cdf.client.raw.rows.list("d", "t")] == ["k"]


@pytest.mark.source("Docs: RAW, retrieve cursors for parallel reads")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cursors?numberOfCursors=0", "numberOfCursors"),
        ("cursors?numberOfCursors=10001", "numberOfCursors"),
        ("cursors?limit=3", "limit"),
        ("rows?column=a", "column"),
        ("rows?cursor=WyJhIixudWxsLG51bGwsbnVsbF0=", "cursor"),
        ("rows?cursor=WzEsImEiLCJiIixudWxsXQ==", "cursor"),
        ("rows?cursor=W10=", "cursor"),
    ],
)
def test_a_read_that_cannot_be(cdf: Cdf, query: str, named: str) -> None:
    cdf.client.raw.rows.insert("d", "t", {"k": {"a": 1}}, ensure_parent=True)
    status, answer = cdf.get(f"/raw/dbs/d/tables/t/{query}")
    assert status == 400
    assert named in answer["error"]["message"]


@pytest.mark.source("Docs: RAW, retrieve cursors for parallel reads; SDK _api/raw/rows.py")
def test_a_cursor_brings_its_own_times_and_takes_other_columns(cdf: Cdf) -> None:
    cdf.client.raw.rows.insert("d", "t", {str(n): {"a": n, "b": n} for n in range(9)}, ensure_parent=True)
    _, cursors = cdf.get("/raw/dbs/d/tables/t/cursors?numberOfCursors=2")
    found = [
        row
        for cursor in cursors["items"]
        for row in cdf.get(f"/raw/dbs/d/tables/t/rows?columns=b&minLastUpdatedTime=99999999999999&cursor={cursor}")[1][
            "items"
        ]
    ]
    assert sorted(row["columns"]["b"] for row in found) == list(range(9))
    assert all(row["columns"].keys() == {"b"} for row in found)


@pytest.mark.source("SDK tests test_raw.py")
def test_raw_says_what_exists_already(cdf: Cdf) -> None:
    cdf.post("/raw/dbs/db/tables?ensureParent=true", {"items": [{"name": "t"}]})
    with pytest.raises(CogniteAPIError, match="already created"):
        cdf.client.raw.tables.create("db", "t")
    with pytest.raises(CogniteAPIError, match="not found"):
        cdf.client.raw.tables.delete("db", "unknown")
