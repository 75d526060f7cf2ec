"""Queries and changes of instances, statistics, and previews that count: what the Toolkit asks beside its resources."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import data_modeling as dm
from cognite.client.data_classes.data_modeling import query as q
from sandbox_cdf_client import AnyJson, Cdf
from sandbox_cdf_pumps import VIEW, edge, prepared, pump, ref, write

QUERY, SYNC = "/models/instances/query", "/models/instances/sync"


@pytest.fixture
def chain(cdf: Cdf) -> Cdf:
    """Pumps a, b and c, each with the next one, and an edge from a to b."""
    prepared(cdf)
    write(cdf, pump("c", name="C"), pump("b", name="B", next=ref("c")), pump("a", name="A", next=ref("b")))
    write(cdf, edge("ab", "a", "b"))
    return cdf


def ask(cdf: Cdf, path: str = QUERY, *, cursors: AnyJson = None, select: AnyJson = None, **sets: AnyJson) -> Any:
    body = {"with": sets, "select": select or {name: {} for name in sets}}
    status, answer = cdf.post(path, body | ({"cursors": cursors} if cursors else {}))
    assert status == 200, answer
    return answer


def found(answer: Any, name: str) -> str:
    return "".join(each["externalId"] for each in answer["items"][name])


def told(cdf: Cdf, number: int, cursors: AnyJson = None) -> Any:
    """The changes of pumps; what changed in this very millisecond comes with the next request."""
    answers = (ask(cdf, SYNC, pumps=PUMPS | {"mode": "twoPhase"}, cursors=cursors) for _ in range(50))
    return next(answer for answer in answers if len(answer["items"]["pumps"]) == number)


PUMPS = {"nodes": {"filter": {"hasData": [VIEW.dump()]}}}
NAME = ["sp", "Pump/v1", "name"]
A = {"nodes": {"filter": {"equals": {"property": NAME, "value": "A"}}}}
NEXT = {"source": VIEW.dump(), "identifier": "next"}


@pytest.mark.source("SDK data_classes/data_modeling/query.py")
def test_a_query_selects_nodes_and_shows_them_through_views(chain: Cdf) -> None:
    pumps = q.NodeResultSetExpression(filter=dm.filters.HasData(views=[VIEW]), limit=2)
    select = q.Select([q.SourceSelector(VIEW, ["name"])])
    instances = chain.client.data_modeling.instances
    first = instances.query(q.Query(with_={"pumps": pumps}, select={"pumps": select}))
    assert [each.properties[VIEW] for each in first["pumps"]] == [{"name": "C"}, {"name": "B"}]
    following = q.Query(with_={"pumps": pumps}, select={"pumps": select}, cursors=first.cursors)
    rest = instances.query(following)
    assert [each.external_id for each in rest["pumps"]] == ["a"]
    assert rest.cursors == {"pumps": None}


@pytest.mark.source("Toolkit commands/_purge.py: it deletes what it has read while it reads on")
def test_a_query_goes_on_where_it_was_while_nodes_go(chain: Cdf) -> None:
    first = ask(chain, pumps=PUMPS | {"limit": 1})
    chain.items("/models/instances/delete", pump("c"))
    assert found(ask(chain, pumps=PUMPS | {"limit": 9}, cursors=first["nextCursor"]), "pumps") == "ba"


@pytest.mark.source("API: instances, query")
@pytest.mark.parametrize(
    ("reached", "names"),
    [
        ({"nodes": {"from": "start", "through": NEXT}}, "b"),
        ({"nodes": {"from": "start", "through": NEXT, "direction": "inwards"}}, ""),
        ({"edges": {"from": "start"}}, "ab"),
        ({"edges": {"from": "start", "direction": "inwards"}}, ""),
    ],
)
def test_a_set_is_reached_from_another(chain: Cdf, reached: dict[str, Any], names: str) -> None:
    assert found(ask(chain, start=A, reached=reached), "reached") == names


@pytest.mark.source("API: instances, query")
@pytest.mark.parametrize(("chain_to", "names"), [(None, "b"), ("destination", "b"), ("source", "a")])
def test_nodes_are_reached_from_edges(chain: Cdf, chain_to: str | None, names: str) -> None:
    ends = {"nodes": {"from": "edges"} | ({"chainTo": chain_to} if chain_to else {})}
    assert found(ask(chain, edges={"edges": {}}, ends=ends), "ends") == names


@pytest.mark.source("Assumed: nobody is helped by a query that is half understood")
@pytest.mark.parametrize(
    ("sets", "more", "says"),
    [
        ({}, {}, "with"),
        ({"a": {"nodes": {}, "edges": {}}}, {}, "either"),
        ({"a": {"nodes": {"from": "b"}}}, {}, "before"),
        ({"a": {"nodes": {"direction": "up"}}}, {}, "up"),
        ({"a": {"edges": {"maxDistance": 2}}}, {}, "maxDistance"),
        ({"a": {"nodes": {}, "sort": []}}, {}, "sort"),
        ({"a": {"nodes": {}}}, {"select": {"b": {}}}, "b is not in with"),
        ({"a": {"nodes": {}}}, {"parameters": {"x": 1}}, "parameters"),
        ({"a": {"nodes": {}}}, {"cursors": {"a": "x"}}, "cursor"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(
    chain: Cdf, sets: dict[str, Any], more: dict[str, Any], says: str
) -> None:
    body = {"with": sets, "select": {name: {} for name in sets}} | more
    error = chain.refused(QUERY, body)
    assert (error["code"], says in error["message"]) == (400, True), error["message"]


@pytest.mark.source("API: instances, sync")
def test_changes_are_told_once_and_in_their_order(chain: Cdf) -> None:
    first = told(chain, 3)
    assert found(first, "pumps") == "cba"
    nothing = told(chain, 0, first["nextCursor"])
    assert (found(nothing, "pumps"), nothing["nextCursor"]) == ("", first["nextCursor"])
    write(chain, pump("c", name="other"))
    assert found(told(chain, 1, nothing["nextCursor"]), "pumps") == "c"


@pytest.mark.source("SDK _api/data_modeling/statistics.py")
def test_statistics_count_by_space_and_altogether(chain: Cdf) -> None:
    statistics = chain.client.data_modeling.statistics
    space = statistics.spaces.retrieve("sp")
    assert (space.containers, space.views, space.data_models, space.nodes, space.edges) == (1, 1, 0, 4, 1)
    assert {each.space for each in statistics.spaces.list()} == {"sp", "other"}
    whole = statistics.project()
    assert (whole.spaces.count, whole.instances.nodes, whole.instances.instances) == (2, 4, 5)
    assert whole.instances.soft_deleted_instances < whole.instances.soft_deleted_instances_limit


COUNT = "SELECT sourceType, COUNT(externalId) AS n FROM _cdf.relationships"


@pytest.mark.source("Toolkit utils/cdf.py: relationship_aggregate_count, label_aggregate_count")
def test_a_preview_counts_in_data_sets_and_groups(cdf: Cdf) -> None:
    (data_set,) = cdf.items("/datasets", {"externalId": "ds"})
    ends = {"sourceExternalId": "a", "targetExternalId": "b", "targetType": "event"}
    for key, kind in (("r1", "asset"), ("r2", "asset"), ("r3", "event")):
        cdf.items("/relationships", ends | {"externalId": key, "sourceType": kind, "dataSetId": data_set["id"]})
    cdf.items("/labels", {"externalId": "l", "name": "l"})
    preview = cdf.client.transformations.preview
    grouped = preview(f"{COUNT} WHERE dataSetId IN ({data_set['id']},7) GROUP BY sourceType").results
    assert grouped == [{"sourceType": "asset", "n": 2}, {"sourceType": "event", "n": 1}]
    assert preview(f"{COUNT} WHERE dataSetId IN (7) GROUP BY sourceType").results == []
    count = "SELECT\n  COUNT(externalId) AS labelCount\nFROM\n  _cdf.labels"
    assert preview(count).results == [{"labelCount": 1}]
    assert preview(f"{count} WHERE dataSetId IN (7)").results == [{"labelCount": 0}]


@pytest.mark.source("Assumed: whatever is no such count is refused")
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM _cdf.assets",
        COUNT,
        "SELECT COUNT(key) AS n FROM _cdf.nothing",
        "SELECT COUNT(nothing) AS n FROM _cdf.assets",
        "SELECT COUNT(id) AS n FROM _cdf.assets WHERE name IN (1)",
    ],
)
def test_other_previews_are_refused(cdf: Cdf, query: str) -> None:
    assert cdf.refused("/transformations/query/run", {"query": query})["code"] == 400


@pytest.mark.source("Toolkit commands/_purge.py: what it lists before it purges a data set")
def test_a_project_has_no_transformations_and_no_3d_models(cdf: Cdf) -> None:
    assert cdf.client.transformations.list() == []
    assert cdf.client.three_d.models.list() == []


@pytest.mark.source("Toolkit commands/_purge.py: NodesToDelete")
@pytest.mark.parametrize("kind", ["files", "timeseries"])
def test_no_node_stands_for_a_file_or_a_time_series(cdf: Cdf, kind: str) -> None:
    asked = {"instanceId": ref("a")}
    assert cdf.items(f"/{kind}/byids", asked, ignoreUnknownIds=True) == []
    assert cdf.refused(f"/{kind}/byids", {"items": [asked]})["missing"] == [asked]
    assert "instanceId" in cdf.refused(f"/{kind}/byids", {"items": [{"instanceId": "a"}]})["message"]


@pytest.mark.source("Toolkit dataio/_asset_centric.py: it sends what it downloaded")
def test_an_asset_is_created_from_what_a_list_shows(cdf: Cdf) -> None:
    shown = {"childCount": 3, "depth": 2, "path": ["a", "b"]}
    (asset,) = cdf.items("/assets", {"name": "a"} | shown)
    assert not shown.keys() & asset.keys()
    assert "size" in cdf.refused("/assets", {"items": [{"name": "a", "size": 1}]})["message"]


@pytest.mark.source("Toolkit client/api/raw.py")
def test_a_raw_table_is_deleted_with_its_database_named_again(cdf: Cdf) -> None:
    cdf.items("/raw/dbs", {"name": "db"})
    cdf.items("/raw/dbs/db/tables", {"name": "t"})
    assert cdf.post("/raw/dbs/db/tables/delete", {"items": [{"dbName": "db", "name": "t"}]}) == (200, {})
    assert "dbName" in cdf.refused("/raw/dbs/delete", {"items": [{"dbName": "db", "name": "db"}]})["message"]
