"""The state file: what a stopped project knows when it starts again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from cognite.client.credentials import Token
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, sdk, token
from sandbox_cdf_rights import limited_app

from sandbox.cdf import create_app
from sandbox.serve import Server

pytestmark = pytest.mark.source("Ours: python -m sandbox up --state FILE")


@contextmanager
def running(folder: Path) -> Iterator[Cdf]:
    app = create_app(
        project=PROJECT, clients=CLIENTS, state_file=folder / "sub" / "state.db", environments=folder / "environments"
    )
    with Server(app) as server:
        granted = token(server.url)
        yield Cdf(server.url, sdk(server.url, Token(granted)), granted, app.state.project)


def fill(cdf: Cdf) -> None:
    (data_set,) = cdf.items("/datasets", {"externalId": "ds"})
    cdf.items(
        "/assets", {"externalId": "root", "name": "r"}, {"externalId": "a", "name": "a", "parentExternalId": "root"}
    )
    cdf.items("/events", {"externalId": "e", "dataSetId": data_set["id"], "metadata": {"ä": "ö"}})
    cdf.items("/timeseries", {"externalId": "n"}, {"externalId": "s", "isString": True})
    cdf.client.time_series.data.insert([(2, 2), (1, 1.5)], external_id="n")
    cdf.client.time_series.data.insert([(1, "on")], external_id="s")
    cdf.client.raw.rows.insert("db", "t", {"k/1": {"a": [1]}, "k2": {}}, ensure_parent=True)
    cdf.client.files.upload_bytes(b"\x00content", name="f", external_id="f")
    cdf.items("/sequences", {"externalId": "q", "columns": [{"externalId": "c"}]})
    cdf.client.sequences.data.insert([(3, [1.5])], ["c"], external_id="q")
    ends = {"sourceExternalId": "e", "sourceType": "event", "targetExternalId": "a", "targetType": "asset"}
    cdf.items("/relationships", {"externalId": "r", **ends})
    cdf.items("/extpipes", {"externalId": "ep", "name": "E", "dataSetId": data_set["id"]})
    cdf.items("/extpipes/runs", {"externalId": "ep", "status": "success"})
    cdf.post("/extpipes/config", {"externalId": "ep", "config": "a: 1"})
    cdf.items("/groups", {"name": "g"})
    cdf.items("/sessions", {"tokenExchange": True})
    cdf.items("/models/spaces", {"space": "sp"})
    cdf.items("/models/containers", {"space": "sp", "externalId": "C", "properties": {"p": {"type": {"type": "text"}}}})
    source = {"type": "container", "space": "sp", "externalId": "C"}
    item = {"instanceType": "node", "space": "sp", "externalId": "n"}
    cdf.items("/models/instances", item | {"sources": [{"source": source, "properties": {"p": "v"}}]})


def content(cdf: Cdf) -> list[object]:
    source = {"type": "container", "space": "sp", "externalId": "C"}
    listings = ("assets", "events", "timeseries", "sequences", "relationships", "extpipes", "datasets", "files")
    return [
        *(cdf.post(f"/{name}/list", {})[1] for name in listings),
        cdf.post("/timeseries/data/list", {"items": [{"externalId": "n"}, {"externalId": "s"}]})[1],
        cdf.get("/raw/dbs/db/tables/t/rows")[1],
        cdf.client.files.download_bytes(external_id="f"),
        cdf.client.sequences.data.retrieve(external_id="q").dump(),
        cdf.get("/extpipes/runs?externalId=ep")[1],
        cdf.get("/extpipes/config?externalId=ep")[1],
        cdf.get("/groups?all=true")[1],
        cdf.get("/sessions")[1],
        cdf.get("/models/spaces")[1],
        cdf.get("/models/containers")[1],
        cdf.post("/models/instances/list", {"sources": [{"source": source}]})[1],
    ]


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as cdf:
        fill(cdf)
        before = content(cdf)
        old = cdf.token
    with running(tmp_path) as cdf:
        assert content(cdf) == before
        headers = {"Authorization": f"Bearer {old}"}
        assert requests.get(f"{cdf.url}/api/v1/token/inspect", headers=headers, timeout=10).status_code == 200
        (created,) = cdf.items("/events", {"externalId": "later"})
        assert created["id"] > max(item["id"] for item in before[1]["items"])  # type: ignore[index] # JSON
        cdf.client.assets.delete(external_id="root", recursive=True)
        assert cdf.refused("/events", {"items": [{"externalId": "e"}]})["code"] == 409
    with running(tmp_path) as cdf:
        assert cdf.client.assets.list() == []
        assert len(cdf.client.events.list()) == 2


def test_a_project_without_a_state_file_starts_empty(cdf: Cdf) -> None:
    assert cdf.get("/events")[1] == {"items": []}


@pytest.mark.source("Assumed: what is kept is kept whole")
def test_members_and_categories_outlive_a_restart(tmp_path: Path) -> None:
    first, second = limited_app(tmp_path).state.project, limited_app(tmp_path).state.project
    first.security_categories.create([{"name": "secret"}])
    first.groups.create([{"name": "g", "members": ["extractor"]}])
    for name in ("security_categories", "groups"):
        for key, value in first.persisted[name].dump():
            second.persisted[name].load(key, value)
    assert [row["name"] for row in second.security_categories.rows.values()] == ["secret"]
    assert [row["members"] for row in second.groups.rows.values()] == [["extractor"]]
