"""The client of the Data Source API: what it sends, the answers that it reads, the errors that it tells apart."""

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
from data_source_world import CHECKSHEETS, PASSWORD, USER
from fake_time import FakeTime
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.config import CONTENT_TYPE, DataSourceSettings
from plex_cdf.errors import (
    ConfigurationError,
    IncompleteError,
    ParameterError,
    ThrottledError,
    TransientError,
)
from plex_cdf.log import Log, Redactor
from plex_cdf.plex.data_source import DataSources
from plex_cdf.plex.data_source_answers import USUAL_LIMIT, execution
from plex_cdf.plex.limiter import RateLimiter
from plex_cdf.retry import Retry
from pydantic import ValidationError

URL = "https://cloud.plex.example"
EXECUTE = f"{URL}/api/datasources/{CHECKSHEETS}/execute"
METADATA = f"{URL}/api/datasources/{CHECKSHEETS}"
FLAGS = ("limitExceeded", "rowLimitedExceeded", "rowLimitExceeded")
EMPTY: dict[str, Any] = {"outputs": {}, "rows": [], "rowLimitedExceeded": False, "transactionNo": "7"}


class Made:
    """Data sources whose answers are made up, in a time of its own, with two tries a call."""

    def __init__(self, mock: responses.RequestsMock, session: requests.Session) -> None:
        self.mock = mock
        self.session = session
        self.time = FakeTime()
        self.out = io.StringIO()
        self.client = self.connect()

    def connect(self, user: str = USER, password: str = PASSWORD, content_type: str = CONTENT_TYPE) -> DataSources:
        deadline = self.time.deadline()
        return DataSources(
            f"{URL}/",
            user,
            password,
            session=self.session,
            limiter=RateLimiter(600, deadline, clock=self.time.clock, sleep=self.time.sleep),
            retry=Retry(deadline, attempts=2, sleep=self.time.sleep, uniform=lambda _, high: high),
            timeout=30,
            content_type=content_type,
            log=Log(Redactor([password]), out=self.out),
        )

    def answers(self, **answer: Any) -> None:
        self.mock.post(EXECUTE, **answer)

    def refuses(self, status: int, code: str, message: str = "Sorry.") -> None:
        self.answers(
            status=status, json={"errors": [{"code": code, "message": message}], "transactionNo": "1234567890"}
        )

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.mock.calls]


@pytest.fixture
def made() -> Iterator[Made]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock, requests.Session() as session:
        yield Made(mock, session)


def test_inputs_go_out_flat_with_the_account_in_utf_8(made: Made) -> None:
    made.answers(json=EMPTY)
    assert made.client.execute(CHECKSHEETS, {"Part_No": "Größe", "Key": 5, "Open": True, "Note": None}) == []
    (request,) = made.sent
    assert request.url == f"{EXECUTE}?format=2"
    assert json.loads(request.body or "") == {"Part_No": "Größe", "Key": 5, "Open": True, "Note": None}
    assert (request.body or "ä").isascii()
    scheme, _, encoded = request.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded).decode("utf-8")) == ("Basic", f"{USER}:{PASSWORD}")
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["Accept"] == "application/json"
    assert made.client.calls == 1


def test_the_charset_can_be_left_out(made: Made) -> None:
    made.answers(json=EMPTY)
    made.connect(content_type=DataSourceSettings(contentType="application/json").content_type).execute(CHECKSHEETS, {})
    assert made.sent[0].headers["Content-Type"] == "application/json"
    with pytest.raises(ValidationError):
        DataSourceSettings(contentType="text/plain")


@pytest.mark.parametrize(
    "body",
    [
        {"outputs": {}, "rows": [{"A": 1, "B": None}, {"A": 2, "B": "x"}], "rowLimitedExceeded": False},
        {"outputs": {}, "tables": [{"columns": ["A", "B"], "rows": [[1, None], [2, "x"]], "limitExceeded": False}]},
        {"tables": [{"columns": ["A", "B"], "rows": [[1, None]]}, {"columns": ["A", "B"], "rows": [[2, "x"]]}]},
        {"columns": ["A", "B"], "rows": [[1, None], [2, "x"]]},
    ],
)
def test_both_formats_are_read(made: Made, body: dict[str, Any]) -> None:
    made.answers(json=body)
    assert made.client.execute(CHECKSHEETS, {}) == [{"A": 1, "B": None}, {"A": 2, "B": "x"}]


def test_a_source_with_outputs_alone_has_no_rows(made: Made) -> None:
    made.answers(json={"outputs": {"Name": "Bolt"}, "tables": [], "transactionNo": "1"})
    assert made.client.execute(CHECKSHEETS, {}) == []


def test_what_is_no_number_in_json_costs_no_other_row(made: Made) -> None:
    made.answers(body='{"rows": [{"A": NaN}, {"A": 1}]}')
    assert made.client.execute(CHECKSHEETS, {}) == [{"A": "NaN"}, {"A": 1}]


@pytest.mark.parametrize("flag", [*FLAGS, "RowLimitExceeded", "row_limit_exceeded"])
@pytest.mark.parametrize("value", [True, 1, "true"])
def test_a_cut_answer_is_incomplete_wherever_it_says_so(made: Made, flag: str, value: object) -> None:
    rows = [{"A": 1}]
    bodies: list[dict[str, Any]] = [
        {"rows": rows, flag: value},
        {"tables": [{"columns": ["A"], "rows": [[1]]}], flag: value},
        {"tables": [{"columns": ["A"], "rows": [[1]], flag: value}]},
        {"tables": [{"columns": ["A"], "rows": [[1]], "limitExceeded": False}], flag: value},
    ]
    for number, body in enumerate(bodies):
        made.mock.post(f"{URL}/api/datasources/{number}/execute", json={**body, "transactionNo": "77"})
        with pytest.raises(IncompleteError, match=rf"data source {number} has cut .* 1 rows \(transactionNo 77\)"):
            made.client.execute(number, {})
    assert len(made.sent) == len(bodies)


@given(st.integers(0, 2 * USUAL_LIMIT), st.sampled_from([None, False, 0, "false", True, "true"]), st.booleans())
def test_a_long_answer_without_a_flag_may_be_cut(count: int, flag: object, flat: bool) -> None:
    table: dict[str, Any] = {"columns": ["A"], "rows": [[1]] * count}
    body = table if flat else {"tables": [table]}
    assert execution(body).cut is (count >= USUAL_LIMIT)
    assert execution({**body, "limitExceeded": flag}).cut is (str(flag).lower() == "true")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "USER_ACCESS_DENIED", "dsUser or dsPassword of this PCN in PLEX_KEYS is wrong"),
        (403, "CUSTOMER_ACCESS_DENIED", "ask Plex Customer Care to make a web service account that may use this PCN"),
        (403, "DATA_SOURCE_API_ACCESS_DENIED", "allow this PCN's web service account the Data Source API"),
        (403, "DATA_SOURCE_ACCESS_DENIED", "ask Plex Customer Care to grant data source 4142 to this PCN's"),
        (200, "DATA_SOURCE_ACCESS_DENIED", "ask Plex Customer Care to grant data source 4142 to this PCN's"),
        (403, "SOME_NEW_ACCESS_DENIED", "allow its web service account the Data Source API and data source 4142"),
        (400, "DATA_SOURCE_NOT_FOUND", "no data source 4142 to run; correct its id"),
        (500, "DATA_SOURCE_OBJECT_NOT_FOUND", "no data source 4142 to run"),
        (404, "NO_ROUTE", f"dataSourceApi.url, which is {URL}"),
        (405, "METHOD_NOT_ALLOWED", "refuses how data source 4142 is asked"),
        (400, "SOMETHING_NEW", "refuses how data source 4142 is asked"),
    ],
)
def test_what_only_a_person_can_mend_stops_at_once(made: Made, status: int, code: str, words: str) -> None:
    made.refuses(status, code, "In Plex's words.")
    with pytest.raises(ConfigurationError, match=re.escape(words)) as caught:
        made.client.execute(CHECKSHEETS, {})
    said = f"POST /api/datasources/4142/execute with {status} {code} In Plex's words. (transactionNo 1234567890)"
    assert said in str(caught.value)
    assert not isinstance(caught.value, ParameterError)
    assert len(made.sent) == 1


@pytest.mark.parametrize(
    "code",
    [
        "DATA_SOURCE_INPUT_FORMAT_INVALID",
        "DATA_SOURCE_INPUT_NOT_ACCESSIBLE",
        "DATA_SOURCE_INPUT_NOT_FOUND",
        "DATA_SOURCE_INPUT_NOT_NULLABLE",
        "DATA_SOURCE_INPUT_REQUIRED",
        "DATA_SOURCE_INPUT_TYPE_MISMATCH",
    ],
)
def test_a_refused_input_is_named(made: Made, code: str) -> None:
    made.refuses(400, code, "Input 'Part_No' is wrong.")
    with pytest.raises(ParameterError, match=rf"{code} Input 'Part_No' is wrong.*sent were Date_Begin, Part_No"):
        made.client.execute(CHECKSHEETS, {"Date_Begin": "x", "Part_No": 5})
    assert len(made.sent) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [{"body": ""}, {"body": "<html>Sorry</html>"}, {"json": ["odd"]}])
def test_a_refusal_without_a_code_is_told_by_its_status(made: Made, status: int, body: dict[str, Any]) -> None:
    made.answers(status=status, **body)
    with pytest.raises(ConfigurationError, match=f"with {status}: dsUser or dsPassword .*Customer Care"):
        made.client.execute(CHECKSHEETS, {})


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {"errors": [{"code": "REQUEST_PROCESSING_ERROR", "message": "m"}]}},
        {"status": 400, "json": {"errors": [{"code": "REQUEST_PROCESSING_ERROR", "message": "m"}]}},
        {"status": 502, "body": "<html>Bad Gateway</html>"},
        {"status": 408},
        {"status": 200, "body": "<html>Please sign in</html>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": '{"rows": [{"A": 1}'},
        {"status": 200, "body": b"\xff\xfe\xfd"},
        {"status": 200, "json": []},
        {"status": 200, "json": None},
        {"status": 200, "json": {}},
        {"status": 200, "json": {"rows": None}},
        {"status": 200, "json": {"rows": ["odd"]}},
        {"status": 200, "json": {"tables": None}},
        {"status": 200, "json": {"tables": ["odd"]}},
        {"status": 200, "json": {"tables": [{"columns": ["A"], "rows": [[1, 2]]}]}},
        {"status": 200, "json": {"tables": [{"rows": [[1]]}]}},
        {"body": requests.ConnectionError("reset by peer")},
        {"body": requests.ReadTimeout("read timed out")},
        {"body": requests.exceptions.ChunkedEncodingError("IncompleteRead(10 bytes read)")},
    ],
)
def test_what_may_pass_is_tried_again(made: Made, answer: dict[str, Any]) -> None:
    made.answers(**answer)
    made.answers(json={**EMPTY, "rows": [{"A": 1}]})
    assert made.client.execute(CHECKSHEETS, {}) == [{"A": 1}]
    assert made.client.calls == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html>Please sign in</html>"}, "not JSON: '<html>Please"),
        ({"json": []}, "in a form that no data source has"),
        ({"body": requests.ConnectionError("reset")}, "did not answer POST .*ConnectionError: reset"),
    ],
)
def test_what_does_not_pass_is_told(made: Made, answer: dict[str, Any], words: str) -> None:
    made.answers(**answer)
    with pytest.raises(TransientError, match=words):
        made.client.execute(CHECKSHEETS, {})
    assert made.client.calls == 2


def test_throttling_waits_slows_down_and_names_the_setting(made: Made) -> None:
    made.answers(status=429, headers={"Retry-After": "7"})
    with pytest.raises(ThrottledError, match=r"429.*lower dataSourceApi\.callsPerMinute") as caught:
        made.client.execute(CHECKSHEETS, {})
    assert (caught.value.retry_after, made.time.slept) == (7, [7.5])


def test_the_password_follows_no_redirect(made: Made) -> None:
    made.answers(status=302, headers={"Location": "https://elsewhere.example/"})
    made.mock.get("https://elsewhere.example/", json=EMPTY)
    with pytest.raises(ConfigurationError, match=f"302, a redirect: is dataSourceApi.url right. It is {URL}"):
        made.client.execute(CHECKSHEETS, {})
    assert len(made.sent) == 1


def test_every_transaction_is_in_the_log(made: Made) -> None:
    made.answers(json={**EMPTY, "rows": [{"A": 1}]})
    made.answers(json={**EMPTY, "rowLimitedExceeded": True, "transactionNo": 8})
    made.client.execute(CHECKSHEETS, {})
    with pytest.raises(IncompleteError):
        made.client.execute(CHECKSHEETS, {})
    lines = [json.loads(line) for line in made.out.getvalue().splitlines()]
    kept = ("event", "dataSource", "rows", "cut", "transactionNo")
    assert [[line[name] for name in kept] for line in lines] == [
        ["data source read", CHECKSHEETS, 1, False, "7"],
        ["data source read", CHECKSHEETS, 0, True, "8"],
    ]


@pytest.mark.parametrize("body", [[], {}, {"inputs": None, "columns": []}, {"inputs": [{}], "columns": []}])
def test_metadata_of_an_odd_form_are_none(made: Made, body: object) -> None:
    made.mock.get(METADATA, json=body)
    with pytest.raises(TransientError):
        made.client.metadata(CHECKSHEETS)


def test_metadata_are_asked_once_and_without_inputs(made: Made) -> None:
    inputs = [{"name": "Begin", "required": True}, {"name": "End"}]
    made.mock.get(METADATA, json={"name": "N", "inputs": inputs, "columns": [{"name": "A"}, {"name": "B"}]})
    for _ in range(2):
        made.client.check(CHECKSHEETS, ["Begin", "End"], ["B"])
    (request,) = made.sent
    assert request.body is None
    with pytest.raises(ConfigurationError) as caught:
        made.client.check(CHECKSHEETS, ["end"], ["a", "A"])
    assert str(caught.value) == (
        "data source 4142 (N) is not what dataSources in the pipeline's config says: it has no input end, it requires "
        "input Begin, it has no column a. Its inputs: Begin, End. Its columns: A, B. Upper and lower case differ"
    )
    assert len(made.sent) == 1
