"""What is to be inspected, as rows: control plans and their lines, specifications, deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import quality
from sandbox.plex.endpoints.endpoint import EFFECTIVE
from sandbox.plex.plants.plant import History
from sandbox.plex.rows.inspections import CHARACTERISTICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.plex.plants.plant import Ids, Row


@dataclass(frozen=True, slots=True)
class Inspected:
    """A part that has a control plan.

    Attributes:
        id: Its UUID.
        number: Its number.
        revision: Its revision.
        name: Its name.
        steps: Its part-operations, of which the last is inspected.
        code: The code of that operation.
        since: When the plan was made.
        plan_number: The plan's number.
    """

    id: str
    number: str | None
    revision: str | None
    name: str | None
    steps: Sequence[Row]
    code: str | None
    since: str
    plan_number: float


class QualityBook:
    """Makes the rows of one tenant.

    Args:
        ids: The tenant's ids.
        building: The fields `buildingId` and `buildingCode`.

    Attributes:
        ids: The tenant's ids.
    """

    def __init__(self, ids: Ids, building: Row) -> None:
        self.ids = ids
        self._building = building

    def plan(self, part: Inspected) -> History:
        """The control plan of a part."""
        row = quality.CONTROL_PLANS.row(
            id=self.ids("control-plan", part.id),
            **self._building,
            controlPlanNo=part.plan_number,
            controlPlanStatus="Approved",
            controlPlanType="Production",
            description=f"Control plan of {part.number}",
            originalDate=part.since,
            partId=part.id,
            partNo=part.number,
            partRevision=part.revision,
            partName=part.name,
            primary=True,
            revisionDate=part.since,
        )
        return History(part.since, row)

    def specifications(self, part: Inspected) -> list[History]:
        """What is measured of a part."""
        return [
            History(part.since, self._specification(part, index, *each)) for index, each in enumerate(CHARACTERISTICS)
        ]

    def _specification(self, part: Inspected, index: int, name: str, target: float, tolerance: float) -> Row:
        return quality.PART_SPECIFICATIONS.row(
            id=self.ids("specification", (part.id, index)),
            partId=part.id,
            partNumber=part.number,
            partRevision=part.revision,
            specificationNumber=f"S{index + 1}",
            description=name,
            defaultGageType="Caliper",
            customerSpecified=False,
            toleranceType={
                "name": "Bilateral",
                "attribute": False,
                "target": target,
                "targetPlus": tolerance,
                "targetMinus": tolerance,
                "decimalPrecision": 3,
                "unit": "mm",
                "oneSidedMinimum": None,
                "oneSidedMaximum": None,
                "measurementText": None,
                "compareValue": None,
                "referenceDisplayPopup": False,
                "referencePopupMessage": None,
                "bonusTolerances": [],
            },
            updatedDateTime=part.since,
        )

    def lines(self, part: Inspected) -> list[History]:
        """The lines of a part's control plan."""
        step = part.steps[-1] if part.steps else {}
        return [
            History(
                part.since,
                quality.CONTROL_PLAN_LINES.row(
                    id=self.ids("control-plan-line", (part.id, index)),
                    controlPlanId=self.ids("control-plan", part.id),
                    controlPlanLineStatus="Active",
                    inspectionMode="In-Process",
                    partId=part.id,
                    partNo=part.number,
                    partRevision=part.revision,
                    partOperationId=step.get("id"),
                    operationId=step.get("operationId"),
                    operationCode=part.code,
                    specificationId=self.ids("specification", (part.id, index)),
                    description=name,
                    gageType="Caliper",
                    partSpecificGages=[],
                    samplePlan="1 of 10",
                    defaultAttributeAnswerPass=True,
                    sortOrder=float(index + 1),
                    checksheetSortOrder=float(index + 1),
                    trackFailureModes=False,
                ),
            )
            for index, (name, _, _) in enumerate(CHARACTERISTICS)
        ]

    def deviation(self, number: int, part: Inspected, job: str | None, begins: str, expires: str) -> History:
        """A deviation that is effective from an instant until another."""
        row = quality.DEVIATIONS.row(
            id=self.ids("deviation", number),
            approvedByUserId="quality",
            approvedDate=begins,
            **self._building,
            deviationNo=f"D{number:04}",
            deviationStatus="Approved",
            effectiveDate=begins,
            expirationDate=expires,
            jobIds=[job] if job else [],
            type="Temporary",
            parts=[
                {
                    "partId": part.id,
                    "specificationId": self.ids("specification", (part.id, 0)),
                    "target": CHARACTERISTICS[0][1],
                    "targetPlus": 2 * CHARACTERISTICS[0][2],
                    "targetMinus": 2 * CHARACTERISTICS[0][2],
                    "oneSidedMinimum": None,
                    "oneSidedMaximum": None,
                    "measurementText": None,
                    "compareValue": None,
                }
            ],
            piecesAffected=100,
            reason="Held for review",
        )
        ended = {"deviationStatus": "Expired", EFFECTIVE: False}
        return History(begins, {**row, EFFECTIVE: True}, ((expires, ended),))
