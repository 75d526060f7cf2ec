"""Secrets are shown nowhere; every line of the log can be followed."""

import base64
import json
from typing import Any

import pytest
import requests
from bench import KEY, PCN, Bench
from plex_cdf.errors import ConfigurationError, PlexCdfError
from writes import TABLES


def test_no_secret_stands_in_logs_answers_or_state(facility: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    answer = facility.cycle()
    facility.configure("jobs", facility={"pcn": PCN, "tenantId": "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"})
    with pytest.raises(ConfigurationError):
        facility.run("jobs")

    secret = base64.b64encode(json.dumps(facility.keys).encode()).decode()
    seen = capsys.readouterr().out + json.dumps(answer) + json.dumps([facility.raw(table) for table in TABLES])
    assert "stream done" in seen
    assert KEY not in seen
    assert secret not in seen


def test_every_log_line_is_json_with_the_calls_id(facility: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    answer = facility.run("jobs")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["runId"] for line in lines} == {answer["runId"]}
    assert {line["facility"] for line in lines} == {PCN}
    assert [line["stream"] for line in lines if line["event"] == "stream done"] == ["jobs", "job_operations"]


def test_an_error_that_holds_a_secret_is_shown_without_it(facility: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def leak(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"cannot send the header {KEY}")

    monkeypatch.setattr(requests.Session, "request", leak)
    with pytest.raises(PlexCdfError, match=r"cannot send the header \*\*\*") as failed:
        facility.run("jobs")
    monkeypatch.undo()
    assert failed.value.__cause__ is None
    assert KEY not in facility.runs("jobs")[0]["message"]
