"""What a run promises, shown from outside: requests, content, errors."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from bench import KEY, PCN, TENANT, Bench
from plex_cdf.errors import ConfigurationError, DataError, PlexCdfError
from plex_cdf.run.call import Outside

JOBS = "/scheduling/v1/jobs"
MIDDLE = "2024-03-02T10:00:00Z"
TABLES = ("state", "quarantine", "fingerprints_jobs", "fingerprints_master_data")


def _writes(record: list[dict[str, Any]]) -> list[str]:
    """Requests that change something, without reads that are POSTs."""
    reads = ("/byids", "/list", "/inspect")
    return [
        request["path"].split("/factory", 1)[1]
        for request in record
        if request["method"] == "POST" and not request["path"].endswith(reads)
    ]


def _nothing_written(facility: Bench) -> None:
    assert [facility.raw(table) for table in TABLES] == [{}, {}, {}, {}]
    assert facility.events("job") == {}
    assert not any(name.startswith(f"PCN{PCN}_PART_") for name in facility.assets())


@pytest.mark.parametrize("extractor", ["master_data", "jobs"])
def test_a_run_with_nothing_changed_writes_its_watermark_its_lease_and_its_pipeline_run(
    facility: Bench, extractor: str
) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    facility.cycle()

    with facility.requests() as record:
        answer = facility.run(extractor)

    lease, row = "/models/instances", f"/raw/dbs/plex_{PCN}/tables/state/rows"
    assert _writes(record) == [lease, lease, row, f"{lease}/delete", "/extpipes/runs"]
    assert len(record) == answer["cdfCalls"] == 8
    assert all(stream["created"] == stream["updated"] == 0 for stream in answer["streams"].values())


def test_links_that_wait_and_rows_in_quarantine_keep_an_idle_run_within_ten_calls(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.rows(JOBS, upsert=[{"id": None, "jobNumber": "nobody"}])
    facility.run("jobs")
    facility.run("jobs")

    with facility.requests() as record:
        answer = facility.run("jobs")

    assert len(record) == answer["cdfCalls"] == 9


def test_after_the_clock_moves_on_only_what_changed_is_written(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    facility.at("2024-03-05T10:00:00Z")

    with facility.requests() as record:
        facility.run("jobs")

    sent = {
        item["externalId"]
        for request in record
        if "/events" in request["path"] and request["method"] == "POST"
        for item in request["body"]["items"]
    }
    done = next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == "W1")
    assert not any(done["id"] in external_id for external_id in sent)
    # W2 and its second operation, W3 and its only one; W2's first operation was complete before.
    assert len(sent) == 4


def _keys(facility: Bench) -> None:
    facility.keys = {str(PCN): {"apiKey": "WrongKey"}}


def _tenant(facility: Bench) -> None:
    facility.configure("jobs", facility={"pcn": PCN, "tenantId": "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"})


def _misspelt(facility: Bench) -> None:
    facility.configure("jobs", opnStatuses=["Open"])


def _no_key(facility: Bench) -> None:
    facility.keys = {"1": {"apiKey": KEY}}


@pytest.mark.parametrize(
    ("prepare", "payload", "words"),
    [
        (_keys, {}, ["401", "PLEX_KEYS", "facility.tenantId", "subscribed"]),
        (_tenant, {}, ["401", "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab", "facility.tenantId"]),
        (_misspelt, {}, [f"plex_{PCN}_jobs", "opnStatuses", "openStatuses"]),
        (_no_key, {}, ["plex-keys", str(PCN), "make keys"]),
        (None, {"mode": "turbo"}, ["mode", "'turbo'", "'incremental'", "'full'"]),
        (None, {"streams": ["job"]}, ["streams", "job", "job_operations"]),
        (None, {"dryrun": True}, ["dryrun", "dryRun"]),
    ],
)
def test_a_setting_that_only_a_person_can_mend_fails_the_call_and_writes_nothing(
    facility: Bench, prepare: Any, payload: dict[str, Any], words: list[str]
) -> None:
    if prepare:
        prepare(facility)

    with pytest.raises(ConfigurationError) as failed:
        facility.run("jobs", **payload)

    run = facility.runs("jobs")[0]
    assert run["status"] == "failure"
    for word in words:
        assert word in str(failed.value)
        assert word in run["message"]
    _nothing_written(facility)


def test_a_key_of_another_tenant_never_fills_this_ones_data_sets(facility: Bench) -> None:
    facility.rows("/mdm/v1/tenants", upsert=[{"id": "other", "code": "Other"}], remove=[TENANT])

    with pytest.raises(ConfigurationError, match=f"{TENANT}.*reaches other.*facility.tenantId"):
        facility.run("jobs")

    assert facility.runs("jobs")[0]["status"] == "failure"
    _nothing_written(facility)


def test_a_key_of_several_tenants_is_noted(facility: Bench) -> None:
    facility.rows("/mdm/v1/tenants", upsert=[{"id": "other", "code": "Other"}])
    assert any("2 tenants" in note for note in facility.run("jobs")["notes"])


def test_an_unknown_pipeline_fails_the_call_and_names_it(facility: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no extraction pipeline plex_1_jobs"):
        facility.run("jobs", pipeline="plex_1_jobs")
    _nothing_written(facility)


def test_a_facility_that_was_not_deployed_is_named(facility: Bench) -> None:
    facility.keys = {"default": {"apiKey": KEY}}
    facility.post(
        "/extpipes", {"items": [{"externalId": "plex_1_jobs", "name": "one", "dataSetId": facility.data_set}]}
    )
    facility.configure_text("jobs", facility.config_text("jobs", facility={"pcn": 1, "tenantId": TENANT}), pcn=1)
    with pytest.raises(ConfigurationError, match=r"space plex_1.*deploy.*facility.pcn"):
        facility.run("jobs", pipeline="plex_1_jobs")


BAD_ROWS: list[dict[str, Any]] = [
    {"id": None, "jobNumber": "null id"},
    {"id": "impossible-date", "createdDate": "2026-13-45T99:00:00Z"},
    {"id": "no-zone", "createdDate": "2026-01-01T00:00:00"},
    {"id": "9" * 300, "jobNumber": "300 bytes"},
    {"id": "refused-by-cdf", "createdDate": "1900-01-01T00:00:00Z"},
]


def test_bad_rows_wait_in_quarantine_while_their_neighbours_arrive(facility: Bench) -> None:
    facility.rows(JOBS, upsert=BAD_ROWS)

    answer = facility.run("jobs", streams=["jobs"])

    assert len(facility.events("job")) == 3
    assert answer["status"] == "success"
    figures = answer["streams"]["jobs"]
    assert (figures["rows"], figures["created"], figures["quarantined"]) == (8, 3, 5)
    waiting = facility.raw("quarantine").values()
    assert len(waiting) == 5
    reasons = {str(json.loads(row["payload"])["id"])[:16]: row["reason"] for row in waiting}
    assert "id" in reasons["None"]
    assert "2026-13-45T99:00:00Z" in reasons["impossible-date"]
    assert "zone" in reasons["no-zone"]
    assert "300 bytes" in reasons["9" * 16]
    assert "CDF" in reasons["refused-by-cdf"]
    assert all(row["stream"] == "jobs" and row["runId"] == answer["runId"] and row["time"] for row in waiting)


def test_a_row_that_stays_bad_is_written_once_and_goes_when_it_is_mended(facility: Bench) -> None:
    facility.rows(JOBS, upsert=BAD_ROWS)
    facility.run("jobs", mode="full", streams=["jobs"])
    with facility.requests() as record:
        again = facility.run("jobs", mode="full", streams=["jobs"])
    assert again["streams"]["jobs"]["quarantined"] == 5
    assert not any("quarantine" in path for path in _writes(record))

    facility.rows(JOBS, upsert=[{"id": key, "jobNumber": key} for key in ("impossible-date", "refused-by-cdf")])
    mended = facility.run("jobs", mode="full", streams=["jobs"])

    assert (mended["streams"]["jobs"]["created"], mended["streams"]["jobs"]["quarantined"]) == (2, 3)
    assert len(facility.raw("quarantine")) == 3


def test_a_row_that_turns_bad_is_not_taken_for_gone(facility: Bench) -> None:
    facility.run("jobs", streams=["jobs"])
    row = facility.plex_rows(JOBS)[0]
    facility.rows(JOBS, upsert=[row | {"createdDate": "never"}])

    answer = facility.run("jobs", mode="full", streams=["jobs"])

    assert (answer["streams"]["jobs"]["retracted"], answer["streams"]["jobs"]["quarantined"]) == (0, 1)
    assert facility.events("job")[f"PCN{PCN}_JOB_{row['id']}"]["subtype"] == row["jobStatus"]


def test_too_much_quarantine_fails_the_run_after_its_commit(facility: Bench) -> None:
    facility.configure("jobs", quarantineLimit={"share": 0.5, "number": 4})
    facility.rows(JOBS, upsert=BAD_ROWS)

    with pytest.raises(DataError, match="5 of 8 rows"):
        facility.run("jobs", streams=["jobs"])

    assert len(facility.events("job")) == 3
    assert len(facility.raw("quarantine")) == 5
    assert facility.runs("jobs")[0]["status"] == "failure"


def _lease(facility: Bench, holder: str, expires: datetime) -> None:
    source = {"type": "view", "space": "plex_functions", "externalId": "Lease", "version": "v1"}
    properties = {"holder": holder, "expiresAt": expires.isoformat(timespec="milliseconds")}
    node = {"instanceType": "node", "space": f"plex_{PCN}", "externalId": "jobs_incremental"}
    item = {**node, "sources": [{"source": source, "properties": properties}]}
    facility.post("/models/instances", {"items": [item]})


def test_while_one_run_works_another_is_skipped(facility: Bench) -> None:
    _lease(facility, "call-99", datetime(2999, 1, 1, tzinfo=UTC))

    with facility.requests() as record:
        answer = facility.run("jobs")

    assert answer["status"] == "skipped"
    assert "call-99" in answer["notes"][0]
    refused = "/models/instances"
    assert _writes(record) == [refused, "/extpipes/runs"]
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


def test_a_dry_run_tells_its_plan_and_touches_nothing(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.run("jobs")
    row = next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == "W2")
    facility.rows(JOBS, upsert=[row | {"quantityCompleted": 60.0}, {"id": "new", "jobNumber": "new"}])
    gone = next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == "W1")
    facility.rows(JOBS, remove=[gone["id"]])

    with facility.requests() as record:
        answer = facility.run("jobs", mode="full", dryRun=True, streams=["jobs"])

    assert _writes(record) == []
    plan = answer["streams"]["jobs"]["plan"]
    assert f"PCN{PCN}_JOB_new" in plan["create"]
    why = {update["externalId"]: update["why"] for update in plan["update"]}
    assert why[f"PCN{PCN}_JOB_{row['id']}"] == {"metadata.quantityCompleted": ["50", "60"]}
    assert plan["retract"] == [{"externalId": f"PCN{PCN}_JOB_{gone['id']}", "why": "no longer in Plex"}]
    assert (answer["streams"]["jobs"]["created"], answer["streams"]["jobs"]["updated"]) == (1, 1)


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


POISON: list[dict[str, Any]] = [
    {"id": "year-one", "createdDate": "0001-01-01T00:00:00+14:00"},
    {"id": "huge", "quantity": 1e-300, "quantityCompleted": 1e300, "jobStatus": "Open"},
    {"id": "twin"},
    {"id": "twin "},
    {"id": "an object", "jobNumber": {"no": "text"}},
    {"id": ["a", "list"]},
    {"id": "not finite", "quantity": "NaN", "quantityCompleted": 1},
    {"id": "nul \0 inside"},
]


def test_whatever_a_row_holds_it_never_stops_its_neighbours(facility: Bench) -> None:
    facility.rows(JOBS, upsert=POISON)
    for _ in range(2):
        answer = facility.run("jobs", mode="full", streams=["jobs"])
        assert answer["status"] == "success"
        plant = {f"PCN{PCN}_JOB_{row['id']}" for row in facility.plex_rows(JOBS) if row.get("jobStatus") == "Complete"}
        assert plant <= facility.events("job").keys()
    assert answer["streams"]["jobs"]["quarantined"] >= 6


def test_a_missing_table_is_named(facility: Bench) -> None:
    facility.post(f"/raw/dbs/plex_{PCN}/tables/delete", {"items": [{"name": "fingerprints_jobs"}]})
    with pytest.raises(ConfigurationError, match=f"fingerprints_jobs of database plex_{PCN}.*deploy the facility"):
        facility.run("jobs")


def test_a_bad_row_without_a_key_goes_when_plex_has_it_no_more(facility: Bench) -> None:
    facility.rows(JOBS, upsert=[{"id": None, "jobNumber": "nobody"}])
    facility.run("jobs", streams=["jobs"])
    facility.rows(JOBS, reset=True)
    facility.run("jobs", streams=["jobs"])
    assert len(facility.raw("quarantine")) == 1

    facility.run("jobs", mode="full", streams=["jobs"])
    assert facility.raw("quarantine") == {}
    assert facility.raw("state")["jobs_incremental"]["quarantine"] == {"jobs": {}}


def test_a_full_run_makes_anew_what_was_deleted_in_cdf(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    jobs, assets = facility.events("job"), facility.assets()
    series = facility.client.time_series.list(limit=None)
    gone = next(iter(jobs))
    facility.client.events.delete(external_id=gone)
    facility.client.time_series.delete(external_id=[str(one.external_id) for one in series])
    workcenters = [name for name in assets if "_WORKCENTER_" in name]
    facility.client.assets.delete(external_id=workcenters)
    facility.cycle()
    assert gone not in facility.events("job")

    facility.run("master_data", mode="full")
    facility.run("jobs", mode="full")

    assert facility.events("job").keys() == jobs.keys()
    assert facility.assets().keys() == assets.keys()
    assert {one.external_id for one in facility.client.time_series.list(limit=None)} == {
        one.external_id for one in series
    }
    for one in series:
        points = facility.client.time_series.data.retrieve(external_id=str(one.external_id))
        assert points is not None
        assert len(points) == 1


def test_a_dry_first_load_plans_the_operations_too(facility: Bench) -> None:
    answer = facility.run("jobs", dryRun=True)
    assert answer["streams"]["jobs"]["created"] == 3
    assert answer["streams"]["job_operations"]["created"] == 5
    _nothing_written(facility)


def test_an_error_that_holds_a_secret_is_shown_without_it(facility: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def leak(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"cannot send the header {KEY}")

    monkeypatch.setattr(requests.Session, "request", leak)
    with pytest.raises(PlexCdfError, match=r"cannot send the header \*\*\*") as failed:
        facility.run("jobs")
    monkeypatch.undo()
    assert failed.value.__cause__ is None
    assert KEY not in facility.runs("jobs")[0]["message"]


def test_a_function_refuses_another_ones_pipeline(facility: Bench) -> None:
    with pytest.raises(ConfigurationError, match=r"plex_340884_master_data is not this function's.*plex_340884_jobs"):
        facility.run("jobs", pipeline=f"plex_{PCN}_master_data")
    _nothing_written(facility)


def test_of_two_rows_with_one_key_none_is_lost(facility: Bench) -> None:
    path = "/mdm/v1/buildings"
    good, bad = {"id": "tw-1", "name": "good"}, {"id": " tw-1", "active": "maybe"}
    facility.rows(path, upsert=[good, bad, {"id": "tw-2", "name": "a"}, {"id": "tw-2 ", "name": "b"}])

    figures = facility.run("master_data", streams=["buildings"])["streams"]["buildings"]

    assert f"PCN{PCN}_BUILDING_tw-1" in facility.assets()
    assert figures["quarantined"] == 3
    reasons = [row["reason"] for row in facility.raw("quarantine").values()]
    assert sum("another row of this read stands for" in reason for reason in reasons) == 2


def test_a_thing_that_waits_for_its_parent_costs_one_call_and_no_write(facility: Bench) -> None:
    facility.run("master_data")
    step = {"id": "orphan", "partId": "nobody", "operationNumber": 10}
    facility.rows("/mdm/v1/part-operations", upsert=[step])
    facility.run("master_data")

    with facility.requests() as record:
        answer = facility.run("master_data")

    assert answer["streams"]["part_operations"]["quarantined"] == 1
    assert len(record) == 9
    assert not any("fingerprints" in path for path in _writes(record))
