"""Points of time series agree with a dict of times to values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_world import World, new_world, with_examples

pytestmark = pytest.mark.source("API: insert data points; SDK _api/datapoints.py")

SERIES = {"n": False, "s": True}
GOOD, UNCERTAIN, BAD = 0, 1 << 30, 2 << 30

series = st.sampled_from([*SERIES] * 6 + ["unknown"])
times = st.integers(-3, 12)
values = {"n": st.integers(-5, 5), "s": st.sampled_from(["on", "off"]), "unknown": st.just(1)}
codes = st.sampled_from([None, None, None, GOOD, UNCERTAIN, BAD])
strange = st.tuples(times, st.sampled_from([1, "on", None]), codes)
sent_points = series.flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.one_of(
            *[st.lists(st.tuples(times, values[name], codes), min_size=1, max_size=6)] * 5,
            st.lists(strange, min_size=1, max_size=2),
        ),
    )
)
steps_of_points = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.lists(sent_points, min_size=1, max_size=2)),
        st.tuples(st.just("insert"), st.lists(sent_points, min_size=1, max_size=2)),
        st.tuples(st.just("delete"), st.tuples(series, times, st.one_of(st.none(), times))),
        st.tuples(st.just("read"), st.tuples(series, times, times, st.integers(1, 3), st.booleans(), st.booleans())),
        st.tuples(st.just("latest"), st.tuples(series, times)),
        st.tuples(st.just("count"), st.tuples(series, st.integers(1, 4))),
    ),
    min_size=4,
    max_size=12,
)

Held = dict[str, dict[int, tuple[Any, int]]]


def fits(name: str, value: Any, code: int | None) -> bool:
    return (value is None and code == BAD) or (value is not None and isinstance(value, str) is SERIES[name])


def seen(held: Held, name: str, worst: int) -> dict[int, Any]:
    """The values of points no worse than good (0), uncertain (1) or bad (2), by time."""
    return {when: value for when, (value, code) in sorted(held[name].items()) if code >> 30 <= worst}


def insert(held: Held, items: list[tuple[str, list[tuple[int, Any, int | None]]]]) -> int:
    if any(name not in SERIES for name, _ in items):
        return 400
    if not all(fits(name, value, code) for name, sent in items for _, value, code in sent):
        return 400
    for name, sent in items:
        held[name] |= {when: (value, code or GOOD) for when, value, code in sent}
    return 200


def read_whole(world: World, name: str, start: int, end: int, limit: int, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        item = {"externalId": name} | ({"cursor": cursor} if cursor else {})
        body = {"items": [item], "start": start, "end": end, "limit": limit} | more
        status, answer = world.post("/timeseries/data/list", body)
        assert status == 200, answer
        (shown,) = answer["items"]
        assert len(shown["datapoints"]) <= limit
        found += shown["datapoints"]
        cursor = shown.get("nextCursor")
        if cursor is None:
            return found


def read(world: World, held: Held, content: Any) -> None:
    name, start, end, limit, uncertain, bad = content
    if name not in SERIES or end <= start:
        body = {"items": [{"externalId": name}], "start": start, "end": end}
        assert world.post("/timeseries/data/list", body)[0] == 400
        return
    worst = 2 if bad else 1 if uncertain else 0
    more = {"treatUncertainAsBad": not uncertain, "ignoreBadDataPoints": not bad}
    found = read_whole(world, name, start, end, limit, **more)
    wanted = {when: value for when, value in seen(held, name, worst).items() if start <= when < end}
    assert {point["timestamp"]: point.get("value") for point in found} == wanted
    assert [point["timestamp"] for point in found] == sorted(wanted)


@with_examples
@given(steps_of_points)
def test_points_agree_with_their_model(steps: list[tuple[str, Any]]) -> None:
    held: Held = {name: {} for name in SERIES}
    with new_world() as world:
        items: list[dict[str, Any]] = [{"externalId": name, "isString": text} for name, text in SERIES.items()]
        world.post("/timeseries", {"items": items})
        for action, content in steps:
            if action == "insert":
                items = [{"externalId": name, "datapoints": list(map(spelt, sent))} for name, sent in content]
                assert world.post("/timeseries/data", {"items": items})[0] == insert(held, content)
            elif action == "delete":
                delete(world, held, *content)
            elif action == "read":
                read(world, held, content)
            elif content[0] in SERIES:
                name, number = content
                if action == "latest":
                    body: dict[str, Any] = {"items": [{"externalId": name, "before": number}]}
                    _, answer = world.post("/timeseries/data/latest", body)
                    earlier = [(when, value) for when, value in seen(held, name, 0).items() if when < number]
                    found = [(each["timestamp"], each["value"]) for each in answer["items"][0]["datapoints"]]
                    assert found == earlier[-1:]
                else:
                    counted(world, held, name, number)


def spelt(point: tuple[int, Any, int | None]) -> dict[str, Any]:
    when, value, code = point
    return {"timestamp": when, "value": value} | ({} if code is None else {"status": {"code": code}})


def delete(world: World, held: Held, name: str, begin: int, end: int | None) -> None:
    item = {"externalId": name, "inclusiveBegin": begin} | ({} if end is None else {"exclusiveEnd": end})
    possible = name in SERIES and (end is None or end > begin)
    assert world.post("/timeseries/data/delete", {"items": [item]})[0] == (200 if possible else 400)
    if possible:
        stop = begin + 1 if end is None else end
        held[name] = {when: point for when, point in held[name].items() if not begin <= when < stop}


def counted(world: World, held: Held, name: str, seconds: int) -> None:
    """Buckets of seconds: the times of the model are milliseconds, so all points fall into two buckets or one."""
    more = {"aggregates": ["count"], "granularity": f"{seconds}s"}
    if SERIES[name]:
        body = {"items": [{"externalId": name}], "start": 0, "end": 1, **more}
        assert world.post("/timeseries/data/list", body)[0] == 400
        return
    found = read_whole(world, name, -1000 * seconds, 1000 * seconds, 1, **more)
    buckets = [-1000 * seconds, 0]
    wanted = {
        bucket: sum(bucket <= when < bucket + 1000 * seconds for when in seen(held, name, 0)) for bucket in buckets
    }
    assert {point["timestamp"]: point["count"] for point in found} == {b: n for b, n in wanted.items() if n}
