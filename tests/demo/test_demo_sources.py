"""Data sources in the demo: described in the configs of the copy alone, and compared value by value."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from demo_world import PCN, PREFIX

from sandbox.demo import data_sources
from sandbox.demo.comparing_sources import data_sources_told
from sandbox.demo.content import Content, Points
from sandbox.demo.reading import Row
from sandbox.up import ROOT

NOON, NOON_MS, MIDNIGHT_MS = "2024-03-01T12:00:00.1239999Z", 1_709_294_400_123, 1_709_251_200_000
GAUGE = f"{PREFIX}_GAUGES_Specification_Key=7:Sample_No=1_Measurement"
DAILY = f"{PREFIX}_DAILYPERFORMANCE_Workcenter_Key=5_Production_Qty"


def sheet(number: int = 1) -> Row:
    return {"Checksheet_No": number, "Inspection_Date": NOON}


def measured(value: float | None, specification: int | None = 7) -> Row:
    return {"Specification_Key": specification, "Sample_No": 1, "Inspection_Date": NOON, "Measurement": value}


def made(quantity: int, workcenter: int | None = 5) -> Row:
    return {"day": "2024-03-01T00:00:00Z", "Workcenter_Key": workcenter, "Production_Qty": quantity}


def event(number: int = 1, when: int = NOON_MS, **metadata: str) -> Row:
    return {"type": "inspection", "startTime": when, "metadata": {"Checksheet_No": str(number), **metadata}}


PLEX = {
    "checksheets": {"a": sheet(), "b": sheet()},
    "measurements": {"a": measured(1.5), "b": measured(2.0, None), "c": measured(None)},
    "daily": {"a": made(3), "b": made(4), "c": made(9, None)},
}
POINTS: dict[str, Points] = {GAUGE: {NOON_MS: 1.5}, DAILY: {MIDNIGHT_MS: 7.0}}


def test_what_agrees_is_kept_twins_and_all() -> None:
    promise = data_sources_told(Content(events=[event(), event()], points=POINTS), PLEX)
    assert (promise.held, promise.detail) == (True, "2 checksheets, 1 measurements, 1 days of workcenters")


def test_a_value_that_is_gone_may_stay_while_a_row_of_its_instant_waits_in_quarantine() -> None:
    points: dict[str, Points] = {**POINTS, GAUGE: {NOON_MS: 1.5, MIDNIGHT_MS: 2.0}}
    row = {"stream": "gauges", "payload": '{"Inspection_Date": "2024-03-01T00:00:00Z"}'}
    waiting: dict[int, list[Row]] = {PCN: [{"columns": row}]}
    content = Content(events=[event(), event()], points=points, quarantine=waiting)
    assert data_sources_told(content, PLEX).held
    row["payload"] = '{"Inspection_Date": "2024-03-01T00:00:01Z"}'
    assert "2.0 instead of None" in data_sources_told(content, PLEX).detail


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"events": [event()]}, "checksheet ('1', 1709294400123) is missing"),
        ({"events": [event(), event(), event(2)]}, "checksheet ('2', 1709294400123) is not in Plex"),
        ({"events": [event(), event(plexState="retracted")]}, "is missing"),
        ({"points": {**POINTS, GAUGE: {NOON_MS: 1.6}}}, "1.6 instead of 1.5"),
        ({"points": {GAUGE: POINTS[GAUGE]}}, "None instead of 7"),
        ({"points": {**POINTS, DAILY: {MIDNIGHT_MS: 7.0, NOON_MS: 1.0}}}, "1.0 instead of None"),
    ],
)
def test_every_way_to_differ_is_named(changes: dict[str, Any], words: str) -> None:
    content = Content(**{"events": [event(), event()], "points": POINTS, **changes})
    promise = data_sources_told(content, PLEX)
    assert not promise.held
    assert words in promise.detail


def test_the_configs_of_the_copy_describe_them(tmp_path: Path) -> None:
    shutil.copytree(ROOT / data_sources.FOLDER, tmp_path / data_sources.FOLDER)
    data_sources.describe(tmp_path, "http://127.0.0.1:1", 99)
    for extractor, names in {"quality": ["checksheets", "gauges"], "performance": ["daily_performance"]}.items():
        text = (tmp_path / data_sources.FOLDER / f"{extractor}.Config.yaml").read_text(encoding="utf-8")
        config = yaml.safe_load(text.replace("{{", "").replace("}}", ""))["config"]
        assert config["dataSourceApi"] == {"url": "http://127.0.0.1:1", "callsPerMinute": 99}
        assert [each["name"] for each in config["dataSources"]] == names
    with pytest.raises(ValueError, match="no line 'dataSources:"):
        data_sources.describe(tmp_path, "http://127.0.0.1:1", 99)
