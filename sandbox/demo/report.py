"""The demo's picture: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from sandbox.demo import floor, stock, timeline
from sandbox.demo.calls import Call
from sandbox.demo.content import Content
from sandbox.demo.hierarchy import Branch, build_tree
from sandbox.demo.promises import Promise
from sandbox.demo.terminal import HEADINGS, call_cells

STYLE = Path(__file__).with_name("report.css")

FIGURES = {
    "jobs": "jobs",
    "jobOperations": "job operations",
    "parts": "parts",
    "operations": "operations",
    "partOperations": "part operations",
    "workcenters": "workcenters",
    "unlinked": "events that lack a link",
    "productionEvents": "production entries",
    "goodPieces": "good pieces",
    "goodDatapoints": "datapoints with good pieces",
    "statusEvents": "workcenter statuses",
    "breakdowns": "breakdowns",
    "setups": "set-ups",
    "scrapPieces": "scrapped pieces",
}
"""The counts, in the order and words of the report."""

MOST_LEAVES = 60
"""Leaves that one branch of the tree shows; the rest is a number."""


@dataclass(frozen=True)
class Shown:
    """What the report shows of one facility.

    Attributes:
        name: What people call it.
        title: Name, PCN and time in words.
        content: What CDF holds of it at the end.
        counts: How many of each kind.
    """

    name: str
    title: str
    content: Content
    counts: Mapping[str, int | float]


@dataclass(frozen=True)
class Picture:
    """What the report shows.

    Attributes:
        facilities: One after the other.
        calls: The calls of all passes.
        promises: What was promised, and whether it held.
    """

    facilities: Sequence[Shown]
    calls: Sequence[Call]
    promises: Sequence[Promise]


def render(picture: Picture) -> str:
    """The whole page."""
    facilities = "\n".join(_facility(shown, number) for number, shown in enumerate(picture.facilities))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plex in CDF</title><style>\n{STYLE.read_text(encoding='utf-8')}</style></head><body>\n"
        f"{_navigation(picture)}\n<main>\n{_head(picture)}\n{facilities}\n{_promises(picture.promises)}\n"
        f"{_calls(picture.calls)}\n</main></body></html>\n"
    )


def _navigation(picture: Picture) -> str:
    links = [(f"f{number}", shown.name) for number, shown in enumerate(picture.facilities)]
    links += [("promises", "Promises"), ("calls", "Function calls")]
    anchors = "".join(f'<a href="#{to}">{escape(text)}</a>' for to, text in links)
    return f"<nav>{anchors}</nav>"


def _head(picture: Picture) -> str:
    broken = sum(not promise.held for promise in picture.promises)
    total = len(picture.promises)
    css, verdict = (
        ("broken", f"{broken} of {total} promises broken") if broken else ("kept", f"all {total} promises kept")
    )
    titles = "".join(f"<li>{escape(shown.title)}</li>" for shown in picture.facilities)
    return (
        f'<header><h1>Plex in Cognite Data Fusion</h1><ul class="soft">{titles}</ul>'
        f'<p><a class="verdict {css}" href="#promises">{verdict}</a></p></header>'
    )


def _facility(shown: Shown, number: int) -> str:
    return (
        f'<h2 class="facility" id="f{number}">{escape(shown.name)}</h2>\n{_tiles(shown)}\n{_floor(shown.content)}\n'
        f"{_stock(shown.content)}\n{_jobs(shown.content)}\n{_holdings(shown)}"
    )


def _tiles(shown: Shown) -> str:
    """What a plant manager asks first."""
    good, scrap = shown.counts["goodPieces"], shown.counts["scrapPieces"]
    seen, kept = floor.read_floor(shown.content), stock.read_stock(shown.content)
    tiles = [
        ("–" if seen is None or seen.typical is None else f"{seen.typical:.0%}", "OEE, median of days and workcenters"),
        (f"{good:,.0f}", "good pieces"),
        (f"{scrap:,.0f}", f"scrapped pieces, {scrap / (good + scrap):.1%}" if good + scrap > 0 else "scrapped pieces"),
        (f"{shown.counts['breakdowns']:,}", "breakdowns"),
        (f"{stock.total(kept):,.0f}", "on hand"),
        (f"{timeline.still_open(shown.content):,}", f"open jobs of {shown.counts['jobs']:,}"),
    ]
    divisions = "".join(f"<div><b>{value}</b><span>{label}</span></div>" for value, label in tiles)
    return f'<section class="figures">{divisions}</section>'


def _floor(content: Content) -> str:
    seen = floor.read_floor(content)
    if seen is None:
        return _card("Workcenters", '<p class="soft">CDF holds no OEE and no pieces.</p>')
    column = "one day" if seen.days == 1 else f"{seen.days} days"
    said = f"a column is {column} in UTC; good pieces have a scale per workcenter, scrapped ones the same for all"
    return _card(
        "OEE, good and scrapped pieces by workcenter", _key(floor.key_of_grades(), said), _wide(floor.svg(seen))
    )


def _stock(content: Content) -> str:
    kept = stock.read_stock(content)
    empty = sum(not parts for parts in kept.values())
    if len(kept) == empty:
        return _card("On hand by location", '<p class="soft">CDF holds nothing that is on hand.</p>')
    said = "one piece of a bar per part" + (f"; {empty:,} locations are empty" if empty else "")
    return _card("On hand by location", _key([], said), _wide(stock.svg(kept)))


def _jobs(content: Content) -> str:
    bars = timeline.bars_of(content.events, content.assets)
    undated = sum(event.get("type") == "job" and event.get("startTime") is None for event in content.events)
    if not bars:
        return _card("Jobs on a time line", '<p class="soft">CDF holds no job with a start.</p>')
    drawn = timeline.sample(bars)
    order = timeline.statuses(drawn)
    still_open = "; a point means still open" if any(bar.end is None for bar in drawn) else ""
    said = f"{len(drawn):,} jobs" if len(drawn) == len(bars) else f"a sample of {len(drawn):,} of {len(bars):,} jobs"
    if undated:
        said += f", {undated:,} more have no start,"
    entries = [(timeline.colour(status, order), status) for status in order]
    key = _key(entries, f"{said} by part, times in UTC{still_open}")
    return _card("Jobs on a time line", key, _wide(timeline.svg(drawn)))


def _holdings(shown: Shown) -> str:
    """The counts and the tree: for whoever wants to know what lies in CDF."""
    counts = "".join(f"<li><b>{shown.counts[key]:,}</b> {label}</li>" for key, label in FIGURES.items())
    tree = "".join(_branch(root, depth=0) for root in build_tree(shown.content.assets))
    return _card("What CDF holds", f'<ul class="counts">{counts}</ul>', tree)


def _promises(promises: Sequence[Promise]) -> str:
    items = (
        f'<li class="{"kept" if promise.held else "broken"}"><span class="mark">{"✓" if promise.held else "✗"}</span>'
        f"<span>{escape(promise.name)}<small>{escape(promise.detail)}</small></span></li>"
        for promise in promises
    )
    return (
        f'<h2 class="facility" id="promises">Promises</h2><section><ul class="promises">{"".join(items)}</ul></section>'
    )


def _calls(calls: Sequence[Call]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    rows, number = [], 1
    for call in calls:
        cells = "".join(
            f'<td class="zero">{cell}</td>' if cell == "0" else f"<td>{escape(cell)}</td>" for cell in call_cells(call)
        )
        css = " ".join(["next"] * (call.number != number) + ["failed"] * (not call.is_good))
        rows.append(f'<tr class="{css}" title="{escape(call.error)}">{cells}</tr>')
        number = call.number
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return (
        f'<h2 class="facility" id="calls">Function calls</h2><section>{_wide(table)}<p class="soft">'
        "Pass 1 loads the plants, pass 2 finds nothing changed, pass 3 follows the plants' clock.</p></section>"
    )


def _branch(branch: Branch, depth: int) -> str:
    deployed, extracted = branch.split()
    parents = [child for child in extracted if child.children][:MOST_LEAVES]
    leaves = [child for child in extracted if not child.children][: MOST_LEAVES - len(parents)]
    hidden = len(extracted) - len(parents) - len(leaves)
    items = [f"<li>{_name(leaf)}</li>" for leaf in leaves]
    if hidden:
        items.append(f'<li class="soft">… and {hidden:,} more</li>')
    below = [_branch(child, depth + 1) for child in (*deployed, *parents)]
    if items:
        below.append(f'<ul class="leaves">{"".join(items)}</ul>')
    if not below:
        return f'<div class="empty">{_name(branch)}</div>'
    summary = f'<summary>{_name(branch)}<span class="count">{branch.leaves:,}</span></summary>'
    return f"<details>{summary}{''.join(below)}</details>"


def _name(branch: Branch) -> str:
    return f'<span title="{escape(branch.external_id)}">{escape(branch.name)}</span>'


def _card(heading: str, *parts: str) -> str:
    return f"<section><h3>{heading}</h3>{''.join(parts)}</section>"


def _key(entries: Sequence[tuple[str, str]], said: str) -> str:
    """What the colours mean, by style class, and a remark."""
    colours = "".join(f'<span><i class="{css}"></i>{escape(words)}</span>' for css, words in entries)
    return f'<p class="key">{colours}<span>{escape(said)}</span></p>'


def _wide(picture: str) -> str:
    return f'<div class="wide">{picture}</div>'
