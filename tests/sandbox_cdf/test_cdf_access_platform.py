"""Access control on what is no row in a data set: RAW, data modeling, pipelines' runs, functions, sessions, groups.

Sources: scopes in `cognite/client/data_classes/capabilities.py` of the SDK; https://docs.cognite.com/cdf/functions for
what functions need; `cognite_toolkit/_cdf_tk/commands/auth.py` for what a token's inspection is compared with.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import requests
from cognite.client.data_classes.capabilities import EventsAcl
from cognite.client.exceptions import CogniteProjectAccessError
from sandbox_cdf_client import CLIENTS, PROJECT, Cdf, Row, token
from sandbox_cdf_rights import ALL, administrator, forbidden, give, limited_app
from starlette.applications import Starlette

from sandbox.cdf import create_app


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return limited_app(tmp_path)


def names(rows: list[Row], field: str = "name") -> set[str]:
    return {row[field] for row in rows}


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_raw_tables(cdf: Cdf, admin: Cdf) -> None:
    give(admin, rawAcl=("READ WRITE LIST", {"tableScope": {"dbsToTables": {"db": ["a"], "whole": []}}}))
    row = {"items": [{"key": "k", "columns": {}}]}
    for path in ("db/tables/a", "db/tables/b", "whole/tables/any", "other/tables/a"):
        assert admin.post(f"/raw/dbs/{path}/rows?ensureParent=true", row)[0] == 200
    for path in ("db/tables/a", "whole/tables/any"):
        assert cdf.post(f"/raw/dbs/{path}/rows", row)[0] == 200
        assert len(cdf.get(f"/raw/dbs/{path}/rows")[1]["items"]) == 1
        assert cdf.get(f"/raw/dbs/{path}/rows/k")[0] == 200
        assert cdf.get(f"/raw/dbs/{path}/cursors")[0] == 200
    for path in ("db/tables/b", "other/tables/a", "db/tables/unknown"):
        forbidden(cdf, f"/raw/dbs/{path}/rows", row)
        forbidden(cdf, f"/raw/dbs/{path}/rows?ensureParent=true", row)
        forbidden(cdf, f"/raw/dbs/{path}/rows/delete", row)
        for read in ("rows", "rows/k", "cursors"):
            forbidden(cdf, f"/raw/dbs/{path}/{read}")
    assert names(cdf.get("/raw/dbs")[1]["items"]) == {"db", "whole"}
    assert names(cdf.get("/raw/dbs/db/tables")[1]["items"]) == {"a"}
    forbidden(cdf, "/raw/dbs", {"items": [{"name": "new"}]})
    forbidden(cdf, "/raw/dbs/db/tables", {"items": [{"name": "c"}]})
    assert cdf.post("/raw/dbs/whole/tables", {"items": [{"name": "c"}]})[0] == 201
    forbidden(cdf, "/raw/dbs/delete", {"items": [{"name": "db"}], "recursive": True})
    forbidden(cdf, "/raw/dbs/db/tables/delete", {"items": [{"name": "a"}, {"name": "b"}]})


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_a_table_scope_as_the_sdk_writes_it(cdf: Cdf, admin: Cdf) -> None:
    give(admin, rawAcl=("READ WRITE", {"tableScope": {"dbsToTables": {"db": {"tables": ["a"]}}}}))
    row = {"items": [{"key": "k", "columns": {}}]}
    assert cdf.post("/raw/dbs/db/tables/a/rows?ensureParent=true", row)[0] == 200
    forbidden(cdf, "/raw/dbs/db/tables/b/rows?ensureParent=true", row)


@pytest.fixture
def modeled(admin: Cdf) -> Cdf:
    """Spaces `own`, `other` and `model`, with a container and a view in the last."""
    admin.items("/models/spaces", *({"space": name} for name in ("own", "other", "model")))
    text = {"type": {"type": "text"}}
    link = {"type": {"type": "direct"}}
    container = {"space": "model", "externalId": "C", "properties": {"a": text, "to": link}}
    admin.items("/models/containers", container | {"usedFor": "node"})
    name = {"type": "container", "space": "model", "externalId": "C"}
    properties = {"a": {"container": name, "containerPropertyIdentifier": "a"}}
    admin.items("/models/views", {"space": "model", "externalId": "V", "version": "v1", "properties": properties})
    return admin


def node(space: str, **properties: Any) -> Row:
    source = {"type": "container", "space": "model", "externalId": "C"}
    sources = [{"source": source, "properties": properties}] if properties else []
    return {"instanceType": "node", "space": space, "externalId": "n", "sources": sources}


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_instances_by_space(cdf: Cdf, modeled: Cdf) -> None:
    modeled.items("/models/instances", node("own"), node("other"))
    scope = {"spaceIdScope": {"spaceIds": ["own"]}}
    give(modeled, dataModelInstancesAcl=("READ WRITE", scope))
    forbidden(cdf, "/models/instances", {"items": [node("own", a="x")]})
    give(modeled, dataModelsAcl=("READ", {"spaceIdScope": {"spaceIds": ["model"]}}))
    cdf.items("/models/instances", node("own", a="x"))
    forbidden(cdf, "/models/instances", {"items": [node("own"), node("other")]})
    forbidden(cdf, "/models/instances/delete", {"items": [node("other")]})
    view = {"type": "view", "space": "model", "externalId": "V", "version": "v1"}
    for path in ("list", "byids"):
        body: Row = {"sources": [{"source": view}]} | (
            {"items": [node("own"), node("other")]} if path[0] == "b" else {}
        )
        assert names(cdf.post(f"/models/instances/{path}", body)[1]["items"], "space") == {"own"}
    # Direct relations would create what they point to.
    elsewhere = node("own", to={"space": "other", "externalId": "m"})
    forbidden(cdf, "/models/instances", {"items": [elsewhere]})


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_definitions_by_space(cdf: Cdf, modeled: Cdf) -> None:
    give(modeled, dataModelsAcl=("READ", {"spaceIdScope": {"spaceIds": ["model"]}}))
    assert names(cdf.get("/models/spaces")[1]["items"], "space") == {"model"}
    assert cdf.items("/models/spaces/byids", {"space": "own"}) == []
    assert len(cdf.get("/models/containers")[1]["items"]) == len(cdf.get("/models/views")[1]["items"]) == 1
    forbidden(cdf, "/models/spaces", {"items": [{"space": "model"}]})
    forbidden(cdf, "/models/containers/delete", {"items": [{"space": "model", "externalId": "C"}]})
    # Views of a space that one may not see cannot be read through.
    give(modeled, dataModelInstancesAcl=("READ", ALL))
    hidden = {"type": "view", "space": "own", "externalId": "V", "version": "v1"}
    forbidden(cdf, "/models/instances/list", {"sources": [{"source": hidden}]})


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_runs_and_configuration_of_pipelines(cdf: Cdf, admin: Cdf) -> None:
    data_set = admin.items("/datasets", {"externalId": "d"})[0]["id"]
    mine, theirs = (
        admin.items("/extpipes", {"externalId": name, "name": name, "dataSetId": data_set})[0]
        for name in ("mine", "theirs")
    )
    for name in ("mine", "theirs"):
        assert admin.post("/extpipes/config", {"externalId": name, "config": "a: 1"})[0] == 201
    scope = {"extractionPipelineScope": {"ids": [mine["id"]]}}
    give(admin, extractionConfigsAcl=("READ", scope), extractionRunsAcl=("WRITE", scope))
    assert cdf.get("/extpipes/config?externalId=mine")[0] == 200
    forbidden(cdf, "/extpipes/config?externalId=theirs")
    forbidden(cdf, "/extpipes/config/revisions?externalId=theirs")
    forbidden(cdf, "/extpipes/config", {"externalId": "mine", "config": "a: 2"})
    run = {"status": "success", "message": "m"}
    cdf.items("/extpipes/runs", {"externalId": "mine"} | run)
    forbidden(cdf, "/extpipes/runs", {"items": [{"externalId": "mine"} | run, {"externalId": "theirs"} | run]})
    forbidden(cdf, "/extpipes/runs/list", {"filter": {"externalId": "mine"}})
    forbidden(cdf, "/extpipes/list", {})
    give(admin, extractionRunsAcl=("READ", {"datasetScope": {"ids": [data_set]}}))
    assert len(cdf.items("/extpipes/runs/list", filter={"externalId": "mine"})) == 1
    assert theirs["id"] != mine["id"]


@pytest.mark.source("Docs: functions, required capabilities")
def test_functions_take_three_rights(cdf: Cdf, admin: Cdf) -> None:
    stored = admin.post("/files", {"name": "f.zip"})[1]
    requests.put(stored["uploadUrl"], data=io.BytesIO(b"no zip"), timeout=10).raise_for_status()
    body = {"items": [{"name": "f", "externalId": "f", "fileId": stored["id"]}]}
    call = {"data": {}, "nonce": "none"}
    for granted, allowed in (("READ", "/functions"), ("WRITE", "/functions/delete"), ("RUN", "/functions/1/call")):
        group = give(admin, functionsAcl=(granted, ALL), sessionsAcl=("CREATE", ALL))
        for path, sent in (("/functions", None), ("/functions/delete", {"items": []}), ("/functions/1/call", call)):
            if path == allowed:
                assert (cdf.get(path) if sent is None else cdf.post(path, sent))[0] != 403
            else:
                forbidden(cdf, path, sent)
        # Code comes from a file that its deployer may read.
        forbidden(cdf, "/functions", body)
        admin.post("/groups/delete", {"items": [group]})
    give(admin, functionsAcl=("WRITE", ALL), filesAcl=("READ", ALL))
    assert cdf.post("/functions", body)[0] == 201
    forbidden(cdf, "/functions/schedules/list", {})
    forbidden(cdf, "/functions/limits")


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_sessions_groups_and_the_project(cdf: Cdf, admin: Cdf) -> None:
    mine = give(admin)
    admin.items("/groups", {"name": "another", "sourceId": "theirs"})
    for path in ("/sessions", "/groups?all=true", ""):
        forbidden(cdf, path)
    forbidden(cdf, "/sessions", {"items": [{"tokenExchange": True}]})
    forbidden(cdf, "/sessions/revoke", {"items": [{"id": 1}]})
    forbidden(cdf, "/groups", {"items": [{"name": "g"}]})
    forbidden(cdf, "/groups/delete", {"items": [mine]})
    assert [group["id"] for group in cdf.get("/groups")[1]["items"]] == [mine]
    give(admin, sessionsAcl=("CREATE LIST", ALL), groupsAcl=("LIST CREATE", ALL), projectsAcl=("READ", ALL))
    assert cdf.items("/sessions", {"tokenExchange": True})[0]["clientId"] == "extractor"
    assert len(cdf.get("/groups?all=true")[1]["items"]) == 3
    assert cdf.get("")[0] == 200
    assert cdf.client.iam.user_profiles.me().user_identifier == "extractor"


@pytest.mark.source("Docs: sessions")
def test_what_runs_for_a_session_has_the_rights_of_its_client_alone(cdf: Cdf, admin: Cdf) -> None:
    give(admin, eventsAcl=("READ", ALL))
    credentials = {"clientId": "extractor", "clientSecret": CLIENTS["extractor"]}
    (opened,) = admin.items("/sessions", credentials)
    identities = cdf.project.identities
    running = identities.issue_token(identities.session_for_nonce(opened["nonce"]).identity, 7)
    function = Cdf(cdf.url, None, running, cdf.project)
    assert function.items("/events/list") == []
    forbidden(function, "/events", {"items": [{}]})


@pytest.mark.source("SDK data_classes/iam.py; Toolkit commands/deploy_v2/command.py")
def test_a_token_tells_what_it_may(cdf: Cdf, admin: Cdf) -> None:
    admin.items("/groups", {"name": "another", "sourceId": "theirs"})
    assert cdf.client.iam.token.inspect().projects[0].groups == []
    data_set = admin.items("/datasets", {"externalId": "d"})[0]["id"]
    group = give(admin, eventsAcl=("READ WRITE", {"datasetScope": {"ids": [data_set]}}))
    found = cdf.client.iam.token.inspect()
    assert found.projects[0].groups == [group]
    (capability,) = found.capabilities
    assert capability.project_scope.projects == [PROJECT]
    wanted = EventsAcl([EventsAcl.Action.Write], EventsAcl.Scope.DataSet([data_set]))
    assert cdf.client.iam.verify_capabilities(wanted) == []
    everywhere = EventsAcl([EventsAcl.Action.Write], EventsAcl.Scope.All())
    assert cdf.client.iam.verify_capabilities(everywhere) == [everywhere]


@pytest.mark.source("Assumed: nobody can be granted what has no capability")
def test_an_endpoint_that_the_table_does_not_know_is_refused(cdf: Cdf) -> None:
    forbidden(cdf, "/transformations")
    forbidden(cdf, "/events/list/", {})


@pytest.mark.source("SDK _basic_api_client.py")
def test_tokens_expire(tmp_path: Path, cdf: Cdf) -> None:
    cdf.project.identities.token_seconds = 0
    expired = Cdf(cdf.url, None, token(cdf.url), cdf.project)
    assert expired.get("/events") == (401, {"error": {"code": 401, "message": "Unauthorized"}})
    app = create_app(project=PROJECT, clients=CLIENTS, environments=tmp_path, token_seconds=90)
    assert app.state.project.identities.token_seconds == 90
    with pytest.raises(CogniteProjectAccessError):
        Cdf(cdf.url, administrator(cdf).client, "", cdf.project).client.assets.list()
