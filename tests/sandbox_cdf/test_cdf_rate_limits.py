"""Each number of the documented rate limits, by asking for exactly as much as is allowed and then for one more."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sandbox.cdf.api.http import ApiError
from sandbox.cdf.throttle import Throttle

pytestmark = pytest.mark.source("Docs: rate limits; Docs: data modeling limits")

Step = tuple[str, str, str, int]
"""Who asks, with which method, for which path, how often."""

GIGABYTE = 10**9
TEN_MINUTES = 600


@dataclass
class Frozen:
    """A clock that stands still until it is moved."""

    now: float = 0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Frozen:
    frozen = Frozen()
    monkeypatch.setattr("sandbox.cdf.throttle.time", frozen)
    return frozen


def refusal(throttle: Throttle, step: Step, size: int = 0) -> str:
    """The message of a request that must be refused."""
    with pytest.raises(ApiError) as refused:
        throttle.enter(*step[:3], size)
    assert refused.value.code == 429
    return refused.value.message.removeprefix("Rate limit exceeded: ")


def steps(path: str, first: tuple[int, int], second: tuple[int, int]) -> list[Step]:
    """What two identities ask for: creates or updates, and lists, as many of each as are named."""
    return [
        (who, "POST", asked, times)
        for who, amounts in (("a", first), ("b", second))
        for asked, times in zip((path, f"{path}/list"), amounts, strict=True)
        if times
    ]


# As many requests in one second as an identity, and then the project, may send. CRUD and lists are mixed where a
# budget holds more than one kind of them allows.
RATES = [
    (steps("/assets", (130, 20), (0, 0)), "assets, 150 requests per 1 s for one identity"),
    (steps("/assets", (130, 20), (40, 10)), "assets, 200 requests per 1 s for the project"),
    (steps("/assets", (130, 0), (0, 0)), "assets CRUD, 130 requests per 1 s for one identity"),
    (steps("/assets", (130, 0), (40, 0)), "assets CRUD, 170 requests per 1 s for the project"),
    (steps("/assets", (0, 23), (0, 0)), "assets analytical, 23 requests per 1 s for one identity"),
    (steps("/assets", (0, 23), (0, 7)), "assets analytical, 30 requests per 1 s for the project"),
    ([("a", "POST", "/assets/aggregate", 12)], "assets aggregation, 12 requests per 1 s for one identity"),
    (
        [("a", "POST", "/assets/aggregate", 12), ("b", "POST", "/assets/aggregate", 3)],
        "assets aggregation, 15 requests per 1 s for the project",
    ),
    (steps("/events", (130, 20), (0, 0)), "events, 150 requests per 1 s for one identity"),
    (steps("/events", (130, 20), (40, 10)), "events, 200 requests per 1 s for the project"),
    (steps("/events", (130, 0), (0, 0)), "events CRUD, 130 requests per 1 s for one identity"),
    (steps("/events", (130, 0), (40, 0)), "events CRUD, 170 requests per 1 s for the project"),
    (steps("/events", (0, 23), (0, 0)), "events analytical, 23 requests per 1 s for one identity"),
    (steps("/events", (0, 23), (0, 7)), "events analytical, 30 requests per 1 s for the project"),
]


@pytest.mark.parametrize(("asked", "message"), RATES, ids=[row[1] for row in RATES])
def test_requests_of_a_second(clock: Frozen, asked: list[Step], message: str) -> None:
    throttle = Throttle(enabled=True)
    for who, method, path, times in asked:
        for _ in range(times):
            throttle.leave(throttle.enter(who, method, path, 0), who, method, path, 0)
    assert refusal(throttle, asked[-1]) == message
    clock.now += 1.001
    throttle.enter(*asked[-1][:3], 0)


AT_ONCE = [
    (steps("/assets", (23, 7), (0, 0)), "assets, 30 concurrent requests for one identity"),
    (steps("/assets", (23, 7), (7, 3)), "assets, 40 concurrent requests for the project"),
    (steps("/assets", (23, 0), (0, 0)), "assets CRUD, 23 concurrent requests for one identity"),
    (steps("/assets", (23, 0), (7, 0)), "assets CRUD, 30 concurrent requests for the project"),
    (steps("/assets", (0, 12), (0, 0)), "assets analytical, 12 concurrent requests for one identity"),
    (steps("/assets", (0, 12), (0, 3)), "assets analytical, 15 concurrent requests for the project"),
    ([("a", "POST", "/assets/aggregate", 5)], "assets aggregation, 5 concurrent requests for one identity"),
    (
        [("a", "POST", "/assets/aggregate", 5), ("b", "POST", "/assets/aggregate", 2)],
        "assets aggregation, 7 concurrent requests for the project",
    ),
    (steps("/events", (30, 10), (0, 0)), "events, 40 concurrent requests for one identity"),
    (steps("/events", (30, 10), (10, 0)), "events, 50 concurrent requests for the project"),
    (steps("/events", (30, 0), (0, 0)), "events CRUD, 30 concurrent requests for one identity"),
    (steps("/events", (30, 0), (10, 0)), "events CRUD, 40 concurrent requests for the project"),
    ([("a", "GET", "/raw/dbs", 48)], "RAW, 48 concurrent requests for one identity"),
    ([("a", "GET", "/raw/dbs", 48), ("b", "GET", "/raw/dbs", 16)], "RAW, 64 concurrent requests for the project"),
    ([("a", "POST", "/models/instances", 4)], "data modeling apply, 4 concurrent requests for the project"),
    ([("a", "POST", "/models/instances/delete", 2)], "data modeling delete, 2 concurrent requests for the project"),
    ([("a", "POST", "/models/instances/list", 8)], "data modeling query, 8 concurrent requests for the project"),
]


@pytest.mark.parametrize(("asked", "message"), AT_ONCE, ids=[row[1] for row in AT_ONCE])
def test_requests_at_once(clock: Frozen, asked: list[Step], message: str) -> None:
    throttle = Throttle(enabled=True)
    entered = []
    for who, method, path, times in asked:
        for _ in range(times):
            # Seconds apart, so that no rate is in the way.
            clock.now += 2
            entered.append((who, method, path, throttle.enter(who, method, path, 0)))
    clock.now += 2
    assert refusal(throttle, asked[-1]) == message
    clock.now += 2
    who, method, path, keys = entered[-1]
    throttle.leave(keys, who, method, path, 0)
    throttle.enter(who, method, path, 0)


BYTES = [
    ("POST", 1.3, 1.6, "sent"),
    ("GET", 6.6, 8.3, "read"),
]


@pytest.mark.parametrize(("method", "identity", "project", "what"), BYTES)
def test_bytes_of_raw_in_ten_minutes(clock: Frozen, method: str, identity: float, project: float, what: str) -> None:
    throttle = Throttle(enabled=True)
    path = "/raw/dbs/d/tables/t/rows"

    def move(who: str, gigabytes: float) -> None:
        size = round(gigabytes * GIGABYTE)
        entered = throttle.enter(who, method, path, size if what == "sent" else 0)
        throttle.leave(entered, who, method, path, size if what == "read" else 0)

    move("a", identity)
    moved = 1 if what == "sent" else 0
    if what == "read":
        # What is read is known only afterwards: this one is the byte too much.
        throttle.leave([], "a", method, path, 1)
    assert refusal(throttle, ("a", method, path, 1), moved).endswith(f"bytes {what} per 600 s for one identity")
    clock.now += TEN_MINUTES + 1
    move("a", identity)
    move("b", project - identity)
    if what == "read":
        throttle.leave([], "c", method, path, 1)
    assert refusal(throttle, ("c", method, path, 1), moved).endswith(f"bytes {what} per 600 s for the project")
    clock.now += TEN_MINUTES + 1
    move("c", identity)


@pytest.mark.source("Docs: request throttling")
def test_a_refused_request_has_spent_its_share(clock: Frozen) -> None:
    throttle = Throttle(enabled=True)
    asked: Step = ("a", "POST", "/assets/aggregate", 12)
    for _ in range(12):
        throttle.leave(throttle.enter(*asked[:3], 0), *asked[:3], 0)
    clock.now = 0.6
    for _ in range(12):
        refusal(throttle, asked)
    # The first twelve are more than a second ago, the refused ones are not.
    clock.now = 1.2
    refusal(throttle, asked)
    clock.now = 2.3
    throttle.enter(*asked[:3], 0)


def test_what_has_no_documented_limit_has_none(clock: Frozen) -> None:
    throttle = Throttle(enabled=True)
    for path in ("/timeseries", "/timeseries/data", "/files", "/functions/1/call", "/sequences/list", "/models/views"):
        for _ in range(1000):
            throttle.enter("a", "POST", path, 0)
