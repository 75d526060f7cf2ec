"""What rows of the quality definitions become."""

import json
from typing import Any

from plex_cdf.config import read_settings
from plex_cdf.naming import Naming
from plex_cdf.resources import Asset, Event, Resource
from plex_cdf.stream import Children
from quality import QUALITY, QualitySettings

NAMING = Naming(340884)
CONFIG = """
facility: {pcn: 340884, tenantId: 97016117-143c-5059-babf-7d1e7b3a8e7e}
startDate: 2024-03-01
"""
SETTINGS = read_settings(QualitySettings, "plex_340884_quality", CONFIG)


def made_of(name: str, row: dict[str, Any]) -> Resource:
    """The one thing that a stream makes of a row."""
    (stream,) = [stream for stream in QUALITY.streams(SETTINGS) if stream.name == name]
    made: Resource
    (made,) = stream.map(stream.record.model_validate(row), NAMING)
    return made


def test_a_control_plan_is_named_by_its_number_and_part() -> None:
    row = {
        "id": "c-1",
        "controlPlanNo": 1001.0,
        "partNo": "82695",
        "partRevision": "AAA",
        "description": "Bolts",
        "primary": True,
    }
    assert made_of("control_plans", row) == Asset(
        "PCN340884_CONTROLPLAN_c-1",
        "1001 82695-AAA Bolts",
        "PCN340884_CONTROL_PLANS",
        "Bolts",
        {"id": "c-1", "controlPlanNo": "1001", "partNo": "82695", "partRevision": "AAA", "primary": "true"},
    )


def test_a_line_stands_below_its_plan_with_its_gages() -> None:
    row = {
        "id": "l-1",
        "controlPlanId": "c-1",
        "sortOrder": 2.0,
        "description": "Diameter",
        "partSpecificGages": [
            {"gageId": "G7", "nextCalibrationDate": "2026-04-09T14:00:00Z", "note": None, "electronicGage": False},
            {"gageId": "G8"},
        ],
    }
    asset = made_of("control_plan_lines", row)
    assert isinstance(asset, Asset)
    assert (asset.external_id, asset.name) == ("PCN340884_CONTROLPLANLINE_l-1", "2 Diameter")
    assert asset.parent == "PCN340884_CONTROLPLAN_c-1"
    assert json.loads(asset.metadata["partSpecificGages"]) == [
        {"gageId": "G7", "nextCalibrationDate": "2026-04-09T14:00:00.000Z", "electronicGage": "false"},
        {"gageId": "G8"},
    ]


def test_a_line_without_a_plan_is_kept_beside_them() -> None:
    asset = made_of("control_plan_lines", {"id": "l-1", "partSpecificGages": []})
    assert asset == Asset("PCN340884_CONTROLPLANLINE_l-1", "l-1", "PCN340884_CONTROL_PLANS", None, {"id": "l-1"})


def test_lines_are_asked_for_by_plan_in_a_budget() -> None:
    settings = read_settings(QualitySettings, "plex_340884_quality", CONFIG + "callBudget: 5\nlineRefreshDays: 1")
    assert QUALITY.streams(settings)[1].read == Children(
        "/quality/v1/control-plans/{key}/control-plan-lines", parent="control_plans", budget=5, refresh_days=1
    )


def test_a_specification_is_an_inspection_point_with_its_tolerance() -> None:
    row = {
        "id": "s-1",
        "partNumber": "82695",
        "partRevision": "AAA",
        "specificationNumber": "S1",
        "description": "Diameter",
        "toleranceType": {
            "name": "Bilateral",
            "target": 10.0,
            "targetPlus": 0.05,
            "unit": "mm",
            "attribute": False,
            "oneSidedMinimum": None,
            "bonusTolerances": [],
        },
        "updatedDateTime": "2026-04-09T14:00:00Z",
    }
    assert made_of("part_specifications", row) == Asset(
        "PCN340884_INSPECTIONPOINT_s-1",
        "82695-AAA S1 Diameter",
        "PCN340884_INSPECTION_POINTS",
        "Diameter",
        {
            "id": "s-1",
            "partNumber": "82695",
            "partRevision": "AAA",
            "specificationNumber": "S1",
            "updatedDateTime": "2026-04-09T14:00:00.000Z",
            "toleranceType.name": "Bilateral",
            "toleranceType.attribute": "false",
            "toleranceType.target": "10",
            "toleranceType.targetPlus": "0.05",
            "toleranceType.unit": "mm",
        },
    )


def test_bonus_tolerances_of_any_shape_are_kept() -> None:
    bonus = [{"from": 1, "to": 2.5}, None]
    asset = made_of("part_specifications", {"id": "s-1", "toleranceType": {"bonusTolerances": bonus}})
    assert isinstance(asset, Asset)
    assert json.loads(asset.metadata["toleranceType.bonusTolerances"]) == bonus[:1]


def test_a_deviation_links_its_parts_points_and_jobs() -> None:
    row = {
        "id": "d-1",
        "deviationNo": "D0001",
        "deviationStatus": "Approved",
        "effectiveDate": "2026-04-09T14:00:00Z",
        "expirationDate": "2026-04-10T14:00:00Z",
        "reason": "Held for review",
        "jobIds": ["j-1", "j-2"],
        "parts": [
            {"partId": "p-1", "specificationId": "s-1", "target": 10.0},
            {"partId": "p-1", "specificationId": "s-2"},
            {"partId": "p-2", "specificationId": None},
        ],
    }
    event = made_of("deviations", row)
    assert isinstance(event, Event)
    assert (event.external_id, event.type, event.subtype) == ("PCN340884_DEVIATION_d-1", "deviation", "Approved")
    assert (event.start, event.end) == (1775743200000, 1775829600000)
    assert event.description == "Deviation D0001: Held for review"
    assert event.assets == (
        "PCN340884_PART_p-1",
        "PCN340884_PART_p-2",
        "PCN340884_INSPECTIONPOINT_s-1",
        "PCN340884_INSPECTIONPOINT_s-2",
    )
    assert event.metadata["jobIds"] == "j-1, j-2"
    assert event.metadata["jobExternalIds"] == "PCN340884_JOB_j-1, PCN340884_JOB_j-2"
    assert json.loads(event.metadata["parts"])[0] == {"partId": "p-1", "specificationId": "s-1", "target": "10"}


def test_a_deviation_of_nothing_in_particular_has_no_links() -> None:
    for row in ({"id": "d-1", "jobIds": None, "parts": None}, {"id": "d-1", "jobIds": [], "parts": []}):
        event = made_of("deviations", row)
        assert isinstance(event, Event)
        assert (event.assets, event.metadata) == ((), {"id": "d-1"})
