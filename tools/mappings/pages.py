"""The pages: a list of all streams, and a page for each extractor."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from plex_cdf.config import Facility, Settings
from plex_cdf.data_source.config import DataSource
from plex_cdf.stream import Extractor
from pydantic import ValidationError

from tools.mappings.places import Places
from tools.mappings.section import section
from tools.mappings.words import endpoints, ids

FOLDER = "mappings"
INTRODUCTION = """\
# Mappings

Where every field of Plex ends up in CDF. These tables are made from the declarations that the extractors run on, by
`python -m tools.mappings`; a test keeps them true.

## How to read the tables

- **Braces** stand for a field's value: `PCN{pcn}_PART_{id}` is `PCN340884_PART_0190a9d4-…`, where `pcn` is the
  facility's number. `{digest}` is of the fields that identify a row without a key; further rows with the same ones
  get `_1`, `_2`, … behind it.
- **Metadata.** An asset or event holds every field of its row in its metadata, as text by Plex's own name, beside the
  places that a table names. *metadata* alone says that there is no other place, *not in CDF* that there is none.
- **Time** is in UTC, cut to the millisecond. **Units** stand where Plex tells them, or where the series has one; a
  unit such as in `unitOfMeasure` is in that field of the row.
"""
# What any extractor's config must hold; no place of a field depends on it.
SETTINGS: dict[str, Any] = {
    "facility": Facility(pcn=1, tenantId=UUID(int=1)),
    "startDate": "2024-01-01",
    "statusClasses": {"run": ["Production"]},
}


def pages(functions: Path) -> dict[str, str]:
    """The text of every page by its path in `docs`, for the functions in a directory."""
    found: dict[str, str] = {}
    overview = [INTRODUCTION]
    for function, extractor in extractors(functions):
        settings, waiting = _settings(extractor.settings)
        streams = [(Places(stream), endpoints(stream)) for stream in extractor.streams(settings)]
        name = f"{FOLDER}/{extractor.name}.md"
        overview += [*_overview(function, name, streams), *_more(name, waiting), ""]
        lines = [
            f"# Mappings of {function}",
            "",
            f"[How to read the tables](../{FOLDER}.md#how-to-read-the-tables)",
            "",
        ]
        for places, asked in streams:
            lines += section(places, asked)
        found[name] = _joined(lines + (_waiting(waiting) if waiting else []))
    return {f"{FOLDER}.md": _joined(overview), **found}


def extractors(functions: Path) -> Iterator[tuple[str, Extractor[Any]]]:
    """The functions and what they run: a constant of a module beside the handler."""
    for folder in sorted(functions.glob("plex_*")):
        for file in sorted(folder.glob("*.py")):
            # The handler needs the SDK, and declares nothing.
            if file.stem != "handler":
                module = importlib.import_module(file.stem)
                yield from ((folder.name, each) for each in vars(module).values() if isinstance(each, Extractor))


def _overview(function: str, page: str, streams: list[tuple[Places, list[str]]]) -> Iterator[str]:
    yield from (f"## {function}", "", "| stream | from Plex | in CDF |", "|---|---|---|")
    for places, asked in streams:
        name = places.stream.name
        yield f"| [`{name}`]({page}#{name}) | {', '.join(asked)} | {', '.join(ids(places))} |"


def _more(page: str, waiting: list[tuple[DataSource, str]]) -> Iterator[str]:
    if waiting:
        numbers = ", ".join(str(source.id) for source, _ in waiting)
        yield f"| [further ones]({page}#data-sources) | data sources {numbers} | as configured |"


def _settings(model: type[Settings]) -> tuple[Settings, list[tuple[DataSource, str]]]:
    """Settings with all data sources switched on that are complete; and the others, with what they lack."""
    names = {field.alias for field in model.model_fields.values()}
    given = {name: value for name, value in SETTINGS.items() if name in names}
    complete: list[dict[str, Any]] = []
    waiting: list[tuple[DataSource, str]] = []
    for source in getattr(model.model_validate(given), "data_sources", ()):
        entry = {"name": source.name, "enabled": True}
        try:
            model.model_validate({**given, "dataSources": [entry]})
        except ValidationError as error:
            waiting.append((source, error.errors()[0]["msg"].partition("lacks ")[2].partition(";")[0]))
        else:
            complete.append(entry)
    return model.model_validate(given | ({"dataSources": complete} if complete else {})), waiting


def _waiting(sources: list[tuple[DataSource, str]]) -> list[str]:
    """What is known of data sources whose columns stand in a plant's config."""
    lines = [
        "## Data sources",
        "",
        "These become what `dataSources` of the pipeline's config says, which must add what is still missing.",
        "",
    ]
    lines += ["| stream | data source | in CDF | still missing |", "|---|---|---|---|"]
    for source, lacking in sources:
        event = f"event `PCN{{pcn}}_{source.kind}_{{digest}}` of type `{source.event.type}`" if source.event else ""
        lines.append(f"| `{source.name}` | {source.id} | {event} | {lacking} |")
    return lines


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n").replace("|  |", "| |") + "\n"
