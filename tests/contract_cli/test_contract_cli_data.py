"""The real `cdf` and data: it uploads, downloads, dumps, pulls and purges, and what comes back is what was there."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from contract_cli_bundle import CLIENTS, PROJECT
from contract_cli_process import Ended, Toolkit

from sandbox.cdf import create_app
from sandbox.serve import Server

POINTS = [[1_700_000_000_000 + second * 1000, second * 1.5] for second in range(10)]
ROWS = [{"key": f"k{number}", "columns": {"a": number, "b": None}} for number in range(5)]
UPLOADS = {
    "points.Manifest.yaml": """
type: datapointsFile
kind: Datapoints
timestampColumn: timestamp
columns:
- {columnType: externalId, column: temp, dtype: numeric, externalId: ts_temp}
""",
    "points.Datapoints.csv": "timestamp,temp\n" + "".join(f"{time},{value}\n" for time, value in POINTS),
    "state.Manifest.yaml": "type: rawTable\nkind: RawRows\ntable: {dbName: db_demo, tableName: state}\n",
    "state.RawRows.ndjson": "".join(json.dumps(row) + "\n" for row in ROWS),
}
DOWNLOADS = {
    "raw": ("raw", "state", "-d", "db_demo"),
    # No CSV: the Toolkit takes an empty cell of metadata for the text "None".
    "assets": ("assets", "-d", "ds_demo", "-f", "ndjson"),
    "series": ("timeseries", "-d", "ds_demo", "-f", "ndjson"),
    "events": ("events", "-d", "ds_demo"),
    "points": ("datapoints", "ds_demo", "-s", "1000w-ago", "-e", "now"),
    "hierarchy": ("hierarchy", "oslo"),
    "space": ("instances", "-s", "sp_demo"),
    "view": ("instances", "-s", "sp_demo", "-c", "sp_demo", "-w", "Pump/v1"),
}
DUMPS = {
    "workflows": ("wf_demo", "v1"),
    "groups": ("gp_demo",),
    "nodes": ("sp_demo", "Pump", "v1"),
    "spaces": ("sp_demo",),
    "extraction-pipelines": ("ep_demo",),
}
BACK = ("assets/asset-centric-assets", "events/asset-centric-events", "series/asset-centric-timeseries")
BACK_POINTS = "points/dataset-ds_demo"
WHOLE = {
    "assets": 2,
    "events": 1,
    "extraction pipelines": 1,
    # The code of the function is a file of the data set.
    "file metadata": 2,
    "labels": 1,
    "relationships": 1,
    "sequences": 1,
    "time series": 1,
    "workflows": 1,
}


@dataclass(frozen=True)
class Api:
    """Requests to the project as the deployer, to look and to change things beside the Toolkit."""

    url: str

    def post(self, path: str, data: object) -> Any:
        form = {"grant_type": "client_credentials", "client_id": "deployer", "client_secret": CLIENTS["deployer"]}
        token = requests.post(f"{self.url}/oauth2/token", data=form, timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.post(f"{self.url}/api/v1/projects/{PROJECT}{path}", json=data, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def rows(self) -> Mapping[str, list[dict[str, Any]]]:
        """The data of the data set, without what the server gives anew to what is created again."""
        anew = {"id", "createdTime", "lastUpdatedTime", "rootId", "parentId", "assetId", "assetIds"}
        found: dict[str, list[dict[str, Any]]] = {}
        for kind in ("assets", "events", "timeseries"):
            rows = self.post(f"/{kind}/list", {"filter": {"dataSetIds": [{"externalId": "ds_demo"}]}})["items"]
            found[kind] = [{name: value for name, value in row.items() if name not in anew} for row in rows]
        return found

    def points(self) -> list[list[float]]:
        asked = {"items": [{"externalId": "ts_temp", "start": 0, "end": "now"}]}
        (series,) = self.post("/timeseries/data/list", asked)["items"]
        return [[point["timestamp"], point["value"]] for point in series["datapoints"]]


@dataclass(frozen=True)
class Story:
    """What each run said, what was in the project at some times, and the folder with the files."""

    root: Path
    runs: Mapping[str, Ended]
    before: Mapping[str, list[dict[str, Any]]]
    after: Mapping[str, list[dict[str, Any]]]
    points: Mapping[str, list[list[float]]]
    record: list[dict[str, Any]]

    def yaml(self, path: str) -> Any:
        return yaml.safe_load((self.root / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One story, since each chapter needs the one before."""
    root = tmp_path_factory.mktemp("bundle")
    environments = Path(__file__).parents[2] / ".sandbox" / "environments"
    app = create_app(project=PROJECT, clients=CLIENTS, environments=environments, cron=False)
    with Server(app) as server, Toolkit(root, server.url) as toolkit:
        api, runs, points = Api(server.url), {}, {}
        toolkit.run("build")
        toolkit.run("deploy")
        for name, text in UPLOADS.items():
            (root / "up").mkdir(exist_ok=True)
            (root / "up" / name).write_text(text.lstrip("\n"), encoding="utf-8")
        runs["upload"] = toolkit.run("data", "upload", "dir", "up", "--cdf-project", PROJECT)
        points["uploaded"] = api.points()
        for kind, names in DUMPS.items():
            toolkit.run("dump", kind, *names, "-o", f"dump-{kind}")
        # No asset with labels: the Toolkit cannot pull a change of such.
        api.post("/timeseries/update", {"items": [{"externalId": "ts_temp", "update": {"unit": {"set": "degF"}}}]})
        runs["pull"] = toolkit.run("modules", "pull", "modules/ingest", "-c", "config.dev.yaml")
        for name, arguments in DOWNLOADS.items():
            runs[name] = toolkit.run("data", "download", *arguments, "-o", name)
        runs["make group"] = toolkit.run("auth", "verify", typed="y11111111\r")
        runs["verify"] = toolkit.run("auth", "verify", "--no-prompt")
        curve = root / "modules/ingest/classic/seq.Sequence.yaml"
        curve.write_text(curve.read_text(encoding="utf-8").replace("name: Curve", "name: Line"), encoding="utf-8")
        toolkit.run("build")
        runs["sequence"] = toolkit.run("deploy", "--include", "classic", code=1)
        before = api.rows()
        purge = ("data", "purge", "dataset", "ds_demo", "--include-configurations", "--asset-recursive")
        runs["purge plan"] = toolkit.run(*purge, "--dry-run")
        runs["purge"] = toolkit.run(*purge, typed=f"{PROJECT}\r")
        runs["purged plan"] = toolkit.run(*purge, "--dry-run")
        for place in (*BACK, BACK_POINTS):
            toolkit.run("data", "upload", "dir", place, "-r", "--cdf-project", PROJECT)
        after, points["back"] = api.rows(), api.points()
        runs["purge space"] = toolkit.run("data", "purge", "space", "sp_demo", "--include-space", typed=f"y{PROJECT}\r")
        record = requests.get(f"{server.url}/__cdf__/requests", timeout=30).json()
        yield Story(root, runs, before, after, points, record)


@pytest.mark.source("Toolkit dataio/_datapoints.py, dataio/_raw.py")
def test_points_and_rows_are_uploaded_from_files(story: Story) -> None:
    assert story.runs["upload"].output.count("success") == 2
    assert story.points["uploaded"] == POINTS


@pytest.mark.source("Toolkit commands/dump_resource.py")
def test_resources_are_dumped_as_they_were_deployed(story: Story) -> None:
    workflow = story.yaml("dump-workflows/workflows/wf_demo.Workflow.yaml")
    assert (workflow["externalId"], workflow["dataSetExternalId"]) == ("wf_demo", "ds_demo")
    version = story.yaml("dump-workflows/workflows/wf_demo_v1.WorkflowVersion.yaml")
    assert [task["externalId"] for task in version["workflowDefinition"]["tasks"]] == ["first", "second"]
    assert story.yaml("dump-workflows/workflows/wf_trigger.WorkflowTrigger.yaml")["input"] == {"x": 1}
    group = story.yaml("dump-groups/auth/gp_demo.Group.yaml")
    scopes = {acl: each["scope"] for entry in group["capabilities"] for acl, each in entry.items()}
    assert scopes["assetsAcl"] == {"datasetScope": {"ids": ["ds_demo"]}}
    node = story.yaml("dump-nodes/data_modeling/sp_demo_pump1.Node.yaml")
    assert node["sources"][0]["properties"] == {"name": "Pump 1", "weight": 12.5, "state": "up"}
    assert story.yaml("dump-spaces/data_modeling/sp_demo.Space.yaml")["name"] == "Demo"
    folder = "dump-extraction-pipelines/extraction_pipelines"
    assert story.yaml(f"{folder}/ep_demo.ExtractionPipeline.yaml")["rawTables"] == [
        {"dbName": "db_demo", "tableName": "state"}
    ]
    assert story.yaml(f"{folder}/ep_demo.Config.yaml")["config"]["source"]["site"] == "oslo"


@pytest.mark.source("Toolkit commands/_download.py, dataio")
def test_downloads_hold_what_is_in_the_project(story: Story) -> None:
    (packed,) = (story.root / "raw").rglob("*.RawRows.ndjson.gz")
    assert [json.loads(line) for line in gzip.decompress(packed.read_bytes()).decode("utf-8-sig").splitlines()] == ROWS
    (points,) = (story.root / "points").rglob("*.csv")
    assert len(points.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(POINTS)
    kinds = {path.name.split(".")[-2] for path in (story.root / "hierarchy").rglob("*.ndjson")}
    assert kinds == {"Assets", "Events", "TimeSeries"}
    for name in ("space", "view"):
        (nodes,) = (story.root / name).rglob("*.ndjson")
        (node,) = (json.loads(line) for line in nodes.read_text(encoding="utf-8-sig").splitlines())
        assert node["externalId"] == "pump1", name


@pytest.mark.source("Toolkit commands/pull.py")
def test_a_pull_brings_a_change_into_the_files(story: Story) -> None:
    series = story.yaml("modules/ingest/timeseries/ts.TimeSeries.yaml")
    assert (series["unit"], series["dataSetExternalId"]) == ("degF", "ds_demo")


@pytest.mark.source("Toolkit commands/auth/command.py")
def test_the_group_of_the_toolkit_is_made_and_found_sufficient(story: Story) -> None:
    assert "Created new group cognite_toolkit_service_principal" in story.runs["make group"].output
    assert "has all the required capabilities" in story.runs["verify"].output


@pytest.mark.source("Toolkit commands/_purge.py, utils/aggregators.py")
def test_a_data_set_is_purged_of_all_that_it_holds(story: Story) -> None:
    assert story.runs["purge plan"].purged() == WHOLE
    assert story.runs["purge"].purged() == WHOLE
    assert set(story.runs["purged plan"].purged().values()) <= {0}


@pytest.mark.source("Toolkit dataio/_asset_centric.py: what is downloaded can be uploaded")
def test_what_was_downloaded_comes_back(story: Story) -> None:
    assert story.after == story.before
    assert story.points["back"] == POINTS


@pytest.mark.source("Toolkit commands/_purge.py: nodes that stand for files or time series are kept")
def test_a_space_is_purged_with_its_nodes_and_definitions(story: Story) -> None:
    purged = story.runs["purge space"].purged()
    assert purged == {"containers": 1, "data models": 1, "nodes": 1, "spaces": 1, "views": 2}


@pytest.mark.source("Assumed: SDK _api/sequences.py adds only columns that are new")
def test_a_changed_sequence_is_refused(story: Story) -> None:
    """`client/resource_classes/sequence.py` `as_update`: it is never told which columns there are."""
    assert "Failed to update sequences" in " ".join(story.runs["sequence"].output.split())
    (update,) = (entry for entry in story.record if entry["path"].endswith("/sequences/update"))
    again = [column["externalId"] for column in update["body"]["items"][0]["update"]["columns"]["add"]]
    assert again == ["x", "label"]
    assert update["response"]["error"]["duplicated"] == [{"externalId": "x"}, {"externalId": "label"}]


@pytest.mark.source("Toolkit client")
def test_no_request_of_the_story_was_refused(story: Story) -> None:
    """404 is how the Toolkit learns that something is not there yet."""
    strange = [
        (entry["method"], entry["path"], entry["status"], entry["response"])
        for entry in story.record
        if entry["status"] >= 400 and entry["status"] != 404 and not entry["path"].endswith("/sequences/data/list")
    ]
    assert [(path, status) for _, path, status, _ in strange] == [
        (f"/api/v1/projects/{PROJECT}/sequences/update", 409)
    ], strange
