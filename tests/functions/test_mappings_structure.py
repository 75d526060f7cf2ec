"""How definitions hang together in CDF."""

from typing import Any
from uuid import UUID

from master_data import MASTER_DATA, MasterDataSettings
from plex_cdf.config import Facility
from plex_cdf.naming import Naming
from plex_cdf.resources import Asset, Relationship, Resource, SequenceLine
from plex_cdf.stream import Children

NAMING = Naming(340884)
FACILITY = Facility(pcn=340884, tenantId=UUID("97016117-143c-5059-babf-7d1e7b3a8e7e"))
LINE = {
    "id": "b-1",
    "partId": "p-1",
    "partNumber": "82695",
    "partNumberRevision": "82695-AAA",
    "partOperationCode": "ASSEMBLE",
    "componentPartId": "p-2",
    "componentPartNumber": "700",
    "componentPartNumberRevision": "700-B",
    "componentUnitOfMeasure": "Ea",
    "quantity": 2.0,
    "sortOrder": 3.0,
    "position": "10",
    "active": True,
    "partOperationNumber": 10,
    "quantityFixed": False,
    "depletionUnitOfMeasure": "g",
    "depletionConversionFactor": 1000.0,
    "autoDeplete": True,
}


def made_of(name: str, row: dict[str, Any]) -> list[Resource]:
    (stream,) = [stream for stream in MASTER_DATA.streams(MasterDataSettings(facility=FACILITY)) if stream.name == name]
    return list(stream.map(stream.record.model_validate(row), NAMING))


def between(external_id: str, source: str, target: str) -> Relationship:
    return Relationship(f"PCN340884_{external_id}", f"PCN340884_{source}", "asset", f"PCN340884_{target}", "asset")


def line(**changed: Any) -> SequenceLine:
    made = made_of("boms", {**LINE, **changed})[-1]
    assert isinstance(made, SequenceLine)
    return made


def cells(made: SequenceLine) -> dict[str, Any]:
    return {column.name: value for column, value in zip(made.columns, made.values, strict=True)}


def test_a_part_operation_leads_from_its_part_to_its_kind_of_work() -> None:
    asset, *links = made_of("part_operations", {"id": "po-1", "partId": "p-1", "operationId": "o-1"})
    assert isinstance(asset, Asset)
    assert links == [
        between("PARTOPERATION_po-1_OF_PART", "PART_p-1", "PARTOPERATION_po-1"),
        between("PARTOPERATION_po-1_OPERATION", "PARTOPERATION_po-1", "OPERATION_o-1"),
    ]
    assert len(made_of("part_operations", {"id": "po-1"})) == 1


def test_an_approved_workcenter_is_a_way_from_an_operation_to_a_machine() -> None:
    row = {"rowKey": "digest", "partOperationId": "po-1", "workcenterId": "w-1", "targetRate": 12.5}
    assert made_of("approved_workcenters", row) == [
        between("APPROVED_po-1_w-1", "PARTOPERATION_po-1", "WORKCENTER_w-1")
    ]
    for field in ("partOperationId", "workcenterId"):
        assert made_of("approved_workcenters", {**row, field: None}) == []


def test_how_fast_a_part_may_be_made_where_stands_in_its_table_of_rates() -> None:
    row = {
        "rowKey": "digest",
        "partOperationId": "po-1",
        "workcenterId": "w-1",
        "workcenterCode": "MILL-01",
        "partId": "p-1",
        "partNoRevision": "82695-AAA",
        "operationNo": 10,
        "operationCode": "MILL",
        "targetRate": 12.5,
        "setupTime": 0.5,
    }
    _, made = made_of("approved_workcenters", row)
    assert isinstance(made, SequenceLine)
    assert (made.sequence, made.name) == ("PCN340884_PART_p-1_RATES", "82695-AAA rates")
    assert made.asset == "PCN340884_PART_p-1"
    assert {name: value for name, value in cells(made).items() if value is not None} == {
        "operation": "MILL",
        "operationNumber": 10,
        "operationExternalId": "PCN340884_PARTOPERATION_po-1",
        "workcenter": "MILL-01",
        "workcenterExternalId": "PCN340884_WORKCENTER_w-1",
        "targetRate": 12.5,
        "setupTime": 0.5,
    }


def test_a_component_is_linked_and_stands_in_the_table_of_its_part() -> None:
    link, made = made_of("boms", LINE)
    assert link == between("BOM_b-1", "PART_p-1", "PART_p-2")
    assert isinstance(made, SequenceLine)
    assert (made.sequence, made.name) == ("PCN340884_PART_p-1_BOM", "82695-AAA BOM")
    assert (made.asset, made.metadata) == ("PCN340884_PART_p-1", {"partExternalId": "PCN340884_PART_p-1"})
    assert cells(made) == {
        "component": "700-B",
        "componentExternalId": "PCN340884_PART_p-2",
        "quantity": 2.0,
        "unit": "Ea",
        "operation": "ASSEMBLE",
        "position": "10",
        "side": None,
        "minimumQuantity": None,
        "maximumQuantity": None,
        "sortOrder": 3.0,
        "active": "true",
        "bomId": "b-1",
        "operationNumber": 10,
        "quantityFixed": "false",
        "depletionUnit": "g",
        "depletionConversionFactor": 1000.0,
        "autoDeplete": "true",
        "scaling": None,
        "transferHeat": None,
        "note": None,
    }


def test_a_component_may_be_a_supply_item() -> None:
    row = {
        **LINE,
        "componentPartId": None,
        "componentPartNumber": None,
        "componentPartNumberRevision": None,
        "componentSupplyItemId": "i-1",
        "componentSupplyItemNumber": "GLUE",
    }
    link, made = made_of("boms", row)
    assert link == between("BOM_b-1", "PART_p-1", "SUPPLYITEM_i-1")
    assert isinstance(made, SequenceLine)
    assert (cells(made)["component"], cells(made)["componentExternalId"]) == ("GLUE", "PCN340884_SUPPLYITEM_i-1")


def test_a_line_out_of_use_is_in_the_table_only() -> None:
    (made,) = made_of("boms", {**LINE, "active": False})
    assert isinstance(made, SequenceLine)
    assert cells(made)["active"] == "false"
    assert len(made_of("boms", {**LINE, "active": None})) == 2


def test_a_line_of_nothing_known_is_in_the_table_only() -> None:
    (made,) = made_of("boms", {**LINE, "componentPartId": None})
    assert isinstance(made, SequenceLine)
    assert cells(made)["componentExternalId"] is None


def test_lines_are_in_plex_order_and_those_without_one_come_last() -> None:
    lines = [
        line(id="c", sortOrder=None),
        line(id="b", sortOrder=2),
        line(id="a", sortOrder=2),
        line(id="d", sortOrder=-1),
        line(id="e", sortOrder=0),
    ]
    assert [cells(each)["bomId"] for each in sorted(lines, key=lambda each: each.order)] == ["d", "e", "a", "b", "c"]


def test_every_line_tells_the_same_of_its_table() -> None:
    one, other = line(), line(id="b-2", quantity=7, componentPartId="p-9", sortOrder=None)
    assert (one.sequence, one.name, one.columns, one.asset, one.metadata) == (
        other.sequence,
        other.name,
        other.columns,
        other.asset,
        other.metadata,
    )


def test_components_are_asked_for_by_part_in_a_budget() -> None:
    settings = MasterDataSettings(facility=FACILITY, bomCallBudget=7, bomRefreshDays=1)
    assert MASTER_DATA.streams(settings)[-1].read == Children(
        "/engineering/v1/boms", parent="parts", budget=7, parameter="partId", refresh_days=1
    )
