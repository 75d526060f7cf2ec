"""Data sets, groups, sessions, extraction pipelines, and what the project says of itself."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client.data_classes import (
    ClientCredentials,
    DataSetUpdate,
    DataSetWrite,
    ExtractionPipelineConfigWrite,
    ExtractionPipelineRunWrite,
    ExtractionPipelineUpdate,
    ExtractionPipelineWrite,
    GroupWrite,
)
from cognite.client.data_classes.capabilities import EventsAcl
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from sandbox_cdf_client import PROJECT, Cdf

from sandbox.cdf.api.http import ApiError


@pytest.mark.source("SDK _api/data_sets.py; Toolkit yaml_classes/dataset.py")
def test_data_sets(cdf: Cdf) -> None:
    data_sets = cdf.client.data_sets
    created = data_sets.create(DataSetWrite(external_id="ds", name="Data"))
    assert created.write_protected is False
    data_sets.update(DataSetUpdate(external_id="ds").name.set("New").write_protected.set(True))
    assert data_sets.retrieve(external_id="ds").name == "New"
    assert [each.external_id for each in data_sets.list(write_protected=True)] == ["ds"]
    assert data_sets.retrieve_multiple(external_ids=["x"], ignore_unknown_ids=True) == []
    assert cdf.send("POST", "/datasets/delete", {"items": [{"externalId": "ds"}]}).status_code == 404
    assert cdf.refused("/datasets", {"items": [{}] * 11})["code"] == 400
    for item in ({"name": "x" * 51}, {"name": "é" * 26}, {"description": "x" * 501}, {"writeProtected": "no"}):
        assert cdf.refused("/datasets", {"items": [item]})["code"] == 400


@pytest.mark.source("SDK data_classes/iam.py; Toolkit yaml_classes/groups.py")
def test_groups(cdf: Cdf) -> None:
    groups = cdf.client.iam.groups
    acl = EventsAcl([EventsAcl.Action.Read], EventsAcl.Scope.All())
    created = groups.create(GroupWrite(name="g", source_id="abc", capabilities=[acl]))
    (listed,) = groups.list(all=True)
    assert (listed.id, listed.source_id, listed.is_deleted) == (created.id, "abc", False)
    assert listed.capabilities == [acl]
    assert cdf.client.iam.token.inspect().projects[0].groups == [created.id]
    groups.create(GroupWrite(name="g"))
    assert len(groups.list(all=True)) == 2
    groups.delete(created.id)
    with pytest.raises(CogniteNotFoundError):
        groups.delete(created.id)
    both = {"name": "g", "sourceId": "a", "members": ["b"]}
    assert cdf.refused("/groups", {"items": [both]})["code"] == 400


@pytest.mark.source("SDK _api/iam/sessions.py; Docs: sessions")
def test_sessions(cdf: Cdf) -> None:
    sessions = cdf.client.iam.sessions
    exchanged = sessions.create(session_type="TOKEN_EXCHANGE")
    assert (exchanged.status, exchanged.client_id) == ("READY", "extractor")
    other = sessions.create(ClientCredentials("deployer", "deployer-secret"))
    assert (other.client_id, other.type) == ("deployer", "CLIENT_CREDENTIALS")
    once = sessions.create(session_type="ONESHOT_TOKEN_EXCHANGE")
    assert len({exchanged.nonce, other.nonce, once.nonce}) == 3
    assert {each.id for each in sessions.list(limit=None)} == {exchanged.id, other.id, once.id}
    assert sessions.retrieve(other.id).type == "CLIENT_CREDENTIALS"
    (revoked,) = sessions.revoke([other.id])
    assert revoked.status in {"CANCELLED", "REVOKED"}
    assert [each.id for each in sessions.list(status="READY")] == [exchanged.id, once.id]
    with pytest.raises(CogniteAPIError) as wrong:
        sessions.create(ClientCredentials("deployer", "wrong"))
    assert wrong.value.code == 400
    assert cdf.refused("/sessions", {"items": [{}]})["code"] == 400


@pytest.mark.source("SDK _api/iam/sessions.py")
def test_unknown_sessions_are_missing(cdf: Cdf) -> None:
    assert cdf.refused("/sessions/byids", {"items": [{"id": 5}]})["missing"] == [{"id": 5}]


@pytest.mark.source("Docs: sessions")
def test_a_nonce_is_redeemed_once(cdf: Cdf) -> None:
    opened = cdf.client.iam.sessions.create(ClientCredentials("deployer", "deployer-secret"))
    session = cdf.project.identities.session_for_nonce(opened.nonce)
    assert (session.id, session.identity.client_id) == (opened.id, "deployer")
    assert cdf.client.iam.sessions.retrieve(opened.id).status == "ACTIVE"
    with pytest.raises(ApiError, match="Nonce"):
        cdf.project.identities.session_for_nonce(opened.nonce)
    revoked = cdf.client.iam.sessions.create(session_type="TOKEN_EXCHANGE")
    cdf.client.iam.sessions.revoke([revoked.id])
    with pytest.raises(ApiError, match="Nonce"):
        cdf.project.identities.session_for_nonce(revoked.nonce)


@pytest.fixture
def pipeline(cdf: Cdf) -> Cdf:
    """A project with the extraction pipeline ``ep``."""
    data_set = cdf.client.data_sets.create(DataSetWrite(external_id="ds"))
    cdf.client.extraction_pipelines.create(ExtractionPipelineWrite(external_id="ep", name="E", data_set_id=data_set.id))
    return cdf


@pytest.mark.source("SDK data_classes/extractionpipelines.py; Toolkit yaml_classes/extraction_pipeline.py")
def test_extraction_pipelines(pipeline: Cdf) -> None:
    pipelines = pipeline.client.extraction_pipelines
    found = pipelines.retrieve(external_id="ep")
    update = ExtractionPipelineUpdate(external_id="ep").schedule.set("Continuous").metadata.set({"k": "v"})
    assert pipelines.update(update).schedule == "Continuous"
    assert [each.external_id for each in pipelines.list()] == ["ep"]
    body = {"items": [{"externalId": "ep", "name": "E", "dataSetId": found.data_set_id}]}
    assert pipeline.refused("/extpipes", body)["duplicated"] == [{"externalId": "ep"}]
    for change in (
        {"dataSetId": None},
        {"dataSetId": 5},
        {"name": "x" * 141},
        {"name": None},
        {"documentation": "x" * 10_001},
    ):
        item = {"externalId": "new", "name": "E", "dataSetId": found.data_set_id} | change
        assert pipeline.refused("/extpipes", {"items": [item]})["code"] == 400
    null = {"items": [{"externalId": "ep", "update": {"description": {"setNull": True}}}]}
    assert pipeline.refused("/extpipes/update", null)["code"] == 400
    pipelines.delete(external_id="ep")
    assert pipelines.retrieve(external_id="ep") is None


@pytest.mark.source("SDK data_classes/extractionpipelines.py")
def test_runs(pipeline: Cdf) -> None:
    runs = pipeline.client.extraction_pipelines.runs
    runs.create(ExtractionPipelineRunWrite("ep", "success", "x" * 1000))
    runs.create(ExtractionPipelineRunWrite("ep", "failure", "key is wrong"))
    runs.create(ExtractionPipelineRunWrite("ep", "seen"))
    assert [run.status for run in runs.list("ep")] == ["seen", "failure", "success"]
    assert [run.message for run in runs.list("ep", statuses="failure")] == ["key is wrong"]
    assert [run.status for run in runs.list("ep", message_substring="wrong")] == ["failure"]
    assert len(runs.list("ep", created_time={"min": 0})) == 3
    assert len(runs.list("ep", limit=1)) == 1
    found = pipeline.client.extraction_pipelines.retrieve(external_id="ep")
    assert found.last_success
    assert found.last_failure
    assert found.last_seen
    for item in (
        {"externalId": "ep", "status": "success", "message": "x" * 1001},
        {"externalId": "ep", "status": "done"},
        {"externalId": "ep"},
        {"externalId": "x", "status": "seen"},
    ):
        assert pipeline.refused("/extpipes/runs", {"items": [item]})["code"] == 400
    assert len(runs.list("ep", limit=None)) == 3


@pytest.mark.source("SDK _api/extractionpipelines/configs.py")
def test_configuration_has_revisions(pipeline: Cdf) -> None:
    config = pipeline.client.extraction_pipelines.config
    with pytest.raises(CogniteNotFoundError):
        config.retrieve("ep")
    assert pipeline.get("/extpipes/config?externalId=ep")[0] == 404
    assert pipeline.get("/extpipes/config?externalId=unknown")[0] == 404
    first = config.create(ExtractionPipelineConfigWrite("ep", "a: 1 # why", "first"))
    config.create(ExtractionPipelineConfigWrite("ep", "a: 2"))
    assert (first.revision, config.retrieve("ep").revision, config.retrieve("ep").config) == (1, 2, "a: 2")
    assert config.retrieve("ep", revision=1).config == "a: 1 # why"
    assert [each.revision for each in config.list("ep")] == [2, 1]
    assert config.revert("ep", 1).revision == 3
    assert config.retrieve("ep").config == "a: 1 # why"
    assert pipeline.refused("/extpipes/config", {"externalId": "x", "config": "a"})["code"] == 400


@pytest.mark.source("SDK data_classes/iam.py; Toolkit commands/deploy_v2/command.py")
def test_token_inspection_grants_everything(cdf: Cdf) -> None:
    inspection = cdf.client.iam.token.inspect()
    assert inspection.subject == "extractor"
    answer: dict[str, Any] = requests.get(
        f"{cdf.url}/api/v1/token/inspect", headers={"Authorization": f"Bearer {cdf.token}"}, timeout=10
    ).json()
    names = {name for capability in answer["capabilities"] for name in capability if name.endswith("Acl")}
    assert {"functionsAcl", "filesAcl", "assetsAcl", "rawAcl", "sessionsAcl", "extractionConfigsAcl"} <= names
    missing = cdf.client.iam.verify_capabilities(EventsAcl([EventsAcl.Action.Write], EventsAcl.Scope.All()))
    assert missing == []


@pytest.mark.source("Toolkit client/resource_classes/project.py; SDK _api/user_profiles.py")
def test_the_project_describes_itself(cdf: Cdf) -> None:
    status, about = cdf.get("")
    assert (status, about["urlName"], about["userProfilesConfiguration"]) == (200, PROJECT, {"enabled": True})
    answer = requests.get(
        f"{cdf.url}/api/v1/projects?withDataModelingStatus=true",
        headers={"Authorization": f"Bearer {cdf.token}"},
        timeout=10,
    )
    assert answer.json() == {"items": [{"urlName": PROJECT, "dataModelingStatus": "HYBRID"}]}
    assert cdf.client.iam.user_profiles.me().user_identifier == "extractor"
