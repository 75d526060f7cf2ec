"""Faults on demand, as a client meets them on the wire."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
import requests
from sandbox_plex_client import JOBS, KEY, PARTS, PASSWORD, USER

from sandbox.plex import Account, csv_plant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox_plex_client import Client

SEARCH = "/production/v1/control/workcenter-setups"


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client], log_file: Path) -> Client:
    return serve([csv_plant(log_file)], accounts={USER: Account(PASSWORD, 340884)})


@pytest.fixture(autouse=True)
def _whole(plex: Client) -> Iterator[None]:
    yield
    plex.session.delete(f"{plex.url}/__plex__/faults", timeout=30)
    plex.session.delete(f"{plex.url}/__plex__/requests", timeout=30)


def statuses(plex: Client, times: int, path: str = JOBS) -> list[int]:
    return [plex.get(path).status_code for _ in range(times)]


def test_throttling_with_and_without_a_time_to_come_back(plex: Client) -> None:
    plex.break_by({"kind": "throttle", "retryAfter": 7, "count": 1}, {"kind": "throttle", "count": 1})
    first, second, third = (plex.get(JOBS) for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert (second.status_code, "Retry-After" in second.headers) == (429, False)
    assert third.status_code == 200


def test_server_errors(plex: Client) -> None:
    plex.break_by({"path": JOBS, "kind": "error", "count": 2}, {"kind": "error", "status": 500, "count": 1})
    assert statuses(plex, 1, PARTS) == [500]
    assert statuses(plex, 3) == [503, 503, 200]
    assert "Date" in plex.get(JOBS).headers


def test_a_key_expires(plex: Client) -> None:
    plex.break_by({"kind": "error", "status": 401, "skip": 1})
    assert statuses(plex, 2) == [200, 401]
    assert plex.get(JOBS).json()["code"] == "REQUEST_NOT_AUTHENTICATED"


def test_paths_are_globs_and_some_requests_pass_first(plex: Client) -> None:
    plex.break_by({"path": "/scheduling/*/operations", "kind": "error", "skip": 1})
    path = f"{JOBS}/{plex.rows(JOBS)[0]['id']}/operations"
    assert statuses(plex, 3, path) == [200, 503, 503]
    assert statuses(plex, 1) == [200]


def test_chance_is_seeded(plex: Client) -> None:
    def run(seed: int) -> list[int]:
        plex.break_by({"kind": "error", "probability": 0.5, "seed": seed})
        return statuses(plex, 20)

    first = run(1)
    assert run(1) == first
    assert run(2) != first
    assert set(first) == {200, 503}


def test_a_body_ends_half_way(plex: Client) -> None:
    whole = plex.get(JOBS).content
    plex.break_by({"kind": "cut", "count": 1})
    with plex.session.get(plex.url + JOBS, stream=True, timeout=30) as answer:
        assert answer.headers["Content-Length"] == str(len(whole))
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            _ = answer.content
    assert plex.get(JOBS).content == whole


def test_a_web_page_with_200(plex: Client) -> None:
    plex.break_by({"kind": "html"})
    answer = plex.get(JOBS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_slow_drip(plex: Client) -> None:
    tenants = plex.get("/mdm/v1/tenants").content
    plex.break_by({"kind": "drip", "seconds": 0.3})
    started = time.monotonic()
    assert plex.get("/mdm/v1/tenants").content == tenants
    assert time.monotonic() - started > 0.25
    plex.break_by({"kind": "drip", "seconds": 20})
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.Timeout), match="timed out"):
        plex.session.get(f"{plex.url}/mdm/v1/tenants", timeout=0.1)
    with plex.session.get(f"{plex.url}/mdm/v1/tenants", timeout=30, stream=True) as answer:
        assert next(answer.iter_content(1)) == tenants[:1]


@pytest.mark.parametrize("kind", ["resetBefore", "resetAfter"])
def test_connections_are_reset(plex: Client, kind: str) -> None:
    plex.break_by({"kind": kind, "count": 1})
    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        plex.get(JOBS)
    assert plex.get(JOBS).status_code == 200
    broken, whole = plex.get("/__plex__/requests").json()
    assert (broken["status"], broken["fault"], whole["fault"]) == (None, kind, None)
    assert broken["pcn"] == (None if kind == "resetBefore" else 340884)


def test_a_reset_is_one_on_the_wire(plex: Client) -> None:
    plex.break_by({"kind": "resetBefore"})
    host, port = plex.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"GET {JOBS} HTTP/1.1\r\nHost: {host}\r\nX-Plex-Connect-Api-Key: {KEY}\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(100)


def test_an_empty_list_in_place_of_a_full_one(plex: Client) -> None:
    plex.break_by({"path": PARTS, "kind": "empty"})
    answer = plex.get(PARTS)
    assert (answer.status_code, answer.content) == (200, b"[]")
    assert plex.get(PARTS, params={"id": "x"}).status_code == 400
    assert plex.get(PARTS, headers={"X-Plex-Connect-Api-Key": None}).status_code == 401
    assert plex.rows(JOBS)


def test_a_redirect(plex: Client) -> None:
    plex.break_by({"path": "/mdm/*", "kind": "redirect", "location": "https://cloud.plex.com/sso"})
    answer = plex.session.get(plex.url + PARTS, allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://cloud.plex.com/sso")


def test_the_row_limit_flag(plex: Client) -> None:
    plex.break_by({"path": "/api/datasources/*/execute", "kind": "rowLimit", "count": 2})
    [table] = plex.execute(4142).json()["tables"]
    assert (table["limitExceeded"], len(table["rows"])) == (True, 4)
    assert plex.execute(4142, query="?format=2").json()["rowLimitedExceeded"] is True
    assert plex.execute(4142).json()["tables"][0]["limitExceeded"] is False


def test_searches_and_data_sources_break_too(plex: Client) -> None:
    plex.break_by({"kind": "resetAfter", "count": 1}, {"path": "/api/*", "kind": "error", "count": 1})
    with pytest.raises(requests.exceptions.ConnectionError):
        plex.post(SEARCH, {})
    assert plex.execute(4142).status_code == 503
    assert plex.execute(4142).status_code == 200


def test_control_requests_never_break(plex: Client) -> None:
    plex.break_by({"path": "*", "kind": "error"})
    assert plex.get("/__plex__/clock").status_code == 200
    plex.get(JOBS)
    assert plex.get("/__plex__/faults").json()[0]["struck"] == 1


@pytest.mark.parametrize(
    "rules",
    [{}, [{}], [{"kind": "flood"}], [{"kind": "cut", "count": 0}], [{"kind": "cut", "probability": 2}],
     [{"kind": "cut", "size": 1}]],
)  # fmt: skip
def test_rules_without_sense(plex: Client, rules: object) -> None:
    answer = plex.put("/faults", rules)
    assert (answer.status_code, answer.json()["code"]) == (400, "CONTROL_REQUEST_INVALID")
    assert plex.get(JOBS).status_code == 200
