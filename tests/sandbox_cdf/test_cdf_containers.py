"""Containers, views and spaces: constraints on instances, changes, limits, and what the API says."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import data_modeling as dm
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_pumps import PUMP, TYPES, VIEW, container, edge, names, pump, read, ref, refusal, view, write


def constrained(cdf: Cdf, **constraint: AnyJson) -> dict[str, Any]:
    (row,) = cdf.items("/models/containers", container(constraints={"rule": constraint}))
    return row


@pytest.mark.source("API: containers, constraints")
@pytest.mark.parametrize("by_space", [False, True])
def test_unique_properties(modeled: Cdf, *, by_space: bool) -> None:
    constrained(modeled, constraintType="uniqueness", properties=["name", "rank"], bySpace=by_space)
    write(modeled, pump("a", name="x", rank=1), pump("b", name="x", rank=2), pump("c", name="x"), pump("d", name="x"))
    for again in (pump("e", name="x", rank=1), pump("b", rank=1), pump("c", rank=2)):
        assert "rule" in refusal(modeled, again)
    assert "rule" in refusal(modeled, pump("e", name="y", rank=1), pump("f", name="y", rank=1))
    elsewhere = pump("e", name="x", rank=1) | {"space": "other"}
    if by_space:
        write(modeled, elsewhere)
    else:
        assert "rule" in refusal(modeled, elsewhere)
    write(modeled, pump("a", name="z"), pump("b", rank=1))
    assert read(modeled, "b") == {"name": "x", "rank": 1}, "a value that is given up in the same request is free"
    modeled.client.data_modeling.containers.delete_constraints([(PUMP, "rule")])
    write(modeled, pump("e", name="x", rank=1))


@pytest.mark.source("API: containers, constraints")
def test_a_container_may_require_another(modeled: Cdf) -> None:
    modeled.items("/models/containers", container("Base", types={"code": {"type": "text"}}))
    base = dm.ContainerId("sp", "Base").dump()
    constrained(modeled, constraintType="requires", require=base)
    assert "needs data in container sp:Base" in refusal(modeled, pump("a", name="x"))
    with_base = pump("a", name="x")
    with_base["sources"].append({"source": base, "properties": {"code": "c"}})
    write(modeled, with_base)
    write(modeled, pump("a", name="y"))


@pytest.mark.source("SDK Constraint.state, PropertyConstraintState")
def test_a_constraint_has_failed_when_the_data_breaks_it(modeled: Cdf) -> None:
    write(modeled, pump("a", name="x"), pump("b", name="x"), pump("c", rank=1))
    row = constrained(modeled, constraintType="uniqueness", properties=["name"])
    assert row["constraints"]["rule"]["state"] == "failed"
    needed = container(types={"name": {"type": "text"}})
    needed["properties"]["name"]["nullable"] = False
    (row,) = modeled.items("/models/containers", needed)
    assert row["properties"]["name"]["constraintState"] == {"nullability": "failed"}
    assert "cannot be null" in refusal(modeled, pump("d", rank=1))
    modeled.items("/models/instances/delete", pump("b"), pump("c"))
    row = constrained(modeled, constraintType="uniqueness", properties=["name"])
    assert row["constraints"]["rule"]["state"] == "current"
    assert "rule" in refusal(modeled, pump("d", name="x"))


@pytest.mark.source("Docs: NEAT, data modeling modes")
@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        (container(usedFor="all"), False),
        (container(types={"name": {"type": "int32"}}), False),
        (container(types={"name": {"type": "text", "list": True}}), False),
        (container(types={"name": {"type": "text", "collation": "en"}}), False),
        (container(types={"next": {"type": "direct", "container": PUMP.dump()}}), False),
        (container(types={"state": {"type": "enum", "values": {"up": {}}}}), False),
        (container(types={"state": {"type": "enum", "values": {**TYPES["state"]["values"], "new": {}}}}), True),
        (container(types={"name": {"type": "text", "maxTextSize": 10}}), True),
        (container(types={"tags": {"type": "text", "list": True, "maxListSize": 2000}}), True),
        (container(types={"power": {"type": "float32", "unit": {"externalId": "power:w"}}}), True),
        (container(types={"new": {"type": "text"}}), True),
        (container(description="d"), True),
    ],
)
def test_changes_of_a_container(pumps: Cdf, change: dict[str, Any], *, is_kept: bool) -> None:
    status, answer = pumps.post("/models/containers", {"items": [change]})
    assert status == (200 if is_kept else 400), answer


@pytest.mark.source("Assumed: a constraint or an index is deleted before it becomes another")
def test_constraints_and_indexes_stay_what_they_are(modeled: Cdf) -> None:
    index = {"indexType": "btree", "properties": ["name"]}
    unique = {"constraintType": "uniqueness", "properties": ["name"]}
    modeled.items("/models/containers", container(indexes={"i": index}, constraints={"c": unique}))
    modeled.items("/models/containers", container(indexes={"i": index | {"cursorable": False}}))
    for change in (
        {"indexes": {"i": index | {"cursorable": True}}},
        {"constraints": {"c": unique | {"properties": ["rank"]}}},
    ):
        error = modeled.refused("/models/containers", {"items": [container(**change)]})
        assert "exists with another definition" in error["message"]


@pytest.mark.source("API: containers, Toolkit constants.py")
@pytest.mark.parametrize(
    "change",
    [
        {"externalId": "String"},
        {"name": "x" * 256},
        {"description": "x" * 1025},
        {"properties": {"externalId": {"type": {"type": "text"}}}},
        {"properties": {"-a": {"type": {"type": "text"}}}},
        {"properties": {f"p{number}": {"type": {"type": "text"}} for number in range(101)}},
        {"properties": {"a": {"type": {"type": "text"}, "more": 1}}},
        {"properties": {"a": {"type": {"type": "text"}, "nullable": "no"}}},
        {"properties": {"a": {"type": {"type": "text", "unit": {"externalId": "x"}}}}},
        {"properties": {"a": {"type": {"type": "text", "maxTextSize": 128_001}}}},
        {"properties": {"a": {"type": {"type": "text", "maxListSize": 10}}}},
        {"properties": {"a": {"type": {"type": "text", "list": True, "maxListSize": 2001}}}},
        {"properties": {"a": {"type": {"type": "text", "list": True}, "defaultValue": ["x"]}}},
        {"properties": {"a": {"type": {"type": "int32"}, "defaultValue": "x"}}},
        {"properties": {"a": {"type": {"type": "int32"}, "autoIncrement": True}}},
        {"properties": {"a": {"type": {"type": "enum", "values": {"1a": {}}}}}},
        {"properties": {"a": {"type": {"type": "enum", "values": {f"v{number}": {} for number in range(33)}}}}},
        {"properties": {"a": {"type": {"type": "enum", "values": {"a": {}}, "unknownValue": "b"}}}},
        {"properties": {"a": {"type": {"type": "direct", "container": ref("No")}}}},
        {"indexes": {f"i{number}": {"indexType": "btree", "properties": ["name"]} for number in range(11)}},
        {
            "constraints": {
                f"c{number}": {"constraintType": "uniqueness", "properties": ["name"]} for number in range(11)
            }
        },
        {"usedFor": "record", "indexes": {"i": {"indexType": "btree", "properties": ["name"]}}},
    ],
)
def test_containers_that_are_refused(modeled: Cdf, change: dict[str, Any]) -> None:
    error = modeled.refused("/models/containers", {"items": [container("New") | change]})
    assert error["code"] == 400
    assert modeled.client.data_modeling.containers.retrieve(("sp", "New")) is None


@pytest.mark.source("Assumed: a view outlives its containers, without what they held")
def test_a_deleted_container_leaves_its_views(pumps: Cdf) -> None:
    pumps.client.data_modeling.containers.delete(("sp", "Pump"))
    (left,) = pumps.items("/models/views/byids", VIEW.dump())
    assert (left["properties"], left["queryable"], left["writable"]) == ({}, False, False)
    assert "Unknown property name" in refusal(pumps, pump("a", name="x"))
    body = {"sources": [{"source": VIEW.dump()}]}
    assert "not queryable" in pumps.refused("/models/instances/list", body)["message"]
    assert names(pumps) == "a b c Kind", "nodes outlive what they had in a container"


@pytest.mark.source("SDK MultiReverseDirectRelation.targets_list")
def test_a_reverse_relation_says_whether_it_goes_through_a_list(modeled: Cdf) -> None:
    def through(source: AnyJson, field: str) -> dict[str, Any]:
        kind = {"connectionType": "multi_reverse_direct_relation", "source": VIEW.dump()}
        return kind | {"through": {"source": source, "identifier": field}}

    properties = {
        "a": through(VIEW.dump(), "parts"),
        "b": through(PUMP.dump(), "parts"),
        "c": through(VIEW.dump(), "next"),
    }
    (row,) = modeled.items("/models/views", view("Part", properties=properties))
    assert {key: each["targetsList"] for key, each in row["properties"].items()} == {"a": True, "b": True, "c": False}


@pytest.mark.source(
    "SDK tests test_data_modeling/test_spaces.py, test_containers.py, test_views.py, test_data_models.py"
)
@pytest.mark.parametrize(
    ("kind", "item", "message"),
    [
        ("spaces", {"space": "new", "name": "x" * 256}, "name size must be between 0 and 255"),
        ("spaces", {"space": "new", "description": "x" * 1025}, "description size must be between 0 and 1024"),
        ("containers", container() | {"space": "nowhere"}, "One or more spaces do not exist"),
        ("views", view() | {"space": "nowhere"}, "One or more spaces do not exist"),
        ("datamodels", {"space": "nowhere", "externalId": "M", "version": "1"}, "One or more spaces do not exist"),
        ("instances", pump("a") | {"space": "nowhere"}, "One or more spaces do not exist"),
        ("views", view("File"), "reserved"),
        ("views", view(implements=[VIEW.dump()] * 11), "at most 10"),
    ],
)
def test_what_the_api_says(modeled: Cdf, kind: str, item: dict[str, Any], message: str) -> None:
    assert message in modeled.refused(f"/models/{kind}", {"items": [item]})["message"]


@pytest.mark.source("API: spaces, delete")
def test_a_space_with_edges_or_views_stays(modeled: Cdf) -> None:
    write(modeled, pump("a"), edge("e", "a", "a") | {"space": "other"})
    assert "not empty" in modeled.refused("/models/spaces/delete", {"items": [{"space": "other"}]})["message"]
    modeled.items("/models/instances/delete", edge("e", "a", "a") | {"space": "other"})
    assert modeled.items("/models/spaces/delete", {"space": "other"}) == [{"space": "other"}]
