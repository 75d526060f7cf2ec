"""Rows that stand twice, rows that vanish by the dozen, and calls that are too few: what each does to lists."""

from pathlib import Path
from typing import Any

import pytest
from bench import BRANCHES, PCN, Bench, bench
from list_plant import ListPlant, key

APPROVED = "/production/v1/production-definitions/approved-workcenters"
NARROW = {"share": 0.5, "number": 1}


class Lists:
    """A plant of a few rows, and the facility that reads it."""

    def __init__(self, facility: Bench, plant: ListPlant) -> None:
        self.facility = facility
        self.plant = plant

    def later(self, minutes: int) -> None:
        self.plant.step(minutes)
        self.facility.at(self.plant.now.isoformat())

    def run(self, extractor: str, stream: str, **payload: Any) -> dict[str, Any]:
        """A minute later, a run; the figures of one of its streams."""
        self.later(1)
        return dict(self.facility.run(extractor, **payload)["streams"][stream])


@pytest.fixture
def lists(tmp_path: Path) -> Any:
    plant = ListPlant()
    with bench(tmp_path, plant.plant()) as facility:
        yield Lists(facility, plant)


def _waiting(lists: Lists, stream: str) -> int:
    return sum(row["stream"] == stream for row in lists.facility.raw("quarantine").values())


def test_of_two_rows_for_one_thing_none_is_written(lists: Lists) -> None:
    lists.plant.put("OPERATION", 0, 0, 0, 0)
    lists.run("master_data", "operations")
    lists.plant.spoil("OPERATION", 0, "twin")

    figures = lists.run("master_data", "operations")

    assert (figures["updated"], figures["retracted"], figures["quarantined"]) == (0, 0, 2)
    name = f"PCN{PCN}_OPERATION_{key('OPERATION', 0)}"
    assert lists.facility.assets()[name]["name"] == "Turn 0"
    assert lists.run("master_data", "operations", dryRun=True)["updated"] == 0


def test_of_two_new_rows_for_one_thing_none_is_written(lists: Lists) -> None:
    lists.plant.put("OPERATION", 0, 0, 0, 0)
    lists.plant.spoil("OPERATION", 0, "twin")

    figures = lists.run("master_data", "operations")

    assert (figures["created"], figures["quarantined"]) == (0, 2)
    assert len(lists.facility.assets()) == 1 + len(BRANCHES)


def test_between_full_reads_too_two_rows_for_one_job_are_two(lists: Lists) -> None:
    lists.plant.put("JOB", 0, 1, 0, 0)
    lists.plant.put("JOB", 1, 1, 0, 0)
    lists.run("jobs", "jobs")
    for at, how in enumerate(("twin", "keyless")):
        lists.plant.spoil("JOB", at, how)

    figures = lists.run("jobs", "jobs")

    # One of the four, the one beside the row without a key, is good, and has changed.
    assert (figures["rows"], figures["updated"], figures["quarantined"]) == (4, 1, 3)
    assert _waiting(lists, "jobs") == 3


def test_rows_without_a_key_wait_each_on_their_own(lists: Lists) -> None:
    for number in (0, 1):
        lists.plant.put("JOB", number, number, 0, 0)
    lists.run("jobs", "jobs")
    for number in (0, 1):
        lists.plant.spoil("JOB", number, "keyless")

    lists.run("jobs", "jobs")

    assert _waiting(lists, "jobs") == 2


def test_a_bom_that_the_budget_did_not_reach_stays_due(lists: Lists) -> None:
    for number in range(3):
        lists.plant.put("PART", number, 0, 0, 0)
        lists.plant.put("BOM", number, 1, number, 3)
    lists.run("master_data", "boms")
    lists.run("master_data", "boms")
    lists.facility.configure("master_data", bomCallBudget=1)
    lists.plant.clear("BOM")
    lists.later(7 * 24 * 60)

    figures = [lists.run("master_data", "boms") for _ in range(4)]

    assert [each["pending"] for each in figures] == [2, 1, 0, 0]
    assert lists.facility.listed("/sequences/list", {}) == {}


def test_what_stayed_because_too_much_was_absent_goes_once_it_may(lists: Lists) -> None:
    lists.facility.configure("jobs", vanishLimit=NARROW)
    # A closed job, whose operations nothing else has read again.
    lists.plant.put("JOB", 0, 1, 3, 1)
    for number in range(4):
        lists.plant.put("JOBOPERATION", number, 1, 0, 3)
    lists.run("jobs", "job_operations")
    lists.plant.clear("JOBOPERATION")
    assert lists.run("jobs", "job_operations", mode="full")["retracted"] == 0

    lists.facility.configure("jobs", vanishLimit={"share": 1, "number": 4})

    assert lists.run("jobs", "job_operations")["retracted"] == 4
    assert lists.run("jobs", "job_operations")["pending"] == 0


def test_with_a_job_all_of_its_operations_go_however_many(lists: Lists) -> None:
    lists.plant.put("JOB", 0, 1, 3, 0)
    for number in range(25):
        lists.plant.put("JOBOPERATION", number, 1, 0, 3)
    lists.run("jobs", "job_operations")
    lists.plant.clear("JOB")

    assert lists.run("jobs", "job_operations", mode="full")["retracted"] == 25
    assert {event["subtype"] for event in lists.facility.events("job_operation").values()} == {"retracted"}
    assert lists.facility.listed("/relationships/list", {}) == {}


def test_what_changed_while_too_much_was_absent_arrives_when_it_is_back(lists: Lists) -> None:
    lists.facility.configure("master_data", vanishLimit=NARROW)
    for number in range(4):
        lists.plant.put("APPROVED", number, 1, 0, 0)
    lists.run("master_data", "approved_workcenters")
    rows = dict(lists.plant.rows["APPROVED"])
    lists.plant.clear("APPROVED")
    lists.plant.put("APPROVED", 0, 3, 0, 0)
    lists.run("master_data", "approved_workcenters")

    lists.plant.rows["APPROVED"] = rows | lists.plant.rows["APPROVED"]
    lists.run("master_data", "approved_workcenters")

    table = f"PCN{PCN}_PART_{key('PART', 0)}_RATES"
    read = lists.facility.post("/sequences/data/list", {"externalId": table, "limit": 10})
    at = [column["externalId"] for column in read["columns"]].index("idealRate")
    assert [row["values"][at] for row in read["rows"]] == [1.5, 0.5, 0.5, 0.5]


def test_a_job_that_had_a_progress_is_gone_like_any_other(lists: Lists) -> None:
    lists.facility.configure("jobs", vanishLimit={"share": 0.3, "number": 1})
    for number in range(4):
        lists.plant.put("JOB", number, 1, 1, 0)
        lists.plant.put("JOBOPERATION", number, 1, number, 3)
    lists.run("jobs", "jobs")
    assert len(lists.facility.series()) == 4

    for _ in range(2):
        lists.plant.delete("JOB", 0)
        assert lists.run("jobs", "jobs", mode="full")["retracted"] == 1
        assert lists.run("jobs", "job_operations", mode="full")["retracted"] == 0

    operations = lists.facility.events("job_operation").values()
    assert sorted(event["subtype"] for event in operations) == ["Open", "Open", "retracted", "retracted"]
