"""RAW: databases, tables, and rows that are replaced whole."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteNotFoundError
from sandbox_cdf_client import Cdf


@pytest.mark.source("SDK _api/raw/databases.py; SDK _api/raw/tables.py")
def test_databases_and_tables(cdf: Cdf) -> None:
    raw = cdf.client.raw
    raw.databases.create(["one", "two"])
    raw.tables.create("one", ["t b", "u"])
    assert [database.name for database in raw.databases.list()] == ["one", "two"]
    assert [table.name for table in raw.tables.list("one")] == ["t b", "u"]
    with pytest.raises(CogniteDuplicatedError) as duplicate:
        raw.databases.create(["three", "one"])
    assert duplicate.value.duplicated == [{"name": "one"}]
    with pytest.raises(CogniteDuplicatedError):
        raw.tables.create("one", "u")
    with pytest.raises(CogniteAPIError) as full:
        raw.databases.delete("one")
    assert full.value.code == 400
    raw.tables.delete("one", "t b")
    with pytest.raises(CogniteNotFoundError):
        raw.tables.delete("one", "t b")
    raw.databases.delete(["one", "two"], recursive=True)
    assert raw.databases.list() == []
    with pytest.raises(CogniteNotFoundError) as missing:
        raw.databases.delete("one")
    assert missing.value.missing == [{"name": "one"}]


@pytest.mark.source("Toolkit resource_ios/_raw.py")
def test_tables_can_bring_their_database(cdf: Cdf) -> None:
    status, body = cdf.post("/raw/dbs/db/tables?ensureParent=false", {"items": [{"name": "t"}]})
    assert (status, body["error"]["code"]) == (404, 404)
    assert cdf.post("/raw/dbs/db/tables?ensureParent=true", {"items": [{"name": "t"}]})[0] == 201
    _, page = cdf.get("/raw/dbs/db/tables")
    assert [set(table) for table in page["items"]] == [{"name", "createdTime"}]


@pytest.mark.source("Docs: RAW limits")
def test_names_are_limited(cdf: Cdf) -> None:
    for path, limit in (("/raw/dbs", 32), ("/raw/dbs/db/tables?ensureParent=true", 64)):
        assert cdf.post(path, {"items": [{"name": "x" * limit}]})[0] == 201
        for name in ("x" * (limit + 1), "", None):
            assert cdf.refused(path, {"items": [{"name": name}]})["code"] == 400
    rows = {"items": [{"key": "k", "columns": {}}]}
    assert cdf.refused(f"/raw/dbs/{'x' * 33}/tables/t/rows?ensureParent=true", rows)["code"] == 400
    assert cdf.refused(f"/raw/dbs/db/tables/{'x' * 65}/rows?ensureParent=true", rows)["code"] == 400


@pytest.mark.source("SDK _api/raw/databases.py")
def test_pages_of_names(cdf: Cdf) -> None:
    cdf.client.raw.databases.create([f"db{n}" for n in range(60)])
    assert len(cdf.client.raw.databases.list(limit=None)) == 60
    _, page = cdf.get("/raw/dbs?limit=50")
    assert len(page["items"]) == 50
    assert page["nextCursor"]


@pytest.mark.source("API: insert rows into a table; Assumed: 404, not 400")
def test_rows_need_their_table(cdf: Cdf) -> None:
    rows = {"items": [{"key": "k", "columns": {}}]}
    assert cdf.refused("/raw/dbs/db/tables/t/rows", rows)["code"] == 404
    cdf.client.raw.databases.create("db")
    assert cdf.refused("/raw/dbs/db/tables/t/rows?ensureParent=false", rows)["code"] == 404
    assert cdf.get("/raw/dbs/db/tables/t/rows")[0] == 404
    assert cdf.get("/raw/dbs/db/tables/t/rows/k")[0] == 404
    assert cdf.get("/raw/dbs/db/tables/t/cursors")[0] == 404
    assert cdf.refused("/raw/dbs/db/tables/t/rows/delete", rows)["code"] == 404
    assert cdf.post("/raw/dbs/new/tables/t/rows?ensureParent=true", rows) == (200, {})


@pytest.mark.source("API: insert rows into a table")
def test_a_row_is_replaced_whole(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows
    rows.insert("db", "t b", {"k/1": {"a": 1, "b": None}, "ä ö": {"x": [1, {"y": "z"}]}}, ensure_parent=True)
    rows.insert("db", "t b", {"k/1": {"c": "2"}})
    assert rows.retrieve("db", "t b", "k/1").columns == {"c": "2"}
    assert rows.retrieve("db", "t b", "ä ö").columns == {"x": [1, {"y": "z"}]}
    assert rows.retrieve("db", "t b", "other") is None


@pytest.mark.source("API: insert rows into a table")
def test_the_time_changes_only_with_the_content(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows

    def written(value: object) -> int:
        rows.insert("db", "t", {"k": {"a": value, "b": 2}}, ensure_parent=True)
        row = rows.retrieve("db", "t", "k")
        assert row.last_updated_time
        return int(row.last_updated_time)

    def wait_for_a_new_millisecond(since: int) -> None:
        give_up = time.monotonic() + 1
        while time.time() * 1000 < since + 1 and time.monotonic() < give_up:
            pass

    first = written(1)
    wait_for_a_new_millisecond(first)
    assert written(1) == first
    changed = written(True)
    assert changed > first
    assert [row.key for row in rows.list("db", "t", min_last_updated_time=first)] == ["k"]
    assert rows.list("db", "t", min_last_updated_time=changed) == []
    assert [row.key for row in rows.list("db", "t", max_last_updated_time=changed)] == ["k"]
    assert rows.list("db", "t", max_last_updated_time=first) == []


@pytest.mark.source("SDK _api/raw/rows.py")
def test_columns(cdf: Cdf) -> None:
    cdf.client.raw.rows.insert("db", "t", {"k": {"a": 1, "b": 2, "c": 3}}, ensure_parent=True)
    assert cdf.client.raw.rows.list("db", "t", columns=["a", "c", "x"])[0].columns == {"a": 1, "c": 3}
    assert cdf.client.raw.rows.list("db", "t", columns=[])[0].columns == {}


@pytest.mark.source("SDK _api/raw/rows.py")
def test_pages_and_parallel_cursors(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows
    rows.insert("db", "t", {f"k{n:05}": {"n": n} for n in range(12_345)}, ensure_parent=True)
    keys = [f"k{n:05}" for n in range(12_345)]
    assert sorted(row.key for row in rows.list("db", "t", limit=None)) == keys
    assert len(rows.list("db", "t", limit=7)) == 7
    _, page = cdf.get("/raw/dbs/db/tables/t/rows?limit=10000")
    assert len(page["items"]) == 10_000
    for count in (1, 3, 10):
        _, cursors = cdf.get(f"/raw/dbs/db/tables/t/cursors?numberOfCursors={count}")
        assert len(cursors["items"]) == count
        found = []
        for cursor in cursors["items"]:
            _, page = cdf.get(f"/raw/dbs/db/tables/t/rows?limit=10000&cursor={cursor}")
            found += [row["key"] for row in page["items"]]
            if "nextCursor" in page:
                _, page = cdf.get(f"/raw/dbs/db/tables/t/rows?limit=10000&cursor={page['nextCursor']}")
                found += [row["key"] for row in page["items"]]
        assert sorted(found) == keys
        assert len(found) == len(keys)


@pytest.mark.source("API: retrieve rows from a table")
@pytest.mark.parametrize("query", ["limit=10001", "limit=0", "cursor=x", "minLastUpdatedTime=x"])
def test_a_listing_that_cannot_be(cdf: Cdf, query: str) -> None:
    cdf.client.raw.rows.insert("db", "t", {"k": {}}, ensure_parent=True)
    assert cdf.get(f"/raw/dbs/db/tables/t/rows?{query}")[0] == 400


@pytest.mark.source("SDK _api/raw/rows.py")
def test_rows_are_deleted_by_key(cdf: Cdf) -> None:
    rows = cdf.client.raw.rows
    rows.insert("db", "t", {"a": {}, "b/c": {}, "d": {}}, ensure_parent=True)
    rows.delete("db", "t", ["a", "b/c", "unknown"])
    assert [row.key for row in rows.list("db", "t")] == ["d"]
    rows.insert("db", "t", {"a": {"back": 1}})
    assert [row.key for row in rows.list("db", "t")] == ["d", "a"]


@pytest.mark.source("API: insert rows into a table; Assumed: what is invalid is found before anything is written")
@pytest.mark.parametrize(
    "row",
    [
        {"columns": {}},
        {"key": "", "columns": {}},
        {"key": 1, "columns": {}},
        {"key": "x" * 1025, "columns": {}},
        {"key": "k"},
        {"key": "k", "columns": None},
        {"key": "k", "columns": []},
        {"key": "k", "columns": {"a": "x" * 2_621_441}},
        {"key": "k", "columns": {"a": "x" * 2_600_000, "b": "x" * 2_600_000, "c": "x" * 100_000}},
    ],
)
def test_a_refused_row_refuses_all(cdf: Cdf, row: dict[str, Any]) -> None:
    body = {"items": [{"key": "good", "columns": {}}, row]}
    assert cdf.refused("/raw/dbs/db/tables/t/rows?ensureParent=true", body)["code"] == 400
    assert cdf.client.raw.databases.list() == []


@pytest.mark.source("API: insert rows into a table")
def test_ten_thousand_rows_fit_a_request_and_one_more_does_not(cdf: Cdf) -> None:
    body = {"items": [{"key": str(n), "columns": {}} for n in range(10_001)]}
    assert cdf.refused("/raw/dbs/db/tables/t/rows?ensureParent=true", body)["code"] == 400
    body["items"].pop()
    assert cdf.post("/raw/dbs/db/tables/t/rows?ensureParent=true", body)[0] == 200
