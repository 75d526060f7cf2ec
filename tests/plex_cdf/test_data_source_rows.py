"""Rows of data sources, however they are spelt."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from data_source_streams import (
    INSPECTIONS,
    MEASUREMENTS,
    PROBLEM_LOGS,
    mapped,
    read,
    stream,
)
from data_source_world import CHECKSHEETS, PROBLEMS, SPC, World, world
from hypothesis import given
from hypothesis import strategies as st
from plex_cdf.naming import iso
from plex_cdf.plex.records.base import Instant
from plex_cdf.plex.records.source_row import tidy_date, tidy_number, tidy_text


@pytest.fixture(scope="module")
def plex(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("plant")) as running:
        yield running


@pytest.mark.parametrize("text", [INSPECTIONS, MEASUREMENTS, PROBLEM_LOGS])
@pytest.mark.parametrize("style", ["us", "sql"])
def test_rows_read_the_same_however_they_are_spelt(plex: World, tmp_path: Path, text: str, style: str) -> None:
    declared = stream(text)
    end = Instant.parse("2030-01-01T00:00Z")
    with world(tmp_path, text_dates=dict.fromkeys((CHECKSHEETS, SPC, PROBLEMS), style),
               text_numbers=[CHECKSHEETS, SPC, PROBLEMS]) as odd:  # fmt: skip
        spelt, plain = read(declared, odd, 0, end), read(declared, plex, 0, end)
    assert spelt != plain  # what is not declared stays as it came
    assert [mapped(declared, row) for row in spelt] == [mapped(declared, row) for row in plain]
    assert [[row[name] for name in declared.key] for row in spelt] == [
        [row[name] for name in declared.key] for row in plain
    ]


def test_undeclared_columns_pass_through_and_make_no_difference(plex: World) -> None:
    declared = stream(PROBLEM_LOGS)
    row = read(declared, plex)[0]
    assert "Reported_By" in row
    assert mapped(declared, {**row, "Reported_By": "someone else", "New": 5}) == mapped(declared, row)


NEW_YORK = ZoneInfo("America/New_York")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  # Hypothesis wants them so
def test_text_dates_are_local_time(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    expected = iso(int(moment.replace(tzinfo=NEW_YORK).timestamp()) * 1000)
    assert tidy_date(moment.strftime("%m/%d/%Y %I:%M:%S %p"), NEW_YORK) == expected
    assert tidy_date(moment.isoformat(sep=" "), NEW_YORK) == expected
    minute = moment.replace(second=0)
    sql = f"{minute:%b} {minute.day:>2} {minute.year} {int(f'{minute:%I}'):>2}:{minute:%M%p}"
    assert tidy_date(sql, NEW_YORK) == iso(int(minute.replace(tzinfo=NEW_YORK).timestamp()) * 1000)


@pytest.mark.parametrize(
    ("value", "tidy"),
    [
        ("2024-03-01T05:00:00.1234567Z", "2024-03-01T05:00:00.123Z"),
        ("2024-03-01T05:00:00+02:00", "2024-03-01T03:00:00.000Z"),
        ("09/11/2022 12:00:00 AM", "2022-09-11T04:00:00.000Z"),
        ("Sep  1 2022  2:05PM", "2022-09-01T18:05:00.000Z"),
        ("11/06/2022 01:30:00 AM", "2022-11-06T05:30:00.000Z"),  # the first of two
        ("-", None),
        (" ", None),
        (None, None),
        ("soon", "soon"),
        ("13/13/2022 12:00:00 AM", "13/13/2022 12:00:00 AM"),
        (5, "5"),
        ("0001-01-01T00:00:00+10:00", "0001-01-01T00:00:00+10:00"),
    ],
)
def test_dates_are_tidied(value: object, tidy: object) -> None:
    assert tidy_date(value, NEW_YORK) == tidy


def test_numbers_and_texts_are_tidied() -> None:
    assert [tidy_number(each) for each in ("10000.000000", "-5", "-", "", None, 3, 2.5, "five", "NaN")] == [
        10000.0, -5.0, None, None, None, 3, 2.5, "five", "NaN"
    ]  # fmt: skip
    assert [tidy_text(each) for each in ("-", " ", None, 3, 2.0, True, "a-b", "-5")] == [
        None, None, None, "3", "2", "true", "a-b", "-5"
    ]  # fmt: skip
