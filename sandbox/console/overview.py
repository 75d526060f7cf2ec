"""How much of everything there is."""

from __future__ import annotations

from collections.abc import Sized

from sandbox.cdf.api.http import Json
from sandbox.cdf.project import Project
from sandbox.cdf.record import Record
from sandbox.console.tables import tables


def overview(project: Project, record: Record) -> Json:
    """The project's name, and the number of rows by the name of the view that shows them."""
    shown: dict[str, Sized] = {
        "assets": project.assets.rows,
        "events": project.events.rows,
        "timeseries": project.time_series.rows,
        "functions": project.functions.functions,
        "calls": project.functions.calls,
        "schedules": project.functions.schedules,
        "pipelines": project.extraction_pipelines.rows,
        "raw": project.raw.databases,
        "requests": record.entries,
    }
    counts = {name: len(rows) for name, rows in shown.items()}
    counts |= {name: len(read()) for name, read in tables(project).items()}
    return {"project": project.name, "counts": counts}
