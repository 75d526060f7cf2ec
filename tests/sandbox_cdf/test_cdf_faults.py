"""Faults on demand, on the wire and as the SDK takes them.

How the SDK reacts is in its sources: `cognite/client/_http_client.py` (retries), `_basic_api_client.py` (errors),
`credentials.py` (tokens).
"""

from __future__ import annotations

import json
import socket
from itertools import islice
from urllib.parse import urlsplit

import pytest
import requests
from cognite.client import ClientConfig, CogniteClient
from cognite.client.data_classes import AssetWrite, EventWrite
from cognite.client.exceptions import (
    CogniteAPIError,
    CogniteConnectionError,
    CogniteDuplicatedError,
    CogniteNotFoundError,
    CogniteProjectAccessError,
    CogniteReadTimeout,
    CogniteRequestError,
)
from sandbox_cdf_client import PROJECT, Cdf, Row
from sandbox_cdf_faults import events, put, retries, shown


def raw(cdf: Cdf, path: str, body: Row, seconds: float = 5) -> bytes:
    """What comes back on a bare socket until its end; errors are the socket's own."""
    address = urlsplit(cdf.url)
    payload = json.dumps(body).encode()
    head = (
        f"POST /api/v1/projects/{PROJECT}{path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {cdf.token}"
        f"\r\nConnection: close\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=seconds) as connection:
        connection.sendall(head.encode() + payload)
        chunks = []
        while chunk := connection.recv(65_536):
            chunks.append(chunk)
        return b"".join(chunks)


@pytest.mark.source("Ours: PUT /__cdf__/faults")
def test_an_error_strikes_as_often_as_told_and_says_so(cdf: Cdf) -> None:
    fault = {"method": "POST", "path": "/events", "kind": "status", "status": 503, "count": 2, "skip": 1}
    put(cdf, fault)
    statuses = [cdf.post("/events", {"items": [{"externalId": f"e{n}"}]})[0] for n in range(4)]
    assert statuses == [201, 503, 503, 201]
    assert events(cdf) == {"e0", "e3"}
    (rule,) = shown(cdf)
    assert (rule["struck"], rule["requests"]) == (2, ["POST /events", "POST /events"])
    assert [entry["status"] for entry in cdf.record() if entry["path"].endswith("/events")] == statuses
    assert requests.delete(f"{cdf.url}/__cdf__/faults", timeout=10).json() == shown(cdf) == []


@pytest.mark.source("Ours: PUT /__cdf__/faults")
def test_chance_is_seeded(cdf: Cdf) -> None:
    runs = []
    for seed in (1, 1, 2):
        put(cdf, {"path": "/events/list", "kind": "status", "probability": 0.5, "seed": seed})
        runs.append([cdf.post("/events/list", {})[0] for _ in range(16)])
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 503}


@pytest.mark.source("Ours: PUT /__cdf__/faults")
@pytest.mark.parametrize("bad", [[{"kind": "fire"}], [{"kind": "status", "many": 1}], {"kind": "status"}])
def test_a_bad_rule_is_refused(cdf: Cdf, bad: object) -> None:
    assert requests.put(f"{cdf.url}/__cdf__/faults", json=bad, timeout=10).status_code == 400


@pytest.mark.source("Docs: request throttling")
def test_429_with_and_without_retry_after(cdf: Cdf) -> None:
    too_many = {"path": "/events/*", "kind": "status", "status": 429, "count": 1}
    put(cdf, too_many | {"retryAfter": 7}, too_many | {"message": "Too many"})
    first, second, third = (cdf.send("POST", "/events/list", {}) for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert (second.status_code, second.headers.get("Retry-After")) == (429, None)
    assert second.json()["error"] == {"code": 429, "message": "Too many"}
    assert third.status_code == 200
    assert "x-request-id" in first.headers


@pytest.mark.source("SDK _http_client.py")
def test_the_sdk_sends_again_after_429_but_creates_no_second_time_after_503(cdf: Cdf) -> None:
    with retries(3):
        put(cdf, {"path": "/events", "kind": "status", "status": 429, "count": 2})
        assert cdf.client.events.create(EventWrite(external_id="a")).external_id == "a"
        put(cdf, {"path": "/events", "kind": "status", "status": 503, "count": 1})
        with pytest.raises(CogniteAPIError) as failed:
            cdf.client.events.create(EventWrite(external_id="b"))
        assert failed.value.code == 503
        put(cdf, {"path": "/events/list", "kind": "status", "status": 503, "count": 2})
        assert [event.external_id for event in cdf.client.events.list()] == ["a"]


@pytest.mark.source("SDK _http_client.py; Toolkit client/http_client/_data_classes.py")
def test_an_error_may_say_that_its_request_can_be_sent_again(cdf: Cdf) -> None:
    put(cdf, {"path": "/events", "kind": "status", "status": 503, "autoRetryable": True, "count": 1})
    with retries(3):
        assert cdf.client.events.create(EventWrite(external_id="a")).external_id == "a"
    put(cdf, {"path": "/events", "kind": "status", "status": 503, "autoRetryable": True})
    assert cdf.post("/events", {"items": [{}]})[1]["error"]["isAutoRetryable"] is True


@pytest.mark.source("Ours: PUT /__cdf__/faults")
def test_an_error_after_the_commit_leaves_what_was_written(cdf: Cdf) -> None:
    put(cdf, {"path": "/events", "kind": "status", "afterCommit": True})
    assert cdf.post("/events", {"items": [{"externalId": "written"}]})[0] == 503
    assert events(cdf) == {"written"}


@pytest.mark.source("Ours: PUT /__cdf__/faults")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_reset_and_close_are_real(cdf: Cdf, after: bool) -> None:
    put(cdf, {"path": "/events", "kind": "reset", "afterCommit": after, "count": 1})
    with pytest.raises(ConnectionResetError):
        raw(cdf, "/events", {"items": [{"externalId": "r"}]})
    put(cdf, {"path": "/events", "kind": "close", "afterCommit": after, "count": 1})
    assert raw(cdf, "/events", {"items": [{"externalId": "c"}]}) == b""
    assert events(cdf) == ({"r", "c"} if after else set())
    assert [entry["status"] for entry in cdf.record() if entry["path"].endswith("/events")] == [0, 0]


@pytest.mark.source("SDK _http_client.py")
def test_the_sdk_sends_a_create_again_after_a_reset_and_never_after_a_close(cdf: Cdf) -> None:
    with retries(3):
        put(cdf, {"path": "/events", "kind": "reset", "afterCommit": True, "count": 1})
        # The first send was committed, so the second one is refused.
        with pytest.raises(CogniteDuplicatedError):
            cdf.client.events.create(EventWrite(external_id="twice"))
        put(cdf, {"path": "/events", "kind": "reset"})
        with pytest.raises(CogniteConnectionError):
            cdf.client.events.create(EventWrite(external_id="never"))
        assert shown(cdf)[0]["struck"] == 4
        put(cdf, {"path": "/events/list", "kind": "close"})
        with pytest.raises(CogniteRequestError):
            cdf.client.events.list()
        assert shown(cdf)[0]["struck"] == 1


@pytest.mark.source("Ours: PUT /__cdf__/faults")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_client_that_loses_patience_does_not_know_what_was_written(cdf: Cdf, after: bool) -> None:
    put(cdf, {"path": "/events", "kind": "stall", "seconds": 30, "afterCommit": after})
    with pytest.raises(TimeoutError):
        raw(cdf, "/events", {"items": [{"externalId": "e"}]}, seconds=0.3)
    assert events(cdf) == ({"e"} if after else set())


@pytest.mark.source("SDK _http_client.py")
def test_a_stall_ends(cdf: Cdf) -> None:
    put(cdf, {"path": "/events", "kind": "stall", "seconds": 0.05})
    assert cdf.post("/events", {"items": [{"externalId": "late"}]})[0] == 201
    put(cdf, {"path": "/events/list", "kind": "stall", "seconds": 30})
    impatient = CogniteClient(ClientConfig("t", PROJECT, cdf.client.config.credentials, base_url=cdf.url, timeout=1))
    with pytest.raises(CogniteReadTimeout):
        impatient.events.list()


@pytest.mark.source("SDK _basic_api_client.py")
def test_401_mid_run_is_no_api_error(cdf: Cdf) -> None:
    put(cdf, {"path": "/assets/*", "kind": "status", "status": 401, "skip": 1})
    cdf.client.assets.list()
    with pytest.raises(CogniteProjectAccessError):
        cdf.client.assets.list()
    cdf.client.events.list()


@pytest.mark.source("SDK _basic_api_client.py")
def test_403_for_one_resource(cdf: Cdf) -> None:
    put(cdf, {"path": "/timeseries*", "kind": "status", "status": 403})
    with pytest.raises(CogniteAPIError) as refused:
        cdf.client.time_series.list()
    assert refused.value.code == 403
    cdf.client.events.list()


@pytest.mark.source("SDK _api_client.py")
def test_another_writer_is_a_moment_faster(cdf: Cdf) -> None:
    with pytest.raises(CogniteNotFoundError):
        cdf.client.events.update(EventWrite(external_id="e", type="t"), mode="patch")
    put(cdf, {"path": "/events", "kind": "conflict", "count": 1})
    with pytest.raises(CogniteDuplicatedError) as refused:
        cdf.client.events.create(EventWrite(external_id="e"))
    assert refused.value.duplicated == [{"externalId": "e"}]
    assert cdf.client.events.update(EventWrite(external_id="e", type="t"), mode="patch").type == "t"


@pytest.mark.source("Ours: PUT /__cdf__/faults")
def test_one_item_is_refused_wherever_it_is(cdf: Cdf) -> None:
    put(cdf, {"method": "POST", "path": "/events", "kind": "rejectItem", "externalId": "e2"})
    rows = [{"externalId": f"e{n}"} for n in range(4)]
    assert cdf.refused("/events", {"items": rows})["message"].startswith("items[2]")
    assert cdf.post("/events", {"items": rows[:2]})[0] == 201
    assert cdf.refused("/events", {"items": rows[2:]})["message"].startswith("items[0]")
    assert cdf.post("/events", {"items": rows[3:]})[0] == 201
    put(cdf, {"path": "/events", "kind": "rejectItem", "item": 1})
    assert cdf.post("/events", {"items": rows[2:3]})[0] == 201
    assert cdf.refused("/events", {"items": [{}, {}]})["message"].startswith("items[1]")
    assert events(cdf) == {"e0", "e1", "e2", "e3"}


@pytest.mark.source("SDK exceptions.py")
def test_assets_that_are_late(cdf: Cdf) -> None:
    cdf.client.assets.create([AssetWrite(external_id="a", name="a"), AssetWrite(external_id="b", name="b")])
    put(cdf, {"path": "/assets/byids", "kind": "missing", "count": 1})
    with pytest.raises(CogniteNotFoundError) as refused:
        cdf.client.assets.retrieve_multiple(external_ids=["a"])
    assert refused.value.missing == [{"externalId": "a"}]
    assert len(cdf.client.assets.retrieve_multiple(external_ids=["a"])) == 1
    put(cdf, {"path": "/events", "kind": "missing", "missing": [{"id": 5}]})
    assert cdf.refused("/events", {"items": [{"assetIds": [5]}]})["missing"] == [{"id": 5}]


@pytest.mark.source("SDK _basic_api_client.py")
def test_a_web_page_and_an_error_without_message(cdf: Cdf) -> None:
    put(cdf, {"path": "/events/list", "kind": "html", "count": 1}, {"path": "/events/list", "kind": "noMessage"})
    page = cdf.send("POST", "/events/list", {})
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (502, "text/html")
    assert cdf.post("/events/list", {}) == (503, {"error": {"code": 503}})
    with pytest.raises(KeyError, match="message"):
        cdf.client.events.list()
    put(cdf, {"path": "/events/list", "kind": "html"})
    with pytest.raises(CogniteAPIError) as failed:
        cdf.client.events.list()
    assert failed.value.code == 502


@pytest.mark.source("SDK _api_client.py")
def test_a_cursor_that_leads_back_never_ends(cdf: Cdf) -> None:
    for start in (0, 1000, 2000):
        cdf.items("/events", *({"externalId": f"e{start + n}"} for n in range(1000)))
    put(cdf, {"path": "/events/list", "kind": "repeatCursor"})
    found = [event.external_id for event in islice(cdf.client.events(), 4000)]
    assert found[1000:2000] == found[2000:3000] == found[3000:]
    assert cdf.get("/raw/dbs")[0] == 200


@pytest.mark.source("Docs: events, eventual consistency")
def test_lists_lag_behind_and_ids_do_not(cdf: Cdf) -> None:
    put(cdf, {"path": "/events/list", "kind": "lag", "seconds": 3600})
    cdf.client.events.create(EventWrite(external_id="new"))
    assert len(cdf.client.events.list()) == 0
    assert cdf.client.events.retrieve(external_id="new").external_id == "new"
    put(cdf, {"path": "/events/list", "kind": "lag", "seconds": 0})
    assert len(cdf.client.events.list()) == 1
