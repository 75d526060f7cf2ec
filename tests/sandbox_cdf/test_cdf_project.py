"""Data sets, and what the project and its tokens say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cognite.client.data_classes import DataSetUpdate, DataSetWrite
from cognite.client.data_classes.capabilities import EventsAcl
from cognite.client.exceptions import CogniteProjectAccessError
from sandbox_cdf_client import PROJECT, Cdf, sdk


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


@pytest.mark.source("SDK tests test_cognite_client.py: wrong project")
def test_another_project_is_closed_and_the_sdk_names_the_right_one(cdf: Cdf) -> None:
    elsewhere = sdk(cdf.url, cdf.client.config.credentials)
    elsewhere.config.project = "that-looks-wrong"
    with pytest.raises(CogniteProjectAccessError) as refused:
        elsewhere.assets.list()
    assert refused.value.maybe_projects == ["factory"]
