"""Every view in Chromium: it shows what was put in, as text, and the page talks to its own server alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from console_browser import Seen, look, needs_chromium
from console_world import HOSTILE, World, moved_to

pytestmark = needs_chromium


def opened(world: World, path: str, folder: Path, *options: str) -> Seen:
    """A view, which must be quiet: nothing from elsewhere, nothing that CDF holds became markup."""
    seen = look(world, path.format(**world.ids), folder, *options)
    assert seen.hosts == {world.url.removeprefix("http://")}
    assert "cannot be shown" not in seen.text
    assert "Loading" not in seen.text
    assert re.findall(r"<script[^>]*>", seen.dom) == ['<script type="module" src="main.js">']
    assert re.findall(r"<img[^>]*src=\"([^\"]*)\"", seen.dom) == ["icon.svg"]
    assert re.search(r"<title>[^<]* · Local CDF</title>", seen.dom)
    return seen


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("", ["Project factory", "251 events", "3 assets", "1 function ", "2 calls of functions"]),
        ("assets/{pump}", ["Pump 7", "Site One ›", "250 events", "Acme", "Relationships", "Order 000"]),
        ("assets?text=pump", ["Pump 7", "1–1 of 1"]),
        ("assets/{hostile}", [HOSTILE]),
        ("events", ["job (125)", "Order 249", "2023-11-25", "90.0 s", "Pump 7", "1–100 of 251", "Next ›"]),
        ("events?type=job&subtype=Open&text=order+045", ["Clear", "Order 045", "1–1 of 1"]),
        ("events/{event}", ["Order 000", "worker 0", "Pump 7", "2023-11-14 22:13:20"]),
        ("events/{hostile_event}", [HOSTILE]),
        ("timeseries", ["Pressure", "bar", "number, steps", "Pump 7", "1–3 of 3"]),
        ("functions", ["fn_pumps", "Ready", "1 completed", "1 failed"]),
        ("functions/{function}", ["pumps", "***", "Completed", "Failed", "1–2 of 2"]),
        ("calls/{call}", ["Completed", '"answer": 42', "first line", "<b>bold</b> line"]),
        ("calls", ["fn_pumps", "Failed", "RuntimeError: the pump is dry"]),
        ("calls/{failed_call}", ["Failed", "Error RuntimeError: the pump is dry", "Traceback", "first line"]),
        (
            "schedules",
            ["hourly", "7 * * * *", "fn_pumps", "not firing", "on demand", "deployer", '{"pipeline":"pipe"}'],
        ),
        ("pipelines", ["Night read", "success", "12 rows"]),
        ("pipelines/{pipeline}", ["12 rows", f"no answer {HOSTILE}", "limit: 7", "Revision 1", "0 2 * * *"]),
        ("raw", ["plant", "state"]),
        ("raw/plant/state", ["k1", "owned"]),
        ("sequences", ["Bill", "bom", "part, pieces", "Line data"]),
        ("relationships", ["rel", "asset pump", "event e-0"]),
        ("files", ["pumps.zip", "application/zip", "yes"]),
        ("labels", ["Hot", "hot", "Line data"]),
        ("sessions", ["deployer", "TOKEN_EXCHANGE", "ACTIVE"]),
        ("spaces", ["locks"]),
        ("containers", ["locks", "Lease", "holder"]),
        ("views", ["LeaseView", "v1", "owner"]),
        ("views?text=LeaseView", ["owner", "1–1 of 1"]),
        ("datasets", ["Line data"]),
        ("groups", ["readers", "events READ", "datasetScope"]),
        ("datamodels", ["LockModel", "v1"]),
        ("workflows", ["nightly", "all of it"]),
        ("instances", ["jobs_lease", 'holder = "run-17"']),
        ("requests?path=/extpipes/runs&method=POST", ["…/extpipes/runs", "201", "deployer", "1–2 of 2"]),
        ("requests?status=0", ["…/labels/list", "no answer", "1–1 of 1"]),
        ("requests/3", ["Sent", "Answered"]),
    ],
)
def test_a_view_shows_what_there_is(world: World, tmp_path: Path, path: str, parts: list[str]) -> None:
    seen = opened(world, path, tmp_path)
    assert [part for part in parts if part not in seen.text] == []


def test_schedules_say_by_which_clock_they_fire(world: World, tmp_path: Path) -> None:
    with moved_to(world, "2031-05-01T12:00:30+00:00"):
        seen = opened(world, "schedules", tmp_path)
    assert "firing by a clock that shows 2031-05-01 12:00:3" in seen.text
    assert "2031-05-01 12:07:00" in seen.text
    assert "not firing" not in seen.text


def test_step_series_are_drawn_as_steps_others_as_lines_and_texts_as_bands(world: World, tmp_path: Path) -> None:
    paths = {}
    for name in ("line", "step", "text"):
        (tmp_path / name).mkdir()
        seen = opened(world, f"timeseries/{{{name}}}", tmp_path / name)
        paths[name] = re.findall(r'class="curve (\w+)" d="([^"]*)"', seen.dom)
        assert "points" in seen.text
        if name == "text":
            assert len(re.findall(r"<rect class=\"s\d\"", seen.dom)) == 3
            assert HOSTILE in seen.text
    ((kind, line),) = paths["line"]
    assert (kind, set(re.sub(r"[^A-Z]", "", line))) == ("line", {"M", "L"})
    ((kind, step),) = paths["step"]
    assert (kind, re.sub(r"[^A-Z]", "", step)) == ("step", "M" + "HV" * 4)
    assert paths["text"] == []


def test_it_fits_a_phone(world: World, tmp_path: Path) -> None:
    seen = opened(world, "events", tmp_path, "--window-size=412,900")
    assert "Order 249" in seen.text


def test_an_unknown_view_and_an_unknown_row_say_so(world: World, tmp_path: Path) -> None:
    for number, (path, said) in enumerate([("nosuch", "no view nosuch"), ("events/1", "Event 1 does not exist")]):
        (tmp_path / str(number)).mkdir()
        assert said in look(world, path, tmp_path / str(number)).text
