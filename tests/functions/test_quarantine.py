"""One bad row never stops its neighbours."""

import json
from typing import Any

import pytest
from bench import PCN, Bench
from plex_cdf.errors import DataError
from plex_cdf.run.call import Outside
from writes import JOBS, writes

BAD_ROWS: list[dict[str, Any]] = [
    {"id": None, "jobNumber": "null id"},
    {"id": "impossible-date", "createdDate": "2026-13-45T99:00:00Z"},
    {"id": "no-zone", "createdDate": "2026-01-01T00:00:00"},
    {"id": "9" * 300, "jobNumber": "300 bytes"},
    {"id": "refused-by-cdf", "createdDate": "1900-01-01T00:00:00Z"},
]


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
    assert not any("quarantine" in path for path in writes(record))

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


def test_whatever_a_row_holds_it_never_stops_its_neighbours(facility: Bench) -> None:
    facility.rows(JOBS, upsert=POISON)
    for _ in range(2):
        answer = facility.run("jobs", mode="full", streams=["jobs"])
        assert answer["status"] == "success"
        plant = {f"PCN{PCN}_JOB_{row['id']}" for row in facility.plex_rows(JOBS) if row.get("jobStatus") == "Complete"}
        assert plant <= facility.events("job").keys()
    assert answer["streams"]["jobs"]["quarantined"] >= 6


def test_a_bad_row_without_a_key_goes_when_plex_has_it_no_more(facility: Bench) -> None:
    facility.rows(JOBS, upsert=[{"id": None, "jobNumber": "nobody"}])
    facility.run("jobs", streams=["jobs"])
    facility.rows(JOBS, reset=True)
    facility.run("jobs", streams=["jobs"])
    assert len(facility.raw("quarantine")) == 1

    facility.run("jobs", mode="full", streams=["jobs"])
    assert facility.raw("quarantine") == {}
    rows = facility.raw("fingerprints_jobs").items()
    assert [columns for name, columns in rows if name.startswith("quarantine:")] == [{"quarantine": {}}]


def test_of_two_rows_with_one_key_none_is_lost(facility: Bench) -> None:
    path = "/mdm/v1/buildings"
    good, bad = {"id": "tw-1", "name": "good"}, {"id": " tw-1", "active": "maybe"}
    facility.rows(path, upsert=[good, bad, {"id": "tw-2", "name": "a"}, {"id": "tw-2 ", "name": "b"}])

    figures = facility.run("master_data", streams=["buildings"])["streams"]["buildings"]

    assert f"PCN{PCN}_BUILDING_tw-1" in facility.assets()
    assert figures["quarantined"] == 3
    reasons = [row["reason"] for row in facility.raw("quarantine").values()]
    assert sum("another row of this read stands for" in reason for reason in reasons) == 2


def test_a_replay_of_many_rows_ends_within_its_time(facility: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    facility.configure("jobs", quarantineLimit={"share": 1, "number": 100})
    facility.rows(JOBS, upsert=[{"id": f"bad-{number}", "createdDate": "never"} for number in range(40)])
    facility.run("jobs", streams=["jobs"])
    spent = 0.0
    get = facility.client.get

    def slow(url: str, *args: Any, **kwargs: Any) -> Any:
        nonlocal spent
        spent += 20 if "/tables/quarantine/rows" in url else 0
        return get(url, *args, **kwargs)

    monkeypatch.setattr(facility.client, "get", slow)
    facility.outside = Outside(monotonic=lambda: spent)
    facility.run("jobs", mode="replay", streams=["jobs"])
    assert spent <= 7 * 60 + 20
    assert len(facility.raw("quarantine")) == 40
