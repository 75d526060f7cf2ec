"""Rows of sequences: what they refuse, and how they are paged and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_cdf_client import AnyJson, Cdf


@pytest.fixture
def table(cdf: Cdf) -> Cdf:
    columns = [
        {"externalId": "s", "valueType": "STRING"},
        {"externalId": "d"},
        {"externalId": "n", "valueType": "LONG"},
    ]
    for name in ("t", "u"):
        cdf.items("/sequences", {"externalId": name, "columns": columns})
    return cdf


def rows(cdf: Cdf, **query: AnyJson) -> tuple[dict[int, list[Any]], str | None]:
    _, answer = cdf.post("/sequences/data/list", {"externalId": "t", **query})
    return {row["rowNumber"]: row["values"] for row in answer["rows"]}, answer.get("nextCursor")


def row(number: AnyJson, *values: AnyJson) -> dict[str, Any]:
    return {"rowNumber": number, "values": list(values)}


@pytest.mark.source("SDK _api/sequence_data.py insert_dataframe")
@pytest.mark.parametrize(
    ("item", "named"),
    [
        ({"rows": [row(1, None, None, None)]}, "no value"),
        ({"rows": []}, "rows"),
        ({"columns": ["s", "s"], "rows": [row(1, "a", "b")]}, "only once"),
        ({"columns": ["x"], "rows": [row(1, "a")]}, "unknown x"),
        ({"columns": ["n"], "rows": [row(1, 2**63)]}, "n cannot hold"),
        ({"columns": ["n"], "rows": [row(1, 1.0)]}, "n cannot hold"),
        ({"columns": ["d"], "rows": [row(1, True)]}, "d cannot hold"),
        ({"columns": ["d"], "rows": [row(-1, 1)]}, "-1"),
        ({"columns": ["d"], "rows": [row("1", 1)]}, "'1'"),
        ({"columns": ["d"], "rows": [row(1, 1)], "start": 0}, "start"),
    ],
)
def test_rows_that_cannot_be_are_refused_with_all_others(table: Cdf, item: AnyJson, named: str) -> None:
    good = {"externalId": "t", "columns": ["s"], "rows": [row(1, "a")]}
    body = {"items": [good, {"externalId": "u"} | item]}
    assert named in table.refused("/sequences/data", body)["message"]
    assert rows(table) == ({}, None)


@pytest.mark.source("API: insert rows; SDK _api/sequence_data.py")
def test_the_limit_of_rows_is_one_for_the_request(table: Cdf) -> None:
    half = [row(n, 1) for n in range(5001)]
    items = [{"externalId": name, "columns": ["n"], "rows": half} for name in ("t", "u")]
    assert "at most" in table.refused("/sequences/data", {"items": items})["message"]
    assert table.post("/sequences/data", {"items": items[:1]})[0] == 201


@pytest.mark.source("SDK tests test_sequences_data.py; SDK _api/sequence_data.py")
def test_pages_of_rows_and_of_some_columns(table: Cdf) -> None:
    sent = [row(n * 2, f"r{n}", n, n) for n in range(5)]
    assert table.post("/sequences/data", {"items": [{"externalId": "t", "rows": sent}]})[0] == 201
    first, cursor = rows(table, start=1, end=8, limit=2, columns=["n", "s"])
    assert first == {2: ["r1", 1], 4: ["r2", 2]}
    rest, end = rows(table, start=1, end=8, limit=2, columns=["n", "s"], cursor=cursor)
    assert (rest, end) == ({6: ["r3", 3]}, None)
    whole, _ = rows(table, columns=["d"])
    assert [type(value) for (value,) in whole.values()] == [float] * 5
    for query in ({"cursor": "x"}, {"cursor": "9" * 5000}, {"start": -1}, {"limit": 10_001}, {"colums": ["n"]}):
        assert table.refused("/sequences/data/list", {"externalId": "t", **query})["code"] == 400
    _, last = table.post("/sequences/data/latest", {"externalId": "t", "before": 8, "columns": ["s"]})
    assert last["rows"] == [row(6, "r3")]


@pytest.mark.source("API: delete rows")
def test_a_delete_of_rows_that_is_refused_deletes_none(table: Cdf) -> None:
    for name in ("t", "u"):
        table.post("/sequences/data", {"items": [{"externalId": name, "columns": ["n"], "rows": [row(1, 1)]}]})
    for bad in ({"rows": ["1"]}, {}, {"rows": [None]}, {"rows": [1], "end": 5}):
        items = [{"externalId": "t", "rows": [1]}, {"externalId": "u"} | bad]
        assert table.refused("/sequences/data/delete", {"items": items})["code"] == 400
    assert list(rows(table)[0]) == [1]


@pytest.mark.source("SDK tests test_sequences_data.py")
def test_pages_of_wide_rows_are_shorter(cdf: Cdf) -> None:
    columns = [{"externalId": str(n), "valueType": "LONG"} for n in range(200)]
    cdf.items("/sequences", {"externalId": "wide", "columns": columns})
    for start in (0, 400):
        rows = [{"rowNumber": n, "values": list(range(200))} for n in range(start, start + 400)]
        cdf.post("/sequences/data", {"items": [{"externalId": "wide", "rows": rows}]})
    _, page = cdf.post("/sequences/data/list", {"externalId": "wide", "limit": 10_000})
    assert (len(page["rows"]), page["nextCursor"]) == (300, "300")
    assert len(cdf.client.sequences.data.retrieve(external_id="wide")) == 800
    assert cdf.refused("/sequences/data/list", {"externalId": "wide", "columns": ["x"]})["code"] == 400
