import importlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from plex_cdf.engine import provenance
from plex_cdf.engine.provenance import mapped_by
from plex_cdf.naming import Naming
from plex_cdf.plex.records.base import HistoryRecord, Record
from plex_cdf.plex.records.jobs import Job
from plex_cdf.plex.records.nested import NestedRecord
from plex_cdf.resources import Resource
from plex_cdf.stream import Stream, Whole


def nothing(row: Any, naming: Naming, factor: int = 1) -> Iterator[Resource]:
    yield from ()


def _stream(record: type[Record] = Job, *, factor: int | None = None) -> Stream[Any]:
    mapping = nothing if factor is None else partial(nothing, factor=factor)
    return Stream("jobs", Whole("/jobs"), "id", "JOB", record, mapping, "scheduling")


class Nested(NestedRecord):
    pass


class Old(HistoryRecord):
    pass


@pytest.mark.parametrize(
    ("record", "module"),
    [
        (Job, "plex_cdf.plex.records.jobs"),
        (Job, "plex_cdf.plex.records.base"),
        (Nested, "plex_cdf.plex.records.nested"),
        (Old, "plex_cdf.plex.records.base"),
        *((Job, f"plex_cdf.{name}") for name in ("naming", "mapping", "patterns", "status_classes", "resources")),
        *((Job, f"plex_cdf.cdf.{name}") for name in ("classic", "combined")),
    ],
)
def test_a_change_of_what_maps_a_row_is_noticed(
    monkeypatch: pytest.MonkeyPatch, record: type[Record], module: str
) -> None:
    before = mapped_by(_stream(record))
    source = provenance.source_of
    monkeypatch.setattr(provenance, "source_of", lambda name: b"new" if name == module else source(name))
    assert mapped_by(_stream(record)) != before


def test_so_is_one_of_any_module_beside_its_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weaving.py").write_text("from yarn import spun\n", encoding="utf-8")
    (tmp_path / "yarn.py").write_text("def spun(row, naming):\n    yield from ()\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(nothing, "__module__", importlib.import_module("weaving").__name__)
    before = mapped_by(_stream())
    (tmp_path / "yarn.py").write_text("def spun(row, naming):\n    yield row\n", encoding="utf-8")
    provenance.sources_beside.cache_clear()
    assert mapped_by(_stream()) != before


def test_so_is_one_of_its_settings() -> None:
    assert mapped_by(_stream(factor=1)) == mapped_by(_stream(factor=1)) != mapped_by(_stream(factor=2))


def test_each_file_is_read_once() -> None:
    mapped_by(_stream())
    misses = provenance.source_of.cache_info().misses
    mapped_by(_stream())
    assert provenance.source_of.cache_info().misses == misses
