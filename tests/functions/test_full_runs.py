"""A full run asks CDF for everything that is known, which may take longer than a run."""

import pytest
from bench import Bench
from plex_cdf.engine import recovery
from shop import slow_requests
from writes import JOBS


def test_what_a_full_run_out_of_time_found_missing_comes_back(facility: Bench) -> None:
    facility.rows(JOBS, upsert=[{"id": f"job-{n:02}", "jobNumber": f"{n}"} for n in range(30)])
    facility.run("jobs", streams=["jobs"])
    before = facility.events("job").keys()
    facility.post("/events/delete", {"items": [{"externalId": name} for name in before]})
    facility.configure("jobs", timeLimitMinutes=1)
    with pytest.MonkeyPatch().context() as patched, slow_requests(facility, "/events/byids", seconds=25):
        patched.setattr(recovery, "_AT_ONCE", 10)
        assert facility.run("jobs", streams=["jobs"], mode="full")["status"] == "partial"
    assert facility.events("job") == {}

    facility.at("2024-04-20T10:00:00Z")  # after the next night
    assert facility.run("jobs", streams=["jobs"])["streams"]["jobs"]["created"] == 30
    # What it had no time to look for is left to the next full run.
    assert facility.run("jobs", streams=["jobs"], mode="full")["streams"]["jobs"]["created"] == len(before) - 30
    assert facility.events("job").keys() == before
