"""How data sources are read: windows and days, probes, the translation of keys."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from data_source_streams import (
    EVER,
    INSPECTIONS,
    PROBLEM_LOGS,
    entry,
    mapped,
    read,
    stream,
)
from data_source_world import CHECKSHEETS, PCN, PROBLEMS, World, world
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.data_source.config import DAY
from plex_cdf.data_source.window import DataSourceWindow
from plex_cdf.errors import ConfigurationError, IncompleteError, TransientError
from plex_cdf.plex.client import Row
from plex_cdf.plex.data_source import DataSources
from plex_cdf.plex.identity import ids_by_key
from plex_cdf.plex.records.base import Instant
from plex_cdf.resources import Datapoint
from plex_cdf.stream import Sources


@pytest.fixture(scope="module")
def plex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("plant")) as running:
        yield running


def test_keys_are_translated_once_a_run_and_only_where_there_are_any(plex: World) -> None:
    declared = stream(INSPECTIONS)
    before = len(plex.requests())
    for _ in range(2):
        assert len(read(declared, plex)) == 4
    asked = [each for each in plex.requests()[before:] if "keys-to-ids" in each]
    assert len(asked) == 3
    before = len(plex.requests())
    assert read(stream(INSPECTIONS), plex, 0, 1) == []
    assert not [each for each in plex.requests()[before:] if "keys-to-ids" in each]


@pytest.mark.parametrize("value", [PCN, str(PCN), f"{PCN}.000000"], ids=["number", "text", "decimal"])
def test_a_probe_column_lets_its_own_pcn_pass(tmp_path: Path, value: object) -> None:
    with world(tmp_path) as plex:
        plex.upsert(PROBLEMS, *({**row, "Job_No": value} for row in plex.data_sources().execute(PROBLEMS, {})))
        assert len(read(stream(entry(PROBLEM_LOGS, probe="Job_No")), plex)) == 2


@pytest.mark.parametrize(("value", "shown"), [(340885, "340885"), ("W1", "W1"), (None, "None"), ("-", "None")])
def test_rows_of_another_pcn_stop_the_run(tmp_path: Path, value: object, shown: str) -> None:
    with world(tmp_path) as plex:
        rows = plex.data_sources().execute(PROBLEMS, {})
        plex.upsert(PROBLEMS, {**rows[0], "Job_No": PCN}, {**rows[1], "Job_No": value})
        with pytest.raises(ConfigurationError, match=f"19938 gives rows whose Job_No is {shown}, not 340884.*dsUser"):
            read(stream(entry(PROBLEM_LOGS, probe="Job_No")), plex)


def test_without_an_account_the_run_stops(plex: World) -> None:
    declared = stream(PROBLEM_LOGS)
    assert isinstance(declared.read, DataSourceWindow)
    with pytest.raises(ConfigurationError, match=r"no dsUser and dsPassword under PCN 340884 .those under default"):
        declared.read.rows(Sources(plex.plex()), *EVER)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"beginInput": "begin_date"}, "no input begin_date"),
        ({"inputs": {"Colour": 5}}, "no input Colour"),
        ({"columns": ["Quantities"]}, "no column Quantities"),
        ({"probe": "Plexus_Customer_No"}, "no column Plexus_Customer_No"),
        ({"event": {"type": "x", "description": "{Title}"}}, "no column Title"),
    ],
)
def test_what_the_data_source_does_not_have_stops_the_run_unread(
    plex: World, changes: dict[str, Any], words: str
) -> None:
    before = len(plex.requests())
    with pytest.raises(ConfigurationError, match=f"data source 19938 .*{words}.*Its inputs: Begin_Date, End_Date"):
        read(stream(entry(PROBLEM_LOGS, **changes)), plex)
    assert plex.requests()[before:] == [f"GET /api/datasources/{PROBLEMS}"]


def test_as_many_rows_as_the_row_limit_are_a_cut_answer(plex: World) -> None:
    begin, end = 0, Instant.parse("2030-01-01T00:00Z")
    assert len(read(stream(entry(INSPECTIONS, rowLimit=5)), plex, begin, end)) == 4
    with pytest.raises(IncompleteError, match="4142 gave 4 rows"):
        read(stream(entry(INSPECTIONS, inputs={"Max_Records": 5}, rowLimit=4)), plex, begin, end)


def test_a_window_is_half_open_by_the_rows_own_instant(plex: World) -> None:
    declared = stream(INSPECTIONS)
    assert declared.windowed is not None
    rows = read(declared, plex, 0, Instant.parse("2030-01-01T00:00Z"))
    instants = [int(Instant.parse(row[declared.windowed.instant])) for row in rows]
    again = read(declared, plex, instants[1], instants[-1])
    assert {int(Instant.parse(row["Inspection_Date"])) for row in again} <= set(instants)
    assert len(again) < len(rows)


def test_daily_figures_add_up_by_workcenter(plex: World) -> None:
    declared = stream({"name": "daily_performance", "enabled": True}, timeZone="America/Detroit")
    assert declared.key == ("Workcenter_Key", "Part_Key", "Operation_Code", DAY)
    begin, end = Instant.parse("2024-03-01T00:00Z"), Instant.parse("2024-03-04T12:00Z")
    rows = read(declared, plex, begin, end)
    assert {row[DAY] for row in rows} <= {f"2024-03-0{day}T05:00:00.000Z" for day in (1, 2, 3, 4)}
    made: dict[tuple[str, int], float] = {}
    for row in rows:
        for thing in mapped(declared, row):
            if isinstance(thing, Datapoint) and thing.series.endswith("_Production_Qty"):
                assert thing.rank is None
                made[thing.series, thing.timestamp] = made.get((thing.series, thing.timestamp), 0) + float(thing.value)
    assert sum(made.values()) == sum(row["Production_Qty"] for row in rows) > 0


def test_days_do_not_share_the_instant_between_them(plex: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = stream({"name": "daily_performance", "enabled": True}, timeZone="America/Detroit")
    asked: list[tuple[object, object]] = []
    execute = DataSources.execute

    def recorded(self: DataSources, source: int, inputs: dict[str, object]) -> list[Row]:
        asked.append((inputs["Start_Date"], inputs["End_Date"]))
        return execute(self, source, inputs)

    monkeypatch.setattr(DataSources, "execute", recorded)
    read(declared, plex, Instant.parse("2024-03-01T00:00Z"), Instant.parse("2024-03-02T12:00Z"))
    assert asked == [
        ("2024-03-01T05:00:00.000Z", "2024-03-02T04:59:59.999Z"),
        ("2024-03-02T05:00:00.000Z", "2024-03-03T04:59:59.999Z"),
    ]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.integers(1, 100), min_size=1, max_size=5),
    st.sampled_from(["00:00", "02:30", "06:00"]),
)
def test_every_day_is_asked_for_in_one_window_whole(start: datetime, hours: list[int], at: str) -> None:
    declared = stream({"name": "daily_performance", "enabled": True, "dailyAt": at}, timeZone="America/Detroit")
    window = declared.read
    assert isinstance(window, DataSourceWindow)
    assert window.source.daily_at
    borders = [start]
    for step in hours:
        borders.append(borders[-1] + timedelta(hours=step))
    stamps = [int(each.timestamp() * 1000) for each in borders]
    days = [day for first, last in pairwise(stamps) for day in window._days(first, last, window.source.daily_at)]
    assert days == list(window._days(stamps[0], stamps[-1], window.source.daily_at))
    assert all(stamps[0] <= first < stamps[-1] for first, _ in days)
    assert all(last == following for (_, last), (following, _) in pairwise(days))
    assert all(22 * 3_600_000 < last - first < 26 * 3_600_000 for first, last in days)
    assert abs(len(days) - (stamps[-1] - stamps[0]) / 86_400_000) < 1.1


def test_identity_mappings_that_do_not_fit_name_the_link(plex: World) -> None:
    with pytest.raises(ConfigurationError, match="correct object Thing and objectKey Thing_Key of a link"):
        ids_by_key(plex.plex(), "Thing", "Thing_Key", [5])
    path = "/platform/identity-mappings/*"
    plex.break_by({"kind": "error", "status": 404, "path": path, "count": 1})
    with pytest.raises(ConfigurationError, match="remove the links with object Part"):
        ids_by_key(plex.plex(), "Part", "Part_Key", [5])
    plex.break_by({"kind": "error", "status": 503, "path": path})
    with pytest.raises(TransientError):
        ids_by_key(plex.plex(), "Part", "Part_Key", [5])
    plex.break_by()
    assert ids_by_key(plex.plex(), "Part", "Part_Key", list(range(5001))) == {}


def test_threads_share_the_check_and_the_keys(plex: World) -> None:
    declared = stream(INSPECTIONS)
    assert isinstance(declared.read, DataSourceWindow)
    sources, before = Sources(plex.plex(), plex.data_sources()), len(plex.requests())
    with ThreadPoolExecutor(4) as threads:
        read_by = [threads.submit(declared.read.rows, sources, *EVER) for _ in range(8)]
        rows = [each.result() for each in read_by]
    assert all(each == rows[0] for each in rows)
    asked = [each for each in plex.requests()[before:] if not each.endswith("format=2")]
    assert sorted(asked) == [
        f"GET /api/datasources/{CHECKSHEETS}", *["POST /platform/identity-mappings/v1/keys-to-ids"] * 3
    ]  # fmt: skip
