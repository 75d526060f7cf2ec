"""What a run promises of what it writes."""

import pytest
from bench import PCN, Bench
from writes import JOBS, MIDDLE, writes


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
    assert writes(record) == [lease, lease, row, f"{lease}/delete", "/extpipes/runs"]
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


def test_a_thing_that_waits_for_its_parent_costs_one_call_and_no_write(facility: Bench) -> None:
    facility.run("master_data")
    step = {"id": "orphan", "partId": "nobody", "operationNumber": 10}
    facility.rows("/mdm/v1/part-operations", upsert=[step])
    facility.run("master_data")

    with facility.requests() as record:
        answer = facility.run("master_data")

    assert answer["streams"]["part_operations"]["quarantined"] == 1
    assert len(record) == 9
    assert not any("fingerprints" in path for path in writes(record))
