"""The data sources that the stand-in knows, each as one declaration.

Names, inputs and columns of 18765 and 22870 are the vendor's. Of the quality sources the vendor publishes only how
many inputs and columns they have and a few names; the rest of the names is made up here, so a client must take them
from its configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sandbox.plex.data_sources.performance import daily_performance, workcenter_performance
from sandbox.plex.endpoints.endpoint import Endpoint
from sandbox.plex.endpoints.quality import PART_SPECIFICATIONS
from sandbox.plex.plants.plant import integer_key, with_revision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.plex.endpoints.store import Store
    from sandbox.plex.plants.plant import Row

    Compute = Callable[["Store", str, Mapping[str, Any]], list[Row]]


DateStyle = Literal["us", "sql"]


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a data source.

    Attributes:
        name: As it must be written, case included.
        type: As the metadata name it.
        field: The column that must have the input's value, None for an input that selects nothing.
        begins: Whether the column must be at or after the value instead.
        ends: Whether it must be at or before.
        required: Whether it must be given.
        nullable: Whether it may be null; a null selects nothing.
        accessible: Whether callers may give it at all.
    """

    name: str
    type: str = "string"
    field: str | None = None
    begins: bool = False
    ends: bool = False
    required: bool = False
    nullable: bool = True
    accessible: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """One data source.

    Attributes:
        id: Its number.
        name: Its name, with the database in brackets.
        inputs: What it takes.
        columns: Column to type.
        key: The columns that identify a row.
        limit: Its read row limit.
        most: The input with which a caller lowers the limit.
        compute: Makes the rows from others, at an instant, for inputs.
        view_of: The endpoint whose rows it shows.
        view: From such a row to one of its own.
    """

    id: int
    name: str
    inputs: tuple[Input, ...]
    columns: Mapping[str, str]
    key: tuple[str, ...]
    limit: int = 1000
    most: str | None = None
    compute: Compute | None = None
    view_of: Endpoint | None = None
    view: Callable[[Row], Row] | None = None

    @property
    def rows(self) -> Endpoint:
        """The rows, as control requests and plants address them."""
        return Endpoint(
            path_of(self.id), tuple(self.columns), self.key, method=None, view_of=self.view_of, view=self.view,
            key_type=object,
        )  # fmt: skip


def path_of(source: int) -> str:
    """Where a data source is executed."""
    return f"/api/datasources/{source}/execute"


def _columns(**names: str) -> dict[str, str]:
    """Columns by their type, names divided by spaces."""
    return {column: kind for kind, columns in names.items() for column in columns.split()}


CHECKSHEETS_GET, SPC_HISTORY, PROBLEM_LOGS = 4142, 5019, 19938
"""The sources whose rows the plants give."""

_WINDOW = (
    Input("Date_Begin", "date", "Inspection_Date", begins=True),
    Input("Date_End", "date", "Inspection_Date", ends=True),
)


def _checksheets() -> Source:
    return Source(
        CHECKSHEETS_GET,
        "Checksheets_Get (Quality)",
        (
            *_WINDOW,
            Input("Max_Records", "int32", nullable=False),
            *(
                Input(name, kind, name)
                for name, kind in {
                    "Checksheet_No": "int32", "Part_Key": "int32", "Part_No": "string", "Revision": "string",
                    "Part_Operation_Key": "int32", "Operation_Key": "int32", "Operation_Code": "string",
                    "Workcenter_Key": "int32", "Workcenter_Code": "string", "Job_Key": "int32", "Job_No": "string",
                    "Serial_No": "string", "Inspection_Mode": "string", "Inspector_Key": "int32", "Shift": "string",
                    "Lot_No": "string", "Heat_No": "string", "Out_Of_Spec": "bool", "Pass": "bool",
                }.items()
            ),
            Input("Sort", "string"),
            Input("Plexus_Customer_No", "int32", accessible=False),
        ),
        _columns(
            int32="Checksheet_No Part_Key Part_Operation_Key Operation_Key Operation_No Workcenter_Key Job_Key "
            "Inspector_Key Measurement_Count",
            string="Inspection_Mode Part_No Revision Part_Name Operation_Code Workcenter_Code Job_No Serial_No "
            "Inspector Shift Note Lot_No Heat_No",
            date="Inspection_Date Update_Date",
            bool="Pass Out_Of_Spec",
        ),
        key=("Checksheet_No",),
        limit=5000,
        most="Max_Records",
    )  # fmt: skip


def _spc_history() -> Source:
    return Source(
        SPC_HISTORY,
        "SPC_Inspection_History_Get (Quality)",
        (
            *_WINDOW,
            Input("Part_Key", "int32", "Part_Key"),
            Input("Part_No", "string", "Part_No"),
            Input("Operation_Code", "string", "Operation_Code"),
            Input("Workcenter_Key", "int32", "Workcenter_Key"),
            Input("Specification_Key", "int32", "Specification_Key"),
        ),
        _columns(
            int32="Inspection_Key Checksheet_No Part_Key Operation_No Workcenter_Key Specification_Key Sample_No",
            string="Part_No Revision Operation_Code Workcenter_Code Specification_No Description Unit Inspector",
            decimal="Measurement Target Upper_Limit Lower_Limit",
            date="Inspection_Date",
            bool="Pass",
        ),
        key=("Inspection_Key",),
    )


def _problem_logs() -> Source:
    return Source(
        PROBLEM_LOGS,
        "Problem_Logs_Get (Quality)",
        (
            Input("Begin_Date", "date", "Report_Date", begins=True),
            Input("End_Date", "date", "Report_Date", ends=True),
            Input("Problem_No", "string", "Problem_No"),
            Input("Problem_Status", "string", "Problem_Status"),
            Input("Part_Key", "int32", "Part_Key"),
        ),
        _columns(
            int32="Problem_Key Part_Key Workcenter_Key",
            string="Problem_No Problem_Type Problem_Status Description Part_No Revision Workcenter_Code Job_No "
            "Reported_By",
            decimal="Quantity",
            date="Report_Date Due_Date Closed_Date",
        ),
        key=("Problem_Key",),
    )


def _specification(row: Row) -> Row:
    tolerance = row.get("toleranceType") or {}
    return {
        "Specification_Key": integer_key(row.get("id")),
        "Part_Key": integer_key(row.get("partId")),
        "Part_No": row.get("partNumber"),
        "Part_No_Revision": with_revision(row.get("partNumber"), row.get("partRevision")),
        "Specification_No": row.get("specificationNumber"),
        "Description": row.get("description"),
        "Unit": tolerance.get("unit"),
        "Target": tolerance.get("target"),
        "Target_Plus": tolerance.get("targetPlus"),
        "Target_Minus": tolerance.get("targetMinus"),
        "Update_Date": row.get("updatedDateTime"),
    }


def _specifications() -> Source:
    return Source(
        6429,
        "Specification_Get (Quality)",
        (
            Input("Specification_Key", "int32", "Specification_Key"),
            Input("Part_Key", "int32", "Part_Key"),
            Input("Part_No", "string", "Part_No"),
        ),
        _columns(
            int32="Specification_Key Part_Key",
            string="Part_No Part_No_Revision Specification_No Description Unit",
            decimal="Target Target_Plus Target_Minus",
            date="Update_Date",
        ),
        key=("Specification_Key",),
        view_of=PART_SPECIFICATIONS,
        view=_specification,
    )


def _daily_performance() -> Source:
    return Source(
        18765,
        "Daily_Performance_Report_Get (Part)",
        (
            Input("Start_Date", "date", required=True, nullable=False),
            Input("End_Date", "date", required=True, nullable=False),
            *(Input(name, "int32") for name in ("Area_Key", "Building_Key", "Master_Key", "Department_No")),
            Input("Part_Key", "int32", "Part_Key"),
            *(Input(name, "bool") for name in ("Children_Only", "Parents_Only", "Use_Standard_Rate")),
            *(
                Input(name)
                for name in ("Part_Status", "Shift", "Workcenter_Group", "Workcenter_Keys", "Workcenter_Type")
            ),
            Input("Workcenter_Code", "string", "Workcenter_Code"),
        ),
        _columns(
            decimal="Downtime_DB Planned_Production_Time Standard_Production_Rate",
            int32="Multiple Number_Of_Children Part_Key Production_Qty Reject_Qty Scrap_Qty Throwouts Workcenter_Key",
            string="Operation_Code Part_No Workcenter_Code",
        ),
        key=("Workcenter_Key", "Part_Key", "Operation_Code"),
        compute=lambda store, instant, inputs: daily_performance(
            store, instant, (inputs["Start_Date"], inputs["End_Date"])
        ),
    )


def _workcenter_performance() -> Source:
    return Source(
        22870,
        "Workcenter_Performance_Simple_Get (Part)",
        (Input("Workcenter_Key", "int32", "Workcenter_Key"),),
        _columns(
            int32="Workcenter_Key",
            string="Part_No_Revision Performance_Color Workcenter_Code Workcenter_Status Workcenter_Status_Color",
            decimal="Performance",
        ),
        key=("Workcenter_Key",),
        compute=lambda store, instant, _inputs: workcenter_performance(store, instant),
    )


SOURCES = {
    source.id: source
    for source in (
        _checksheets(),
        _spc_history(),
        _problem_logs(),
        _specifications(),
        _daily_performance(),
        _workcenter_performance(),
    )
}


def as_text(moment: datetime, style: DateStyle) -> str:
    """A date as some data sources write it: `us` like 09/01/2022 02:05:00 PM, `sql` like `Sep  1 2022  2:05PM`."""
    if style == "us":
        return moment.strftime("%m/%d/%Y %I:%M:%S %p")
    return f"{moment:%b} {moment.day:>2} {moment.year} {int(f'{moment:%I}'):>2}:{moment:%M%p}"
