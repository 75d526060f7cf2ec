"""One run at a time for each facility, extractor and lane."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from bench import PCN, Bench
from plex_cdf.run.call import Outside
from writes import writes

NODE = {"instanceType": "node", "space": f"plex_{PCN}", "externalId": "jobs_incremental"}


def _lease(facility: Bench, holder: str, expires: datetime) -> None:
    source = {"type": "view", "space": "plex_functions", "externalId": "Lease", "version": "v1"}
    properties = {"holder": holder, "expiresAt": expires.isoformat(timespec="milliseconds")}
    item = {**NODE, "sources": [{"source": source, "properties": properties}]}
    facility.post("/models/instances", {"items": [item]})


def test_while_one_run_works_another_is_skipped(facility: Bench) -> None:
    _lease(facility, "call-99", datetime(2999, 1, 1, tzinfo=UTC))

    with facility.requests() as record:
        answer = facility.run("jobs")

    assert answer["status"] == "skipped"
    assert "call-99" in answer["notes"][0]
    refused = "/models/instances"
    assert writes(record) == [refused, "/extpipes/runs"]
    assert facility.runs("jobs")[0]["status"] == "seen"
    assert facility.run("master_data")["status"] == "success"


def test_of_two_overlapping_calls_one_works_and_one_is_skipped(facility: Bench) -> None:
    second: list[dict[str, Any]] = []

    def during_the_first(_: requests.Response, *args: Any, **kwargs: Any) -> None:
        if not second:
            second.append({})
            facility.outside = Outside()
            second[0] = facility.run("jobs")

    def session() -> requests.Session:
        made = requests.Session()
        made.hooks["response"].append(during_the_first)
        return made

    facility.outside = Outside(session=session)
    first = facility.run("jobs")

    assert (first["status"], second[0]["status"]) == ("success", "skipped")
    assert second[0]["plexCalls"] == 0
    assert sorted(run["status"] for run in facility.runs("jobs")) == ["seen", "success"]


def test_the_lease_of_a_killed_run_expires(facility: Bench) -> None:
    _lease(facility, "call-99", datetime(2020, 1, 1, tzinfo=UTC))
    assert facility.run("jobs")["status"] == "success"


def test_a_run_that_outlives_its_lease_saves_nothing_over_what_others_did(
    facility: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held up after its last write, while another run has come and gone: there is no node any more."""
    post = facility.client.post
    held_up = False

    def slow(url: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal held_up
        answer = post(url, *args, **kwargs)
        if url.endswith("/events") and not held_up:
            held_up = True
            facility.post("/models/instances/delete", {"items": [NODE]})
        return answer

    monkeypatch.setattr(facility.client, "post", slow)
    facility.outside = Outside(now=lambda: time.time() + 3600 * held_up)
    answer = facility.run("jobs")

    assert answer["status"] == "skipped"
    assert facility.raw("state") == {}


def test_a_run_that_loses_its_lease_commits_nothing_more(facility: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    post = facility.client.post
    stolen = False

    def steal(url: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal stolen
        answer = post(url, *args, **kwargs)
        if url.endswith("/events") and not stolen:
            stolen = True
            _lease(facility, "call-99", datetime(2999, 1, 1, tzinfo=UTC))
        return answer

    monkeypatch.setattr(facility.client, "post", steal)
    answer = facility.run("jobs")
    monkeypatch.undo()

    assert answer["status"] == "skipped"
    assert facility.raw("state") == {}
    entries = [
        str(entry)
        for name, row in facility.raw("fingerprints_jobs").items()
        if "/" in name
        for scope in row["scopes"].values()
        for _, items in scope.values()
        for entry in items.values()
    ]
    assert entries
    assert all("~incremental:1:" in entry for entry in entries)
    assert facility.runs("jobs")[0]["status"] == "seen"
    # What took the lease keeps it.
    assert facility.run("jobs")["status"] == "skipped"
