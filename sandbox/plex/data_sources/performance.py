"""How workcenters perform, from the production, scrap and status entries of a window."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.plex.endpoints import master_data, production
from sandbox.plex.endpoints.parameters import Filter
from sandbox.plex.plants.clock import moment_of, stamp
from sandbox.plex.plants.plant import integer_key

if TYPE_CHECKING:
    from sandbox.plex.endpoints.endpoint import Endpoint
    from sandbox.plex.endpoints.store import Store
    from sandbox.plex.plants.plant import Row

Place = tuple[str, str | None, str | None]
"""Workcenter id, part id and operation code."""

SHIFT = timedelta(hours=8)
GOOD, FAIR = 85.0, 60.0
"""Per cent of the standard from which a workcenter shows green, and yellow."""


def daily_performance(store: Store, instant: str, window: tuple[str, str]) -> list[Row]:
    """One row for each workcenter, part and operation that had production or time in a window.

    Times are in hours; a status entry counts where it starts, and what is neither production nor set-up is downtime.

    Args:
        store: The tenant's rows.
        instant: The plant's time.
        window: Begin and end, both included, as instants.
    """
    sums: dict[Place, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    about: dict[Place, Row] = {}

    def place(row: Row) -> Place:
        key = (str(row["workcenterId"]), row["partId"], row["operationCode"])
        about.setdefault(key, row)
        return key

    for row in _within(store, production.PRODUCTION_ENTRIES, instant, window):
        sums[place(row)]["made"] += _number(row["quantity"])
    for row in _within(store, production.SCRAP_ENTRIES, instant, window):
        sums[place(row)]["scrapped"] += _number(row["quantity"])
    for row in _within(store, production.STATUS_ENTRIES, instant, window):
        hours = _number(row["duration"]) / 3600
        sums[place(row)]["planned"] += hours
        if row["workcenterStatus"] not in {"Production", "Setup"}:
            sums[place(row)]["down"] += hours
    rates = {
        (row["workcenterId"], row["partId"], row["operationCode"]): row["targetRate"]
        for row in store.table(master_data.APPROVED_WORKCENTERS, instant).rows
    }
    return [
        {
            "Downtime_DB": round(total["down"], 4),
            "Multiple": 1,
            "Number_Of_Children": 0,
            "Operation_Code": key[2],
            "Part_Key": integer_key(key[1]),
            "Part_No": about[key]["partNumber"],
            "Planned_Production_Time": round(total["planned"], 4),
            "Production_Qty": int(total["made"]),
            "Reject_Qty": 0,
            "Scrap_Qty": int(total["scrapped"]),
            "Standard_Production_Rate": rates.get(key),
            "Throwouts": 0,
            "Workcenter_Code": about[key]["workcenterCode"],
            "Workcenter_Key": integer_key(key[0]),
        }
        for key, total in sums.items()
    ]


def workcenter_performance(store: Store, instant: str) -> list[Row]:
    """One row for each workcenter: what it does now, and its pieces of the last eight hours against the standard."""
    window = (stamp(moment_of(instant) - SHIFT), instant)
    made: dict[int | None, float] = defaultdict(float)
    due: dict[int | None, float] = defaultdict(float)
    for row in daily_performance(store, instant, window):
        made[row["Workcenter_Key"]] += row["Production_Qty"]
        hours = row["Planned_Production_Time"] - row["Downtime_DB"]
        due[row["Workcenter_Key"]] += hours * (row["Standard_Production_Rate"] or 0)
    rows = []
    for setup in store.table(production.WORKCENTER_SETUPS, instant).rows:
        key = integer_key(setup["id"])
        performance = round(100 * made[key] / due[key], 2) if due[key] else None
        rows.append(
            {
                "Part_No_Revision": setup["partNumberRevision"],
                "Performance": performance,
                "Performance_Color": _color(performance),
                "Workcenter_Code": setup["code"],
                "Workcenter_Key": key,
                "Workcenter_Status": setup["statusDescription"],
                "Workcenter_Status_Color": "Green" if setup["statusDescription"] == "Production" else "Yellow",
            }
        )
    return rows


def _number(value: object) -> float:
    """What a row holds, 0 for what is no number: a control request may have put anything there."""
    return value if isinstance(value, (int, float)) else 0


def _color(performance: float | None) -> str | None:
    if performance is None:
        return None
    return "Green" if performance >= GOOD else "Yellow" if performance >= FAIR else "Red"


def _within(store: Store, endpoint: Endpoint, instant: str, window: tuple[str, str]) -> list[Row]:
    """The rows of a history endpoint whose date is in a window, and that say where they belong."""
    [date] = {parameter.values for parameter in endpoint.parameters if parameter.name == "beginDate"}
    begin, end = window
    passes: list[Filter] = [
        lambda row: isinstance(value := date(row), str) and begin <= value <= end,
        lambda row: isinstance(row.get("workcenterId"), str),
    ]
    return store.window(endpoint, instant, window).matching(passes)
