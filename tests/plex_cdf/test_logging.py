"""Log lines: JSON, with context, without secrets."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.log import MASK, Log, Redactor

# No letter that the line's own keys have, and no star, which the mask is made of.
SECRET = st.text(st.sampled_from("KQX'\"\\%& é😀"), min_size=3, max_size=12)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def texts(value: object) -> Iterator[str]:
    """Every text of a JSON value, keys included."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def written(*secrets: str, **figures: object) -> str:
    out = io.StringIO()
    Log(Redactor(secrets), out=out).info("event", **figures)
    return out.getvalue()


def test_one_json_line_per_call_with_the_bound_context() -> None:
    out = io.StringIO()
    log = Log(Redactor(), out=out, now=lambda: datetime(2026, 4, 9, 14, 3, 27, 123456, UTC), runId="r1")
    bound = log.bind(stream="jobs")
    bound.info("stream done", rows=3, seconds=0.5, note="two\nlines\u2028and more")
    bound.info("odd", value=None)
    log.info("done")
    first, second, third = lines(out)
    assert first == {
        "time": "2026-04-09T14:03:27.123Z",
        "level": "INFO",
        "event": "stream done",
        "runId": "r1",
        "stream": "jobs",
        "rows": 3,
        "seconds": 0.5,
        "note": "two\nlines\u2028and more",
    }
    assert (second["level"], second["runId"], second["stream"]) == ("INFO", "r1", "jobs")
    assert "stream" not in third


def test_stdout_of_the_moment_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    Log(Redactor()).info("event")
    assert json.loads(capsys.readouterr().out)["event"] == "event"


def test_a_failure_has_its_stack_and_its_causes() -> None:
    out = io.StringIO()
    try:
        try:
            json.loads("{")
        except ValueError as cause:
            raise RuntimeError("key Qx77Qx77 is bad") from cause
    except RuntimeError as error:
        Log(Redactor(["Qx77Qx77"]), out=out).failure("failed", error, stream="jobs")
    (line,) = lines(out)
    assert line["level"] == "ERROR"
    assert line["error"] == f"RuntimeError: key {MASK} is bad"
    assert "JSONDecodeError" in line["stack"]
    assert "test_logging.py" in line["stack"]
    assert "Qx77Qx77" not in out.getvalue()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1: {2}}, b"x", UUID(int=0), ValueError("x")])
def test_any_value_makes_a_line_that_every_reader_takes(value: object) -> None:
    line = written(figure=value)
    assert line.isascii()
    json.loads(line, parse_constant=pytest.fail)


@given(st.lists(SECRET, min_size=1, max_size=4), st.lists(st.text(max_size=5), min_size=2, max_size=6))
def test_no_secret_is_ever_written(secrets: list[str], around: list[str]) -> None:
    # Whole, overlapping and nested places of them, in values, keys, lists, other objects and errors.
    text = around[0] + "".join(secret + filling for secret, filling in zip(secrets, around[1:], strict=False))
    overlapping = "".join(secret[: len(secret) // 2 + 1] for secret in secrets) + secrets[0]
    line = written(
        *secrets,
        a=text,
        b={text: [overlapping, {"c": (text,)}]},
        d=ValueError(text),
        e=repr(text),
        f=json.dumps({"x": text}),
        g=f"?key={quote(secrets[0], safe='')}&",
    )
    for shown in texts(json.loads(line)):
        for secret in secrets:
            assert secret not in shown
            assert json.dumps(secret)[1:-1] not in shown
    # In the line itself quotes and backslashes are JSON's own.
    assert not any(secret in line for secret in secrets if not {'"', "\\"} & set(secret))


def test_a_secret_of_digits_is_taken_out_of_numbers() -> None:
    line = json.loads(written("1234567", a=1234567, b=91234567.5, c=89, d=True, e=None))
    assert [line[name] for name in "abcde"] == [MASK, f"9{MASK}.5", 89, True, None]


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        ("Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln was refused", "eyJhbGciOi.eyJzdWIi.c2ln"),
        ("authorization: basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("sent X-Plex-Connect-Api-Key: AbC123dEf", "AbC123dEf"),
        ("{'X-Plex-Connect-Api-Key': 'AbC123dEf', 'Accept': 'x'}", "AbC123dEf"),
        ('{"client_secret": "s3cr3t~x"}', "s3cr3t~x"),
        ("grant_type=client_credentials&client_secret=s3cr3t~x&scope=y", "s3cr3t~x"),
        ("cannot reach https://user:s3cr3t@proxy.example:80/", "s3cr3t"),
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str, credential: str) -> None:
    line = written(error=text)
    assert credential not in line
    assert MASK in line


def test_what_is_no_credential_stays() -> None:
    text = "basic steel, the bearer of bad news; password; https://example.com/a@b"
    assert json.loads(written(text=text))["text"] == text
