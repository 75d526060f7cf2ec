"""Every setting of every extractor stands in docs/configuration.md, and nothing else does."""

import re

import pytest
from plex_cdf.config import HistorySettings, Payload, Settings
from plex_cdf.credentials import PlexKey
from plex_cdf.data_source.config import DataSource
from pydantic import BaseModel
from settings_rows import Row, rows
from tools_extractors import extractor_of
from tools_files import EXTRACTORS, HISTORIES

from tools.stage import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    below = re.split(rf"^#+ {re.escape(heading)}\n", PAGE, flags=re.MULTILINE)[1]
    lines = re.findall(r"(?:^\|.*\n)+", below, flags=re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def check(told: list[list[str]], wanted: list[Row]) -> None:
    """Cells of key, type, default, accepted against rows, in any order."""
    found = {cells[0]: cells[1:] for cells in told}
    assert len(found) == len(told)
    assert {key: cells[:2] for key, cells in found.items()} == {row.key: [row.type, row.default] for row in wanted}
    for row in wanted:
        assert found[row.key][2].startswith(row.bounds), row.key
        words = re.match(r"at (least|most) [\d.]+|above [\d.]+", found[row.key][2])
        assert bool(words) == bool(row.bounds) or row.bounds.startswith("`"), row.key


@pytest.mark.parametrize("name", EXTRACTORS)
def test_the_settings_of_an_extractor(name: str) -> None:
    settings = extractor_of(f"plex_{name}").settings
    assert issubclass(settings, HistorySettings) == (name in HISTORIES)
    told = table("Every extractor")
    for key, of, *cells in table("Some extractors"):
        assert set(re.findall(r"`(\w+)`", of)) <= set(EXTRACTORS)
        if f"`{name}`" in of or (of == "histories" and name in HISTORIES):
            told.append([key, *cells])
    check(told, list(rows(settings)))


def test_the_settings_of_every_extractor() -> None:
    check(table("Every extractor"), list(rows(Settings)))


@pytest.mark.parametrize(("heading", "model"), [("The call", Payload), ("The secret", PlexKey)])
def test_the_call_and_the_secret(heading: str, model: type[BaseModel]) -> None:
    check(table(heading), list(rows(model)))


def test_the_settings_of_a_data_source() -> None:
    told = {cells[0]: cells for cells in table("Data sources")}
    wanted = list(rows(DataSource))
    link = "`measurements[].link"
    assert {row.key.removeprefix(link) for row in wanted if row.key.startswith(link)} == {
        row.key.removeprefix("`event.links[]") for row in wanted if row.key.startswith("`event.links[]")
    }
    assert told.pop(f"{link}`")[1] == "as `event.links[]`"
    check(list(told.values()), [row for row in wanted if not row.key.startswith(link)])
