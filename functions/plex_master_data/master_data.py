"""The streams of plex_master_data: what each row of a definition is in CDF."""

from collections.abc import Iterator
from typing import Any

from plex_cdf.config import Settings
from plex_cdf.mapping import label
from plex_cdf.naming import Naming
from plex_cdf.plex.records.master_data import (
    ApprovedWorkcenter,
    BomLine,
    Building,
    Equipment,
    Operation,
    Part,
    PartOperation,
    ProductionLine,
    SupplyItem,
    Workcenter,
)
from plex_cdf.resources import Asset, Resource
from plex_cdf.stream import Changes, Children, Extractor, Stream, Whole
from pydantic import Field
from structure import approved_workcenter, bom_line, routing


class MasterDataSettings(Settings):
    """What plex_master_data adds to every extractor's config.

    Attributes:
        bom_call_budget: Calls to Plex that one run may spend on components, one a part. Hourly runs that read 240 each
            get through 40,000 parts in a week.
        bom_refresh_days: How often the components of every part are read again.
    """

    bom_call_budget: int = Field(default=240, ge=0)
    bom_refresh_days: float = Field(default=7, gt=0)


def part(row: Part, naming: Naming) -> Iterator[Asset]:
    """A part at one revision, in the Parts Library, named like `82695-AAA Hex Bolt`."""
    number = "-".join(text for text in (row.number, row.revision) if text)
    yield Asset(
        naming.id("PART", row.id),
        label(number, row.name) or row.id,
        naming.branch("PARTS_LIBRARY"),
        row.description or row.name,
        row.metadata("description"),
    )


def operation(row: Operation, naming: Naming) -> Iterator[Asset]:
    """A kind of work, in the Operations Library, named by its code."""
    yield Asset(
        naming.id("OPERATION", row.id),
        row.code or row.id,
        naming.branch("OPERATIONS_LIBRARY"),
        row.type,
        row.metadata(),
    )


def part_operation(row: PartOperation, naming: Naming) -> Iterator[Resource]:
    """One step of making a part, below the part; one without a part is kept in the Operations Library."""
    parent = naming.id("PART", row.part_id) if row.part_id else naming.branch("OPERATIONS_LIBRARY")
    yield Asset(
        naming.id("PARTOPERATION", row.id),
        label("Operation", row.operation_number) if row.operation_number is not None else row.id,
        parent,
        row.type,
        row.metadata(),
    )
    yield from routing(row, naming)


def building(row: Building, naming: Naming) -> Iterator[Asset]:
    """A building, in the Resources Library."""
    name = label(row.building_code, row.name) or row.id
    yield Asset(
        naming.id("BUILDING", row.id), name, naming.branch("RESOURCES_LIBRARY"), row.building_type, row.metadata()
    )


def workcenter(row: Workcenter, naming: Naming) -> Iterator[Asset]:
    """A workcenter, named like `MILL-01 Mill 1`."""
    name = label(row.workcenter_code, row.name)
    yield Asset(
        naming.id("WORKCENTER", row.workcenter_id),
        name or row.workcenter_id,
        naming.branch("WORKCENTERS"),
        label(row.workcenter_type, row.workcenter_group),
        row.metadata(),
    )


def production_line(row: ProductionLine, naming: Naming) -> Iterator[Asset]:
    """A production line, named by its code."""
    yield Asset(
        naming.id("LINE", row.id),
        row.code or row.description or row.id,
        naming.branch("PRODUCTION_LINES"),
        row.description,
        row.metadata("description"),
    )


def equipment(row: Equipment, naming: Naming) -> Iterator[Asset]:
    """A piece of equipment, in the Resources Library, named like `E-100 Compressor`."""
    yield Asset(
        naming.id("EQUIPMENT", row.id),
        label(row.equipment_id, row.description) or row.id,
        naming.branch("RESOURCES_LIBRARY"),
        label(row.equipment_type, row.brand, row.model_no),
        row.metadata(),
    )


def supply_item(row: SupplyItem, naming: Naming) -> Iterator[Asset]:
    """A supply item, in the Resources Library, named by its number."""
    yield Asset(
        naming.id("SUPPLYITEM", row.id),
        label(row.supply_item_number, row.brief_description) or row.id,
        naming.branch("RESOURCES_LIBRARY"),
        row.description,
        row.metadata("description"),
    )


PARTS = Changes(
    "/mdm/v1/parts", changes="/inventory/v1/inventory-definitions/parts", since="beginUpdatedDateTime", key="partId"
)
DEFINITIONS = "/production/v1/production-definitions"


def streams(settings: MasterDataSettings) -> tuple[Stream[Any], ...]:
    """In the order in which they are read: parents before children, and what takes longest last."""
    boms = Children(
        "/engineering/v1/boms",
        parent="parts",
        budget=settings.bom_call_budget,
        parameter="partId",
        refresh_days=settings.bom_refresh_days,
    )
    return (
        Stream("parts", PARTS, "id", "PART", Part, part, "master"),
        Stream("operations", Whole("/mdm/v1/operations"), "id", "OPERATION", Operation, operation, "master"),
        Stream(
            "part_operations",
            Whole("/mdm/v1/part-operations"),
            "id",
            "PARTOPERATION",
            PartOperation,
            part_operation,
            "master",
        ),
        Stream("buildings", Whole("/mdm/v1/buildings"), "id", "BUILDING", Building, building, "master"),
        Stream(
            "workcenters",
            Whole(f"{DEFINITIONS}/workcenters"),
            "workcenterId",
            "WORKCENTER",
            Workcenter,
            workcenter,
            "production",
        ),
        Stream(
            "production_lines",
            Whole(f"{DEFINITIONS}/production-lines"),
            "id",
            "LINE",
            ProductionLine,
            production_line,
            "production",
        ),
        Stream("equipment", Whole("/maintenance/v1/equipment"), "id", "EQUIPMENT", Equipment, equipment, "master"),
        Stream("supply_items", Whole("/mdm/v1/supply-items"), "id", "SUPPLYITEM", SupplyItem, supply_item, "master"),
        Stream(
            "approved_workcenters",
            Whole(f"{DEFINITIONS}/approved-workcenters"),
            ("partOperationId", "workcenterId"),
            "APPROVED",
            ApprovedWorkcenter,
            approved_workcenter,
            "master",
        ),
        Stream("boms", boms, "id", "BOM", BomLine, bom_line, "master"),
    )


MASTER_DATA = Extractor("master_data", MasterDataSettings, streams)
