"""The Plex client, answer by answer."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import requests
import responses
from fake_time import FakeTime
from plex_cdf.credentials import PlexKey
from plex_cdf.errors import ConfigurationError, OutOfTimeError, ThrottledError, TransientError
from plex_cdf.plex.client import IDS_PER_CALL, PlexClient
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry

URL = "https://plex.example"
PARTS = "/mdm/v1/parts"
TENANT = UUID("97016117-143c-5059-babf-7d1e7b3a8e7e")
OTHER = "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"
THURSDAY = "Thu, 09 Apr 2026 14:03:27 GMT"
THURSDAY_MS = 1775743407000
NOT_AUTHENTICATED = {"code": "REQUEST_NOT_AUTHENTICATED", "message": "The request could not be authenticated."}


class Plex:
    """A client whose answers are made up, in a time of its own, with two tries a call."""

    def __init__(self, mock: responses.RequestsMock, session: requests.Session) -> None:
        self.mock = mock
        self.session = session
        self.time = FakeTime()
        self.client = self.connect()

    def connect(self, url: str = URL, **key: str) -> PlexClient:
        deadline = self.time.deadline()
        return PlexClient(
            url,
            PlexKey.model_validate({"apiKey": "AbC123", **key}),
            TENANT,
            session=self.session,
            limiter=RateLimiter(600, deadline, clock=self.time.clock, sleep=self.time.sleep),
            retry=Retry(deadline, attempts=2, sleep=self.time.sleep, uniform=lambda _, high: high),
            timeout=30,
        )

    def answers(self, path: str, **answer: Any) -> None:
        self.mock.get(URL + path, **answer)

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.mock.calls]


@pytest.fixture
def plex() -> Iterator[Plex]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock, requests.Session() as session:
        yield Plex(mock, session)


def test_rows_are_asked_for_with_key_and_tenant(plex: Plex) -> None:
    plex.answers(PARTS, json=[{"id": "a"}])
    assert plex.client.rows(PARTS, {"status": "Tools & Inserts"}) == [{"id": "a"}]
    (request,) = plex.sent
    assert request.url == f"{URL}{PARTS}?status=Tools+%26+Inserts"
    assert request.headers["X-Plex-Connect-Api-Key"] == "AbC123"
    assert request.headers["X-Plex-Connect-Tenant-Id"] == str(TENANT)
    assert request.headers["Accept"] == "application/json"
    assert "X-Plex-Connect-Api-Secret" not in request.headers
    assert plex.client.calls == 1


def test_a_secret_is_sent_when_there_is_one(plex: Plex) -> None:
    plex.answers(PARTS, json=[])
    assert plex.connect(f"{URL}/", apiSecret="S3").rows(PARTS) == []
    assert plex.sent[0].headers["X-Plex-Connect-Api-Secret"] == "S3"


def test_answers_without_rows(plex: Plex) -> None:
    plex.answers(PARTS, status=204)
    assert plex.client.rows(PARTS) == []
    plex.answers("/none", status=404)
    assert plex.client.rows("/none") is None
    plex.answers("/one", status=404, json={"code": "RESOURCE_NOT_FOUND"})
    assert plex.client.row("/one") is None
    assert plex.client.rows_by_id("/none", ["a"]) == []


def test_one_thing(plex: Plex) -> None:
    plex.answers("/jobs/a", json={"id": "a", "partId": None})
    assert plex.client.row("/jobs/a") == {"id": "a", "partId": None}


def test_a_row_that_is_no_object_is_kept_as_one(plex: Plex) -> None:
    plex.answers(PARTS, json=[{"id": "a"}, "odd", None])
    assert plex.client.rows(PARTS) == [{"id": "a"}, {"value": "odd"}, {"value": None}]


def test_what_is_no_number_in_json_costs_no_other_row(plex: Plex) -> None:
    plex.answers(PARTS, body='[{"id": "a", "leadTimeDays": NaN}, {"id": "b", "leadTimeDays": -Infinity}]')
    rows = plex.client.rows(PARTS)
    assert rows == [{"id": "a", "leadTimeDays": "NaN"}, {"id": "b", "leadTimeDays": "-Infinity"}]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [{"json": NOT_AUTHENTICATED}, {"body": ""}, {"body": "<html>Sorry</html>"}])
def test_refused_credentials_name_all_three_causes_and_their_settings(
    plex: Plex, status: int, body: dict[str, Any]
) -> None:
    plex.answers(PARTS, status=status, **body)
    with pytest.raises(ConfigurationError) as caught:
        plex.client.rows(PARTS)
    for words in (f"GET {PARTS} with {status}", "PLEX_KEYS", f"{TENANT} (facility.tenantId)", "subscribed"):
        assert words in str(caught.value)
    assert ("REQUEST_NOT_AUTHENTICATED The request could not" in str(caught.value)) == ("json" in body)
    assert "html" not in str(caught.value)
    assert len(plex.sent) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"code": "ARGUMENT_INVALID", "message": "beginDate is no date"}, "ARGUMENT_INVALID beginDate is no date"),
        (
            {"code": "REQUEST_VALIDATION_FAILED", "message": "m", "errors": [{"code": "c", "message": "d"}, None]},
            "REQUEST_VALIDATION_FAILED m c d",
        ),
        ({"code": None, "message": None, "errors": None}, "with 400: Plex"),
        ({"errors": 5}, "with 400: Plex"),
        (["odd"], "with 400: Plex"),
    ],
)
def test_a_refused_parameter_is_told_in_plex_words(plex: Plex, body: object, words: str) -> None:
    plex.answers(PARTS, status=400, json=body)
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        plex.client.rows(PARTS)
    assert len(plex.sent) == 1


@pytest.mark.parametrize(("header", "waits"), [({"Retry-After": "7"}, 7.5), ({}, 0.5), ({"Retry-After": "soon"}, 0.5)])
def test_throttling_waits_and_slows_down(plex: Plex, header: dict[str, str], waits: float) -> None:
    plex.answers(PARTS, status=429, headers=header)
    plex.answers(PARTS, json=[])
    assert plex.client.rows(PARTS) == []
    assert plex.time.slept == [waits]


def test_lasting_throttling_names_the_setting(plex: Plex) -> None:
    plex.answers(PARTS, status=429, headers={"Retry-After": "7"})
    with pytest.raises(ThrottledError, match=r"429.*lower plex\.callsPerMinute") as caught:
        plex.client.rows(PARTS)
    assert caught.value.retry_after == 7
    assert plex.client.calls == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {"code": "INTERNAL", "message": "Request processing error"}},
        {"status": 500, "body": ""},
        {"status": 502, "body": "<html>Bad Gateway</html>"},
        {"status": 503},
        {"status": 408},
        {"status": 200, "body": "<html>Maintenance</html>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": '[{"id": "a"}'},
        {"status": 200, "body": b"\xff\xfe\xfd"},
        {"status": 200, "json": {"items": []}},
        {"status": 200, "json": None},
        {"body": requests.ConnectionError("reset by peer")},
        {"body": requests.ReadTimeout("read timed out")},
        {"body": requests.exceptions.ChunkedEncodingError("IncompleteRead(10 bytes read)")},
    ],
)
def test_what_may_pass_is_tried_again(plex: Plex, answer: dict[str, Any]) -> None:
    plex.answers(PARTS, **answer)
    plex.answers(PARTS, json=[{"id": "a"}])
    assert plex.client.rows(PARTS) == [{"id": "a"}]
    assert plex.client.calls == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 503, "json": {"code": "BUSY", "message": "later"}}, f"GET {PARTS} with 503 BUSY later"),
        ({"body": "<html>Maintenance</html>"}, "not JSON: '<html>Maintenance"),
        ({"json": {"items": []}}, "with dict where list was due"),
        ({"body": requests.ConnectionError("reset by peer")}, "did not answer .*ConnectionError: reset by peer"),
    ],
)
def test_what_does_not_pass_is_told(plex: Plex, answer: dict[str, Any], words: str) -> None:
    plex.answers(PARTS, **answer)
    with pytest.raises(TransientError, match=words):
        plex.client.rows(PARTS)
    assert plex.client.calls == 2


def test_a_body_cut_short_is_no_answer(plex: Plex) -> None:
    plex.answers(PARTS, body="[]", headers={"Content-Length": "4000"}, auto_calculate_content_length=False)
    with pytest.raises(TransientError):
        plex.client.rows(PARTS)


def test_the_key_follows_no_redirect(plex: Plex) -> None:
    plex.answers(PARTS, status=302, headers={"Location": "https://elsewhere.example/"})
    plex.mock.get("https://elsewhere.example/", json=[])
    with pytest.raises(ConfigurationError, match=f"302, a redirect: is plex.url right. It is {URL}"):
        plex.client.rows(PARTS)
    assert len(plex.sent) == 1


def test_the_limiter_is_asked_before_every_call(plex: Plex) -> None:
    plex.answers(PARTS, json=[])
    for _ in range(200):
        plex.client.rows(PARTS)
    assert plex.time.now > 1000 + 200 / 600 * 60 - 10
    plex.time.now += 420
    with pytest.raises(OutOfTimeError):
        plex.client.rows(PARTS)


@pytest.mark.parametrize(
    ("status", "error"), [(200, None), (204, None), (404, None), (401, ConfigurationError), (503, TransientError)]
)
def test_now_is_the_time_of_any_answer(plex: Plex, status: int, error: type[Exception] | None) -> None:
    plex.answers(PARTS, status=status, body="" if status == 204 else "[]", headers={"Date": THURSDAY})
    if error:
        with pytest.raises(error):
            plex.client.rows(PARTS)
    else:
        plex.client.rows(PARTS)
    assert plex.client.now == THURSDAY_MS


@pytest.mark.parametrize("date", [None, "tomorrow", "Thu, 99 Apr 2026 14:03:27 GMT"])
def test_an_answer_without_a_date_leaves_the_clock_alone(plex: Plex, date: str | None) -> None:
    plex.answers(PARTS, json=[], headers={"Date": date} if date else {})
    plex.client.rows(PARTS)
    assert plex.client.now > THURSDAY_MS  # our own clock
    plex.answers("/dated", json=[], headers={"Date": THURSDAY})
    plex.client.rows("/dated")
    plex.client.rows(PARTS)
    assert plex.client.now == THURSDAY_MS


def test_rows_by_id_repeat_the_parameter_in_chunks(plex: Plex) -> None:
    ids = [f"id{number}" for number in range(IDS_PER_CALL + 1)]
    plex.answers(PARTS, json=[{"id": "x"}])
    assert plex.client.rows_by_id(PARTS, ids) == [{"id": "x"}, {"id": "x"}]
    first, second = (str(request.url).partition("?")[2] for request in plex.sent)
    assert first == "&".join(f"id={name}" for name in ids[:50])
    assert second == "id=id50"
    assert plex.client.rows_by_id(PARTS, []) == []
    assert plex.client.calls == 2


@pytest.mark.parametrize(
    ("tenants", "note"), [([str(TENANT)], None), ([str(TENANT).upper()], None), ([OTHER, str(TENANT)], "2 tenants")]
)
def test_a_member_passes_the_tenant_check(plex: Plex, tenants: list[str], note: str | None) -> None:
    plex.answers("/mdm/v1/tenants", json=[{"id": tenant, "code": "x"} for tenant in tenants])
    found = plex.client.check_tenant()
    assert (note in found if found and note else found == note) is True


@pytest.mark.parametrize(
    ("answer", "reached"),
    [({"json": [{"id": OTHER}]}, OTHER), ({"json": []}, "no tenant"), ({"status": 404}, "no tenant")],
)
def test_a_key_of_another_tenant_is_refused(plex: Plex, answer: dict[str, Any], reached: str) -> None:
    plex.answers("/mdm/v1/tenants", **answer)
    with pytest.raises(ConfigurationError, match=f"tenantId is {TENANT}, .*reaches {reached}: .*PLEX_KEYS"):
        plex.client.check_tenant()
