"""Rules that hold for every classic resource alike: statuses, shapes of answers, all or nothing, ids that are named."""

from __future__ import annotations

import pytest
from sandbox_cdf_classic import ENDS
from sandbox_cdf_client import Cdf, Row

FIELDS: dict[str, Row] = {
    "/assets": {"name": "n"},
    "/events": {},
    "/timeseries": {},
    "/sequences": {"columns": [{"externalId": "c"}]},
    "/relationships": ENDS,
    "/labels": {"name": "n"},
    "/datasets": {},
    "/extpipes": {"name": "n"},
}
"""What a row of each resource needs beside its external id."""

CHANGED: dict[str, Row] = {path: {"description": {"set": "d"}} for path in FIELDS if path != "/labels"}
CHANGED["/relationships"] = {"confidence": {"set": 0.5}}

every = pytest.mark.parametrize("path", FIELDS)
every_changed = pytest.mark.parametrize("path", CHANGED)
every_deleted = pytest.mark.parametrize("path", [path for path in FIELDS if path != "/datasets"])


@pytest.fixture
def project(cdf: Cdf) -> Cdf:
    """A project whose data set ``ds`` is there for pipelines, which need one."""
    cdf.items("/datasets", {"externalId": "ds"})
    return cdf


def item(cdf: Cdf, path: str, name: str) -> Row:
    fields: Row = {"externalId": name} | FIELDS[path]
    return fields | ({"dataSetId": data_set(cdf)} if path == "/extpipes" else {})


def data_set(cdf: Cdf) -> int:
    return int(cdf.items("/datasets/byids", {"externalId": "ds"})[0]["id"])


def names(cdf: Cdf, path: str) -> list[str]:
    listed = cdf.post(f"{path}/list", {"limit": 1000})[1]["items"]
    return [row["externalId"] for row in listed if row["externalId"] != "ds"]


@pytest.mark.source("API: create assets, create events; SDK _basic_api_client.py")
@every
def test_statuses_and_bodies_of_the_usual_requests(project: Cdf, path: str) -> None:
    made = project.send("POST", path, {"items": [item(project, path, name) for name in "cab"]})
    assert (made.status_code, made.headers["content-type"]) == (201, "application/json")
    assert [row["externalId"] for row in made.json()["items"]] == ["c", "a", "b"]
    one = {"items": [{"externalId": "a"}]}
    statuses = [project.post(f"{path}/list", {})[0], project.post(f"{path}/byids", one)[0]]
    if path in CHANGED:
        statuses.append(project.post(f"{path}/update", {"items": [{"externalId": "a", "update": CHANGED[path]}]})[0])
    assert set(statuses) == {200}
    if path != "/datasets":
        assert project.post(f"{path}/delete", one) == (200, {})
        assert names(project, path) == ["c", "b"]


@pytest.mark.source("API: create events; SDK data_classes/data_modeling/core.py")
@every
def test_answers_hold_times_in_milliseconds_and_ids_of_53_bits(project: Cdf, path: str) -> None:
    (row,) = project.items(path, item(project, path, "a"))
    assert 1_500_000_000_000 < row["createdTime"] < 5_000_000_000_000
    assert row.get("lastUpdatedTime", row["createdTime"]) == row["createdTime"]
    if path not in {"/labels", "/relationships"}:
        assert 0 < row["id"] < 2**53
        (found,) = project.items(f"{path}/byids", {"id": row["id"]})
        assert found["externalId"] == "a"


@pytest.mark.source("SDK exceptions.py, _basic_api_client.py")
@every
def test_a_taken_external_id_refuses_the_whole_request(project: Cdf, path: str) -> None:
    project.items(path, item(project, path, "a"))
    error = project.refused(path, {"items": [item(project, path, name) for name in ("b", "a", "c", "c")]})
    assert error["code"] == 409
    assert error["duplicated"] == [{"externalId": "a"}, {"externalId": "c"}]
    assert "missing" not in error
    assert names(project, path) == ["a"]


@pytest.mark.source("SDK exceptions.py, _api_client.py")
@every
def test_unknown_ids_are_missing_when_read(project: Cdf, path: str) -> None:
    project.items(path, item(project, path, "a"))
    asked = [{"externalId": name} for name in ("x", "a", "y")]
    error = project.refused(f"{path}/byids", {"items": asked})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"externalId": "y"}])
    found = project.items(f"{path}/byids", *asked, ignoreUnknownIds=True)
    assert [row["externalId"] for row in found] == ["a"]


@pytest.mark.source("SDK exceptions.py, _api_client.py")
@every_changed
def test_unknown_ids_are_missing_when_changed(project: Cdf, path: str) -> None:
    (before,) = project.items(path, item(project, path, "a"))
    asked = [{"externalId": name, "update": CHANGED[path]} for name in ("x", "a", "y")]
    error = project.refused(f"{path}/update", {"items": asked})
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"externalId": "y"}])
    assert project.items(f"{path}/byids", {"externalId": "a"}) == [before]


@pytest.mark.source("SDK exceptions.py, _api_client.py")
@every_deleted
def test_unknown_ids_are_missing_when_deleted(project: Cdf, path: str) -> None:
    project.items(path, item(project, path, "a"))
    asked = {"items": [{"externalId": name} for name in ("x", "a", "y")]}
    error = project.refused(f"{path}/delete", asked)
    assert (error["code"], error["missing"]) == (400, [{"externalId": "x"}, {"externalId": "y"}])
    assert names(project, path) == ["a"]


@pytest.mark.source("SDK _api/events.py, _api/assets.py, _api/relationships.py")
@pytest.mark.parametrize("path", ["/assets", "/events", "/timeseries", "/sequences", "/relationships"])
def test_a_delete_may_ignore_unknown_ids(project: Cdf, path: str) -> None:
    project.items(path, item(project, path, "a"))
    asked: Row = {"items": [{"externalId": name} for name in ("x", "a")], "ignoreUnknownIds": True}
    assert project.post(f"{path}/delete", asked) == (200, {})
    assert names(project, path) == []


@pytest.mark.source("API: create events; SDK _api/data_sets.py, _api_client.py")
@every
def test_a_request_has_a_largest_number_of_items(project: Cdf, path: str) -> None:
    most = 10 if path == "/datasets" else 1000
    items = [item(project, path, str(n)) for n in range(2)] * (most // 2 + 1)
    error = project.refused(path, {"items": items[: most + 1]})
    assert error["code"] == 400
    assert str(most) in error["message"]
    assert names(project, path) == []


@pytest.mark.source("SDK _api/assets.py: one refused element refuses its whole request")
@every
def test_one_bad_item_refuses_all(project: Cdf, path: str) -> None:
    items = [item(project, path, "a"), item(project, path, "b") | {"nonsense": 1}]
    error = project.refused(path, {"items": items})
    assert error["code"] == 400
    assert "nonsense" in error["message"]
    assert names(project, path) == []


@pytest.mark.source("API: filter events; SDK _api_client.py")
@every
def test_the_last_page_has_no_cursor(project: Cdf, path: str) -> None:
    project.items(path, *(item(project, path, name) for name in "abc"))
    total = 4 if path == "/datasets" else 3
    seen: list[str] = []
    cursor = None
    for last in [False] * (total - 1) + [True]:
        status, page = project.post(f"{path}/list", {"limit": 1, "cursor": cursor})
        assert (status, "nextCursor" in page) == (200, not last)
        seen += [row["externalId"] for row in page["items"]]
        cursor = page.get("nextCursor")
    assert len(set(seen)) == total


@pytest.mark.source("SDK data_classes/events.py EventUpdate, data_classes/assets.py AssetUpdate")
def test_lists_are_set_added_to_and_emptied(cdf: Cdf) -> None:
    cdf.items("/labels", {"externalId": "l", "name": "L"}, {"externalId": "m", "name": "M"})
    (asset,) = cdf.items("/assets", {"externalId": "a", "name": "a", "labels": [{"externalId": "l"}]})
    cdf.items("/events", {"externalId": "e", "metadata": {"k": "v"}})

    def updated(path: str, name: str, **update: Row) -> Row:
        return cdf.items(f"{path}/update", {"externalId": name, "update": update})[0]

    assert updated("/assets", "a", labels={"set": [{"externalId": "m"}]})["labels"] == [{"externalId": "m"}]
    assert updated("/events", "e", assetIds={"set": [asset["id"]]})["assetIds"] == [asset["id"]]
    assert not updated("/events", "e", assetIds={"set": []}, metadata={"set": {}}).get("assetIds")
    assert not cdf.client.events.retrieve(external_id="e").metadata


@pytest.mark.source("API: insert data points; API: insert rows; SDK _api/raw/rows.py")
def test_writes_that_answer_nothing(cdf: Cdf) -> None:
    cdf.items("/timeseries", {"externalId": "n"})
    cdf.items("/sequences", {"externalId": "q", "columns": [{"externalId": "c", "valueType": "LONG"}]})
    point = {"externalId": "n", "datapoints": [{"timestamp": 1, "value": 1}]}
    assert cdf.post("/timeseries/data", {"items": [point]})[1] == {}
    assert cdf.post("/timeseries/data/delete", {"items": [{"externalId": "n", "inclusiveBegin": 0}]}) == (200, {})
    rows = {"externalId": "q", "columns": ["c"], "rows": [{"rowNumber": 1, "values": [1]}]}
    assert cdf.post("/sequences/data", {"items": [rows]})[1] == {}
    row = {"items": [{"key": "k", "columns": {"a": 1}}]}
    assert cdf.post("/raw/dbs/d/tables/t/rows?ensureParent=true", row)[1] == {}
    assert cdf.post("/raw/dbs/d/tables/t/rows/delete", {"items": [{"key": "k"}]}) == (200, {})
