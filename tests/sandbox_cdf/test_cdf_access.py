"""Access control on the classic resources: each capability with its scopes, enforced per request.

Sources: actions and scopes, `cognite/client/data_classes/capabilities.py` of the SDK; "if you lack access, 403", the
Toolkit's `AuthorizationError`; https://docs.cognite.com/cdf/access/guides/capabilities.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import requests
from cognite.client.data_classes import EventWrite
from cognite.client.exceptions import CogniteAPIError, CogniteNotFoundError
from sandbox_cdf_client import Cdf, Row
from sandbox_cdf_rights import forbidden, give, limited_app
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from sandbox.cdf.acl import RULES

Grant = Callable[..., int]


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return limited_app(tmp_path)


@pytest.fixture
def grant(admin: Cdf) -> Grant:
    return partial(give, admin)


@pytest.fixture
def own(admin: Cdf) -> int:
    """The data set that `extractor` may use in most tests."""
    return int(admin.items("/datasets", {"externalId": "own"})[0]["id"])


@pytest.fixture
def other(admin: Cdf) -> int:
    """The data set that it may not use."""
    return int(admin.items("/datasets", {"externalId": "other"})[0]["id"])


def within(*data_sets: int) -> Row:
    return {"datasetScope": {"ids": list(data_sets)}}


def names(rows: list[Row]) -> set[str]:
    return {row["externalId"] for row in rows}


CLASSIC: dict[str, tuple[str, Row, Row]] = {
    "/assets": ("assetsAcl", {"name": "a"}, {"name": {"set": "b"}}),
    "/events": ("eventsAcl", {}, {"type": {"set": "b"}}),
    "/timeseries": ("timeSeriesAcl", {}, {"name": {"set": "b"}}),
    "/sequences": ("sequencesAcl", {"columns": [{"externalId": "c"}]}, {"name": {"set": "b"}}),
    "/relationships": (
        "relationshipsAcl",
        {"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "event"},
        {"confidence": {"set": 0.5}},
    ),
    "/extpipes": ("extractionPipelinesAcl", {"name": "a"}, {"name": {"set": "b"}}),
}


@pytest.mark.source("SDK data_classes/capabilities.py; Assumed: to a read the rows outside a scope are missing")
@pytest.mark.parametrize("path", CLASSIC)
def test_a_data_set_scope_bounds_reading_and_writing(
    cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int, path: str
) -> None:
    acl, fields, change = CLASSIC[path]
    grant(**{acl: ("READ WRITE", within(own))})
    admin.items(path, {"externalId": "theirs", "dataSetId": other, **fields})
    if path != "/extpipes":
        admin.items(path, {"externalId": "nobodys", **fields})
    cdf.items(path, {"externalId": "mine", "dataSetId": own, **fields})
    for placed in ({"dataSetId": other}, {}):
        forbidden(cdf, path, {"items": [{"externalId": "new", **placed, **fields}]})
    assert names(cdf.items(f"{path}/list")) == {"mine"}
    assert names(cdf.items(f"{path}/byids", {"externalId": "mine"})) == {"mine"}
    unseen = {"items": [{"externalId": "theirs"}]}
    assert cdf.refused(f"{path}/byids", unseen)["missing"] == unseen["items"]
    assert cdf.items(f"{path}/byids", {"externalId": "theirs"}, ignoreUnknownIds=True) == []
    cdf.items(f"{path}/update", {"externalId": "mine", "update": change})
    forbidden(cdf, f"{path}/update", {"items": [{"externalId": "theirs", "update": change}]})
    moved = {"update": {"dataSetId": {"set": other}}}
    forbidden(cdf, f"{path}/update", {"items": [{"externalId": "mine"} | moved]})
    both = {"items": [{"externalId": "mine"}, {"externalId": "theirs"}]}
    forbidden(cdf, f"{path}/delete", both)
    assert names(admin.items(f"{path}/list")) >= {"mine", "theirs"}
    # What does not exist is missing, as for everybody.
    assert cdf.refused(f"{path}/update", {"items": [{"externalId": "no", "update": change}]})["code"] == 400
    assert cdf.post(f"{path}/delete", {"items": [{"externalId": "mine"}]})[0] == 200


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_reading_alone_does_not_write(cdf: Cdf, admin: Cdf, grant: Grant, own: int) -> None:
    grant(eventsAcl=("READ", within(own)))
    (event,) = admin.items("/events", {"externalId": "e", "dataSetId": own})
    assert cdf.get(f"/events/{event['id']}")[1]["externalId"] == "e"
    forbidden(cdf, "/events", {"items": [{"dataSetId": own}]})
    forbidden(cdf, "/events/update", {"items": [{"id": event["id"], "update": {"type": {"set": "t"}}}]})
    forbidden(cdf, "/events/delete", {"items": [{"id": event["id"]}]})
    forbidden(cdf, "/assets/list", {})


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_writing_alone_does_not_read(cdf: Cdf, grant: Grant, own: int) -> None:
    grant(eventsAcl=("WRITE", within(own)))
    cdf.items("/events", {"externalId": "e", "dataSetId": own})
    for path in ("list", "byids", "aggregate", "search"):
        forbidden(cdf, f"/events/{path}", {"items": [{"externalId": "e"}]})


@pytest.mark.source("Docs: assign capabilities")
def test_two_groups_grant_together_and_the_sdk_sees_it(cdf: Cdf, grant: Grant, own: int, other: int) -> None:
    grant(eventsAcl=("READ WRITE", within(own)))
    grant(eventsAcl=("READ", within(other)))
    cdf.client.events.create(EventWrite(external_id="e", data_set_id=own))
    with pytest.raises(CogniteAPIError, match="insufficient access rights") as refused:
        cdf.client.events.create(EventWrite(external_id="f", data_set_id=other))
    assert refused.value.code == 403
    with pytest.raises(CogniteNotFoundError):
        cdf.client.events.retrieve_multiple(external_ids=["f"])


@pytest.mark.source("Docs: assign capabilities")
def test_lists_pages_counts_and_searches_show_what_one_may_see(
    cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int
) -> None:
    grant(eventsAcl=("READ", within(own)))
    rows = [{"externalId": f"e{n}", "type": "job", "dataSetId": own if n % 3 else other} for n in range(9)]
    admin.items("/events", *rows)
    status, page = cdf.post("/events/list", {"limit": 4})
    assert (status, len(page["items"])) == (200, 4)
    rest = cdf.post("/events/list", {"limit": 4, "cursor": page["nextCursor"]})[1]
    assert names(page["items"] + rest["items"]) == {f"e{n}" for n in range(9) if n % 3}
    assert "nextCursor" not in rest
    assert len(cdf.get("/events?limit=10")[1]["items"]) == 6
    assert cdf.items("/events/aggregate", aggregate="count") == [{"count": 6}]
    theirs = admin.items("/events/byids", {"externalId": "e0"})[0]["id"]
    assert cdf.get(f"/events/{theirs}")[0] == 400


@pytest.mark.source("API: insert data points; API: insert rows")
def test_points_and_rows_follow_their_series_and_sequence(
    cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int
) -> None:
    grant(timeSeriesAcl=("READ WRITE", within(own)), sequencesAcl=("READ WRITE", within(own)))
    for name, data_set in (("mine", own), ("theirs", other)):
        admin.items("/timeseries", {"externalId": name, "dataSetId": data_set})
        columns = [{"externalId": "c", "valueType": "LONG"}]
        admin.items("/sequences", {"externalId": name, "dataSetId": data_set, "columns": columns})
    points = [{"timestamp": 1, "value": 2.0}]
    assert cdf.post("/timeseries/data", {"items": [{"externalId": "mine", "datapoints": points}]})[0] == 200
    forbidden(cdf, "/timeseries/data", {"items": [{"externalId": "theirs", "datapoints": points}]})
    # As a message, the way in which the SDK sends points.
    cdf.client.time_series.data.insert([(5, 1.0)], external_id="mine")
    with pytest.raises(CogniteAPIError) as refused:
        cdf.client.time_series.data.insert([(5, 1.0)], external_id="theirs")
    assert refused.value.code == 403
    forbidden(cdf, "/timeseries/data/delete", {"items": [{"externalId": "theirs", "inclusiveBegin": 0}]})
    assert cdf.refused("/timeseries/data/list", {"items": [{"externalId": "theirs"}]})["code"] == 400
    assert cdf.refused("/timeseries/data/latest", {"items": [{"externalId": "theirs"}]})["code"] == 400
    assert len(cdf.items("/timeseries/data/list", {"externalId": "mine"})[0]["datapoints"]) == 2
    rows = {"columns": ["c"], "rows": [{"rowNumber": 1, "values": [1]}]}
    assert cdf.post("/sequences/data", {"items": [{"externalId": "mine", **rows}]})[0] in {200, 201}
    forbidden(cdf, "/sequences/data", {"items": [{"externalId": "theirs", **rows}]})
    forbidden(cdf, "/sequences/data/delete", {"items": [{"externalId": "theirs", "rows": [1]}]})
    assert cdf.refused("/sequences/data/list", {"externalId": "theirs"})["code"] == 400


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_series_by_id_and_by_the_root_of_their_asset(cdf: Cdf, admin: Cdf, grant: Grant) -> None:
    root, strange = admin.items("/assets", {"name": "root"}, {"name": "strange"})
    (child,) = admin.items("/assets", {"name": "child", "parentId": root["id"]})
    (single,) = admin.items("/timeseries", {"externalId": "single"})
    admin.items("/timeseries", {"externalId": "below", "assetId": child["id"]})
    admin.items("/timeseries", {"externalId": "strange", "assetId": strange["id"]})
    grant(timeSeriesAcl=("READ", {"idscope": {"ids": [single["id"]]}}))
    assert names(cdf.items("/timeseries/list")) == {"single"}
    grant(timeSeriesAcl=("READ WRITE", {"assetRootIdScope": {"rootIds": [root["id"]]}}))
    assert names(cdf.items("/timeseries/list")) == {"single", "below"}
    forbidden(cdf, "/timeseries", {"items": [{"externalId": "new", "assetId": strange["id"]}]})
    cdf.items("/timeseries", {"externalId": "new", "assetId": child["id"]})


@pytest.mark.source("Assumed: a delete needs the right to each row")
def test_a_recursive_delete_needs_the_right_to_all_that_it_deletes(
    cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int
) -> None:
    grant(assetsAcl=("READ WRITE", within(own)))
    (top,) = admin.items("/assets", {"externalId": "top", "name": "t", "dataSetId": own})
    admin.items("/assets", {"externalId": "below", "name": "b", "parentId": top["id"], "dataSetId": other})
    forbidden(cdf, "/assets/delete", {"items": [{"externalId": "top"}], "recursive": True})
    assert names(admin.items("/assets/list")) == {"top", "below"}


@pytest.mark.source("Assumed: fetchResources reads as its caller")
def test_a_relationship_shows_no_end_that_its_reader_may_not_see(
    cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int
) -> None:
    grant(relationshipsAcl=("READ", within(own)), eventsAcl=("READ", within(own)))
    admin.items("/assets", {"externalId": "a", "name": "secret", "dataSetId": other})
    admin.items("/events", {"externalId": "e", "dataSetId": own})
    ends = {"sourceExternalId": "a", "sourceType": "asset", "targetExternalId": "e", "targetType": "event"}
    admin.items("/relationships", {"externalId": "r", "dataSetId": own, **ends})
    (row,) = cdf.items("/relationships/byids", {"externalId": "r"}, fetchResources=True)
    assert "source" not in row
    assert row["target"]["externalId"] == "e"


@pytest.mark.source("SDK data_classes/capabilities.py")
def test_files_and_their_content(cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int) -> None:
    grant(filesAcl=("READ WRITE", within(own)))
    theirs = admin.post("/files", {"externalId": "theirs", "name": "f", "dataSetId": other})[1]
    requests.put(theirs["uploadUrl"], data=b"x", timeout=10).raise_for_status()
    forbidden(cdf, "/files", {"name": "f", "dataSetId": other})
    forbidden(cdf, "/files?overwrite=true", {"externalId": "theirs", "name": "f", "dataSetId": own})
    forbidden(cdf, "/files/uploadlink", {"items": [{"externalId": "theirs"}]})
    assert cdf.refused("/files/downloadlink", {"items": [{"externalId": "theirs"}]})["code"] == 400
    assert cdf.post("/files", {"externalId": "mine", "name": "f", "dataSetId": own})[0] == 201
    assert names(cdf.items("/files/list")) == {"mine"}


@pytest.mark.source("SDK data_classes/capabilities.py; Docs: data sets, write protection")
def test_data_sets_by_id_and_their_protection(cdf: Cdf, admin: Cdf, grant: Grant, own: int, other: int) -> None:
    grant(datasetsAcl=("READ WRITE", {"idScope": {"ids": [own]}}), eventsAcl=("WRITE", {"all": {}}))
    assert names(cdf.items("/datasets/list")) == {"own"}
    forbidden(cdf, "/datasets", {"items": [{"externalId": "new"}]})
    forbidden(cdf, "/datasets/update", {"items": [{"id": other, "update": {"name": {"set": "n"}}}]})
    cdf.items("/datasets/update", {"id": own, "update": {"name": {"set": "n"}}})
    # https://docs.cognite.com/cdf/data_governance/concepts/datasets: write protection leaves writing to the owners.
    cdf.items("/events", {"dataSetId": own})
    admin.items("/datasets/update", {"id": own, "update": {"writeProtected": {"set": True}}})
    forbidden(cdf, "/events", {"items": [{"dataSetId": own}]})
    grant(datasetsAcl=("OWNER", {"idScope": {"ids": [own]}}))
    cdf.items("/events", {"dataSetId": own})


@pytest.mark.source("API: required capabilities of each endpoint")
def test_every_endpoint_is_in_the_table(app: Starlette) -> None:
    (mount,) = [route for route in app.routes if isinstance(route, Mount)]
    offered = [
        (method, re.sub(r"\{\w+(:\w+)?\}", "1", route.path))
        for route in mount.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    ]
    known = [any(rule.method == method and rule.path.fullmatch(path) for rule in RULES) for method, path in offered]
    assert [endpoint for endpoint, is_known in zip(offered, known, strict=True) if not is_known] == []
