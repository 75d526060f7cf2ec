"""The documented data sources as the bundle describes them, all switched off until Plex has granted them.

Only what the vendor has published stands here. Of the quality sources that is little more than their numbers: a plant
adds the names of its columns, which Plex tells at `/api/datasources/{id}`.
"""

from collections.abc import Callable
from typing import Any

from plex_cdf.data_source.config import DataSource

_PER_WORKCENTER = {"series": ["Workcenter_Key"], "sum": True}
_DEFAULTS: tuple[dict[str, Any], ...] = (
    {
        "name": "checksheets",
        "id": 4142,  # Checksheets_Get
        "beginInput": "Date_Begin",
        "endInput": "Date_End",
        # Its row limit. Nothing says that Plex raises its flag where this input has cut the answer.
        "inputs": {"Max_Records": 5000},
        "rowLimit": 5000,
        "event": {"type": "inspection"},
    },
    {
        "name": "inspection_history",
        "id": 5019,  # SPC_Inspection_History_Get: one series of measurements per specification
    },
    {
        "name": "problem_logs",
        "id": 19938,  # Problem_Logs_Get
        "event": {"type": "problem"},
    },
    {
        "name": "daily_performance",
        "id": 18765,  # Daily_Performance_Report_Get
        "beginInput": "Start_Date",
        "endInput": "End_Date",
        "dailyAt": "00:00",
        "key": ["Workcenter_Key", "Part_Key", "Operation_Code"],
        "measurements": [
            {"value": column, "name": f"{{Workcenter_Code}} daily {words}", **_PER_WORKCENTER}
            for column, words in {
                "Production_Qty": "production",
                "Scrap_Qty": "scrap",
                "Reject_Qty": "rejects",
                "Planned_Production_Time": "planned production time",
                "Downtime_DB": "downtime",
            }.items()
        ],
    },
)


def default_data_sources(*ids: int) -> tuple[DataSource, ...]:
    """The bundle's entries for these data sources; without ids for all."""
    return tuple(DataSource.model_validate(entry) for entry in _DEFAULTS if not ids or entry["id"] in ids)


def completed_by(*ids: int) -> Callable[[object], object]:
    """A validator for the list in a config: an entry with the name of a default says only what differs from it.

    So `{name: daily_performance, enabled: true}` is enough.
    """
    known = {entry["name"]: entry for entry in _DEFAULTS if not ids or entry["id"] in ids}

    def complete(entries: object) -> object:
        return [_over(known, entry) for entry in entries] if isinstance(entries, list) else entries

    return complete


def _over(known: dict[str, dict[str, Any]], entry: object) -> object:
    """An entry on top of the default with its name; mappings inside are completed too, lists are replaced."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return _merged(known[name], entry) if isinstance(name, str) and name in known else entry


def _merged(below: object, above: object) -> object:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _merged(below.get(key), value) for key, value in above.items()}
    return above
