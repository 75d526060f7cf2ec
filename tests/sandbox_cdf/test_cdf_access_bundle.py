"""The group of a facility's principal: it reaches its own facility and no other, and cannot deploy."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, Row
from sandbox_cdf_rights import administrator, forbidden
from starlette.applications import Starlette

from sandbox.cdf import create_app

pytestmark = pytest.mark.source("SDK data_classes/capabilities.py; Toolkit resource_ios/_auth.py")

MODULES = Path(__file__).resolve().parents[2] / "cognite_modules"
FACILITIES = (340884, 340885)
DATA_SETS = ("master", "scheduling", "production", "inventory", "quality")
PIPELINES = {
    "master_data": "master",
    "jobs": "scheduling",
    "production": "production",
    "inventory": "inventory",
    "quality": "quality",
    "performance": "production",
}
"""The extraction pipelines, each with its data set."""

HISTORIES = ("production", "inventory", "quality", "performance")
TABLES = (
    "state",
    "quarantine",
    *(f"fingerprints_{name}" for name in PIPELINES),
    *(f"history_{name}" for name in HISTORIES),
)
OTHERS = "somebody_elses"
"""A RAW table in the facility's database that no extractor uses."""

DATA = ("assets", "events", "timeseries", "sequences", "relationships")
"""Resources that a facility's principal writes."""


def rendered(pcn: int) -> Row:
    """The group of a facility's principal, its variables filled in."""
    text = (MODULES / "facility" / "auth" / "extractor.Group.yaml").read_text(encoding="utf-8")
    values = {"pcn": str(pcn), "groupSourceId": f"group-{pcn}", "facilityName": "Plant"}
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    group: Row = yaml.safe_load(text)
    return group


def resolved(group: Row, ids: dict[str, int]) -> Row:
    """A group with ids for the external ids in its scopes, as the Toolkit deploys it."""
    for capability in group["capabilities"]:
        for granted in capability.values():
            for scope in granted["scope"].values():
                if "ids" in scope:
                    scope["ids"] = [ids[external_id] for external_id in scope["ids"]]
    return group


def fields(resource: str) -> Row:
    ends = {"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "event"}
    own: dict[str, Row] = {
        "assets": {"name": "a"},
        "sequences": {"columns": [{"externalId": "c", "valueType": "STRING"}]},
        "relationships": ends,
    }
    return own.get(resource, {})


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    """Of the two clients, `extractor` is the principal of facility 340884 and `deployer` does everything."""
    return create_app(
        project=PROJECT, clients=CLIENTS, environments=tmp_path, memberships={"extractor": ["group-340884"]}
    )


@pytest.fixture
def admin(cdf: Cdf) -> Cdf:
    """Whoever deployed both facilities, with a row of everything in each."""
    admin = administrator(cdf)
    admin.items("/datasets", {"externalId": "plex_functions"})
    admin.items("/models/spaces", {"space": "plex_functions"}, *({"space": f"plex_{pcn}"} for pcn in FACILITIES))
    container = yaml.safe_load((MODULES / "foundation/data_modeling/lease.Container.yaml").read_text(encoding="utf-8"))
    admin.items("/models/containers", container)
    for pcn in FACILITIES:
        ids = {}
        for name in DATA_SETS:
            (row,) = admin.items("/datasets", {"externalId": f"plex_{pcn}_{name}"})
            ids[row["externalId"]] = row["id"]
        for name, domain in PIPELINES.items():
            # Data sets and pipelines share names, and no id.
            item = {"externalId": f"plex_{pcn}_{name}", "name": name, "dataSetId": ids[f"plex_{pcn}_{domain}"]}
            admin.items("/extpipes", item)
            assert admin.post("/extpipes/config", {"externalId": f"plex_{pcn}_{name}", "config": "a: 1"})[0] < 300
        for resource in DATA:
            for name in DATA_SETS:
                item = {"externalId": f"PCN{pcn}_{name}", "dataSetId": ids[f"plex_{pcn}_{name}"]} | fields(resource)
                admin.items(f"/{resource}", item)
        for table in (*TABLES, OTHERS):
            path = f"/raw/dbs/plex_{pcn}/tables/{table}/rows?ensureParent=true"
            admin.post(path, {"items": [{"key": "k", "columns": {}}]})
        admin.items("/models/instances", lease(pcn))
        admin.items("/groups", resolved(rendered(pcn), ids))
    return admin


def node(pcn: int) -> Row:
    return {"instanceType": "node", "space": f"plex_{pcn}", "externalId": "production_incremental"}


def lease(pcn: int) -> Row:
    source = {"type": "container", "space": "plex_functions", "externalId": "Lease"}
    return node(pcn) | {"sources": [{"source": source, "properties": {"holder": "h"}}]}


@pytest.fixture
def facility(cdf: Cdf, admin: Cdf) -> Cdf:
    """The principal of facility 340884, in a project that an administrator has filled."""
    assert admin.token != cdf.token
    return cdf


def data_set(admin: Cdf, pcn: int, name: str) -> int:
    return int(admin.items("/datasets/byids", {"externalId": f"plex_{pcn}_{name}"})[0]["id"])


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.parametrize("resource", DATA)
def test_the_data_of_its_own_facility_alone(facility: Cdf, admin: Cdf, resource: str, name: str) -> None:
    own, other = (data_set(admin, pcn, name) for pcn in FACILITIES)
    found = {row["externalId"] for row in facility.items(f"/{resource}/list")}
    assert found == {f"PCN340884_{each}" for each in DATA_SETS}
    facility.items(f"/{resource}", {"externalId": "new", "dataSetId": own} | fields(resource))
    assert facility.refused(f"/{resource}/byids", {"items": [{"externalId": f"PCN340885_{name}"}]})["code"] == 400
    forbidden(facility, f"/{resource}", {"items": [{"externalId": "x", "dataSetId": other} | fields(resource)]})
    moved = {"externalId": f"PCN340885_{name}", "update": {"dataSetId": {"set": own}}}
    forbidden(facility, f"/{resource}/update", {"items": [moved]})
    forbidden(facility, f"/{resource}/delete", {"items": [{"externalId": f"PCN340885_{name}"}]})


def test_the_datapoints_and_rows_of_its_own_facility_alone(facility: Cdf) -> None:
    at = {"timestamp": 1, "value": 1.0}
    here = {"externalId": "PCN340884_production"}
    assert facility.post("/timeseries/data", {"items": [here | {"datapoints": [at]}]})[0] == 200
    there = {"externalId": "PCN340885_production"}
    forbidden(facility, "/timeseries/data", {"items": [there | {"datapoints": [at]}]})
    forbidden(facility, "/timeseries/data/delete", {"items": [there | {"inclusiveBegin": 0}]})
    lines = {"columns": ["c"], "rows": [{"rowNumber": 1, "values": ["v"]}]}
    status, answer = facility.post("/sequences/data", {"items": [{"externalId": "PCN340884_master"} | lines]})
    assert status in {200, 201}, answer
    forbidden(facility, "/sequences/data", {"items": [{"externalId": "PCN340885_master"} | lines]})


def test_the_data_sets_of_its_own_facility_alone(facility: Cdf) -> None:
    found = {row["externalId"] for row in facility.items("/datasets/list")}
    assert found == {f"plex_340884_{name}" for name in DATA_SETS}


def test_the_tables_of_its_own_facility_alone(facility: Cdf) -> None:
    row = {"items": [{"key": "k", "columns": {}}]}
    for table in TABLES:
        assert facility.post(f"/raw/dbs/plex_340884/tables/{table}/rows", row)[0] == 200
        assert facility.get(f"/raw/dbs/plex_340884/tables/{table}/rows")[0] == 200
        forbidden(facility, f"/raw/dbs/plex_340885/tables/{table}/rows", row)
        forbidden(facility, f"/raw/dbs/plex_340885/tables/{table}/rows")
    forbidden(facility, f"/raw/dbs/plex_340884/tables/{OTHERS}/rows", row)
    forbidden(facility, f"/raw/dbs/plex_340884/tables/{OTHERS}/rows")


def test_the_pipelines_of_its_own_facility_alone(facility: Cdf) -> None:
    run = {"status": "success"}
    for extractor in PIPELINES:
        assert facility.get(f"/extpipes/config?externalId=plex_340884_{extractor}")[0] == 200
        facility.items("/extpipes/runs", {"externalId": f"plex_340884_{extractor}"} | run)
        forbidden(facility, f"/extpipes/config?externalId=plex_340885_{extractor}")
        forbidden(facility, "/extpipes/runs", {"items": [{"externalId": f"plex_340885_{extractor}"} | run]})
    found = {row["externalId"] for row in facility.items("/extpipes/list")}
    assert found == {f"plex_340884_{extractor}" for extractor in PIPELINES}
    forbidden(facility, "/extpipes/config", {"externalId": "plex_340884_jobs", "config": "a: 2"})


def test_the_leases_of_its_own_facility_alone(facility: Cdf) -> None:
    facility.items("/models/instances", lease(340884))
    forbidden(facility, "/models/instances", {"items": [lease(340885)]})
    forbidden(facility, "/models/instances/delete", {"items": [node(340885)]})
    facility.items("/models/instances/delete", node(340884))
    facility.items("/models/instances", lease(340884))
    assert {row["space"] for row in facility.items("/models/instances/list")} == {"plex_340884"}
    assert facility.items("/models/instances/byids", lease(340885)) == []


def test_nothing_that_a_deployer_does(facility: Cdf) -> None:
    for path in ("/functions", "/functions/schedules", "/functions/1/call", "/sessions", "/groups", "/datasets"):
        forbidden(facility, path, {"items": [{"name": "x"}]})
    for path in ("/functions", "/functions/limits", "/sessions", "/files"):
        forbidden(facility, path)
    forbidden(facility, "/files", {"name": "f.zip"})
