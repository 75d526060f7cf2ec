"""A dry run tells its plan."""

from bench import PCN, Bench
from writes import JOBS, MIDDLE, nothing_written, writes


def test_a_dry_run_tells_its_plan_and_touches_nothing(facility: Bench) -> None:
    facility.at(MIDDLE)
    facility.run("jobs")
    row = next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == "W2")
    facility.rows(JOBS, upsert=[row | {"quantityCompleted": 60.0}, {"id": "new", "jobNumber": "new"}])
    gone = next(row for row in facility.plex_rows(JOBS) if row["jobNumber"] == "W1")
    facility.rows(JOBS, remove=[gone["id"]])

    with facility.requests() as record:
        answer = facility.run("jobs", mode="full", dryRun=True, streams=["jobs"])

    assert writes(record) == []
    plan = answer["streams"]["jobs"]["plan"]
    assert f"PCN{PCN}_JOB_new" in plan["create"]
    why = {update["externalId"]: update["why"] for update in plan["update"]}
    assert why[f"PCN{PCN}_JOB_{row['id']}"] == {"metadata.quantityCompleted": ["50", "60"]}
    assert plan["retract"] == [{"externalId": f"PCN{PCN}_JOB_{gone['id']}", "why": "no longer in Plex"}]
    assert (answer["streams"]["jobs"]["created"], answer["streams"]["jobs"]["updated"]) == (1, 1)


def test_a_dry_first_load_plans_the_operations_too(facility: Bench) -> None:
    answer = facility.run("jobs", dryRun=True)
    assert answer["streams"]["jobs"]["created"] == 3
    assert answer["streams"]["job_operations"]["created"] == 5
    nothing_written(facility)
