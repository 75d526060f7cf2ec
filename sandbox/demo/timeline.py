"""The jobs on a time line: one bar per job, grouped by part, as inline SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from sandbox.demo import axis
from sandbox.demo.axis import moment, shortened
from sandbox.demo.content import Content, kind_of
from sandbox.demo.reading import Row

MOST_BARS = 400
"""Bars beyond that make the picture unreadable; a sample is drawn instead."""

LABEL_WIDTH, WIDTH, RIGHT = 196, 1200, 14
LANE, BAR, GAP, TOP = 10, 7, 8, 30
"""Sizes in the picture's own units: pixels at 1200 wide."""

COLOURS = 6
"""How many colours the style sheet has for statuses; further statuses share the last."""

MOST_TICKS = 12


@dataclass(frozen=True)
class Bar:
    """One job.

    Attributes:
        title: What the tooltip says.
        group: The part's name.
        status: The job's status in Plex.
        start: When it was created.
        end: When it was completed, None while it is open.
    """

    title: str
    group: str
    status: str
    start: datetime
    end: datetime | None


def bars_of(events: Iterable[Row], assets: Iterable[Row]) -> list[Bar]:
    """The job events as bars, by start; events without a start cannot be drawn.

    Args:
        events: Events as CDF lists them.
        assets: Assets as CDF lists them, which give the parts their names.
    """
    parts = {row["id"]: str(row.get("name") or row["externalId"]) for row in assets if kind_of(row) == "PART"}
    bars = []
    for event in events:
        if event.get("type") != "job" or event.get("startTime") is None:
            continue
        group = next((parts[asset] for asset in event.get("assetIds") or [] if asset in parts), "no part")
        status = str(event.get("subtype") or "no status")
        start = moment(event["startTime"])
        end = None if event.get("endTime") is None else moment(event["endTime"])
        name = event.get("description") or (event.get("metadata") or {}).get("jobNumber") or event.get("externalId")
        until = "open" if end is None else f"{end:%Y-%m-%d %H:%M}"
        bars.append(Bar(f"{name}\n{group}\n{status}: {start:%Y-%m-%d %H:%M} – {until}", group, status, start, end))
    return sorted(bars, key=lambda bar: (bar.start, bar.title))


def still_open(content: Content) -> int:
    """How many jobs have no end yet."""
    return sum(event.get("endTime") is None for event in content.present["jobs"].values())


def sample(bars: Sequence[Bar]) -> list[Bar]:
    """At most `MOST_BARS`, evenly over the whole time."""
    if len(bars) <= MOST_BARS:
        return list(bars)
    return [bars[index * len(bars) // MOST_BARS] for index in range(MOST_BARS)]


def statuses(bars: Iterable[Bar]) -> list[str]:
    """The statuses, the most frequent first; their position is their colour."""
    seen: dict[str, int] = defaultdict(int)
    for bar in bars:
        seen[bar.status] += 1
    return sorted(seen, key=lambda status: (-seen[status], status))


def colour(status: str, order: Sequence[str]) -> str:
    """The class of the style sheet that colours a status."""
    return f"s{min(order.index(status), COLOURS - 1)}"


def svg(bars: Sequence[Bar]) -> str:
    """The picture. Open jobs end in a point at the right edge."""
    begin = min(bar.start for bar in bars)
    last = max(max(bar.start, bar.end or bar.start) for bar in bars)
    span = max(last - begin, timedelta(hours=1))
    begin, last = begin - span / 100, last + span / 50
    plot = WIDTH - LABEL_WIDTH - RIGHT

    def x(instant: datetime) -> float:
        return LABEL_WIDTH + (instant - begin) / (last - begin) * plot

    order = statuses(bars)
    bands, marks, y = [], [], float(TOP)
    for index, (group, lanes) in enumerate(_groups(bars).items()):
        height = len(lanes) * LANE + GAP
        if index % 2 == 0:
            bands.append(f'<rect class="band" x="0" y="{y:.0f}" width="{WIDTH}" height="{height}"/>')
        label = escape(shortened(group))
        marks.append(
            f'<text class="part" x="8" y="{y + height / 2 + 4:.1f}">{label}<title>{escape(group)}</title></text>'
        )
        for lane, row in enumerate(lanes):
            top = y + GAP / 2 + lane * LANE + (LANE - BAR) / 2
            marks += [_shape(bar, x(bar.start), x(bar.end or last), top, colour(bar.status, order)) for bar in row]
        y += height
    dates = axis.svg(axis.ticks(begin, last, MOST_TICKS), x, TOP - 8, y)
    return (
        f'<svg viewBox="0 0 {WIDTH} {y + 6:.0f}" role="img" aria-label="Jobs from {begin:%Y-%m-%d} to {last:%Y-%m-%d}">'
        f"{''.join(bands)}{dates}{''.join(marks)}</svg>"
    )


def _groups(bars: Sequence[Bar]) -> dict[str, list[list[Bar]]]:
    """Per part, in the order of its first job, as few lanes as hold its jobs without overlap."""
    groups: dict[str, list[list[Bar]]] = {}
    for bar in bars:
        lanes = groups.setdefault(bar.group, [])
        for lane in lanes:
            end = lane[-1].end
            if end is not None and end <= bar.start:
                lane.append(bar)
                break
        else:
            lanes.append([bar])
    return groups


def _shape(bar: Bar, left: float, right: float, top: float, css: str) -> str:
    right = max(right, left + 3)
    title = f"<title>{escape(bar.title)}</title>"
    if bar.end is not None:
        size = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{BAR}"'
        return f'<rect class="job {css}" {size} rx="2">{title}</rect>'
    middle, neck = top + BAR / 2, max(left, right - BAR)
    points = f"{left:.1f},{top:.1f} {neck:.1f},{top:.1f} {right:.1f},{middle:.1f} {neck:.1f},{top + BAR:.1f} "
    return f'<polygon class="job open {css}" points="{points}{left:.1f},{top + BAR:.1f}">{title}</polygon>'
