"""What holds for every request: tokens, projects, envelopes, zipping, request ids, the record."""

from __future__ import annotations

import gzip

import pytest
import requests
from cognite.client.credentials import OAuthClientCredentials
from cognite.client.data_classes import EventWrite
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteNotFoundError
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, sdk

from sandbox.cdf.access.identity import Identity


@pytest.mark.source("SDK credentials.py")
def test_token_endpoint_grants_an_hour_to_a_known_client(cdf: Cdf) -> None:
    form = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": "deployer-secret"}
    answer = requests.post(f"{cdf.url}/oauth2/token", data=form, timeout=10)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 3600
    assert answer.json()["token_type"] == "Bearer"


@pytest.mark.source("SDK credentials.py")
def test_the_sdk_logs_in(cdf: Cdf) -> None:
    credentials = OAuthClientCredentials(f"{cdf.url}/oauth2/token", "deployer", CLIENTS["deployer"], ["scope"])
    inspection = sdk(cdf.url, credentials).iam.token.inspect()
    assert inspection.subject == "deployer"
    assert [project.url_name for project in inspection.projects] == [PROJECT]
    login, inspect = cdf.record()[-2:]
    assert (login["path"], login["body"], login["clientId"]) == ("/oauth2/token", None, None)
    assert inspect["clientId"] == "deployer"


@pytest.mark.source("SDK credentials.py")
@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "nobody"}, {"client_id": ""}])
def test_token_endpoint_refuses_wrong_credentials_as_json(cdf: Cdf, change: dict[str, str]) -> None:
    form = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": "deployer-secret"} | change
    answer = requests.post(f"{cdf.url}/oauth2/token", data=form, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.source("Docs: OAuth 2.0, RFC 6749 section 5.2")
def test_other_grants_are_unsupported(cdf: Cdf) -> None:
    answer = requests.post(f"{cdf.url}/oauth2/token", data={"grant_type": "password"}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.source("SDK _basic_api_client.py")
@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic abc", ""])
def test_a_bad_token_is_unauthorized(cdf: Cdf, header: str) -> None:
    answer = cdf.send("POST", "/events/list", {}, Authorization=header)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": 401, "message": "Unauthorized"}}
    assert answer.headers["x-request-id"]


@pytest.mark.source("SDK credentials.py")
def test_a_token_ends(cdf: Cdf) -> None:
    identity = Identity("extractor", "extractor")
    ended = cdf.project.identities.issue_token(identity, seconds=0)
    assert cdf.send("GET", "/events", Authorization=f"Bearer {ended}").status_code == 401
    valid = cdf.project.identities.issue_token(identity, seconds=1000)
    assert cdf.send("GET", "/events", Authorization=f"Bearer {valid}").status_code == 200


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_the_record_names_the_function_call_that_a_token_was_issued_for(cdf: Cdf) -> None:
    issued = cdf.project.identities.issue_token(Identity("extractor", "extractor"), call_id=77)
    cdf.send("GET", "/events", Authorization=f"Bearer {issued}")
    assert (cdf.record()[-1]["clientId"], cdf.record()[-1]["callId"]) == ("extractor", 77)


@pytest.mark.source("SDK tests test_cognite_client.py: wrong project")
def test_another_project_is_as_closed_as_without_a_token(cdf: Cdf) -> None:
    answer = requests.get(
        f"{cdf.url}/api/v1/projects/other/events", headers={"Authorization": f"Bearer {cdf.token}"}, timeout=10
    )
    assert (answer.status_code, answer.json()) == (401, {"error": {"code": 401, "message": "Unauthorized"}})


@pytest.mark.source("SDK _basic_api_client.py")
def test_an_unknown_path_is_not_found(cdf: Cdf) -> None:
    status, body = cdf.get("/nothing")
    assert (status, body["error"]["code"]) == (404, 404)


@pytest.mark.source("SDK _basic_api_client.py")
def test_every_answer_has_its_own_request_id(cdf: Cdf) -> None:
    ids = {cdf.send("GET", path).headers["x-request-id"] for path in ("/events", "/events", "/nothing")}
    assert len(ids) == 3


@pytest.mark.source("Assumed: a body is a JSON object")
@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"items": NaN}'])
def test_a_body_that_is_no_json_object_is_refused(cdf: Cdf, body: bytes) -> None:
    answer = requests.post(
        f"{cdf.url}/api/v1/projects/{PROJECT}/events",
        data=body,
        headers={"Authorization": f"Bearer {cdf.token}"},
        timeout=10,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.source("SDK _basic_api_client.py")
@pytest.mark.parametrize("body", [b"plain", gzip.compress(b'{"items": []}')[:-9]], ids=["plain", "cut"])
def test_a_body_that_is_no_gzip_is_refused(cdf: Cdf, body: bytes) -> None:
    answer = requests.post(
        f"{cdf.url}/api/v1/projects/{PROJECT}/events",
        data=body,
        headers={"Authorization": f"Bearer {cdf.token}", "Content-Encoding": "gzip"},
        timeout=10,
    )
    assert answer.status_code == 400


@pytest.mark.source("Toolkit client/http_client")
def test_the_gzip_header_on_a_get_is_no_error(cdf: Cdf) -> None:
    assert cdf.get("/events")[0] == 200


@pytest.mark.source("API: create events")
@pytest.mark.parametrize("items", [None, {}, [1], [None], []])
def test_items_must_be_a_list_of_objects(cdf: Cdf, items: object) -> None:
    assert cdf.refused("/events", {"items": items})["code"] == 400


@pytest.mark.source("API: create events")
def test_more_than_a_thousand_items_are_refused(cdf: Cdf) -> None:
    assert cdf.refused("/events", {"items": [{}] * 1001})["code"] == 400
    assert cdf.refused("/events/byids", {"items": [{"id": 1}] * 1001})["code"] == 400
    assert len(cdf.items("/events", *[{}] * 1000)) == 1000


@pytest.mark.source("SDK _basic_api_client.py, exceptions.py")
def test_the_sdk_reads_the_errors(cdf: Cdf) -> None:
    cdf.client.events.create(EventWrite(external_id="e"))
    with pytest.raises(CogniteDuplicatedError) as duplicate:
        cdf.client.events.create(EventWrite(external_id="e"))
    assert duplicate.value.duplicated == [{"externalId": "e"}]
    with pytest.raises(CogniteNotFoundError) as missing:
        cdf.client.events.delete(external_id="nothing")
    assert missing.value.missing == [{"externalId": "nothing"}]
    with pytest.raises(CogniteAPIError) as invalid:
        cdf.client.events.create(EventWrite(start_time=2, end_time=1))
    assert invalid.value.code == 400
    assert invalid.value.x_request_id


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_every_request_is_recorded(cdf: Cdf) -> None:
    requests.delete(f"{cdf.url}/__cdf__/requests", timeout=10)
    cdf.client.events.create([EventWrite(external_id="a"), EventWrite(external_id="b")])
    cdf.get("/events?limit=1")
    cdf.refused("/events", {"items": [{"externalId": "a"}]})
    create, read, refused = cdf.record()
    assert create["method"] == "POST"
    assert create["path"] == f"/api/v1/projects/{PROJECT}/events"
    assert create["body"] == {"items": [{"externalId": "a"}, {"externalId": "b"}]}
    assert [item["externalId"] for item in create["response"]["items"]] == ["a", "b"]
    assert (create["status"], create["items"]) == (201, 2)
    assert (create["clientId"], create["callId"]) == ("extractor", None)
    assert create["seconds"] >= 0
    assert create["at"]
    assert (read["method"], read["query"], read["items"], read["body"]) == ("GET", "limit=1", None, None)
    assert (refused["status"], refused["response"]["error"]["code"]) == (409, 409)


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_the_record_can_be_emptied_and_does_not_record_itself(cdf: Cdf) -> None:
    cdf.get("/events")
    cdf.record()
    assert requests.delete(f"{cdf.url}/__cdf__/requests", timeout=10).status_code == 200
    assert cdf.record() == []


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_a_large_answer_is_not_kept_in_the_record(cdf: Cdf) -> None:
    cdf.items("/events", *[{"description": "x" * 400}] * 300)
    assert cdf.record()[-1]["response"] is None
    assert cdf.record()[-1]["items"] == 300


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_the_record_masks_credentials(cdf: Cdf) -> None:
    cdf.items("/sessions", {"clientId": "extractor", "clientSecret": "extractor-secret"})
    assert "extractor-secret" not in str(cdf.record())


@pytest.mark.source("Ours: GET /__cdf__/requests")
def test_a_crash_is_an_answer_and_is_recorded(cdf: Cdf, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("sandbox.cdf.classic.events.Events.check", crash)
    status, body = cdf.post("/events", {"items": [{}]})
    assert status == 500
    assert body["error"]["code"] == 500
    assert cdf.record()[-1]["status"] == 500
