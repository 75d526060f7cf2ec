"""RAW rows, rows of sequences and runs of extraction pipelines agree with their models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_world import World, names, new_world, with_examples

tables = st.sampled_from(["t", "u"])
columns = st.dictionaries(st.sampled_from("xyz"), st.sampled_from([1, True, 1.5, "a", None, [1], {"b": 2}]), max_size=3)
steps_of_raw = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.tuples(tables, st.lists(st.tuples(names, columns), max_size=4), st.booleans())),
        st.tuples(
            st.just("insert"),
            st.tuples(tables, st.lists(st.tuples(names, columns), max_size=4), st.just(True)),
        ),
        st.tuples(st.just("delete"), st.tuples(tables, st.lists(names, min_size=1, max_size=3))),
        st.tuples(st.just("read"), st.tuples(tables, st.integers(1, 3), st.integers(1, 4))),
        st.tuples(st.just("drop"), tables),
    ),
    min_size=1,
    max_size=10,
)


def pages(world: World, path: str, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        status, page = world.send("GET", f"{path}?{query}{cursor}")
        assert status == 200, page
        found += page["items"]
        if "nextCursor" not in page:
            return found
        cursor = f"&cursor={page['nextCursor']}"


def read_raw(world: World, held: dict[str, dict[str, str]], table: str, limit: int, parts: int) -> None:
    path = f"/raw/dbs/d/tables/{table}"
    if table not in held:
        assert world.send("GET", f"{path}/rows")[0] == 404
        return
    wanted = held[table]
    for_all = pages(world, f"{path}/rows", f"limit={limit}")
    assert {row["key"]: text(row["columns"]) for row in for_all} == wanted
    assert len(for_all) == len(wanted)
    _, cursors = world.send("GET", f"{path}/cursors?numberOfCursors={parts}")
    assert 1 <= len(cursors["items"]) <= parts
    rows: list[dict[str, Any]] = []
    for cursor in cursors["items"]:
        found = cursor
        while found:
            _, page = world.send("GET", f"{path}/rows?limit={limit}&cursor={found}")
            rows += page["items"]
            found = page.get("nextCursor")
    assert sorted(row["key"] for row in rows) == sorted(wanted)


def text(value: Any) -> str:
    """JSON tells 1, 1.0 and true apart, Python does not."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.source("API: insert rows into a table; SDK _api/raw/rows.py")
@with_examples
@given(steps_of_raw)
def test_raw_agrees_with_its_model(steps: list[tuple[str, Any]]) -> None:
    held: dict[str, dict[str, str]] = {}
    with new_world() as world:
        for action, content in steps:
            if action == "insert":
                table, rows, ensure = content
                items = [{"key": key, "columns": sent} for key, sent in rows]
                query = f"?ensureParent={str(ensure).lower()}"
                status, _ = world.post(f"/raw/dbs/d/tables/{table}/rows{query}", {"items": items})
                assert status == (200 if ensure or table in held else 404)
                if status == 200:
                    held[table] = held.get(table, {}) | {key: text(sent) for key, sent in rows}
            elif action == "delete":
                table, keys = content
                body = {"items": [{"key": key} for key in keys]}
                status, _ = world.post(f"/raw/dbs/d/tables/{table}/rows/delete", body)
                assert status == (200 if table in held else 404)
                for key in keys:
                    held.get(table, {}).pop(key, None)
            elif action == "read":
                read_raw(world, held, *content)
            else:
                status, _ = world.post("/raw/dbs/d/tables/delete", {"items": [{"name": content}]})
                assert status == (200 if content in held else 404)
                held.pop(content, None)


TYPES = {"n": "LONG", "d": "DOUBLE", "s": "STRING"}
cells = {
    "n": st.one_of(st.integers(-3, 3), st.none()),
    "d": st.sampled_from([1, 0.5, None]),
    "s": st.sampled_from(["x", None]),
}
numbers = st.integers(0, 6)


def any_value(values: tuple[Any, ...]) -> bool:
    """A row without any value is refused."""
    return any(value is not None for value in values)


written = st.lists(st.sampled_from(list(TYPES)), min_size=1, unique=True).flatmap(
    lambda chosen: st.tuples(
        st.just(chosen),
        st.lists(
            st.tuples(numbers, st.tuples(*(cells[name] for name in chosen)).filter(any_value)), min_size=1, max_size=3
        ),
    )
)
steps_of_rows = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), written),
        st.tuples(st.just("insert"), written),
        st.tuples(st.just("refused"), st.sampled_from([("n", 0.5), ("n", "x"), ("d", "x"), ("s", 1), ("q", 1)])),
        st.tuples(st.just("delete"), st.lists(numbers, max_size=3)),
        st.tuples(st.just("read"), st.tuples(numbers, st.one_of(st.none(), numbers), st.integers(1, 3))),
        st.tuples(st.just("latest"), st.one_of(st.none(), numbers)),
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.source("API: insert rows; SDK _api/sequence_data.py")
@with_examples
@given(steps_of_rows)
def test_sequence_rows_agree_with_their_model(steps: list[tuple[str, Any]]) -> None:
    held: dict[int, dict[str, Any]] = {}
    with new_world() as world:
        definition = [{"externalId": name, "valueType": kind} for name, kind in TYPES.items()]
        world.post("/sequences", {"items": [{"externalId": "q", "columns": definition}]})
        for action, content in steps:
            if action == "insert":
                chosen, rows = content
                sent = [{"rowNumber": number, "values": list(values)} for number, values in rows]
                item = {"externalId": "q", "columns": chosen, "rows": sent}
                assert world.post("/sequences/data", {"items": [item]}) == (201, {})
                for number, values in rows:
                    held[number] = held.get(number, {}) | dict(zip(chosen, values, strict=True))
            elif action == "refused":
                rows = [{"rowNumber": 0, "values": [content[1]]}]
                body = {"items": [{"externalId": "q", "columns": [content[0]], "rows": rows}]}
                assert world.post("/sequences/data", body)[0] == 400
            elif action == "delete":
                assert world.post("/sequences/data/delete", {"items": [{"externalId": "q", "rows": content}]})[0] == 200
                for number in content:
                    held.pop(number, None)
            elif action == "latest":
                _, answer = world.post("/sequences/data/latest", {"externalId": "q", "before": content})
                known = [number for number in sorted(held) if content is None or number < content]
                assert [row["rowNumber"] for row in answer["rows"]] == known[-1:]
            else:
                read_rows(world, held, *content)


def read_rows(world: World, held: dict[int, dict[str, Any]], start: int, end: int | None, limit: int) -> None:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        body = {"externalId": "q", "start": start, "end": end, "limit": limit, "cursor": cursor}
        _, page = world.post("/sequences/data/list", body)
        found += page["rows"]
        cursor = page.get("nextCursor")
        if cursor is None:
            break
    wanted = [
        {"rowNumber": number, "values": [held[number].get(name) for name in TYPES]}
        for number in sorted(held)
        if number >= start and (end is None or number < end)
    ]
    assert found == wanted


statuses = st.sampled_from(["success", "failure", "seen"])
messages = st.sampled_from([None, "all well", "disk full"])
pipelines = st.sampled_from(["p", "p", "p", "q", "unknown"])
steps_of_runs = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.tuples(pipelines, statuses, messages, st.integers(1, 9))),
        st.tuples(st.just("run"), st.tuples(pipelines, statuses, messages, st.integers(1, 9))),
        st.tuples(st.just("list"), st.tuples(pipelines, st.lists(statuses, max_size=2), st.sampled_from(["", "full"]))),
        st.tuples(
            st.just("update"),
            st.tuples(pipelines, st.sampled_from([{"set": {"k": "v"}}, {"set": {}}, {"setNull": True}])),
        ),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.source("SDK data_classes/extractionpipelines.py")
@with_examples
@given(steps_of_runs)
def test_pipelines_and_their_runs_agree_with_their_model(steps: list[tuple[str, Any]]) -> None:
    runs: dict[str, list[dict[str, Any]]] = {"p": [], "q": []}
    metadata: dict[str, Any] = {"p": None, "q": None}
    with new_world() as world:
        _, answer = world.post("/datasets", {"items": [{"externalId": "ds"}]})
        data_set = answer["items"][0]["id"]
        world.post("/extpipes", {"items": [{"externalId": p, "name": p, "dataSetId": data_set} for p in runs]})
        for action, content in steps:
            if action == "run":
                pipeline, status, message, when = content
                run = {"externalId": pipeline, "status": status, "createdTime": when}
                run |= {} if message is None else {"message": message}
                answered, body = world.post("/extpipes/runs", {"items": [run]})
                assert answered == (201 if pipeline in runs else 400), body
                runs.get(pipeline, []).append(run)
            elif action == "list":
                listed(world, runs, *content)
            else:
                pipeline, operation = content
                item = {"externalId": pipeline, "update": {"metadata": operation}}
                answered, _ = world.post("/extpipes/update", {"items": [item]})
                assert answered == (200 if pipeline in runs else 400)
                metadata |= {pipeline: operation.get("set") or None} if pipeline in runs else {}
        _, answer = world.post("/extpipes/byids", {"items": [{"externalId": p} for p in runs]})
        for row in answer["items"]:
            own = runs[row["externalId"]]
            for status, field in (("success", "lastSuccess"), ("failure", "lastFailure"), (None, "lastSeen")):
                times = [run["createdTime"] for run in own if status in {None, run["status"]}]
                assert row[field] == max(times, default=0)
            said = [run["message"] for run in own if "message" in run]
            assert row.get("lastMessage") == (said[-1] if said else None)
            assert row.get("metadata") == metadata[row["externalId"]]


def listed(world: World, runs: dict[str, list[Any]], pipeline: str, wanted: list[str], part: str) -> None:
    sought = {"externalId": pipeline, "statuses": wanted or None, "message": {"substring": part or None}}
    answered, answer = world.post("/extpipes/runs/list", {"filter": sought})
    assert answered == (200 if pipeline in runs else 400)
    if pipeline in runs:
        newest_first = list(reversed(runs[pipeline]))
        newest_first.sort(key=lambda run: -run["createdTime"])
        # A run in a list does not name its pipeline.
        kept = [
            {name: value for name, value in run.items() if name != "externalId"}
            for run in newest_first
            if (not wanted or run["status"] in wanted) and part in run.get("message", "")
        ]
        assert [{name: value for name, value in run.items() if name != "id"} for run in answer["items"]] == kept
