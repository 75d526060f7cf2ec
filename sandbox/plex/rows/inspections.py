"""What inspections and problems leave, as rows of the REST API and of data sources.

Both kinds of plants tell what was inspected, on which work, and when; only here does it become rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import quality
from sandbox.plex.plants.plant import History, integer_key

if TYPE_CHECKING:
    from sandbox.plex.plants.plant import Ids, Row
    from sandbox.plex.rows.shopfloor import Work

CHARACTERISTICS = (("Diameter", 40.0, 0.2), ("Length", 120.0, 0.5), ("Roughness", 1.6, 0.4))
"""What is measured of every part that is inspected: name, target in mm, tolerance to both sides."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One checksheet.

    Attributes:
        number: Its number.
        when: Its instant.
        work: What was inspected.
        deviations: Measured values, as shares of the tolerance from the target: beyond 1 is out of specification.
    """

    number: int
    when: str
    work: Work
    deviations: tuple[float, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is within its tolerance."""
        return all(abs(each) <= 1 for each in self.deviations)


def checksheet(inspection: Inspection) -> History:
    """A checksheet as the REST API tells of it: without its measurements."""
    work = inspection.work
    row = quality.CHECKSHEET.row(
        checksheetNumber=inspection.number,
        inspectionMode="In-Process",
        operationId=work.operation_id,
        inspectionDateTime=inspection.when,
        partId=work.part_id,
        partNumber=work.part_number,
        partRevision=work.revision,
        partOperationId=work.part_operation_id,
        workcenterId=work.workcenter_id,
        jobId=work.job_id,
        jobOperationId=work.job_operation_id,
        containerSerialNumbers=[],
        inspectorEmployeeId=work.employee_id,
        outOfSpecification=not inspection.passed,
    )
    return History(inspection.when, row)


def source_checksheet(inspection: Inspection) -> History:
    """The same as a data source has it."""
    work = inspection.work
    return History(
        inspection.when,
        {
            **_keys(work),
            "Checksheet_No": inspection.number,
            "Inspection_Date": inspection.when,
            "Update_Date": inspection.when,
            "Inspection_Mode": "In-Process",
            "Part_Name": work.part_name,
            "Part_Operation_Key": integer_key(work.part_operation_id),
            "Operation_Key": integer_key(work.operation_id),
            "Job_Key": integer_key(work.job_id),
            "Job_No": work.job_number,
            "Inspector_Key": integer_key(work.employee_id),
            "Inspector": work.employee,
            "Shift": "1",
            "Measurement_Count": len(inspection.deviations),
            "Pass": inspection.passed,
            "Out_Of_Spec": not inspection.passed,
        },
    )


def measurements(ids: Ids, inspection: Inspection) -> list[History]:
    """The measured values of a checksheet, as a data source has them."""
    work = inspection.work
    return [
        History(
            inspection.when,
            {
                **_keys(work),
                "Inspection_Key": inspection.number * 10 + index,
                "Checksheet_No": inspection.number,
                "Inspection_Date": inspection.when,
                "Specification_Key": integer_key(ids("specification", (work.part_id, index))),
                "Specification_No": f"S{index + 1}",
                "Description": name,
                "Sample_No": 1,
                "Measurement": round(target + share * tolerance, 4),
                "Target": target,
                "Upper_Limit": target + tolerance,
                "Lower_Limit": target - tolerance,
                "Unit": "mm",
                "Inspector": work.employee,
                "Pass": abs(share) <= 1,
            },
        )
        for index, ((name, target, tolerance), share) in enumerate(
            zip(CHARACTERISTICS, inspection.deviations, strict=False)
        )
    ]


def problem(number: int, kind: str, work: Work, when: str, closed: str, quantity: float) -> History:
    """A problem log: open until an instant."""
    row = {
        **_keys(work),
        "Problem_Key": number,
        "Problem_No": f"P{number:05}",
        "Problem_Type": kind,
        "Problem_Status": "Open",
        "Description": f"{kind} at {work.workcenter_code}",
        "Job_No": work.job_number,
        "Reported_By": work.employee,
        "Quantity": quantity,
        "Report_Date": when,
        "Due_Date": closed,
    }
    return History(when, row, ((closed, {"Problem_Status": "Closed", "Closed_Date": closed}),))


def _keys(work: Work) -> Row:
    """The columns that all quality sources share."""
    return {
        "Part_Key": integer_key(work.part_id),
        "Part_No": work.part_number,
        "Revision": work.revision,
        "Operation_No": work.operation_number,
        "Operation_Code": work.operation_code,
        "Workcenter_Key": integer_key(work.workcenter_id),
        "Workcenter_Code": work.workcenter_code,
    }
