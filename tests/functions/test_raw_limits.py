"""A column of RAW takes so many characters: whatever a plant holds, what is remembered of it fits."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from bench import PCN, Bench
from plex_cdf.cdf import portions
from shop import MADE, Shop, made
from writes import JOBS

from sandbox.cdf.raw import store

ENTRIES = "production_entries"
# Of what CDF allows, and of what is put into one row, a hundredth.
CHARACTERS, PER_ROW = 26_214, 100


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch().context() as patched:
        patched.setattr(store, "MAX_COLUMN_CHARACTERS", CHARACTERS)
        patched.setattr(portions, "PER_ROW", PER_ROW)
        yield


def _on(day: date, minute: int = 0, **fields: object) -> dict[str, object]:
    return made("03T08:00", 1, **fields) | {"transactionDate": f"{day}T08:{minute:02}:00Z"}


def _links(shop: Shop) -> set[int]:
    return {len(row.get("assetIds", ())) for row in shop.events()}


def test_a_history_that_is_loaded_before_the_master_data_waits_for_many_assets_on_many_days(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-01-01")
    days = [date(2023, 1, 1) + timedelta(days=number) for number in range(150)]
    shop.has(MADE, *(_on(day, n, partId=f"part-number-{n}") for day in days for n in range(10)))

    assert shop.run(ENTRIES)["created"] == 1500

    rows = shop.facility.raw("fingerprints_production")
    waiting = [columns for name, columns in rows.items() if name.startswith("waiting:")]
    assert sum(len(str(columns)) for columns in waiting) < 3000  # though 150 days lack twelve assets each
    parts = [{"externalId": f"PCN{PCN}_PART_part-number-{n}", "name": "part"} for n in range(10)]
    shop.facility.post("/assets", {"items": parts})
    assert shop.run(ENTRIES)["linked"] == 1500
    assert _links(shop) == {1}
    assert shop.run(ENTRIES)["linked"] == 0


def test_a_day_may_hold_more_than_a_row(shop: Shop) -> None:
    day = date(2023, 6, 10)
    entries = [_on(day, n % 4, workcenterId=f"workcenter-{n}", partId=f"part-{n}") for n in range(200)]
    shop.has(MADE, *entries)
    assert shop.run(ENTRIES)["created"] == 200
    names = [name for name in shop.facility.raw("fingerprints_production") if name.startswith(f"{ENTRIES}/{day}")]
    assert len(names) > 8
    assert shop.run(ENTRIES)["unchanged"] == 200

    shop.facility.at("2023-06-20T12:00:00Z")
    shop.run(ENTRIES)
    rows = shop.facility.raw("fingerprints_production")
    assert not any(name.startswith(f"{ENTRIES}/{day}") for name in rows)
    backfill = {"mode": "backfill", "since": "2023-06-10", "until": "2023-06-12"}
    assert shop.run(ENTRIES, **backfill)["unchanged"] == 200

    # What is left of a large day is that of a small one.
    shop.facility.configure("production", startDate="2023-06-01", vanishLimit={"share": 1.0, "number": 1000})
    shop.has(MADE, *entries[:3])
    assert shop.run(ENTRIES, **backfill)["retracted"] == 197
    figures = shop.run(ENTRIES, **backfill)
    assert (figures["unchanged"], figures["created"], figures["retracted"]) == (3, 0, 0)
    assert len(shop.events()) == 3
    shop.has(MADE, *entries)
    assert shop.run(ENTRIES, **backfill)["updated"] == 197
    assert shop.run(ENTRIES, **backfill)["unchanged"] == 200


def test_any_number_of_rows_may_wait_in_quarantine(facility: Bench) -> None:
    facility.configure("jobs", quarantineLimit={"share": 1.0, "number": 10_000})
    bad = [{"id": f"job-{n}", "createdDate": "never"} for n in range(600)]
    facility.rows(JOBS, upsert=bad)
    assert facility.run("jobs", streams=["jobs"])["streams"]["jobs"]["quarantined"] == 600
    assert len(facility.raw("quarantine")) == 600

    facility.rows(JOBS, upsert=[row | {"createdDate": "2024-01-01T00:00:00Z"} for row in bad[:599]])
    figures = facility.run("jobs", streams=["jobs"], mode="full")["streams"]["jobs"]
    assert (figures["created"], figures["quarantined"]) == (599, 1)
    assert len(facility.raw("quarantine")) == 1
