"""Access control on queries of instances, statistics and previews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sandbox_cdf_client import Cdf
from sandbox_cdf_pumps import VIEW, prepared, pump, write
from sandbox_cdf_rights import ALL, administrator, forbidden, give, limited_app
from starlette.applications import Starlette

pytestmark = pytest.mark.source("SDK data_classes/capabilities.py")


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return limited_app(tmp_path)


@pytest.fixture
def admin(cdf: Cdf) -> Cdf:
    admin = prepared(administrator(cdf))
    write(admin, pump("a", name="A"), {"space": "other", "externalId": "b"})
    return admin


@pytest.mark.parametrize("kind", ["query", "sync"])
def test_a_query_shows_the_instances_of_the_spaces_in_scope(cdf: Cdf, admin: Cdf, kind: str) -> None:
    body: dict[str, Any] = {"with": {"all": {"nodes": {}}}, "select": {"all": {}}}
    path = f"/models/instances/{kind}"
    forbidden(cdf, path, body)
    give(admin, dataModelInstancesAcl=("READ", {"spaceIdScope": {"spaceIds": ["sp"]}}), dataModelsAcl=("READ", ALL))
    # What changed in this very millisecond is told by the next request.
    answers = (cdf.post(path, body)[1]["items"]["all"] for _ in range(50))
    shown = next(rows for rows in answers if rows)
    assert [each["externalId"] for each in shown] == ["a"]


def test_a_query_through_a_view_needs_the_right_to_see_it(cdf: Cdf, admin: Cdf) -> None:
    give(admin, dataModelInstancesAcl=("READ", ALL), dataModelsAcl=("READ", {"spaceIdScope": {"spaceIds": ["other"]}}))
    through = {"sources": [{"source": VIEW.dump(), "properties": ["*"]}]}
    forbidden(cdf, "/models/instances/query", {"with": {"all": {"nodes": {}}}, "select": {"all": through}})


def test_statistics_of_the_project_need_the_whole_of_it(cdf: Cdf, admin: Cdf) -> None:
    give(admin, dataModelsAcl=("READ", {"spaceIdScope": {"spaceIds": ["sp"]}}))
    forbidden(cdf, "/models/statistics")
    assert [row["space"] for row in cdf.get("/models/statistics/spaces")[1]["items"]] == ["sp"]
    both = {"items": [{"space": "sp"}, {"space": "other"}]}
    assert [row["space"] for row in cdf.post("/models/statistics/spaces/byids", both)[1]["items"]] == ["sp"]


def test_a_preview_counts_what_its_reader_sees(cdf: Cdf, admin: Cdf) -> None:
    mine, _ = admin.items("/datasets", {"externalId": "mine"}, {"externalId": "theirs"})
    for key, data_set in (("a", mine["id"]), ("b", None)):
        admin.items("/labels", {"externalId": key, "name": key} | ({"dataSetId": data_set} if data_set else {}))
    query = {"query": "SELECT COUNT(externalId) AS n FROM _cdf.labels"}
    forbidden(cdf, "/transformations/query/run", query)
    scope = {"datasetScope": {"ids": [mine["id"]]}}
    give(admin, transformationsAcl=("READ", ALL), labelsAcl=("READ", scope))
    assert cdf.post("/transformations/query/run", query)[1]["results"]["items"] == [{"n": 1}]
