"""The group of a facility's principal: it reaches its own facility and no other, and cannot deploy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf
from sandbox_cdf_rights import administrator, forbidden
from starlette.applications import Starlette

from sandbox.cdf import create_app

pytestmark = pytest.mark.source("SDK data_classes/capabilities.py; Toolkit resource_ios/_auth.py")

Row = dict[str, Any]
MODULES = Path(__file__).resolve().parents[2] / "cognite_modules"
FACILITIES = (340884, 340885)
DATA_SETS = ("master", "scheduling", "production", "inventory", "quality")
EXTRACTORS = ("master_data", "jobs")
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
        "sequences": {"columns": [{"externalId": "c"}]},
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
        for name in EXTRACTORS:
            item = {"externalId": f"plex_{pcn}_{name}", "name": name, "dataSetId": ids[f"plex_{pcn}_master"]}
            (row,) = admin.items("/extpipes", item)
            ids[row["externalId"]] = row["id"]
            assert admin.post("/extpipes/config", {"externalId": f"plex_{pcn}_{name}", "config": "a: 1"})[0] < 300
        for resource in DATA:
            item = {"externalId": f"PCN{pcn}", "dataSetId": ids[f"plex_{pcn}_master"]} | fields(resource)
            admin.items(f"/{resource}", item)
        for table in ("state", "quarantine"):
            path = f"/raw/dbs/plex_{pcn}/tables/{table}/rows?ensureParent=true"
            admin.post(path, {"items": [{"key": "k", "columns": {}}]})
        admin.items("/models/instances", lease(pcn))
        admin.items("/groups", resolved(rendered(pcn), ids))
    return admin


def lease(pcn: int) -> Row:
    source = {"type": "container", "space": "plex_functions", "externalId": "Lease"}
    node = {"instanceType": "node", "space": f"plex_{pcn}", "externalId": "jobs_incremental"}
    return node | {"sources": [{"source": source, "properties": {"holder": "h"}}]}


@pytest.fixture
def facility(cdf: Cdf, admin: Cdf) -> Cdf:
    """The principal of facility 340884, in a project that an administrator has filled."""
    assert admin.token != cdf.token
    return cdf


def data_set(admin: Cdf, pcn: int) -> int:
    return int(admin.items("/datasets/byids", {"externalId": f"plex_{pcn}_master"})[0]["id"])


@pytest.mark.parametrize("resource", DATA)
def test_the_data_of_its_own_facility_alone(facility: Cdf, admin: Cdf, resource: str) -> None:
    own, other = (data_set(admin, pcn) for pcn in FACILITIES)
    assert [row["externalId"] for row in facility.items(f"/{resource}/list")] == ["PCN340884"]
    facility.items(f"/{resource}", {"externalId": "new", "dataSetId": own} | fields(resource))
    assert facility.refused(f"/{resource}/byids", {"items": [{"externalId": "PCN340885"}]})["code"] == 400
    forbidden(facility, f"/{resource}", {"items": [{"externalId": "x", "dataSetId": other} | fields(resource)]})
    moved = {"externalId": "PCN340885", "update": {"dataSetId": {"set": own}}}
    forbidden(facility, f"/{resource}/update", {"items": [moved]})
    forbidden(facility, f"/{resource}/delete", {"items": [{"externalId": "PCN340885"}]})


def test_the_data_sets_of_its_own_facility_alone(facility: Cdf) -> None:
    found = {row["externalId"] for row in facility.items("/datasets/list")}
    assert found == {f"plex_340884_{name}" for name in DATA_SETS}


def test_the_tables_of_its_own_facility_alone(facility: Cdf) -> None:
    row = {"items": [{"key": "k", "columns": {}}]}
    for table in ("state", "quarantine"):
        assert facility.post(f"/raw/dbs/plex_340884/tables/{table}/rows", row)[0] == 200
        assert facility.get(f"/raw/dbs/plex_340884/tables/{table}/rows")[0] == 200
        forbidden(facility, f"/raw/dbs/plex_340885/tables/{table}/rows", row)
        forbidden(facility, f"/raw/dbs/plex_340885/tables/{table}/rows")


def test_the_pipelines_of_its_own_facility_alone(facility: Cdf) -> None:
    run = {"status": "success"}
    for extractor in EXTRACTORS:
        assert facility.get(f"/extpipes/config?externalId=plex_340884_{extractor}")[0] == 200
        facility.items("/extpipes/runs", {"externalId": f"plex_340884_{extractor}"} | run)
        forbidden(facility, f"/extpipes/config?externalId=plex_340885_{extractor}")
        forbidden(facility, "/extpipes/runs", {"items": [{"externalId": f"plex_340885_{extractor}"} | run]})
    found = {row["externalId"] for row in facility.items("/extpipes/list")}
    assert found == {f"plex_340884_{extractor}" for extractor in EXTRACTORS}
    forbidden(facility, "/extpipes/config", {"externalId": "plex_340884_jobs", "config": "a: 2"})


def test_the_leases_of_its_own_facility_alone(facility: Cdf) -> None:
    facility.items("/models/instances", lease(340884))
    forbidden(facility, "/models/instances", {"items": [lease(340885)]})
    forbidden(facility, "/models/instances/delete", {"items": [lease(340885)]})
    assert {row["space"] for row in facility.items("/models/instances/list")} == {"plex_340884"}
    assert facility.items("/models/instances/byids", lease(340885)) == []


def test_nothing_that_a_deployer_does(facility: Cdf) -> None:
    for path in ("/functions", "/functions/schedules", "/functions/1/call", "/sessions", "/groups", "/datasets"):
        forbidden(facility, path, {"items": [{"name": "x"}]})
    for path in ("/functions", "/functions/limits", "/sessions", "/files"):
        forbidden(facility, path)
    forbidden(facility, "/files", {"name": "f.zip"})
