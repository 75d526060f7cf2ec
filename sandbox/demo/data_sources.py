"""The demo's plants describe data sources of their own as any plant does: in the configs of its extractors alone."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("cognite_modules/facility/extraction_pipelines")

NONE = "  dataSources: []\n"
"""What stands in the repository's configs."""

QUALITY = """\
  dataSources:
    - name: checksheets
      enabled: true
      instant: Inspection_Date
      key: [Checksheet_No]
      columns: [Job_No, Out_Of_Spec]
      event:
        subtype: "{Inspection_Mode}"
        description: "Checksheet {Checksheet_No}: {Part_No} at {Workcenter_Code}"
        links:
          - {kind: PART, column: Part_Key, object: Part}
          - {kind: WORKCENTER, column: Workcenter_Key, object: Workcenter}
          - {kind: JOB, column: Job_Key, object: Job}
    - name: gauges
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
"""
PERFORMANCE = """\
  dataSources:
    - {name: daily_performance, enabled: true}
"""
SOURCES = {"quality": QUALITY, "performance": PERFORMANCE}
"""What stands there instead, by extractor. Whatever a config leaves out of the bundle's own entries stays as it is."""


def describe(root: Path, plex_url: str, calls_per_minute: int) -> None:
    """Write them into the configs that will be deployed.

    Args:
        root: A copy of the repository.
        plex_url: Base URL of the stand-in for Plex, which answers for the Data Source API too.
        calls_per_minute: What each extractor may ask of it.

    Raises:
        ValueError: A config has no such line.
    """
    api = f"  dataSourceApi: {{url: '{plex_url}', callsPerMinute: {calls_per_minute}}}\n"
    for extractor, sources in SOURCES.items():
        file = root / FOLDER / f"{extractor}.Config.yaml"
        text = file.read_text(encoding="utf-8")
        if NONE not in text:
            raise ValueError(f"{file} has no line {NONE.strip()!r}")
        file.write_text(text.replace(NONE, api + sources), encoding="utf-8")
