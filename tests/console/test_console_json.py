"""The console's JSON, by plain HTTP."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from console_world import EVENTS, HOUR, START, World, moved_to, server, world_at

from sandbox.console import PATH
from sandbox.console.series import MOST_POINTS, thinned


def test_the_page_needs_no_login_and_may_load_nothing_from_elsewhere(world: World) -> None:
    page = requests.get(world.url + PATH, timeout=30)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("console.css", "main.js", "icon.svg"):
        assert requests.get(f"{world.url}{PATH}{name}", timeout=30).ok
    assert requests.get(world.url + PATH.rstrip("/"), timeout=30).url == world.url + PATH


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "nosuch.js", "api/nosuch", "api/events/1", "api/tables/x"]
)
def test_what_is_not_there_is_404(world: World, name: str) -> None:
    assert requests.get(f"{world.url}{PATH}{name}", timeout=30).status_code == 404


def test_it_only_reads(world: World) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert requests.request(method, f"{world.url}{PATH}api/events", timeout=30).status_code == 405


def test_a_page_elsewhere_cannot_read_it_through_a_name_of_its_own(world: World) -> None:
    answer = requests.get(f"{world.url}{PATH}api/overview", headers={"Host": "elsewhere.invalid"}, timeout=30)
    assert answer.status_code == 400


def test_a_query_that_cannot_be_is_refused(world: World) -> None:
    for query in ("limit=0", "limit=1001", "offset=-1", "asset=x", "from=yesterday"):
        answer = requests.get(f"{world.url}{PATH}api/events?{query}", timeout=30)
        assert answer.status_code == 400, query
        assert answer.json()["error"]["message"]


def test_events_are_paged_from_the_latest_start(world: World) -> None:
    first = world.console("events", limit=40)
    assert first["total"] == EVENTS + 1
    assert [event["externalId"] for event in first["items"][:2]] == [f"e-{EVENTS - 1}", f"e-{EVENTS - 2}"]
    last = world.console("events", limit=40, offset=240)
    assert [event["externalId"] for event in last["items"]][-2:] == ["e-0", "e-hostile"]
    assert first["items"][0]["assets"] == [{"id": world.ids["pump"], "externalId": "pump", "name": "Pump 7"}]


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"type": "job"}, 125),
        ({"type": "job", "subtype": "Open"}, 25),
        ({"text": "order 007"}, 1),
        ({"text": "WORKER"}, 250),
        ({"from": START + 10 * HOUR, "to": START + 20 * HOUR}, 10),
        ({"asset": 1}, 0),
    ],
)
def test_events_are_filtered(world: World, query: dict[str, str | int], total: int) -> None:
    assert world.console("events", **query)["total"] == total


def test_the_tree_is_read_branch_by_branch(world: World) -> None:
    (root,) = world.console("assets")["items"]
    assert (root["name"], root["children"]) == ("Site One", 2)
    assert [row["name"] for row in world.console("assets", parent=root["id"])["items"]][1] == "Pump 7"
    pump = world.console(f"assets/{world.ids['pump']}")
    assert [asset["name"] for asset in pump["path"]] == ["Site One"]
    assert pump["linked"] == {"events": EVENTS, "timeseries": 1, "sequences": 0, "files": 0}
    assert [row["direction"] for row in pump["relationships"]] == ["to"]
    assert pump["dataSet"]["name"] == "Line data"
    assert [row["externalId"] for row in world.console("assets", text="acme")["items"]] == ["pump"]
    assert [row["externalId"] for row in world.console("assets", text="pump")["items"]] == ["pump"]


def test_points_are_thinned_without_losing_what_stands_out(world: World) -> None:
    data = world.console(f"timeseries/{world.ids['line']}/points")
    assert data["total"] == 10_000
    assert len(data["points"]) <= MOST_POINTS
    assert max(value for _, value in data["points"]) == 50
    assert data["points"][0][0] == START
    assert data["latest"][0] == [START + 9_999_000, 9]
    close = world.console(f"timeseries/{world.ids['line']}/points", **{"from": START, "to": START + 60_000})
    assert len(close["points"]) == close["total"] == 60


def test_texts_are_thinned_too() -> None:
    points = [(number, "on" if number < 50_000 else "off") for number in range(100_000)]
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert (49_999, "on") in kept
    assert (50_000, "off") in kept


def test_a_schedule_says_when_it_fires_next(world: World) -> None:
    (schedule,) = world.console("schedules")["items"]
    assert (schedule["function"], schedule["client"], schedule["session"]) == ("fn_pumps", "deployer", "ACTIVE")
    assert 0 < schedule["nextFire"] - time.time() * 1000 <= HOUR
    assert schedule["nextFire"] % HOUR == 7 * 60_000


def test_a_schedule_fires_by_the_clock_that_can_be_moved(world: World) -> None:
    with moved_to(world, "2031-05-01T12:00:30+00:00"):
        (schedule,) = world.console("schedules")["items"]
    assert datetime.fromtimestamp(schedule["nextFire"] / 1000, UTC).isoformat() == "2031-05-01T12:07:00+00:00"


TABLES: dict[str, dict[str, Any]] = {
    "sequences": {"externalId": "bom", "name": "Bill", "rows": 2},
    "relationships": {"externalId": "rel", "sourceExternalId": "pump", "targetExternalId": "e-0"},
    "files": {"name": "pumps.zip", "uploaded": True},
    "labels": {"externalId": "hot", "name": "Hot"},
    "datasets": {"externalId": "ds", "name": "Line data", "writeProtected": False},
    "groups": {"name": "readers", "sourceId": "abc"},
    "sessions": {"clientId": "deployer", "status": "ACTIVE"},
    "workflows": {"externalId": "nightly", "versions": [], "triggers": []},
    "spaces": {"space": "locks"},
    "containers": {"space": "locks", "externalId": "Lease", "usedFor": "node"},
    "views": {"externalId": "LeaseView", "version": "v1", "writable": True},
    "datamodels": {"externalId": "LockModel", "version": "v1", "views": []},
    "instances": {"externalId": "jobs_lease", "version": 1, "properties": {"locks:Lease": {"holder": "run-17"}}},
}
"""A row of each plain table, as far as it is known beforehand."""


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_every_row(world: World, name: str) -> None:
    page = world.console(f"tables/{name}")
    assert page["total"] == len(page["items"]) == world.console("overview")["counts"][name]
    assert [row for row in page["items"] if {key: row.get(key) for key in TABLES[name]} == TABLES[name]]


def test_every_table_is_tested(world: World) -> None:
    other = {"assets", "events", "timeseries", "functions", "calls", "schedules", "pipelines", "raw", "requests"}
    assert world.console("overview")["counts"].keys() == TABLES.keys() | other


def test_a_view_has_the_properties_that_it_inherits(world: World) -> None:
    by_name = {row["externalId"]: row for row in world.console("tables/views")["items"]}
    assert by_name["LeaseView"]["properties"].keys() == {"owner"}
    assert by_name["LeaseView"]["properties"]["owner"]["type"]["type"] == "text"


def test_tables_are_searched_paged_and_say_their_data_set(world: World) -> None:
    (label,) = world.console("tables/labels", text="hot")["items"]
    assert label["dataSet"]["name"] == "Line data"
    assert world.console("tables/labels", text="cold")["total"] == 0
    sessions = world.console("tables/sessions")["items"]
    page = world.console("tables/sessions", limit=1, offset=1)
    assert (page["items"], page["total"]) == (sessions[1:2], len(sessions))
    assert sessions == sorted(sessions, key=lambda row: -row["id"]), "the newest first"
    assert world.console("tables/sequences", asset=world.ids["pump"])["total"] == 0


def test_the_record_is_filtered_and_shows_no_secret(world: World) -> None:
    newest = world.console("requests")["items"]
    assert [entry["at"] for entry in newest] == sorted((entry["at"] for entry in newest), reverse=True)
    assert all("/console" not in entry["path"] for entry in newest)
    tokens = world.console("requests", path="/OAUTH2", method="post", status="2xx")["items"]
    assert {entry["path"] for entry in tokens} == {"/oauth2/token"}
    shown = world.console(f"requests/{tokens[0]['number']}")
    assert shown["response"]["access_token"] == "***"
    assert world.console("requests", status="5xx")["total"] == 0
    assert world.console("requests", call=world.ids["call"])["total"] == 0
    everything = json.dumps([world.console(f"requests/{entry['number']}") for entry in newest])
    assert world.headers["Authorization"].removeprefix("Bearer ") not in everything
    assert "never-shown-1" not in everything + json.dumps(world.console("functions"))


def test_a_page_of_very_many_events_holds_a_few_of_them() -> None:
    with server() as running:
        world = world_at(running.url)
        for part in range(20):
            numbers = range(part * 1000, part * 1000 + 1000)
            world.create(
                "/events",
                *({"type": f"t{n % 9}", "startTime": n, "description": f"Order {n}"} for n in numbers),
            )
        queries: list[dict[str, str | int]] = [{}, {"type": "t3"}, {"text": "19999"}, {"offset": 15_000}]
        for query in queries:
            page = world.console("events", **query)
            assert 0 < len(page["items"]) <= 500
        assert world.console("events", text="19999")["total"] == 1
