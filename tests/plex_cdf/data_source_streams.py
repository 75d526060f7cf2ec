"""Data sources as a plant may describe them, and what streams of them read and make."""

from typing import Annotated, Any

import yaml
from data_source_world import PCN, World
from plex_cdf.config import read_settings
from plex_cdf.data_source.config import DataSource, WithDataSources
from plex_cdf.data_source.defaults import completed_by, default_data_sources
from plex_cdf.data_source.stream import streams
from plex_cdf.data_source.window import DataSourceWindow
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import Instant
from plex_cdf.resources import Resource
from plex_cdf.stream import Sources, Stream
from pydantic import BeforeValidator, Field

EVER = (0, Instant.parse("2100-01-01T00:00Z"))
NAMING = Naming(PCN)
BASE = {"facility": {"pcn": PCN, "tenantId": "97016117-143c-5059-babf-7d1e7b3a8e7e"}, "startDate": "2024-01-01"}
INSPECTIONS = """
name: checksheets
id: 4142
enabled: true
inputs: {Max_Records: 5000}
beginInput: Date_Begin
endInput: Date_End
instant: Inspection_Date
key: [Checksheet_No]
columns: [Job_No, Out_Of_Spec, Note]
event:
  type: inspection
  subtype: "{Inspection_Mode}"
  description: "Checksheet {Checksheet_No}: {Part_No} at {Workcenter_Code}"
  links:
    - {kind: PART, column: Part_Key, object: Part}
    - {kind: WORKCENTER, column: Workcenter_Key, object: Workcenter}
    - {kind: JOB, column: Job_Key, object: Job}
"""
MEASUREMENTS = """
name: inspection_history
id: 5019
enabled: true
beginInput: Date_Begin
endInput: Date_End
instant: Inspection_Date
key: [Inspection_Key]
measurements:
  - value: Measurement
    series: [Specification_Key, Sample_No]
    name: "{Part_No} {Description}"
    unit: "{Unit}"
    link: {kind: PART, column: Part_Key, object: Part}
"""
PROBLEM_LOGS = """
name: problem_logs
id: 19938
enabled: true
beginInput: Begin_Date
endInput: End_Date
instant: Report_Date
key: [Problem_Key]
columns: [Part_Key]
dates: [Due_Date]
numbers: [Quantity]
event: {type: problem, subtype: "{Problem_Status}", description: "{Problem_No}: {Description}", end: Closed_Date}
"""


class Quality(WithDataSources):
    """As an extractor declares it."""

    data_sources: Annotated[tuple[DataSource, ...], BeforeValidator(completed_by())] = Field(
        default_factory=default_data_sources
    )


def entry(text: str, **changes: Any) -> dict[str, Any]:
    return {**yaml.safe_load(text), **changes}


def settings(*entries: str | dict[str, Any], **more: Any) -> Quality:
    listed = [yaml.safe_load(entry) if isinstance(entry, str) else entry for entry in entries]
    return read_settings(Quality, "plex_340884_quality", yaml.safe_dump({**BASE, "dataSources": listed, **more}))


def stream(entry: str | dict[str, Any], **more: Any) -> Stream[Any]:
    (found,) = streams(settings(entry, **more), "quality")
    return found


def read(declared: Stream[Any], plex: World, begin: int = EVER[0], end: int = EVER[1]) -> list[dict[str, Any]]:
    assert isinstance(declared.read, DataSourceWindow)
    return declared.read.rows(Sources(plex.plex(), plex.data_sources()), begin, end)


def mapped(declared: Stream[Any], row: dict[str, Any], key: str = "k") -> list[Resource]:
    return list(declared.map(declared.record.model_validate({**row, "rowKey": key}), NAMING))
