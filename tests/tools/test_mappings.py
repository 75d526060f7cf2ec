"""The pages about mappings: as the declarations are now, and true of a mapping that is known."""

import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from plex_cdf.errors import DataError
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import HistoryRecord, Instant, Key, Record, Unit
from plex_cdf.plex.records.nested import NestedRecord
from plex_cdf.resources import (
    Asset,
    Column,
    Datapoint,
    Event,
    Level,
    Reading,
    Relationship,
    Resource,
    SequenceLine,
    TimeSeries,
)
from plex_cdf.stream import Stream, Whole

from tools.mappings import pages as made
from tools.mappings.__main__ import ROOT, main
from tools.mappings.places import Places
from tools.mappings.probe import PCN, Field, Probe
from tools.mappings.section import section
from tools.mappings.words import endpoints

COMMAND = "python -m tools.mappings"
STREAMS: list[Stream[Any]] = [
    stream
    for _, extractor in made.extractors(ROOT / "functions")
    for stream in extractor.streams(made._settings(extractor.settings)[0])
]
every_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)


def table(stream: Stream[Any]) -> dict[str, tuple[str, ...]]:
    """Type, place and unit by the cell with the fields."""
    lines = [line for line in section(Places(stream), endpoints(stream)) if line.startswith("| ")][1:]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return {row[0]: row[1:] for row in rows}


def place(rows: dict[str, tuple[str, ...]], field: str) -> str:
    (found,) = [row[1] for cell, row in rows.items() if f"`{field}`" in cell]
    return found


# The pages that are committed


def test_the_pages_are_what_the_declarations_say_now() -> None:
    docs = ROOT / "docs"
    files = [docs / "mappings.md", *(docs / "mappings").glob("*.md")]
    committed = {file.relative_to(docs).as_posix(): file.read_text(encoding="utf-8") for file in files if file.exists()}
    wanted = made.pages(ROOT / "functions")
    differing = sorted(name for name in wanted.keys() | committed.keys() if wanted.get(name) != committed.get(name))
    assert not differing, f"docs/ does not say what the declarations say ({', '.join(differing)}): run `{COMMAND}`"


def test_the_command_needs_nothing_but_the_repository(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "gone.md").write_text("of an extractor that is no more")
    ended = subprocess.run(
        [sys.executable, "-m", "tools.mappings", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    written = {file.relative_to(tmp_path).as_posix(): file.read_text("utf-8") for file in tmp_path.rglob("*.md")}
    assert written == made.pages(ROOT / "functions")


def test_the_command_takes_one_directory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a", "b"]) == main(["--help"]) == 2
    assert COMMAND in capsys.readouterr().err


def test_every_function_has_a_page_and_every_stream_is_in_the_overview() -> None:
    texts = made.pages(ROOT / "functions")
    functions = {folder.name for folder in (ROOT / "functions").glob("plex_*")}
    assert set(texts) == {"mappings.md"} | {f"mappings/{name.removeprefix('plex_')}.md" for name in functions}
    for stream in STREAMS:
        (page,) = [name for name, text in texts.items() if f"\n## {stream.name}\n" in text]
        assert f"({page}#{stream.name})" in texts["mappings.md"]
        assert all(endpoint in texts[page] and endpoint in texts["mappings.md"] for endpoint in endpoints(stream))


def test_a_page_is_short_and_its_tables_have_their_columns() -> None:
    for text in made.pages(ROOT / "functions").values():
        lines = text.splitlines()
        assert len(lines) <= 250
        for above, line in pairwise(lines):
            if above.startswith("|") and line.startswith("|"):
                assert above.count("|") == line.count("|")


# The tables of the real streams


@every_stream
def test_a_table_names_every_field_once(stream: Stream[Any]) -> None:
    cells = " ".join(table(stream))
    names = [field.alias or name for name, field in stream.record.model_fields.items() if name != "row_key"]
    assert all(cells.count(f"`{name}`") == 1 for name in names)


@every_stream
def test_what_a_table_calls_unused_changes_nothing_and_all_else_does(stream: Stream[Any]) -> None:
    probe, places, told = Probe(stream.record), Places(stream), table(stream)
    for field in places.fields:
        # Each other field null for once, then those that this one stands in for.
        nulls = [(), *((each.name,) for each in places.fields if not each.required and each != field)]
        nulls += [each.instead_of for each in places.of[field.name]]
        changed = any(made_of(stream, probe.row(each)) != made_of(stream, other(probe, field, each)) for each in nulls)
        assert changed == (place(told, field.name) != "not in CDF"), field.name


def other(probe: Probe, field: Field, nulls: Collection[str]) -> dict[str, Any]:
    """The row, with another value in one field."""
    if field.options > 1:
        return probe.row(nulls, {field.name: 1})
    return {**probe.row(nulls), field.name: "other" if field.type == "text" else None}


@every_stream
def test_metadata_alone_means_metadata_under_its_own_name(stream: Stream[Any]) -> None:
    resources = made_of(stream, Probe(stream.record).row())
    metadata = [each.metadata for each in resources if isinstance(each, Asset | Event)]
    for cell, row in table(stream).items():
        if row[1] == "metadata":
            names = cell.replace("`", "").replace(";", ",").split(",")
            assert all(name.rpartition(" ")[2] in each for name in names for each in metadata)


def made_of(stream: Stream[Any], row: dict[str, Any]) -> list[Resource]:
    try:
        return list(stream.map(stream.record.model_validate(row), Naming(PCN)))
    except DataError:
        return []


def test_a_table_follows_the_mapping() -> None:
    (stream,) = [each for each in STREAMS if each.name == "production_entries"]
    assert place(table(stream), "workcenterCode") == "event description; series name"
    assert table(stream)["`quantity`"] == ("number", "event description; series value", "in `unit`")
    without = replace(stream, map=partial(_only, stream.map, TimeSeries))
    assert place(table(without), "workcenterCode") == "series name"
    assert place(table(without), "quantity") == "not in CDF"


def _only(mapping: Any, kind: type[Resource], row: Record, naming: Naming) -> list[Resource]:
    return [each for each in mapping(row, naming) if isinstance(each, kind)]


# A mapping that is known


class Inner(Record):
    inner_id: str | None = None
    inner_note: str | None = None


class Known(NestedRecord, HistoryRecord):
    """What is known, on
    two lines.

    Source: `GET /known`.
    """

    place_id: Key
    name: str | None = None
    code: str | None = None
    started: Instant | None = None
    seconds: Annotated[float | None, Unit("s")] = None
    amount: Annotated[float | None, Unit("{amountUnit}")] = None
    amount_unit: str | None = None
    share: float | None = None
    count: int | None = None
    note: str | None = None
    live: bool | None = None
    bucket: Literal["hour", "day", "week"] = "hour"
    items: tuple[Inner, ...] | None = None
    one: Inner | None = None
    weight: Annotated[float | None, Unit("kg")] = None
    written: Instant | None = None
    unused: str | None = None


def known(row: Known, naming: Naming) -> Iterator[Resource]:
    asset = naming.id("PLACE", row.place_id)
    yield Event(
        naming.id("KNOWN", row.row_key),
        type="known",
        start=row.started,
        end=row.started + round(1000 * row.seconds) if row.started is not None and row.seconds is not None else None,
        description=f"{row.name or row.code or row.place_id} at {row.count} on {row.started}",
        assets=(asset, *(naming.id("ITEM", item.inner_id) for item in row.items or () if item.inner_id)),
        metadata=row.metadata("note", "unused") | {"extra": f"about {row.note}"},
    )
    if row.amount is not None and row.started is not None:
        series = naming.id("PLACE", row.place_id, f"_{row.bucket.upper()}")
        yield TimeSeries(series, row.name or "?", unit="kg", is_step=False, asset=asset)
        yield Datapoint(series, row.started, row.amount)
    if row.share is not None and row.written is None:
        yield TimeSeries(naming.id("PLACE", row.place_id, "_SHARE"), "share", unit="%")
    yield Reading(naming.id("PLACE", row.place_id, "_SHARE"), 100 * (row.share or 0), only_if_known=True)
    if row.live:
        yield Relationship(naming.id("PLACE", row.place_id, "_LIVE"), asset, "asset", asset, "asset")


KNOWN = Stream("known", Whole("/known", body={}), ("placeId", "started"), "KNOWN", Known, known, "quality")


def test_every_kind_of_place_is_told() -> None:
    assert table(KNOWN) == {
        "`placeId`": (
            "text",
            "event link to `PLACE`; series external id, linked asset; relationship external id, source, target",
            "",
        ),
        "`name`": ("text", "event description; series name of `_HOUR`, `_DAY`, `_WEEK`", ""),
        "`code`": ("text", "event description (where `name` is null)", ""),
        "`started`": (
            "instant",
            "event start, end (computed), description; series timestamp",
            "",
        ),
        "`seconds`": ("number", "event end (computed)", "s"),
        "`amount`": ("number", "series value of `_HOUR`, `_DAY`, `_WEEK`", "in `amountUnit`"),
        "`share`": ("number", "series value (computed) of `_SHARE`", ""),
        "`count`": ("whole number", "event description", ""),
        "`note`": ("text", "event metadata `extra` (not in metadata)", ""),
        "`live`": ("true or false", "decides whether there is a relationship", ""),
        "`bucket`": ("text", "decides which series", ""),
        "`items.innerId`": ("text", "event link to `ITEM`", ""),
        "`weight`": ("number", "metadata", "kg"),
        "`written`": ("instant", "a new series only while it is null", ""),
        "text: `amountUnit`; list: `items`": ("as noted", "metadata", ""),
        "`one`": ("object", "metadata `one.…`", ""),
        "`unused`": ("text", "not in CDF", ""),
    }


def test_a_section_says_where_rows_come_from_and_what_they_become() -> None:
    text = "\n".join(section(Places(KNOWN), endpoints(KNOWN)))
    assert text.startswith("## known\n\nWhat is known, on two lines.\n\n- From `POST /known`, whole in every run. ")
    assert "A row is identified by `placeId`, `started` (`{digest}`)." in text
    assert "- To data set `plex_{pcn}_quality`:\n  - event `PCN{pcn}_KNOWN_{digest}` of type `known`" in text
    assert "described as `{name} at {count} on {started}`" in text
    assert "series `PCN{pcn}_PLACE_{placeId}` with `_HOUR`, `_DAY`, `_WEEK` behind it: numbers in `kg`" in text
    assert "relationship `PCN{pcn}_PLACE_{placeId}_LIVE` from `PCN{pcn}_PLACE_{placeId}` to `PCN{pcn}_PLACE" in text


class Row(Record):
    id: Key
    name: str | None = None
    active: bool | None = None
    size: float | None = None


def tabled(row: Row, naming: Naming) -> Iterator[Resource]:
    yield Asset(naming.id("ROW", row.id), row.name or row.id, naming.branch("ROWS"))
    active = None if row.active is None else str(row.active).lower()
    columns = (Column("live"), Column("size", "DOUBLE"))
    yield SequenceLine(naming.id("ROW", row.id, "_TABLE"), "table", columns, (active, row.size), order=(row.id,))
    yield TimeSeries(naming.id("ROW", row.id, "_SIZE"), f"size of {row.name}", unit="mm")
    yield Level(naming.id("ROW", row.id, "_SIZE"), row.size or 0.0)


def test_columns_and_levels_are_told_and_a_series_lends_its_unit() -> None:
    stream = Stream("rows", Whole("/rows"), "id", "ROW", Row, tabled, "master")
    assert table(stream) == {
        "`id`": ("text", "asset external id; sequence external id, order of lines; series external id", ""),
        "`name`": ("text", "asset name; series name", ""),
        "`active`": ("true or false", "sequence column `live`", ""),
        "`size`": ("number", "sequence column `size`; series value", "mm"),
    }
    text = "\n".join(section(Places(stream), endpoints(stream)))
    assert "- From `GET /rows`, whole in every run. A row is identified by `id`." in text
    assert "asset `PCN{pcn}_ROW_{id}`, named `{name}`, below `PCN{pcn}_ROWS`" in text
    assert "numbers in `mm`, stepwise; the sum over all rows, 0 where no row is left" in text
