"""What was held back, refused or cut off is looked at again until CDF holds what Plex holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bench import PCN, Bench, Row
from cognite.client.exceptions import CogniteAPIError
from shop import CONTAINERS, MADE, Shop, container, killed_by, later, made, ms
from writes import JOBS

ENTRIES = "production_entries"


@pytest.mark.parametrize("ending", ["/timeseries/data/delete", "/events/update"])
def test_a_row_that_was_absent_while_the_run_was_killed_has_its_datapoint_again(shop: Shop, ending: str) -> None:
    rows = [made("10T08:00", 2), made("10T09:00", 4)]
    shop.has(MADE, *rows)
    shop.run()
    shop.has(MADE, rows[0])
    with killed_by(shop.facility, ending, after=True):
        shop.run(ENTRIES)
    later(shop.facility)
    shop.has(MADE, *rows)
    shop.run(ENTRIES)
    assert shop.good() == {ms("10T08:00"): 2, ms("10T09:00"): 4}
    assert (shop.quantities(), shop.retracted()) == (["2", "4"], [])


def test_relationships_that_a_killed_run_deleted_are_made_again(facility: Bench) -> None:
    facility.cycle()
    row = facility.plex_rows(JOBS)[0]
    path = f"{JOBS}/{row['id']}/operations"
    steps = facility.plex_rows(path)
    before = _relationships(facility)
    facility.rows(path, remove=[step["jobOperationId"] for step in steps])
    facility.rows(JOBS, upsert=[row | {"jobStatus": "Open", "note": "changed"}])
    with killed_by(facility, "/relationships/delete", after=True):
        facility.run("jobs")
    later(facility)
    facility.rows(path, reset=True)
    facility.rows(JOBS, upsert=[row | {"jobStatus": "Open", "note": "changed again"}])
    facility.run("jobs")
    assert _relationships(facility) == before


def _relationships(facility: Bench) -> set[str]:
    return {str(link.external_id) for link in facility.client.relationships.list(limit=None)}


def test_whatever_number_of_children_a_gone_parent_had_goes_with_it(facility: Bench) -> None:
    row = facility.plex_rows(JOBS)[0]
    path = f"{JOBS}/{row['id']}/operations"
    many = [{"jobOperationId": f"step-{number}", "jobId": row["id"]} for number in range(25)]
    facility.rows(path, reset=True, upsert=many)
    facility.run("jobs")
    facility.rows(JOBS, remove=[row["id"]])
    answer = facility.run("jobs", mode="full")
    assert answer["streams"]["job_operations"]["retracted"] >= 25
    assert not [note for note in answer["notes"] if "vanishLimit" in note]
    steps = [event for name, event in facility.events("job_operation").items() if "_step-" in name]
    assert {event["metadata"]["plexState"] for event in steps} == {"retracted"}


def test_children_that_the_brake_held_back_are_read_again(facility: Bench) -> None:
    row = facility.plex_rows(JOBS)[0] | {"jobStatus": "Open"}
    path = f"{JOBS}/{row['id']}/operations"
    many = [{"jobOperationId": f"step-{number}", "jobId": row["id"]} for number in range(25)]
    facility.rows(JOBS, upsert=[row])
    facility.rows(path, reset=True, upsert=many)
    facility.run("jobs")
    facility.rows(path, reset=True, upsert=many[:1])
    facility.rows(JOBS, upsert=[row | {"jobStatus": "Closed", "completedDate": row["createdDate"]}])
    assert any("vanishLimit" in note for note in facility.run("jobs")["notes"])
    facility.configure("jobs", vanishLimit={"share": 1, "number": 1000}, callBudget=100)
    assert facility.run("jobs")["streams"]["job_operations"]["retracted"] == 24


def test_a_child_that_moved_while_its_first_parent_was_held_back_is_marked_when_it_goes(facility: Bench) -> None:
    first, second = ({**row, "jobStatus": "Open"} for row in facility.plex_rows(JOBS)[:2])
    facility.configure("jobs", vanishLimit={"share": 0.5, "number": 1}, callBudget=100)

    def has(job: Row, steps: str, note: str) -> None:
        rows = [{"jobOperationId": f"step-{name}", "jobId": job["id"]} for name in steps]
        facility.rows(f"{JOBS}/{job['id']}/operations", reset=True, remove=_steps(facility, job), upsert=rows)
        facility.rows(JOBS, upsert=[{**job, "note": note}])

    for number, (of_first, of_second) in enumerate([("abc", "xyz"), ("", "axyz"), ("", "xyz")]):
        if number == 2:
            facility.configure("jobs", vanishLimit={"share": 1, "number": 100}, callBudget=100)
        has(first, of_first, f"{number}")
        has(second, of_second, f"{number}")
        facility.run("jobs")
    events = facility.events("job_operation")
    marked = {name.rpartition("-")[2] for name, row in events.items() if row["metadata"].get("plexState")}
    assert marked >= {"a", "b", "c"}
    assert not marked & {"x", "y", "z"}


def _steps(facility: Bench, job: Row) -> list[str]:
    return [row["jobOperationId"] for row in facility.plex_rows(f"{JOBS}/{job['id']}/operations")]


def test_a_sum_that_the_brake_held_back_is_written_with_the_next_full_answer(shop: Shop) -> None:
    rows = [made("10T08:00", number, jobId=f"j-{number}") for number in range(1, 60)]
    shop.has(MADE, *rows)
    shop.run()
    corrected = made("10T08:00", 1000, jobId="j-1")
    shop.has(MADE, corrected, *rows[1:10])
    assert any("vanishLimit" in note for note in shop.run(streams=[ENTRIES])["notes"])
    assert shop.good() == {ms("10T08:00"): sum(range(1, 60))}
    shop.has(MADE, corrected, *rows[1:])
    shop.run(ENTRIES)
    assert shop.good() == {ms("10T08:00"): sum(range(1, 60)) + 999}
    assert shop.run(ENTRIES)["unchanged"] == 59


def test_a_datapoint_goes_although_a_row_of_its_day_is_bad(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 2))
    shop.run()
    shop.has(MADE, made("10T08:00", 1), {**made("10T10:00"), "quantity": "many"})
    assert shop.run(ENTRIES)["quarantined"] == 1
    assert shop.good() == {ms("10T08:00"): 1}


@pytest.mark.parametrize("others", [[], [made("10T11:00", 7, jobId="j-9")]])
def test_one_of_a_bad_rows_own_instant_stays_as_long_as_the_bad_row(
    shop: Shop, others: list[dict[str, object]]
) -> None:
    other = made("10T08:00", 3, jobId="j-2")
    shop.has(MADE, made("10T08:00", 1), other, *others)
    shop.run()
    bad = {**made("10T08:00", 1), "quantity": "many"}
    shop.has(MADE, bad, *others)
    shop.run(ENTRIES)
    assert shop.good()[ms("10T08:00")] == 4
    shop.has(MADE, *others)
    shop.run(ENTRIES)
    assert shop.good() == {ms("10T11:00"): 7 for _ in others}
    assert shop.facility.raw("quarantine") == {}


def test_a_key_that_is_no_external_id_costs_its_row_alone_whatever_is_excluded(facility: Bench) -> None:
    facility.at("2023-06-10T01:00:00Z")
    facility.configure("inventory", startDate="2023-06-01", locations={"exclude": ["Dock*"]})
    rows = [container("c-1"), container("x" * 300, location="Dock 7"), container("c-2", location="Dock 7")]
    facility.rows(CONTAINERS, reset=True, upsert=rows)
    figures = facility.run("inventory", streams=["containers"])["streams"]["containers"]
    assert (figures["created"], figures["quarantined"]) == (1, 1)
    assert f"PCN{PCN}_CONTAINER_c-1" in facility.assets()


@contextmanager
def refusing(facility: Bench, marker: str, path: str) -> Iterator[list[str]]:
    """A CDF that refuses whatever holds a text; the paths of what was sent."""
    post, sent = facility.client.post, []

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        sent.append(url)
        if url.endswith(path) and marker in str(kwargs.get("json")):
            raise CogniteAPIError("this content is not ours", 400)
        return post(url, *args, **kwargs)

    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(facility.client, "post", refuse)
        yield sent


def test_content_that_cdf_has_refused_is_not_sent_again_until_it_changes(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 2, partNumber="Poison"))
    with refusing(shop.facility, "Poison", "/events"):
        assert shop.run(ENTRIES)["quarantined"] == 1
    with refusing(shop.facility, "Poison", "/events") as sent:
        assert shop.run(ENTRIES)["quarantined"] == 1
    assert not [path for path in sent if path.endswith("/events")]
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 2, partNumber="Mended"))
    shop.run(ENTRIES)
    assert shop.quantities() == ["1", "2"]
    assert shop.facility.raw("quarantine") == {}


def test_a_datapoint_that_cdf_refuses_is_told(shop: Shop) -> None:
    shop.has(MADE, made("10T08:00", 1), made("10T09:00", 77))
    with refusing(shop.facility, "77", "/timeseries/data"):
        assert shop.run(ENTRIES)["quarantined"] == 1
    assert shop.good() == {ms("10T08:00"): 1}
    assert "not ours" in next(iter(shop.facility.raw("quarantine").values()))["reason"]
    shop.run(ENTRIES)
    assert shop.good() == {ms("10T08:00"): 1, ms("10T09:00"): 77}
    assert shop.facility.raw("quarantine") == {}
