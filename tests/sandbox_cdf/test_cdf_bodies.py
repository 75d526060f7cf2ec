"""Bodies of requests and answers: how they come, how large they are, and what a refusal says."""

from __future__ import annotations

import gzip
import json

import pytest
import requests
from sandbox_cdf_client import PROJECT, Cdf, Row


@pytest.mark.source("SDK _basic_api_client.py")
@pytest.mark.parametrize("encoding", ["gzip", None], ids=["zipped", "plain"])
def test_bodies_are_read_zipped_or_plain(cdf: Cdf, encoding: str | None) -> None:
    body = json.dumps({"items": [{"externalId": "e"}]}).encode()
    headers = {"Authorization": f"Bearer {cdf.token}", "Content-Type": "application/json"}
    answer = requests.post(
        f"{cdf.url}/api/v1/projects/{PROJECT}/events",
        data=gzip.compress(body) if encoding else body,
        headers=headers | ({"Content-Encoding": encoding} if encoding else {}),
        timeout=10,
    )
    assert (answer.status_code, answer.json()["items"][0]["externalId"]) == (201, "e")


@pytest.mark.source("Assumed: what cannot be read is refused, with the reason")
@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (b"{}", "br", "Content-Encoding: must be gzip or identity, is 'br'"),
        (b"no gzip", "gzip", "not valid gzip"),
        (b"[]", None, "must be a JSON object"),
        (b'{"items": [7]}', None, "items[0]: must be an object, is 7"),
        (b'{"items": {}}', None, "items: required, must be a list"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(cdf: Cdf, body: bytes, encoding: str | None, said: str) -> None:
    headers = {"Authorization": f"Bearer {cdf.token}"} | ({"Content-Encoding": encoding} if encoding else {})
    url = f"{cdf.url}/api/v1/projects/{PROJECT}/events"
    faults = [{"path": "/events", "kind": "repeatCursor"}]
    for _ in range(2):
        answer = requests.post(url, data=body, headers=headers, timeout=10)
        assert (answer.status_code, said in answer.json()["error"]["message"]) == (400, True), answer.text
        # Under a fault that looks into the body the answer is the same.
        requests.put(f"{cdf.url}/__cdf__/faults", json=faults, timeout=10).raise_for_status()


@pytest.mark.source("Assumed: the message names the field, the value and what is accepted")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"limit": 0}, "limit: must be a whole number from 1 to 1000, is 0"),
        ({"limit": True}, "limit: must be a whole number from 1 to 1000, is True"),
        ({"filter": 7}, "7"),
        ({"filter": {"assetIds": [True]}}, "True"),
    ],
)
def test_a_refusal_names_the_value(cdf: Cdf, body: Row, said: str) -> None:
    assert said in cdf.refused("/events/list", body)["message"]


@pytest.mark.source("SDK _basic_api_client.py: x-request-id is read off every answer")
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/events", {}, 200), ("/events", {"Authorization": "x"}, 401), ("/nothing", {}, 404), ("/events/5", {}, 400)],
)
def test_answers_of_every_kind_have_a_request_id_and_are_json(
    cdf: Cdf, path: str, headers: dict[str, str], status: int
) -> None:
    answer = cdf.send("GET", path, **headers)
    assert answer.status_code == status
    assert answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"
    if status >= 400:
        assert answer.json()["error"].keys() >= {"code", "message"}


@pytest.mark.source("SDK _api/data_modeling/instances.py, _api/data_modeling/spaces.py")
@pytest.mark.parametrize(("path", "most"), [("/models/instances", 1000), ("/models/spaces", 100)])
def test_data_modeling_takes_a_largest_number_of_items(cdf: Cdf, path: str, most: int) -> None:
    cdf.items("/models/spaces", {"space": "sp"})
    node = {"instanceType": "node", "space": "sp"}
    items = [node | {"externalId": f"n{n}"} if "inst" in path else {"space": f"s{n}"} for n in range(most + 1)]
    assert str(most) in cdf.refused(path, {"items": items})["message"]
    assert len(cdf.items(path, *items[:-1])) == most
