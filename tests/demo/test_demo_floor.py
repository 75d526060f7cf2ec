"""The shop floor's columns: nothing is lost in them, however long the time."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.demo.content import DAY, Content, Points
from sandbox.demo.floor import GRADES, MOST_COLUMNS, grade, key_of_grades, read_floor, svg

KEY = "00000000-0000-4000-8000-000000000001"
LATHE = {"id": 1, "externalId": f"PCN1_WORKCENTER_{KEY}", "name": "Lathe"}
instants = st.integers(min_value=0, max_value=4_000 * DAY)


def content(**figures: Points) -> Content:
    return Content([LATHE], points={f"PCN1_WORKCENTER_{KEY}_{figure}": points for figure, points in figures.items()})


@settings(deadline=None)
@given(st.dictionaries(instants, st.integers(-5, 500).map(float), min_size=1))
def test_all_pieces_are_in_some_column(pieces: Points) -> None:
    floor = read_floor(content(GOOD=pieces))
    assert floor is not None
    assert floor.columns <= MOST_COLUMNS
    (line,) = floor.lines
    assert all(0 <= column < floor.columns for column in line.good)
    assert isclose(sum(line.good.values()), sum(map(float, pieces.values())), abs_tol=1e-6)
    assert svg(floor).startswith("<svg")


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 4_000).map(lambda day: day * DAY), st.floats(0, 3), min_size=1))
def test_the_oee_of_a_column_lies_within_that_of_its_days(days: Points) -> None:
    floor = read_floor(content(OEE_DAY=days))
    assert floor is not None
    (line,) = floor.lines
    low, high = min(map(float, days.values())), max(map(float, days.values()))
    assert all(low - 1e-9 <= oee <= high + 1e-9 for oee in line.oee.values())
    assert line.oee.keys() == line.told.keys()


@pytest.mark.parametrize(("oee", "number"), [(0, 0), (0.4, 1), (0.6, 2), (0.85, 3), (1, 3), (1.01, 4), (270, 4)])
def test_every_oee_has_a_grade(oee: float, number: int) -> None:
    assert grade(oee) == number
    assert len(key_of_grades()) == len(GRADES) + 1


def test_workcenters_stand_in_the_order_of_their_numbers_and_those_that_are_gone_do_not() -> None:
    assets = [
        {
            "id": number,
            "externalId": f"PCN1_WORKCENTER_{number:036d}",
            "name": f"Machine {number}",
            "metadata": metadata,
        }
        for number, metadata in ((10, {}), (2, {}), (3, {"plexState": "inactive"}))
    ]
    floor = read_floor(Content(assets, points={f"PCN1_WORKCENTER_{10:036d}_GOOD": {0: 1.0}}))
    assert floor is not None
    assert [line.name for line in floor.lines] == ["Machine 2", "Machine 10"]
