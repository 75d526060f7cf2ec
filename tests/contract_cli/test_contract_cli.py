"""The real `cdf` against the stand-in, with a resource of every kind: it deploys, finds unchanged, changes and cleans.

Every rule here is the Toolkit's own (0.9.28); tests name the part of it that relies on the rule.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from contract_cli_bundle import CLIENTS, PROJECT, change
from contract_cli_process import Ended, Toolkit

from sandbox.cdf import create_app
from sandbox.serve import Server

pytestmark = pytest.mark.source("Toolkit commands/deploy_v2/command.py, commands/run.py, commands/dump_resource.py")

# Kept between test runs: the first one builds them.
ENVIRONMENTS = Path(__file__).parents[2] / ".sandbox" / "environments"

SINGLE = {"created": 1, "updated": 0, "deleted": 0, "unchanged": 0}
FIRST = dict.fromkeys(
    (
        "spaces",
        "raw databases",
        "data sets",
        "containers",
        "raw tables",
        "labels",
        "functions",
        "extraction pipelines",
        "workflows",
        "nodes",
        "data models",
        "extraction pipeline configs",
        "events",
        "sequences",
        "time series",
        "file metadata",
        "workflow versions",
        "sequence rows",
        "resource-scoped groups",
        "relationships",
        "workflow triggers",
    ),
    SINGLE,
) | {name: SINGLE | {"created": 2} for name in ("assets", "views", "function schedules")}
"""What the first deploy creates, by kind."""

RECREATED = {"functions", "sequence rows", "extraction pipeline configs"}
"""Kinds that the Toolkit deletes and creates where others are updated."""


@dataclass(frozen=True)
class Story:
    """What each run of the command line said, and the folder with what was dumped."""

    root: Path
    runs: Mapping[str, Ended]
    record: list[dict[str, Any]]

    def counts(self, run: str) -> dict[str, dict[str, int]]:
        """The summary of a run, without the line for all kinds."""
        return {kind: counts for kind, counts in self.runs[run].counts().items() if kind in FIRST}

    def dumped(self, path: str) -> Any:
        return yaml.safe_load((self.root / "dump" / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One story in few runs, since each chapter needs the one before."""
    root = tmp_path_factory.mktemp("bundle")
    app = create_app(project=PROJECT, clients=CLIENTS, environments=ENVIRONMENTS, cron=False)
    run = ("dev", "run", "function")
    with Server(app) as server, Toolkit(root, server.url) as toolkit, ThreadPoolExecutor(1) as beside:
        runs = {"build": toolkit.run("build")}
        runs["plan"] = toolkit.run("deploy", "--dry-run")
        runs["first"] = toolkit.run("deploy")
        runs["again"] = toolkit.run("deploy")
        change(root)
        runs["build again"] = toolkit.run("build")
        local = beside.submit(toolkit.run_beside, *run, "local", "fn_demo", "--schedule", "hourly")
        runs["changed"] = toolkit.run("deploy")
        await_functions(server.url)
        runs["live"] = toolkit.run(*run, "live", "fn_demo", "--wait", "--schedule", "hourly")
        runs["failing"] = toolkit.run(*run, "live", "fn_demo", "--wait", "--schedule", "failing")
        for kind, name in (("functions", "fn_demo"), ("datamodels", "sp_demo:Plant/v1")):
            toolkit.run("dump", kind, name, "-o", "dump")
        runs["clean plan"] = toolkit.run("clean", "--dry-run")
        # The local run counts assets.
        runs["local"] = local.result()
        runs["clean"] = toolkit.run("clean")
        runs["drop data"] = toolkit.run("clean", "--drop-data", typed=f"y{PROJECT}\r")
        runs["gone"] = toolkit.run("clean", "--dry-run")
        record = requests.get(f"{server.url}/__cdf__/requests", timeout=30).json()
        yield Story(root, runs, record)


def await_functions(url: str) -> None:
    """Until what was deployed may be called: its Python environment is built first, where there is none yet."""
    form = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": CLIENTS["deployer"]}
    token = requests.post(f"{url}/oauth2/token", data=form, timeout=30).json()["access_token"]
    give_up = time.monotonic() + 300
    while True:
        path = f"{url}/api/v1/projects/{PROJECT}/functions/list"
        found = requests.post(path, json={}, headers={"Authorization": f"Bearer {token}"}, timeout=30).json()["items"]
        if {row["status"] for row in found} <= {"Ready", "Failed"}:
            return
        assert time.monotonic() < give_up, "waited too long"
        time.sleep(0.1)


def test_the_build_finds_nothing_against_the_bundle(story: Story) -> None:
    assert "Error" not in story.runs["build"].output
    assert "Warning" not in story.runs["build"].output


def test_a_dry_run_foretells_the_deploy_and_writes_nothing(story: Story) -> None:
    """`deploy_v2/command.py`: a dry run only reads; a resource is created when its read finds none."""
    assert story.counts("plan") == FIRST
    # By the time that the rows are read their sequence is there, and has none: the Toolkit takes that for a change.
    assert story.counts("first") == FIRST | {"sequence rows": SINGLE | {"deleted": 1}}
    paths = [entry["path"] for entry in story.record]
    first_write = paths.index(f"/api/v1/projects/{PROJECT}/datasets")
    assert paths[:first_write].count("/api/v1/token/inspect") == 3, "a build, a dry run and a deploy"


def test_a_second_deploy_changes_nothing(story: Story) -> None:
    """`ResourceIO.dump_resource` of every kind: what the API adds must be what the Toolkit expects it to add."""
    unchanged = {
        kind: {"created": 0, "updated": 0, "deleted": 0, "unchanged": counts["created"]}
        for kind, counts in FIRST.items()
    }
    assert story.counts("again") == unchanged


def test_every_kind_that_can_be_changed_is(story: Story) -> None:
    changed = story.counts("changed")
    untouched = {"raw databases", "raw tables", "labels", "sequences"}
    for kind, counts in changed.items():
        if kind in untouched:
            assert counts["unchanged"] == 1, kind
        elif kind == "function schedules":
            # They die with the function that is created anew.
            assert counts == {"created": 2, "updated": 0, "deleted": 0, "unchanged": 0}
        elif kind in RECREATED:
            assert (counts["created"], counts["deleted"]) == (1, 1), kind
        else:
            assert (counts["created"], counts["updated"], counts["deleted"]) == (0, 1, 0), kind


def test_a_function_runs_locally_with_the_data_and_rights_of_its_schedule(story: Story) -> None:
    """`commands/run.py`: `local` calls `handle` with a client that logs in with the schedule's credentials."""
    assert "{'assets': 2, 'keys': ['api-key']}" in story.runs["local"].output
    asked = [entry for entry in story.record if entry["path"].endswith("/assets/list") and entry["callId"] is None]
    assert {entry["clientId"] for entry in asked} == {"runner"}


def test_a_function_runs_live(story: Story) -> None:
    """`client/resource_classes/function_call.py`: what calls, logs and responses must be."""
    said = story.runs["live"].output
    assert "Completed" in said
    assert '"assets": 2' in said
    assert "message='told to count'" in said


def test_a_call_that_fails_is_shown_with_its_error(story: Story) -> None:
    """`client/resource_classes/function_call.py`: the error of a call is text, no object."""
    said = story.runs["failing"].output
    assert "Failed" in said
    assert "ValueError: no such thing" in said
    assert "Traceback" in said


def test_a_function_is_dumped_as_it_was_deployed(story: Story) -> None:
    """`commands/dump_resource.py` `FunctionFinder`: it downloads the code, and finds the schedules."""
    function = story.dumped("functions/fn_demo.Function.yaml")
    assert (function["name"], function["envVars"]) == ("extractor:demo", {"SITE": "oslo"})
    assert function["dataSetExternalId"] == "ds_demo"
    assert "told to" in (story.root / "dump/functions/fn_demo/handler.py").read_text(encoding="utf-8")
    assert story.dumped("functions/fn_demo-hourly.Schedule.yaml")["cronExpression"] == "0 * * * *"


def test_a_data_model_is_dumped_with_its_views_and_containers(story: Story) -> None:
    """`commands/dump_resource.py` `DataModelFinder`: the model, its views inline, the containers behind them."""
    files = list((story.root / "dump" / "data_modeling").rglob("*.yaml"))
    kinds = sorted(path.name.split(".")[-2] for path in files)
    assert kinds == ["Container", "DataModel", "Space", "View", "View"]
    (container,) = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in files if ".Container." in path.name)
    assert set(container["properties"]) == {"name", "weight", "height", "state", "tags", "drives"}
    (pump,) = (yaml.safe_load(p.read_text(encoding="utf-8")) for p in files if ".View." in p.name and "Pump" in p.name)
    assert pump["implements"] == [{"type": "view", "space": "sp_demo", "externalId": "Thing", "version": "v1"}]
    assert set(pump["properties"]) == {"weight", "state", "drives", "drivenBy"}


def test_a_clean_deletes_all_but_what_holds_data(story: Story) -> None:
    """`commands/clean.py`: without `--drop-data` what holds data stays; data sets, and groups of the caller, do too."""
    kept = {"time series", "raw databases", "raw tables", "spaces", "containers", "nodes", "file metadata", "data sets"}
    kept |= {"resource-scoped groups"}
    plan = story.counts("clean plan")
    plan["resource-scoped groups"]["deleted"] = 0
    assert story.counts("clean") == plan
    for kind, counts in story.counts("clean").items():
        assert counts["deleted"] == (0 if kind in kept else FIRST[kind]["created"]), kind


def test_what_holds_data_goes_when_a_person_says_so(story: Story) -> None:
    """`commands/deploy_v2/command.py` `_confirm_drop_data`: it counts instances, and asks which project it is."""
    kept = {"data sets", "resource-scoped groups"}
    cleaned, dropped = story.counts("clean"), story.counts("drop data")
    assert "Deleting instances" in story.runs["drop data"].output
    for kind, counts in FIRST.items():
        at_last = cleaned[kind]["deleted"] + dropped.get(kind, SINGLE)["deleted"]
        assert at_last == (0 if kind in kept else counts["created"]), kind
    assert {kind for kind, counts in story.counts("gone").items() if counts["deleted"]} <= kept


def test_no_request_broke_the_stand_in(story: Story) -> None:
    """404 is how the Toolkit learns that something is not there yet."""
    strange = [
        (entry["method"], entry["path"], entry["status"], entry["response"])
        for entry in story.record
        if entry["status"] >= 400 and entry["status"] != 404 and not entry["path"].endswith("/sequences/data/list")
    ]
    assert strange == []
