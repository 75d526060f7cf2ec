"""How the definitions hang together: as relationships, and as two tables a part, of its components and of its rates."""

from collections.abc import Iterator

from plex_cdf.naming import Naming, as_text
from plex_cdf.plex.records.master_data import ApprovedWorkcenter, BomLine, PartOperation
from plex_cdf.resources import Column, Relationship, SequenceLine

BOM_COLUMNS = (
    Column("component"),
    Column("componentExternalId"),
    Column("quantity", "DOUBLE"),
    Column("unit"),
    Column("operation"),
    Column("position"),
    Column("side"),
    Column("minimumQuantity", "DOUBLE"),
    Column("maximumQuantity", "DOUBLE"),
    Column("sortOrder", "DOUBLE"),
    Column("active"),
    Column("bomId"),
    Column("operationNumber", "DOUBLE"),
    Column("quantityFixed"),
    Column("depletionUnit"),
    Column("depletionConversionFactor", "DOUBLE"),
    Column("autoDeplete"),
    Column("scaling"),
    Column("transferHeat"),
    Column("note"),
)
RATE_COLUMNS = (
    Column("operation"),
    Column("operationNumber", "DOUBLE"),
    Column("operationExternalId"),
    Column("workcenter"),
    Column("workcenterExternalId"),
    Column("standardProductionRate", "DOUBLE"),
    Column("idealRate", "DOUBLE"),
    Column("targetRate", "DOUBLE"),
    Column("sequenceRate", "DOUBLE"),
    Column("crewSize", "DOUBLE"),
    Column("setupTime", "DOUBLE"),
    Column("setupCrewSize", "DOUBLE"),
    Column("note"),
)


def _between_assets(external_id: str, source: str, target: str) -> Relationship:
    return Relationship(external_id, source, "asset", target, "asset")


def routing(row: PartOperation, naming: Naming) -> Iterator[Relationship]:
    """From a part to its part operation, and from there to the kind of work that it is."""
    step = naming.id("PARTOPERATION", row.id)
    if row.part_id:
        yield _between_assets(naming.id("PARTOPERATION", row.id, "_OF_PART"), naming.id("PART", row.part_id), step)
    if row.operation_id:
        operation = naming.id("OPERATION", row.operation_id)
        yield _between_assets(naming.id("PARTOPERATION", row.id, "_OPERATION"), step, operation)


def approved_workcenter(row: ApprovedWorkcenter, naming: Naming) -> Iterator[Relationship | SequenceLine]:
    """From a part operation to a workcenter that may do it, and how fast, as a line of the part's table of rates."""
    if not row.part_operation_id or not row.workcenter_id:
        return
    step, workcenter = naming.id("PARTOPERATION", row.part_operation_id), naming.id("WORKCENTER", row.workcenter_id)
    yield _between_assets(naming.id("APPROVED", f"{row.part_operation_id}_{row.workcenter_id}"), step, workcenter)
    if not row.part_id:
        return
    part = naming.id("PART", row.part_id)
    yield SequenceLine(
        naming.id("PART", row.part_id, "_RATES"),
        f"{row.part_no_revision or row.part_no or row.part_id} rates",
        RATE_COLUMNS,
        (
            row.operation_code,
            row.operation_no,
            step,
            row.workcenter_code or row.workcenter_name,
            workcenter,
            row.standard_production_rate,
            row.ideal_rate,
            row.target_rate,
            row.sequence_rate,
            row.crew_size,
            row.setup_time,
            row.setup_crew_size,
            row.note,
        ),
        order=(float(row.operation_no or 0), row.workcenter_code or "", row.row_key),
        asset=part,
        metadata={"partExternalId": part},
    )


def bom_line(row: BomLine, naming: Naming) -> Iterator[Relationship | SequenceLine]:
    """A component: from the part to it, and as a line of the part's table of components."""
    if not row.part_id:
        return
    part, component = naming.id("PART", row.part_id), _component(row, naming)
    # Who follows relationships sees no column that says that a line is out of use.
    if component and row.active is not False:
        yield _between_assets(naming.id("BOM", row.id), part, component)
    yield SequenceLine(
        naming.id("PART", row.part_id, "_BOM"),
        f"{row.part_number_revision or row.part_number or row.part_id} BOM",
        BOM_COLUMNS,
        (
            row.component_part_number_revision or row.component_part_number or row.component_supply_item_number,
            component,
            row.quantity,
            row.component_unit_of_measure,
            row.part_operation_code,
            row.position,
            row.side,
            row.minimum_quantity,
            row.maximum_quantity,
            row.sort_order,
            _text(row.active),
            row.id,
            row.part_operation_number,
            _text(row.quantity_fixed),
            row.depletion_unit_of_measure,
            row.depletion_conversion_factor,
            _text(row.auto_deplete),
            _text(row.scaling),
            _text(row.transfer_heat),
            row.note,
        ),
        # Lines without an order come last.
        order=(float(row.sort_order is None), row.sort_order or 0.0, row.id),
        asset=part,
        metadata={"partExternalId": part},
    )


def _text(value: object) -> str | None:
    return None if value is None else as_text(value)


def _component(row: BomLine, naming: Naming) -> str | None:
    """The external id of what a line names: a part, or a supply item."""
    if row.component_part_id:
        return naming.id("PART", row.component_part_id)
    return naming.id("SUPPLYITEM", row.component_supply_item_id) if row.component_supply_item_id else None
