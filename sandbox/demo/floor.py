"""The shop floor as a picture: OEE, good and scrapped pieces of every workcenter, day by day, as inline SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from statistics import fmean, median
from typing import NamedTuple

from sandbox.demo import axis
from sandbox.demo.axis import moment, shortened
from sandbox.demo.content import DAY, Content
from sandbox.demo.hierarchy import in_order

MOST_COLUMNS = 92
"""Days beyond that are drawn several in a column."""

GRADES = ((0.4, "below 40 %"), (0.6, "40 to 60 %"), (0.85, "60 to 85 %"), (1.0, "85 to 100 %"))
"""Upper ends of the grades of OEE, each with its words; 85 % is what is called world class."""

ABOVE = "above 100 %: faster than the target rate"

WIDTH, ROW, BAR, TOP = 1200, 30, 22, 46
"""Sizes in the picture's own units: pixels at 1200 wide."""


class Panel(NamedTuple):
    """One figure over the days: its heading, where it begins and how wide it is, and how many dates it names."""

    heading: str
    left: float
    width: float
    dates: int

    @property
    def total(self) -> float:
        """Where the row's figure ends."""
        return self.left + self.width + 52


OEE = Panel("OEE, and median", 196, 330, 4)
GOOD = Panel("Good pieces, and sum", 606, 300, 4)
SCRAP = Panel("Scrapped pieces, and sum", 986, 162, 1)


@dataclass
class Line:
    """One workcenter: its figures by the number of the column.

    Attributes:
        name: The name of its asset.
        oee: OEE, 1 being 100 %.
        told: The day's figures in words, for the tooltip.
        good: Good pieces.
        scrap: Scrapped pieces.
    """

    name: str
    oee: dict[int, float] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    good: dict[int, float] = field(default_factory=dict)
    scrap: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Floor:
    """All workcenters of a facility over the same days.

    Attributes:
        begin: The first day, in milliseconds.
        columns: How many columns.
        days: How many days a column has.
        lines: The workcenters by name.
        typical: The median OEE of all days of all workcenters, None without any.
    """

    begin: int
    columns: int
    days: int
    lines: list[Line]
    typical: float | None


def read_floor(content: Content) -> Floor | None:
    """The figures of a facility by day; None where there are none."""
    oee = content.figures("OEE_DAY")
    good, scrap = (_by_day(content.figures(figure)) for figure in ("GOOD", "SCRAP"))
    days = {when for figures in (oee, good, scrap) for points in figures.values() for when in points}
    if not days:
        return None
    begin = min(days) // DAY * DAY
    count = (max(days) - begin) // DAY + 1
    per_column = -(-count // MOST_COLUMNS)
    floor = Floor(begin, -(-count // per_column), per_column, [], _median(oee))
    parts = {name: content.figures(f"{name.upper()}_DAY") for name in ("availability", "performance", "quality")}
    for key, row in content.present["workcenters"].items():
        line = Line(str(row.get("name") or key))
        _fill(line, floor, oee.get(key, {}), {name: each.get(key, {}) for name, each in parts.items()})
        _add(line.good, floor, good.get(key, {}))
        _add(line.scrap, floor, scrap.get(key, {}))
        floor.lines.append(line)
    floor.lines.sort(key=lambda line: in_order(line.name))
    return floor


def grade(oee: float) -> int:
    """The number of the grade, from 0."""
    return next((number for number, (end, _) in enumerate(GRADES) if oee < end), len(GRADES) - (oee == 1))


def key_of_grades() -> list[tuple[str, str]]:
    """Style class and words of every grade."""
    words = [*(words for _, words in GRADES), ABOVE]
    return [(f"o{number}", text) for number, text in enumerate(words)]


def svg(floor: Floor) -> str:
    """The picture: a row per workcenter with its OEE, its good and its scrapped pieces.

    Good pieces are to each workcenter's own scale, scrapped ones to the same for all: it shows where they come from.
    """
    bottom = TOP + ROW * len(floor.lines)
    begin = moment(floor.begin)
    end = begin + timedelta(days=floor.columns * floor.days)
    most_scrap = max((pieces for line in floor.lines for pieces in line.scrap.values()), default=0)
    marks, dates = [], []
    for panel in (OEE, GOOD, SCRAP):
        dates.append(axis.svg(axis.ticks(begin, end, panel.dates), _scale(begin, end, panel), TOP - 8, bottom))
        marks.append(f'<text class="head" x="{panel.left}" y="12">{panel.heading}</text>')
    for number, line in enumerate(floor.lines):
        top = TOP + ROW * number
        marks += _label(line.name, top, striped=number % 2 == 0)
        marks += _cells(floor, line, top)
        marks += _bars(floor, line, GOOD, top, max(line.good.values(), default=0))
        marks += _bars(floor, line, SCRAP, top, most_scrap)
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 4}" role="img" aria-label="OEE, good and scrapped pieces by workcenter '
        f'and day, {begin:%Y-%m-%d} to {end:%Y-%m-%d}">{"".join(marks)}{"".join(dates)}</svg>'
    )


def _label(name: str, top: float, *, striped: bool) -> Iterator[str]:
    if striped:
        yield f'<rect class="band" x="0" y="{top}" width="{WIDTH}" height="{ROW}"/>'
    text = escape(shortened(name))
    yield f'<text class="part" x="8" y="{_middle(top)}">{text}<title>{escape(name)}</title></text>'


def _cells(floor: Floor, line: Line, top: float) -> Iterator[str]:
    """A cell per day in the colour of its grade."""
    width = OEE.width / floor.columns
    for column, oee in sorted(line.oee.items()):
        title = f"<title>{escape(line.name)}\n{_when(floor, column)}\n{escape(line.told[column])}</title>"
        size = f'x="{OEE.left + column * width:.1f}" y="{top + 4}" width="{max(width - 1, 1):.1f}" height="{BAR}"'
        yield f'<rect class="cell o{grade(oee)}" {size}>{title}</rect>'
    yield _figure(OEE, top, f"{median(line.oee.values()):.0%}" if line.oee else "–")


def _bars(floor: Floor, line: Line, panel: Panel, top: float, highest: float) -> Iterator[str]:
    """A bar per day; what was taken back below nothing is not drawn."""
    css, word, pieces = ("good", "good", line.good) if panel is GOOD else ("scrap", "scrapped", line.scrap)
    width, foot = panel.width / floor.columns, top + 4 + BAR
    for column, count in sorted(pieces.items()):
        height = BAR * count / highest if highest > 0 else 0
        if height > 0:
            title = f"<title>{escape(line.name)}\n{_when(floor, column)}\n{count:,.0f} {word}</title>"
            size = f'width="{max(width - 1, 1):.1f}" height="{max(height, 0.5):.1f}"'
            place = f'x="{panel.left + column * width:.1f}" y="{foot - max(height, 0.5):.1f}"'
            yield f'<rect class="cell {css}" {place} {size}>{title}</rect>'
    yield _figure(panel, top, f"{sum(pieces.values()):,.0f}")


def _figure(panel: Panel, top: float, text: str) -> str:
    return f'<text class="figure" x="{panel.total}" y="{_middle(top)}">{text}</text>'


def _middle(top: float) -> float:
    """The foot of a text that stands in the middle of a row."""
    return top + ROW / 2 + 4


def _when(floor: Floor, column: int) -> str:
    first = moment(floor.begin) + timedelta(days=column * floor.days)
    return f"{first:%Y-%m-%d}" + (f" and {floor.days - 1} days more" if floor.days > 1 else "")


def _scale(begin: datetime, end: datetime, panel: Panel) -> axis.Scale:
    return lambda instant: panel.left + (instant - begin) / (end - begin) * panel.width


def _fill(line: Line, floor: Floor, oee: Mapping[int, float], parts: Mapping[str, Mapping[int, float]]) -> None:
    """Put the OEE of the days into columns, the mean where a column has several."""
    columns: dict[int, list[float]] = defaultdict(list)
    for when, value in oee.items():
        columns[_column(floor, when)].append(value)
        told = [f"OEE {value:.0%}", *(f"{name} {each[when]:.0%}" for name, each in parts.items() if when in each)]
        line.told[_column(floor, when)] = "\n".join(told)
    for column, values in columns.items():
        line.oee[column] = fmean(values)
        if floor.days > 1:
            line.told[column] = f"OEE {fmean(values):.0%}, the mean of {len(values)} days"


def _add(columns: dict[int, float], floor: Floor, days: Mapping[int, float]) -> None:
    for when, pieces in days.items():
        columns[_column(floor, when)] = columns.get(_column(floor, when), 0) + pieces


def _column(floor: Floor, when: int) -> int:
    return (when - floor.begin) // (DAY * floor.days)


def _by_day(figures: Mapping[str, Mapping[int, float]]) -> dict[str, dict[int, float]]:
    """Sums by day in UTC."""
    found: dict[str, dict[int, float]] = {}
    for workcenter, points in figures.items():
        days: dict[int, float] = defaultdict(float)
        for when, value in points.items():
            days[when // DAY * DAY] += value
        found[workcenter] = days
    return found


def _median(figures: Mapping[str, Mapping[int, float]]) -> float | None:
    values = [value for points in figures.values() for value in points.values()]
    return median(values) if values else None
