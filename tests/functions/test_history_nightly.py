"""What it costs to read older days again: few calls to CDF, however many days there are."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from bench import PCN, PROJECT, Row
from shop import MADE, SCRAPPED, SETUP, STATUS, Shop, made, status

HISTORY = f"/api/v1/projects/{PROJECT}/raw/dbs/plex_{PCN}/tables/history_production/rows"
ENTRIES = "production_entries"
SET_UP = {"workcenterId": "wc-1", "workcenterCode": "Lathe", "partId": "p-1", "partNumber": "Shaft", "jobId": "j-1"}


def _days(first: str, number: int) -> list[str]:
    begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    return [f"{begin + timedelta(days=day):%Y-%m-%d}T08:00:00Z" for day in range(number)]


def _fill(shop: Shop, first: str, number: int) -> None:
    """Rows of all four streams on each of some days."""
    days = _days(first, number)
    shop.has(MADE, *(made("01T08:00") | {"transactionDate": day} for day in days))
    shop.has(SCRAPPED, *(made("01T08:00") | {"transactionDate": day} for day in days))
    shop.has(STATUS, *(status("01T08:00", "Production") | {"logDate": day} for day in days))
    shop.has(SETUP, *(SET_UP | {"setupDateTime": day} for day in days))


def _reads(record: list[Row]) -> Counter[str]:
    """Requests for older days: lists, and rows one by one."""
    paths = [request["path"].partition("?")[0] for request in record if request["method"] == "GET"]
    return Counter("list" if path == HISTORY else "row" for path in paths if path.startswith(HISTORY))


def test_a_night_costs_twenty_calls(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2023-05-01")
    _fill(shop, "2023-05-01", 92)
    # 35 days lie in three months at most.
    shop.facility.at("2023-08-01T12:00:00Z")
    shop.run()
    shop.facility.at("2023-08-02T12:00:00Z")
    with shop.facility.requests() as record:
        answer = shop.run()
    assert sum(stream["unchanged"] for stream in answer["streams"].values()) >= 4 * 35
    # The names of all days; of each stream June to August.
    assert _reads(record) == {"list": 5}
    assert len(record) == answer["cdfCalls"] <= 20


def test_so_much_as_a_year_is_read_three_months_a_call(shop: Shop) -> None:
    shop.facility.configure("production", startDate="2022-05-01", reconcileDays=400)
    _fill(shop, "2022-05-01", 400)
    shop.facility.at("2023-06-05T12:00:00Z")
    shop.run()
    with shop.facility.requests() as record:
        answer = shop.run(mode="full")
    assert sum(stream["unchanged"] for stream in answer["streams"].values()) >= 4 * 399
    assert _reads(record) == {"list": 1 + 4 * 5}


def test_a_single_day_is_read_by_itself(shop: Shop) -> None:
    _fill(shop, "2023-06-01", 10)
    shop.run(ENTRIES)
    with shop.facility.requests() as record:
        shop.run(ENTRIES, mode="backfill", since="2023-06-03", until="2023-06-04")
    assert _reads(record) == {"list": 1, "row": 1}


def test_days_in_columns_of_another_name_are_read_one_by_one(shop: Shop) -> None:
    """As an earlier version kept them."""
    _fill(shop, "2023-06-01", 10)
    shop.run()
    table = f"/raw/dbs/plex_{PCN}/tables/history_production/rows"
    rows = shop.facility.raw("history_production")
    renamed = [{"key": key, "columns": {"scopes": next(iter(columns.values()))}} for key, columns in rows.items()]
    shop.facility.post(table, {"items": renamed})
    shop.facility.at("2023-06-11T03:00:00Z")
    with shop.facility.requests() as record:
        answer = shop.run(streams=[ENTRIES])["streams"][ENTRIES]
    assert (answer["created"], answer["updated"], answer["retracted"]) == (0, 0, 0)
    assert answer["unchanged"] == 10
    assert _reads(record)["row"] == 8


def test_what_a_night_changes_is_what_the_next_one_knows(shop: Shop) -> None:
    _fill(shop, "2023-06-01", 10)
    shop.run()
    shop.has(MADE, *(made(f"{day:02}T08:00", 7) for day in range(1, 11)))
    shop.facility.at("2023-06-11T03:00:00Z")
    assert shop.run(ENTRIES)["updated"] == 10
    shop.facility.at("2023-06-12T03:00:00Z")
    assert shop.run(ENTRIES)["unchanged"] == 10
    assert set(shop.good().values()) == {7}
