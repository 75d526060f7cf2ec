"""Containers, views and data models as schema, and what reads nodes by them: sort and aggregates."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import aggregations, filters
from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes.data_modeling.instances import InstanceSort
from sandbox_cdf_client import Cdf

PUMP = dm.ContainerId("sp", "Pump")
VIEW = dm.ViewId("sp", "Pump", "v1")
ENUM = {"type": "enum", "values": {"up": {"name": "Up"}, "down": {"name": "Down"}}}


def container(**changes: Any) -> dict[str, Any]:
    properties = {
        "name": {"type": {"type": "text", "maxTextSize": 10}, "nullable": False},
        "weight": {"type": {"type": "float64"}},
        "state": {"type": ENUM},
        "serial": {"type": {"type": "int64"}, "immutable": True},
        "drives": {"type": {"type": "direct"}},
    }
    return {"space": "sp", "externalId": "Pump", "properties": properties} | changes


def view(name: str, *fields: str, **changes: Any) -> dict[str, Any]:
    properties = {
        field: {"container": PUMP.dump(), "containerPropertyIdentifier": field} for field in fields if field != "drives"
    }
    if "drives" in fields:
        properties["drives"] = {
            "container": PUMP.dump(),
            "containerPropertyIdentifier": "drives",
            "source": VIEW.dump(),
        }
    return {"space": "sp", "externalId": name, "version": "v1", "properties": properties} | changes


@pytest.fixture
def modeled(cdf: Cdf) -> Cdf:
    """A project with container ``Pump`` and the views ``Thing``, and ``Pump`` that implements it."""
    cdf.items("/models/spaces", {"space": "sp"})
    cdf.items("/models/containers", container())
    thing = dm.ViewId("sp", "Thing", "v1").dump()
    # The child first: a request's views may refer to each other.
    children = view("Pump", "weight", "state", "serial", "drives", implements=[thing])
    cdf.items("/models/views", children, view("Thing", "name"))
    return cdf


def pump(key: str, **properties: Any) -> dict[str, Any]:
    source = {"source": VIEW.dump(), "properties": {"name": key} | properties}
    return {"instanceType": "node", "space": "sp", "externalId": key, "sources": [source]}


@pytest.mark.source("Toolkit resource_ios/_datamodel.py")
def test_a_container_keeps_what_a_new_definition_leaves_out(modeled: Cdf) -> None:
    """Toolkit `resource_ios/_datamodel.py` `ContainerIO.update`: nothing is removed by leaving it out."""
    parts = {
        "constraints": {"one": {"constraintType": "uniqueness", "properties": ["name"]}},
        "indexes": {"by": {"indexType": "btree", "properties": ["weight"]}},
    }
    modeled.items("/models/containers", container(**parts))
    less = {"space": "sp", "externalId": "Pump", "properties": {"height": {"type": {"type": "int32"}}}}
    (row,) = modeled.items("/models/containers", less)
    assert set(row["properties"]) == {"name", "weight", "state", "serial", "drives", "height"}
    # SDK data_classes/data_modeling/containers.py: constraints and indexes are read with their state and flags.
    assert row["constraints"]["one"] == parts["constraints"]["one"] | {"bySpace": False, "state": "current"}
    assert row["indexes"]["by"] == parts["indexes"]["by"] | {"bySpace": False, "cursorable": False, "state": "current"}
    containers = modeled.client.data_modeling.containers
    assert containers.delete_constraints([(PUMP, "one"), (PUMP, "no")]) == [(PUMP, "one")]
    assert containers.delete_indexes([(PUMP, "by")]) == [(PUMP, "by")]
    found = containers.retrieve(PUMP)
    assert not found.constraints
    assert not found.indexes


@pytest.mark.source("SDK data_classes/data_modeling/containers.py")
@pytest.mark.parametrize(
    "change",
    [
        {"usedFor": "nobody"},
        {"constraints": {"a": {"constraintType": "odd"}}},
        {"constraints": {"a": {"constraintType": "uniqueness", "properties": ["no"]}}},
        {"constraints": {"a": {"constraintType": "requires", "require": {"space": "sp", "externalId": "No"}}}},
        {"indexes": {"a": {"indexType": "btree", "properties": []}}},
        {"indexes": {"a": {"indexType": "odd", "properties": ["name"]}}},
        {"properties": {"kind": {"type": {"type": "enum"}}}},
        {"properties": {"name": {"type": {"type": "text", "list": True}}}},
    ],
)
def test_containers_that_are_refused(modeled: Cdf, change: dict[str, Any]) -> None:
    before = modeled.client.data_modeling.containers.retrieve(PUMP)
    assert modeled.refused("/models/containers", {"items": [container(**change)]})["code"] == 400
    assert modeled.client.data_modeling.containers.retrieve(PUMP) == before


@pytest.mark.source("SDK data_classes/data_modeling/data_types.py")
@pytest.mark.parametrize("properties", [{"name": "x" * 11}, {"state": "sideways"}, {"state": 1}])
def test_a_property_holds_what_its_type_allows(modeled: Cdf, properties: dict[str, Any]) -> None:
    """SDK `data_classes/data_modeling/data_types.py`: `Enum.values`, `Text.max_text_size`."""
    assert modeled.refused("/models/instances", {"items": [pump("a", **properties)]})["code"] == 400


@pytest.mark.source("SDK data_classes/data_modeling/containers.py")
def test_an_immutable_property_is_written_once(modeled: Cdf) -> None:
    """SDK `ContainerPropertyApply.immutable`: whether the value may change once it is set."""
    modeled.items("/models/instances", pump("a", serial=1))
    modeled.items("/models/instances", pump("a", serial=1, weight=2))
    assert modeled.refused("/models/instances", {"items": [pump("a", serial=2)]})["code"] == 400
    assert modeled.refused("/models/instances", {"items": [pump("a", serial=None)]})["code"] == 400


@pytest.mark.source("SDK _api/data_modeling/views.py")
def test_a_view_has_the_properties_of_those_that_it_implements(modeled: Cdf) -> None:
    """SDK `data_modeling.views.retrieve(include_inherited_properties=)`, and the property that it loads."""
    views = modeled.client.data_modeling.views
    (found,) = views.retrieve(VIEW)
    assert set(found.properties) == {"name", "weight", "state", "serial", "drives"}
    assert found.properties["drives"].source == VIEW
    assert found.writable
    (own,) = views.retrieve(VIEW, include_inherited_properties=False)
    assert set(own.properties) == {"weight", "state", "serial", "drives"}
    modeled.items("/models/instances", pump("a", weight=1))
    (node,) = modeled.client.data_modeling.instances.retrieve(("sp", "a"), sources=VIEW).nodes
    assert node.properties[VIEW] == {"name": "a", "weight": 1.0}
    # A parent that changes changes its children.
    modeled.items("/models/views", view("Thing", "name", "state"))
    views.apply(dm.ViewApply("sp", "Partial", "v1", properties={"w": dm.MappedPropertyApply(PUMP, "weight")}))
    (partial,) = views.retrieve(("sp", "Partial", "v1"))
    assert not partial.writable, "it lacks a required property"
    assert modeled.project.views.properties(("sp", "Pump", "v1")).keys() == set(found.properties)


@pytest.mark.source("SDK _api/data_modeling/views.py")
def test_a_view_lists_only_its_latest_version_unless_asked(modeled: Cdf) -> None:
    modeled.items("/models/views", view("Thing", "name", version="v2"))
    views = modeled.client.data_modeling.views
    assert {(each.external_id, each.version) for each in views.list()} == {("Pump", "v1"), ("Thing", "v2")}
    assert len(views.list(all_versions=True)) == 3


@pytest.mark.source("SDK data_classes/data_modeling/views.py")
@pytest.mark.parametrize(
    "change",
    [
        {"implements": [{"type": "view", "space": "sp", "externalId": "No", "version": "v1"}]},
        {"implements": [VIEW.dump()]},
        {"filter": []},
        {"properties": {"a": {"connectionType": "odd"}}},
        {"properties": {"a": {"connectionType": "multi_edge_connection", "source": VIEW.dump()}}},
        {"properties": {"1": {"container": PUMP.dump(), "containerPropertyIdentifier": "name"}}},
    ],
)
def test_views_that_are_refused(modeled: Cdf, change: dict[str, Any]) -> None:
    assert modeled.refused("/models/views", {"items": [view("Thing", "name") | change]})["code"] == 400


@pytest.mark.source("SDK data_classes/data_modeling/views.py")
def test_connections_are_kept_as_schema(modeled: Cdf) -> None:
    """SDK `data_classes/data_modeling/views.py`: what each connection must have to be loaded."""
    through = {"source": VIEW.dump(), "identifier": "drives"}
    properties = {
        "drivenBy": {"connectionType": "multi_reverse_direct_relation", "source": VIEW.dump(), "through": through},
        "next": {
            "connectionType": "multi_edge_connection",
            "source": VIEW.dump(),
            "type": {"space": "sp", "externalId": "next"},
        },
    }
    modeled.items("/models/views", view("Line", properties=properties))
    (found,) = modeled.client.data_modeling.views.retrieve(("sp", "Line", "v1"))
    assert isinstance(found.properties["drivenBy"], dm.MultiReverseDirectRelation)
    assert isinstance(found.properties["next"], dm.MultiEdgeConnection)
    assert found.properties["next"].direction == "outwards"


@pytest.mark.source("SDK _api/data_modeling/data_models.py")
def test_data_models(modeled: Cdf) -> None:
    """SDK `data_modeling.data_models`: views as references or inline, in requests and in answers."""
    models = modeled.client.data_modeling.data_models
    inline = dm.ViewApply("sp", "Extra", "v1", properties={"n": dm.MappedPropertyApply(PUMP, "name")})
    made = models.apply(dm.DataModelApply("sp", "Plant", "1", name="Plant", views=[VIEW, inline]))
    assert made.views == [VIEW, dm.ViewId("sp", "Extra", "v1")]
    (whole,) = models.retrieve(("sp", "Plant", "1"), inline_views=True)
    assert [set(each.properties) for each in whole.views] == [{"name", "weight", "state", "serial", "drives"}, {"n"}]
    models.apply(dm.DataModelApply("sp", "Plant", "2", views=[]))
    assert [each.version for each in models.list()] == ["2"]
    assert [each.version for each in models.list(all_versions=True)] == ["1", "2"]
    assert modeled.refused("/models/spaces/delete", {"items": [{"space": "sp"}]})["code"] == 400
    for change in ({"space": "no"}, {"version": "-"}, {"more": 1}, {"views": [VIEW.dump() | {"version": "v9"}]}):
        item = {"space": "sp", "externalId": "M", "version": "1", "views": []} | change
        assert modeled.refused("/models/datamodels", {"items": [item]})["code"] == 400
    assert models.delete([("sp", "Plant", "1"), ("sp", "Plant", "2"), ("sp", "No", "1")]) == [
        dm.DataModelId("sp", "Plant", "1"),
        dm.DataModelId("sp", "Plant", "2"),
    ]
    assert models.list() == []


@pytest.mark.source("SDK data_classes/data_modeling/instances.py")
def test_nodes_are_sorted_and_paged(modeled: Cdf) -> None:
    """SDK `InstanceSort`: direction, and where nodes without a value come."""
    modeled.items("/models/instances", pump("b", weight=2), pump("c", weight=1), pump("a"), pump("d", weight=2))
    instances = modeled.client.data_modeling.instances
    weight = VIEW.as_property_ref("weight")

    def listed(*sort: InstanceSort, **more: Any) -> str:
        return "".join(each.external_id for each in instances.list(sort=list(sort), limit=None, **more))

    name = InstanceSort(("node", "externalId"), "descending")
    assert listed(name) == "dcba"
    assert listed(InstanceSort(weight), name) == "cdba"
    assert listed(InstanceSort(weight, "descending", nulls_first=True), name) == "adbc"
    body = {"sort": [{"property": list(weight)}], "limit": 3}
    _, first = modeled.post("/models/instances/list", body)
    _, second = modeled.post("/models/instances/list", body | {"cursor": first["nextCursor"]})
    assert [row["externalId"] for row in first["items"] + second["items"]] == ["c", "b", "d", "a"]
    assert instances.list("edge") == []
    for sort in ({"property": ["node"]}, {"property": ["node", "version"], "direction": "up"}):
        assert modeled.refused("/models/instances/list", {"sort": [sort]})["code"] == 400


@pytest.mark.source("SDK data_classes/aggregations.py")
def test_nodes_are_aggregated(modeled: Cdf) -> None:
    """SDK `data_modeling.instances.aggregate`, `data_classes/aggregations.py`."""
    modeled.items(
        "/models/instances",
        pump("a", weight=1, state="up"),
        pump("b", weight=3, state="up"),
        pump("c", state="down"),
        {"instanceType": "node", "space": "sp", "externalId": "bare"},
    )
    aggregate = modeled.client.data_modeling.instances.aggregate
    assert aggregate(VIEW, aggregations.Count("externalId")).value == 3
    numbers = aggregate(VIEW, [aggregations.Count("weight"), aggregations.Avg("weight"), aggregations.Max("weight")])
    assert [each.value for each in numbers] == [2, 2.0, 3.0]
    heavy = filters.Range(VIEW.as_property_ref("weight"), gt=1)
    assert aggregate(VIEW, aggregations.Count("name"), filter=heavy).value == 1
    groups = aggregate(VIEW, aggregations.Count("name"), group_by="state")
    assert {each.group["state"]: each.aggregates[0].value for each in groups} == {"up": 2, "down": 1}
    body = {"view": VIEW.dump(), "aggregates": [{"median": {"property": "weight"}}]}
    assert modeled.refused("/models/instances/aggregate", body)["code"] == 400


@pytest.mark.source("SDK _api/data_modeling/instances.py")
@pytest.mark.parametrize("flag", ["replace", "skipOnVersionConflict", "autoCreateDirectRelations"])
def test_flags_are_true_or_false(modeled: Cdf, flag: str) -> None:
    assert modeled.refused("/models/instances", {"items": [pump("a")], flag: "yes"})["code"] == 400
