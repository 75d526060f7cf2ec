"""The Data Source API, as the vendor's pages on it describe it: formats, metadata, limits, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from sandbox_plex_client import PASSWORD, USER, login

from sandbox.plex import Account, Clock, DataSourceSettings, create_app, csv_plant, generated_plants
from sandbox.up import StandIns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox_plex_client import Client

CHECKSHEETS, SPC, PROBLEMS, SPECIFICATIONS, DAILY, PRESENT = 4142, 5019, 19938, 6429, 18765, 22870
DAY = {"Start_Date": "2024-03-01T00:00Z", "End_Date": "2024-03-02T00:00Z"}
OTHERS = {
    "few": Account("few", 340884, granted=[DAILY]),
    "none": Account("none", 340884, denied="DATA_SOURCE_API_ACCESS_DENIED"),
    "left": Account("left", 340884, denied="CUSTOMER_ACCESS_DENIED"),
}


@pytest.fixture(scope="module")
def start(serve: Callable[..., Client], log_file: Path) -> Callable[..., Client]:
    def start(**settings: Any) -> Client:
        accounts = {USER: Account(PASSWORD, 340884), **OTHERS}
        return serve([csv_plant(log_file)], accounts=accounts, data_sources=DataSourceSettings(**settings))

    return start


@pytest.fixture(scope="module")
def served(start: Callable[..., Client]) -> Client:
    return start()


def refused(answer: Any) -> tuple[int, str]:
    [error] = answer.json()["errors"]
    assert answer.json()["transactionNo"].isdecimal()
    assert error["message"]
    return answer.status_code, error["code"]


def test_the_default_format_has_columns_and_rows_as_lists(plex: Client) -> None:
    body = plex.execute(CHECKSHEETS).json()
    assert set(body) == {"outputs", "tables", "transactionNo"}
    [table] = body["tables"]
    assert (len(table["columns"]), len(table["rows"]), table["limitExceeded"]) == (26, 4, False)
    assert {len(row) for row in table["rows"]} == {26}


def test_format_two_has_rows_as_objects(plex: Client) -> None:
    answer = plex.execute(CHECKSHEETS, {"Checksheet_No": 3}, query="?format=2&pretty=true")
    body = answer.json()
    assert set(body) == {"outputs", "rows", "rowLimitedExceeded", "transactionNo"}
    [row] = body["rows"]
    assert (row["Checksheet_No"], row["Pass"], row["Inspection_Date"]) == (3, False, "2024-03-02T09:00:00.0000000Z")
    assert '\n  "rows": [\n' in answer.text
    assert "\n" not in plex.execute(CHECKSHEETS, query="?format=2").text


def test_inputs_select(plex: Client) -> None:
    def numbers(**inputs: object) -> list[int]:
        return [row["Checksheet_No"] for row in plex.selected(CHECKSHEETS, **inputs)]

    assert numbers(Date_Begin="2024-03-01T12:00Z", Date_End="2024-03-01T15:00:00.0000000Z") == [2, 4]
    assert numbers(Workcenter_Code="Desk") == [3]
    assert numbers(Out_Of_Spec=False, Part_No="Shaft") == [1, 2]
    assert numbers(Part_No=None) == [1, 2, 3, 4]


def test_a_row_limit_cuts_and_says_so(start: Callable[..., Client]) -> None:
    plex = start(limits={CHECKSHEETS: 3})
    [table] = plex.execute(CHECKSHEETS).json()["tables"]
    assert (len(table["rows"]), table["limitExceeded"]) == (3, True)
    assert plex.execute(CHECKSHEETS, query="?format=2").json()["rowLimitedExceeded"] is True
    within = plex.execute(CHECKSHEETS, {"Part_No": "Shaft"}, query="?format=2").json()
    assert (len(within["rows"]), within["rowLimitedExceeded"]) == (3, False)
    assert len(plex.selected(CHECKSHEETS, Max_Records=2)) == 2


@pytest.mark.parametrize("flag", ["limitExceeded", "rowLimitedExceeded", "rowLimitExceeded"])
@pytest.mark.parametrize("at_top", [False, True])
def test_the_flag_is_spelt_in_three_ways_in_two_places(start: Callable[..., Client], flag: str, at_top: bool) -> None:
    plex = start(flag=flag, flag_at_top=at_top, limits={CHECKSHEETS: 1})
    body = plex.execute(CHECKSHEETS).json()
    assert (flag in body, flag in body["tables"][0]) == (at_top, not at_top)
    assert plex.execute(CHECKSHEETS, query="?format=2").json()[flag] is True


def test_usual_limits(serve: Callable[..., Client], log_file: Path) -> None:
    plex = serve([csv_plant(log_file)], accounts={USER: Account(PASSWORD, 340884)})
    [row] = plex.selected(CHECKSHEETS, Checksheet_No=1)
    plex.change(f"/api/datasources/{CHECKSHEETS}/execute", upsert=[{**row, "Checksheet_No": n} for n in range(9, 5100)])
    assert len(plex.selected(CHECKSHEETS)) == 5000
    [row, *_] = plex.selected(SPC)
    plex.change(f"/api/datasources/{SPC}/execute", upsert=[{**row, "Inspection_Key": n} for n in range(900, 2000)])
    assert len(plex.selected(SPC)) == 1000


def test_metadata(plex: Client) -> None:
    def asked(path: str, user: str = USER, password: str = PASSWORD) -> Any:
        return plex.session.get(f"{plex.url}/api/datasources/{path}", auth=login(user, password), timeout=30)

    assert {row["id"] for row in asked("search?name=").json()} >= {4142, 5019, 19938, 6429, 18765, 22870}
    [found] = asked("search?name=checksheets").json()
    assert found == {"id": CHECKSHEETS, "name": "Checksheets_Get (Quality)", "description": ""}
    assert [row["id"] for row in asked("search", "few", "few").json()] == [DAILY]
    body = asked(str(CHECKSHEETS)).json()
    assert (len(body["inputs"]), len(body["columns"]), body["outputs"]) == (24, 26, [])
    assert {"name": "Date_Begin", "type": "date", "required": False, "nullable": True} in body["inputs"]
    assert refused(asked("1")) == (400, "DATA_SOURCE_NOT_FOUND")
    assert refused(asked(str(CHECKSHEETS), "few", "few")) == (403, "DATA_SOURCE_ACCESS_DENIED")


@pytest.mark.parametrize(
    ("source", "inputs", "code"),
    [
        (CHECKSHEETS, {"date_begin": "2024-03-01T00:00Z"}, "DATA_SOURCE_INPUT_NOT_FOUND"),
        (CHECKSHEETS, {"Plexus_Customer_No": 1}, "DATA_SOURCE_INPUT_NOT_ACCESSIBLE"),
        (CHECKSHEETS, {"Max_Records": None}, "DATA_SOURCE_INPUT_NOT_NULLABLE"),
        (CHECKSHEETS, {"Max_Records": "10"}, "DATA_SOURCE_INPUT_TYPE_MISMATCH"),
        (CHECKSHEETS, {"Checksheet_No": 2**31}, "DATA_SOURCE_INPUT_TYPE_MISMATCH"),
        (CHECKSHEETS, {"Pass": 1}, "DATA_SOURCE_INPUT_TYPE_MISMATCH"),
        (CHECKSHEETS, {"Part_No": 1}, "DATA_SOURCE_INPUT_TYPE_MISMATCH"),
        (CHECKSHEETS, {"Date_Begin": "2024-03-01"}, "DATA_SOURCE_INPUT_FORMAT_INVALID"),
        (CHECKSHEETS, {"Date_Begin": 5}, "DATA_SOURCE_INPUT_FORMAT_INVALID"),
        (DAILY, {"Start_Date": "2024-03-01T00:00Z"}, "DATA_SOURCE_INPUT_REQUIRED"),
        (1, {}, "DATA_SOURCE_NOT_FOUND"),
    ],
)
def test_inputs_that_are_refused(plex: Client, source: int, inputs: dict[str, object], code: str) -> None:
    assert refused(plex.execute(source, inputs)) == (400, code)
    assert refused(plex.execute(source, inputs, query="?format=2")) == (400, code)


@pytest.mark.parametrize(
    ("user", "password", "refusal"),
    [
        (USER, "wrong", (401, "USER_ACCESS_DENIED")),
        ("stranger", PASSWORD, (401, "USER_ACCESS_DENIED")),
        ("few", "few", (403, "DATA_SOURCE_ACCESS_DENIED")),
        ("none", "none", (403, "DATA_SOURCE_API_ACCESS_DENIED")),
        ("left", "left", (403, "CUSTOMER_ACCESS_DENIED")),
    ],
)
def test_accounts_that_are_refused(plex: Client, user: str, password: str, refusal: tuple[int, str]) -> None:
    assert refused(plex.execute(CHECKSHEETS, user=user, password=password)) == refusal


def test_other_refusals(plex: Client, start: Callable[..., Client]) -> None:
    url, granted = f"{plex.url}/api/datasources/{CHECKSHEETS}/execute", login(USER, PASSWORD)
    assert refused(plex.session.get(url, auth=granted, timeout=30)) == (405, "METHOD_NOT_ALLOWED")
    assert refused(plex.session.post(url, json=[], auth=granted, timeout=30)) == (400, "REQUEST_PROCESSING_ERROR")
    assert refused(plex.session.post(url, data="{}", auth=granted, timeout=30)) == (400, "REQUEST_PROCESSING_ERROR")
    no_login = plex.session.post(url, json={}, timeout=30)
    assert refused(no_login) == (401, "USER_ACCESS_DENIED")
    broken = start(broken=[CHECKSHEETS])
    assert refused(broken.execute(CHECKSHEETS)) == (500, "DATA_SOURCE_OBJECT_NOT_FOUND")


def test_the_account_says_which_tenant_it_is(serve: Callable[..., Client]) -> None:
    accounts = {"one": Account("one", 340884), "two": Account("two", 340885)}
    plex = serve(generated_plants(2), accounts=accounts)
    plex.session.headers["X-Plex-Connect-Customer-Id"] = "340884"
    one, two = (plex.execute(SPC, user=name, password=name).json()["tables"] for name in accounts)
    assert one != two
    assert [row["pcn"] for row in plex.get("/__plex__/requests").json()] == [340884, 340885]


def test_transactions_are_numbered(plex: Client) -> None:
    first, second = (plex.execute(CHECKSHEETS).json()["transactionNo"] for _ in range(2))
    assert int(second) == int(first) + 1


def test_daily_performance_adds_up_what_the_rest_api_tells(plex: Client) -> None:
    rows = {row["Workcenter_Code"]: row for row in plex.selected(DAILY, **DAY) if row["Part_No"] == "Shaft"}
    lathe = rows["Lathe 1"]
    assert (lathe["Production_Qty"], lathe["Planned_Production_Time"], lathe["Downtime_DB"]) == (4, 1.5, 0.0)
    assert lathe["Standard_Production_Rate"] == 4.0
    later = plex.selected(DAILY, Start_Date="2024-03-02T00:00Z", End_Date="2024-03-04T00:00Z")
    by_code = {row["Workcenter_Code"]: row for row in later}
    assert (by_code["Desk"]["Scrap_Qty"], by_code["Grinder"]["Downtime_DB"]) == (1, 0.1667)
    assert plex.selected(DAILY, **DAY, Part_Key=lathe["Part_Key"], Workcenter_Code="Lathe 1") == [lathe]


def test_present_performance(plex: Client) -> None:
    rows = {row["Workcenter_Code"]: row for row in plex.at("2024-03-01T12:00Z").selected(PRESENT)}
    assert (rows["Lathe 2"]["Performance"], rows["Lathe 2"]["Performance_Color"]) == (100.0, "Green")
    assert (rows["Desk"]["Performance"], rows["Desk"]["Workcenter_Status"]) == (None, "Idle")
    assert len(plex.selected(PRESENT, Workcenter_Key=rows["Desk"]["Workcenter_Key"])) == 1


def test_quality_sources(plex: Client) -> None:
    measured = plex.selected(SPC)
    assert len(measured) == 12
    specifications = {row["Specification_Key"]: row for row in plex.selected(SPECIFICATIONS)}
    for row in measured:
        assert specifications[row["Specification_Key"]]["Target"] == row["Target"]
        assert row["Pass"] == (row["Lower_Limit"] <= row["Measurement"] <= row["Upper_Limit"])
    assert [row["Pass"] for row in measured].count(False) == 1
    problems = plex.selected(PROBLEMS, Problem_Status="Closed")
    assert [row["Problem_Type"] for row in problems] == ["Review"]
    assert len(plex.selected(PROBLEMS)) == 2


@pytest.mark.parametrize(("style", "written"), [("us", "03/01/2024 05:00:00 AM"), ("sql", "Mar  1 2024  5:00AM")])
def test_dates_and_numbers_as_text(start: Callable[..., Client], style: str, written: str) -> None:
    plex = start(text_dates={SPC: style}, text_numbers=[SPC])
    row = plex.selected(SPC)[0]
    assert (row["Inspection_Date"], row["Target"], row["Checksheet_No"]) == (written, "40.000000", "1")
    assert plex.selected(CHECKSHEETS)[0]["Inspection_Date"].endswith("Z")
    plex.change(f"/api/datasources/{SPC}/execute", upsert=[{**row, "Inspection_Key": 10, "Measurement": None}])
    assert plex.selected(SPC)[0]["Measurement"] == "-"


def test_an_account_needs_a_plant(log_file: Path) -> None:
    plant = csv_plant(log_file)
    with pytest.raises(ValueError, match="340884"):
        create_app([plant], api_keys={}, accounts={USER: Account(PASSWORD, 1)}, clock=Clock(plant.ends))


def test_the_sandbox_gives_each_facility_an_account() -> None:
    plants = generated_plants(2)
    with StandIns(plants, clock=Clock(plants[0].ends), cron=False) as running:
        facilities: Any = running.describe()["facilities"]
        assert [facility["pcn"] for facility in facilities] == [340884, 340885]
        for facility in facilities:
            url = f"{running.plex_url}/api/datasources/{SPC}"
            granted = login(facility["dsUser"], facility["dsPassword"])
            assert requests.get(url, auth=granted, timeout=30).status_code == 200
