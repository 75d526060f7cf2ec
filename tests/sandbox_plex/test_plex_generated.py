from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_plex_client import EVER, HISTORY, JOBS, PARTS

from sandbox.plex import Size, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_plex_client import Client

SECOND = {"X-Plex-Connect-Customer-Id": "340885"}


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client]) -> Client:
    return serve(generated_plants(2, 3, Size(jobs=600, parts=80)))


def test_the_same_seed_gives_the_same_plants(serve: Callable[..., Client]) -> None:
    first, again, other = (serve(generated_plants(1, seed)) for seed in (1, 1, 2))
    for path in (PARTS, JOBS):
        assert first.rows(path) == again.rows(path)
        assert first.rows(path) != other.rows(path)
    operations = f"{JOBS}/{first.rows(JOBS)[0]['id']}/operations"
    assert first.rows(operations) == again.rows(operations) == first.rows(operations)


def test_facilities_share_part_numbers_but_no_ids(plex: Client) -> None:
    here, there = plex.rows(PARTS), plex.get(PARTS, headers=SECOND).json()
    assert {row["number"] for row in here} & {row["number"] for row in there} - {None}
    assert not {row["id"] for row in here} & {row["id"] for row in there}


def test_each_facility_has_statuses_of_its_own(plex: Client) -> None:
    here = {row["jobStatus"] for row in plex.rows(JOBS)}
    there = {row["jobStatus"] for row in plex.get(JOBS, headers=SECOND).json()}
    assert here & there == {None}
    assert min(len(here), len(there)) > 4


def test_everything_but_keys_may_be_null(plex: Client) -> None:
    jobs = plex.rows(JOBS)
    assert {name for job in jobs for name, value in job.items() if value is None} == set(jobs[0]) - {"id"}


def test_jobs_are_as_untidy_as_real_ones(plex: Client) -> None:
    jobs = plex.rows(JOBS)
    assert any(
        job["completedDate"] and job["createdDate"] and job["completedDate"] < job["createdDate"] for job in jobs
    )
    assert any(
        job["completedDate"] and job["earliestStartDateTime"] and job["earliestStartDateTime"] > job["completedDate"]
        for job in jobs
    )
    assert any(job["partId"] is None and job["partNumber"] is None for job in jobs)
    assert any(not job["createdDate"].endswith("0Z") for job in jobs if job["createdDate"])
    operations = [row for job in jobs[:100] for row in plex.rows(f"{JOBS}/{job['id']}/operations")]
    assert any(row["workcenterId"] is None for row in operations)
    assert all(row["jobOperationId"] for row in operations)
    assert any(
        row["completedDate"] and row["scheduledStartDate"] and row["scheduledStartDate"] > row["completedDate"]
        for row in operations
    )


def test_texts_go_beyond_every_limit(plex: Client) -> None:
    parts = plex.rows(PARTS)
    names = [row["name"] for row in parts if row["name"]]
    longest = max(names, key=len)
    assert len(longest) > 500
    assert len(longest.encode()) > len(longest)
    assert max(len((row["note"] or "").encode()) for row in parts) > 10_240
    codes = [row["code"] for row in plex.rows("/mdm/v1/operations")]
    assert len(set(codes)) < len(codes)


def test_jobs_come_up_and_end_in_their_time(plex: Client) -> None:
    def ended(rows: list[dict[str, Any]]) -> int:
        return sum(row["completedDate"] is not None for row in rows)

    early, late = plex.at("2025-11-01T00:00Z").rows(JOBS), plex.at("2026-01-01T00:00Z").rows(JOBS)
    after = plex.at("2026-03-01T00:00Z").rows(JOBS)
    assert 0 < len(early) < len(late) == len(after) == 600
    assert ended(early) < ended(late) < ended(after)
    assert [row["id"] for row in early] == [row["id"] for row in late if row["id"] in {r["id"] for r in early}]


def test_parts_that_change_in_time_are_read_incrementally(plex: Client) -> None:
    updated = "/inventory/v1/inventory-definitions/parts"
    plex.at("2025-12-01T00:00Z")
    before = {row["partId"]: row for row in plex.rows(updated)}
    plex.at("2026-01-01T00:00Z")
    changed = plex.rows(updated, beginUpdatedDateTime="2025-12-01T00:00Z")
    assert changed
    assert all(row != before[row["partId"]] for row in changed)
    assert len(changed) < len(plex.rows(updated)) / 2


def test_a_size_without_what_others_refer_to_is_refused() -> None:
    with pytest.raises(ValueError, match="parts"):
        generated_plants(1, 1, Size(parts=0))


def test_a_large_shop_is_ready_in_seconds(serve: Callable[..., Client]) -> None:
    started = time.monotonic()
    size = Size(
        jobs=114_684, parts=16_921, operations=122, workcenters=143, supply_items=2_516, containers=10_676,
        adjustments=6_298, locations=1_270,
    )  # fmt: skip
    plex = serve(generated_plants(1, 1, size))
    # Far above what it takes on two shared cores; it guards against another order of magnitude.
    assert time.monotonic() - started < 60
    assert plex.get(JOBS).content.count(b'"jobNumber"') == 114_684
    started = time.monotonic()
    assert 0 < len(plex.rows(JOBS, jobStatuses="Open")) < 20_000
    assert time.monotonic() - started < 5
    assert plex.get(PARTS).content.count(b'"modifiedDate"') == 16_921
    assert len(plex.rows("/inventory/v1/inventory-definitions/locations")) == 1_270
    assert plex.get("/inventory/v1/inventory-tracking/containers").content.count(b'"serialNo"') == 10_676
    history = "/inventory/v1/inventory-history/container-adjustments"
    assert 6_100 < len(plex.rows(history, **EVER)) < 6_500
    day = {"beginDate": "2025-12-30T00:00Z", "endDate": "2025-12-31T00:00Z"}
    assert 1_000 < len(plex.rows(f"{HISTORY}/production-entries", **day)) < 5_000
