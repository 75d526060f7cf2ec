"""Writes of nodes and edges: what they need, what values may be, and what they leave."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes import filters
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_pumps import PUMP, VIEW, container, edge, names, pump, read, ref, refusal, view, write


@pytest.mark.source("SDK tests test_data_modeling/test_instances.py")
def test_edges_are_written_read_and_deleted(modeled: Cdf) -> None:
    instances = modeled.client.data_modeling.instances
    new = dm.EdgeApply("sp", "e", ("sp", "drives"), ("sp", "a"), ("sp", "b"))
    with pytest.raises(CogniteAPIError, match="does not exist"):
        instances.apply(edges=new, auto_create_start_nodes=True)
    made = instances.apply(edges=new, auto_create_start_nodes=True, auto_create_end_nodes=True)
    assert [(each.external_id, each.version) for each in made.edges] == [("e", 1)]
    assert made.nodes == []
    assert [each.external_id for each in instances.retrieve([("sp", "a"), ("sp", "b")]).nodes] == ["a", "b"]
    (found,) = instances.retrieve(edges=("sp", "e")).edges
    assert (found.start_node.external_id, found.end_node.external_id, found.type.external_id) == ("a", "b", "drives")
    assert [each.external_id for each in instances.list("edge", filter=filters.Prefix(["edge", "externalId"], "e"))]
    assert {each.external_id for each in instances.list("node")} == {"a", "b", "drives"}
    assert instances.apply(edges=new).edges[0].was_modified is False
    assert instances.delete(edges=("sp", "e")).edges == [dm.EdgeId("sp", "e")]
    assert instances.list("edge") == []


@pytest.mark.source("API: instances, delete")
def test_a_node_takes_its_edges_along(modeled: Cdf) -> None:
    write(modeled, pump("a"), pump("b"), pump("c"), edge("ab", "a", "b"), edge("bc", "b", "c"), edge("ca", "c", "a"))
    modeled.items("/models/instances/delete", pump("a"))
    assert names(modeled, instanceType="edge") == "bc"


@pytest.mark.source("API: instances, apply")
@pytest.mark.parametrize("part", ["type", "startNode", "endNode"])
def test_an_edge_needs_a_type_and_ends(modeled: Cdf, part: str) -> None:
    write(modeled, pump("a"))
    assert part in refusal(modeled, edge("e", "a", "a", **{part: None}))


@pytest.mark.source("Assumed: the API says that space and external id identify one node or edge")
def test_a_node_and_an_edge_share_no_name(modeled: Cdf) -> None:
    write(modeled, pump("a"), edge("e", "a", "a"))
    assert "exists as node" in refusal(modeled, edge("a", "a", "a"))
    assert "exists as edge" in refusal(modeled, pump("e"))
    assert "which is an edge" in refusal(modeled, pump("b", next=ref("e")))


@pytest.mark.source("SDK ContainerApply.used_for")
def test_a_container_is_used_for_nodes_or_edges(modeled: Cdf) -> None:
    modeled.items("/models/containers", container("Wire", types={"length": {"type": "int32"}}, usedFor="edge"))
    data = [{"source": dm.ContainerId("sp", "Wire").dump(), "properties": {"length": 1}}]
    assert "used for edge" in refusal(modeled, pump("a") | {"sources": data})
    write(modeled, pump("a"), edge("e", "a", "a", sources=data))
    pumps = [{"source": VIEW.dump(), "properties": {"name": "x"}}]
    assert "used for node" in refusal(modeled, edge("f", "a", "a", sources=pumps))


@pytest.mark.source("API: instances, apply (replace)")
def test_a_replacement_takes_defaults(modeled: Cdf) -> None:
    changed = container(types={"rank": {"type": "int64"}, "name": {"type": "text"}})
    changed["properties"]["rank"]["defaultValue"] = 7
    modeled.items("/models/containers", changed)
    write(modeled, pump("a", name="x", rank=1, open=True))
    write(modeled, pump("a", name="y"), replace=True)
    assert read(modeled, "a") == {"name": "y", "rank": 7}
    write(modeled, pump("a", rank=None))
    assert read(modeled, "a") == {"name": "y"}, "null is no default"
    write(modeled, pump("a", open=False))
    assert "rank" not in read(modeled, "a"), "a patch brings no default back"


@pytest.mark.source("API: instances, apply (autoCreateDirectRelations)")
def test_only_what_is_sent_needs_its_targets(modeled: Cdf) -> None:
    write(modeled, pump("a", next=ref("b"), parts=[ref("c"), ref("d")], extra=ref("nowhere", "no space")))
    assert names(modeled) == "a b c d"
    modeled.items("/models/instances/delete", pump("b"))
    write(modeled, pump("a", name="x"), autoCreateDirectRelations=False)
    write(modeled, pump("a", name="y"))
    assert names(modeled) == "a c d", "a relation that was there before creates nothing"
    assert "which does not exist" in refusal(modeled, pump("a", next=ref("b")), autoCreateDirectRelations=False)
    kind = pump("k") | {"type": ref("Kind")}
    assert "which does not exist" in refusal(modeled, kind, autoCreateDirectRelations=False)
    write(modeled, kind)
    assert names(modeled) == "a c d k Kind"


@pytest.mark.source("API: containers, direct node relation")
def test_a_relation_to_a_container_needs_data_in_it(modeled: Cdf) -> None:
    kind = {"type": "direct", "container": PUMP.dump()}
    modeled.items("/models/containers", container("Line", types={"head": kind}))
    line = dm.ContainerId("sp", "Line").dump()

    def of(head: str) -> dict[str, Any]:
        return pump("line") | {"sources": [{"source": line, "properties": {"head": ref(head)}}]}

    assert "which does not exist" in refusal(modeled, of("a"))
    write(modeled, pump("bare"))
    assert "has no data in sp:Pump" in refusal(modeled, of("bare"))
    write(modeled, of("a"), pump("a", name="x"))


@pytest.mark.source("SDK NodeApply.existing_version")
@pytest.mark.parametrize("version", [-1, True, "1", 1.0])
def test_a_version_is_a_whole_number(modeled: Cdf, version: AnyJson) -> None:
    assert "existingVersion" in refusal(modeled, pump("a") | {"existingVersion": version})


@pytest.mark.source("Assumed: as everywhere, an unknown field is refused")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"items": [pump("a") | {"more": 1}]}),
        ("", {"items": [pump("a")], "more": 1}),
        ("", {"items": [pump("a") | {"startNode": ref("b")}]}),
        ("/byids", {"items": [pump("a")], "more": 1}),
        ("/list", {"more": 1}),
        ("/list", {"sources": [{"source": VIEW.dump(), "properties": ["name"]}]}),
        ("/list", {"sort": [{"property": ["node", "version"], "order": "asc"}]}),
        ("/aggregate", {"view": VIEW.dump(), "more": 1}),
    ],
)
def test_unknown_fields(modeled: Cdf, path: str, body: dict[str, Any]) -> None:
    assert "Unexpected field" in modeled.refused(f"/models/instances{path}", body)["message"]


VALUES: list[tuple[str, AnyJson, AnyJson]] = [
    ("rank", -(2**63), -(2**63)),
    ("rank", 2**63 - 1, 2**63 - 1),
    ("power", 3.4e38, 3.4e38),
    ("at", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000+00:00"),
    ("at", "2024-02-29T23:59:59.1-01:30", "2024-03-01T01:29:59.100+00:00"),
    ("day", "0001-01-01", "0001-01-01"),
    ("state", "up", "up"),
    ("tags", [], []),
    ("extra", [1, None], [1, None]),
    ("extra", {"k": "x" * 10_000}, {"k": "x" * 10_000}),
]


@pytest.mark.source("API: containers, properties")
@pytest.mark.parametrize(("field", "sent", "kept"), VALUES)
def test_values_that_are_kept(modeled: Cdf, field: str, sent: AnyJson, kept: AnyJson) -> None:
    write(modeled, pump("a", **{field: sent}))
    assert read(modeled, "a") == {field: kept}
    (again,) = write(modeled, pump("a", **{field: kept}))
    assert again["wasModified"] is False


@pytest.mark.source("API: containers, properties")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", 2**63),
        ("rank", 1.0),
        ("power", 3.5e38),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("at", "2024-01-01"),
        ("at", "2024-01-01T00:00:00.123456Z"),
        ("day", "20240101"),
        ("day", "2024-W01-1"),
        ("day", 1704067200),
        ("state", "sideways"),
        ("state", "other"),
        ("tags", ["a", None]),
        ("next", ref("")),
        ("next", ref("x" * 257)),
        ("next", ref("a") | {"type": "node"}),
        ("parts", [ref("a")] * 101),
        ("extra", {"k" * 129: 1}),
        ("extra", {"k": "x" * 10_241}),
        ("extra", {str(number): 1 for number in range(257)}),
    ],
)
def test_values_that_are_refused(modeled: Cdf, field: str, value: AnyJson) -> None:
    assert field in refusal(modeled, pump("a", **{field: value}))


@pytest.mark.source("Docs: ingestion")
def test_a_patch_replaces_lists_whole(modeled: Cdf) -> None:
    write(modeled, pump("a", tags=["x", "y"], rank=1))
    write(modeled, pump("a", tags=["z"]))
    assert read(modeled, "a") == {"tags": ["z"], "rank": 1}
    write(modeled, pump("a", tags=[]))
    assert read(modeled, "a") == {"tags": [], "rank": 1}
    write(modeled, pump("a", tags=None))
    assert read(modeled, "a") == {"rank": 1}


@pytest.mark.source("SDK NodeOrEdgeData")
def test_two_sources_in_one_item(modeled: Cdf) -> None:
    modeled.items("/models/containers", container("Tag", types={"label": {"type": "text"}}))
    tag = dm.ContainerId("sp", "Tag")
    modeled.items("/models/views", view("Tag", tag, fields=("label",)), view("Ranked", fields=("rank",)))
    sources = [
        {"source": VIEW.dump(), "properties": {"name": "x"}},
        {"source": dm.ViewId("sp", "Ranked", "v1").dump(), "properties": {"rank": 2}},
        {"source": tag.dump(), "properties": {"label": "l"}},
    ]
    (made,) = write(modeled, pump("a") | {"sources": sources}, replace=True)
    assert made["version"] == 1
    views = [VIEW, dm.ViewId("sp", "Tag", "v1")]
    (found,) = modeled.client.data_modeling.instances.retrieve(("sp", "a"), sources=views).nodes
    assert found.properties[VIEW] == {"name": "x", "rank": 2}
    assert found.properties[views[1]] == {"label": "l"}
    both = [{"source": each.dump()} for each in views]
    write(modeled, pump("b", name="y"))
    assert names(modeled, sources=both) == "a", "a list shows what has data in all of its views"


@pytest.mark.source("SDK tests test_data_modeling/test_instances.py")
def test_unknown_instances_are_absent_from_an_answer(modeled: Cdf) -> None:
    write(modeled, pump("a"))
    instances = modeled.client.data_modeling.instances
    wanted = [("sp", "a"), ("sp", "no"), ("no", "a"), ("sp", "a")]
    assert instances.retrieve(wanted).nodes.as_ids() == [dm.NodeId("sp", "a")]
    assert instances.retrieve(edges=[("sp", "a")]).edges == []
    assert instances.delete(edges=[("sp", "a")]).edges == []
    assert instances.delete([("sp", "no")]).nodes == []
