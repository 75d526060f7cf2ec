from typing import Any

import pytest
import responses
from bench import PCN, Bench
from writes import JOBS, MIDDLE

# The small log: W1 runs from 1 to 2 March, W2 from 1 to 3 March, W3 on 5 March.


def _id(kind: str, key: str, suffix: str = "") -> str:
    return f"PCN{PCN}_{kind}_{key}{suffix}"


def _job(facility: Bench, number: str) -> dict[str, Any]:
    return next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == number)


def _points(facility: Bench, series: str) -> list[float]:
    read = facility.client.time_series.data.retrieve(external_id=series, ignore_unknown_ids=True)
    return [] if read is None else [float(value) for value in read.value or []]


def test_jobs_and_operations_become_linked_events(facility: Bench) -> None:
    facility.cycle()

    assets = {row["id"]: name for name, row in facility.assets().items()}
    jobs, operations = facility.events("job"), facility.events("job_operation")
    assert (len(jobs), len(operations)) == (3, 5)
    for row in facility.plex_rows(JOBS):
        event = jobs[_id("JOB", row["id"])]
        assert [assets[found] for found in event["assetIds"]] == [_id("PART", row["partId"])]
        assert event["subtype"] == row["jobStatus"] == "Complete"
        assert event["startTime"] < event["endTime"]
        assert event["metadata"]["jobNumber"] == row["jobNumber"]
        for step in facility.plex_rows(f"{JOBS}/{row['id']}/operations"):
            event = operations[_id("JOBOPERATION", step["jobOperationId"])]
            assert [assets[found] for found in event["assetIds"]] == [_id("WORKCENTER", step["workcenterId"])]
            assert event["metadata"]["jobExternalId"] == _id("JOB", row["id"])
            link = facility.client.relationships.retrieve(f"{event['externalId']}_OF_JOB")
            assert link is not None
            assert (link.source_external_id, link.target_external_id) == (_id("JOB", row["id"]), event["externalId"])


def test_an_open_job_is_followed_until_it_closes(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    series = _id("JOB", _job(facility, "W2")["id"], "_PROGRESS")
    assert _points(facility, series) == [50.0]
    assert "endTime" not in facility.events("job")[_id("JOB", _job(facility, "W2")["id"])]

    facility.at("2024-03-03T10:00:00Z")
    with facility.requests() as record:
        answer = facility.run("jobs")

    event = facility.events("job")[_id("JOB", _job(facility, "W2")["id"])]
    assert (event["subtype"], event["metadata"]["quantityCompleted"]) == ("Complete", "50")
    assert _points(facility, series) == [50.0]
    steps = facility.events("job_operation")
    assert {step["subtype"] for step in steps.values()} == {"Complete"}
    assert answer["streams"]["jobs"]["updated"] == 1
    assert [r["items"] for r in record if r["path"].endswith("/events")] in ([], [1])


def test_a_job_first_seen_closed_has_no_progress_series(facility: Bench) -> None:
    facility.cycle()
    assert facility.client.time_series.list(limit=None) == []


def test_a_job_missing_from_the_open_list_is_read_by_its_id(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    row = _job(facility, "W2")
    facility.rows(JOBS, upsert=[row | {"jobStatus": "On Hold"}])

    answer = facility.run("jobs")

    assert answer["streams"]["jobs"]["updated"] == 1
    assert facility.events("job")[_id("JOB", row["id"])]["subtype"] == "On Hold"
    assert any(request["path"] == f"{JOBS}/{row['id']}" for request in facility.plex_requests())


def test_an_open_job_that_plex_no_longer_knows_is_retracted_and_may_come_back(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    row = _job(facility, "W2")
    facility.rows(JOBS, remove=[row["id"]])

    assert facility.run("jobs")["streams"]["jobs"]["retracted"] == 1
    event = facility.events("job")[_id("JOB", row["id"])]
    assert (event["subtype"], event["metadata"]["plexState"]) == ("retracted", "retracted")
    assert event["metadata"]["retractedTime"] == "2024-03-02T10:00:00.000Z"
    assert event["metadata"]["jobNumber"] == "W2"

    facility.rows(JOBS, reset=True)
    facility.run("jobs")
    event = facility.events("job")[_id("JOB", row["id"])]
    assert event["subtype"] == "Open"
    assert "plexState" not in event["metadata"]


def test_an_operation_that_vanishes_from_its_job_is_retracted(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.cycle()
    row = _job(facility, "W2")
    path = f"{JOBS}/{row['id']}/operations"
    (step,) = facility.plex_rows(path)
    facility.rows(path, remove=[step["jobOperationId"]])

    assert facility.run("jobs")["streams"]["job_operations"]["retracted"] == 1
    event = facility.events("job_operation")[_id("JOBOPERATION", step["jobOperationId"])]
    assert event["subtype"] == "retracted"


def test_without_open_statuses_the_full_list_is_read_and_the_run_says_so(facility: Bench) -> None:
    facility.configure("jobs", openStatuses=None)
    facility.run("jobs")

    answer = facility.run("jobs")

    assert answer["streams"]["jobs"]["rows"] == 3
    assert any("openStatuses is not set" in note for note in answer["notes"])


def test_the_full_list_is_read_again_once_a_night(facility: Bench) -> None:
    facility.at("2024-03-02T01:00:00Z")
    facility.run("jobs")
    facility.at("2024-03-02T01:59:00Z")
    facility.run("jobs")
    before = [request["path"] for request in facility.plex_requests()]
    assert before.count(JOBS) == 1

    facility.at("2024-03-02T02:01:00Z")
    facility.run("jobs")
    assert [request["path"] for request in facility.plex_requests()].count(JOBS) == 2


@pytest.mark.parametrize(("closed", "read"), [(True, 3), (False, 0)])
def test_operations_of_jobs_first_seen_closed_are_read_where_asked_for(
    facility: Bench, closed: bool, read: int
) -> None:
    facility.configure("jobs", closedJobs=closed)
    facility.run("jobs")
    calls = [request for request in facility.plex_requests() if request["path"].endswith("/operations")]
    assert len(calls) == read


def test_the_queue_of_operations_goes_on_where_its_budget_ended(facility: Bench) -> None:
    facility.configure("jobs", callBudget=1)
    pending = [facility.run("jobs")["streams"]["job_operations"]["pending"] for _ in range(4)]

    assert pending == [2, 1, 0, 0]
    calls = [request["path"] for request in facility.plex_requests() if request["path"].endswith("/operations")]
    assert len(calls) == len(set(calls)) == 3
    assert len(facility.events("job_operation")) == 5


def test_open_jobs_take_turns_by_the_age_of_their_last_read(facility: Bench) -> None:
    facility.at("2024-03-01T14:00:00Z")
    facility.configure("jobs", callBudget=1)
    for minute in range(5):
        facility.at(f"2024-03-01T14:0{minute}:00Z")
        facility.run("jobs")
    calls = [request["path"] for request in facility.plex_requests() if request["path"].endswith("/operations")]
    assert len(set(calls)) == 2
    assert calls[1:3] == calls[3:5] or calls[0:2] == calls[2:4]


def test_an_end_before_its_start_is_put_right_and_counted(facility: Bench) -> None:
    row = _job(facility, "W1") | {"createdDate": "2024-03-04T00:00:00Z", "completedDate": "2024-03-03T00:00:00Z"}
    facility.rows(JOBS, upsert=[row])

    answer = facility.run("jobs")

    event = facility.events("job")[_id("JOB", row["id"])]
    assert event["startTime"] == event["endTime"]
    assert event["metadata"]["createdDate"] == "2024-03-04T00:00:00.000Z"
    assert answer["streams"]["jobs"]["reordered"] == 1


def test_links_to_assets_that_arrive_later_are_completed_then(facility: Bench) -> None:
    facility.run("jobs")
    assert all("assetIds" not in event for event in facility.events("job").values())
    assert facility.run("jobs")["streams"]["jobs"]["linked"] == 0

    facility.run("master_data")
    answer = facility.run("jobs")

    assert (answer["streams"]["jobs"]["linked"], answer["streams"]["job_operations"]["linked"]) == (3, 5)
    assert all(len(event["assetIds"]) == 1 for event in facility.events("job").values())
    assert all(len(event["assetIds"]) == 1 for event in facility.events("job_operation").values())
    assert answer["streams"]["jobs"]["updated"] == 0


def test_a_key_that_plex_takes_for_none_costs_its_operations_and_nothing_else(facility: Bench) -> None:
    facility.rows(JOBS, upsert=[{"id": "no uuid?", "jobNumber": "W9", "jobStatus": "Open"}])

    answer = facility.run("jobs")

    assert answer["status"] == "success"
    assert len(facility.events("job_operation")) == 5
    assert _id("JOB", "no uuid?") in facility.events("job")
    assert any("job_operations of no uuid? were not read" in note and "400" in note for note in answer["notes"])


def test_when_the_list_answers_404_open_jobs_stay_open(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.run("jobs")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as plex:
        plex.add_passthru(facility.cdf)
        plex.add_passthru(f"{facility.plex}/mdm")
        plex.add_passthru(f"{facility.plex}{JOBS}/")
        plex.get(f"{facility.plex}{JOBS}", status=404)
        answer = facility.run("jobs")

    assert answer["streams"]["jobs"]["retracted"] == 0
    assert any("404" in note for note in answer["notes"])
    assert facility.events("job")[_id("JOB", _job(facility, "W2")["id"])]["subtype"] == "Open"
    assert not any(r["path"].startswith(f"{JOBS}/") and "operations" not in r["path"] for r in facility.plex_requests())


def test_when_too_many_open_jobs_are_absent_none_is_asked_for(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.configure("jobs", vanishLimit={"share": 0.5, "number": 0})
    facility.run("jobs")
    facility.rows(JOBS, remove=[row["id"] for row in facility.plex_rows(JOBS)])

    answer = facility.run("jobs")

    assert answer["streams"]["jobs"]["retracted"] == 0
    assert any("open jobs are absent" in note and "vanishLimit" in note for note in answer["notes"])
    facility.rows(JOBS, reset=True)
    assert facility.run("jobs")["streams"]["jobs"]["rows"] > 0


def test_the_operations_of_a_retracted_job_are_retracted_with_it(facility: Bench) -> None:
    facility.cycle()
    row = _job(facility, "W1")
    steps = facility.plex_rows(f"{JOBS}/{row['id']}/operations")
    facility.rows(JOBS, remove=[row["id"]])
    calls = len(facility.plex_requests())

    answer = facility.run("jobs", mode="full")

    assert answer["streams"]["job_operations"]["retracted"] == len(steps)
    events = facility.events("job_operation")
    assert {events[_id("JOBOPERATION", step["jobOperationId"])]["subtype"] for step in steps} == {"retracted"}
    assert not any(row["id"] in request["path"] for request in facility.plex_requests()[calls:])
    assert facility.run("jobs")["streams"]["job_operations"]["retracted"] == 0

    facility.rows(JOBS, reset=True)
    facility.run("jobs", mode="full")
    events = facility.events("job_operation")
    assert {events[_id("JOBOPERATION", step["jobOperationId"])]["subtype"] for step in steps} == {"Complete"}
