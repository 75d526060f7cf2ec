"""The demo's picture: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from sandbox.demo import timeline
from sandbox.demo.calls import Call
from sandbox.demo.counting import Content
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
}
"""The counts, in the order and words of the report."""

MOST_LEAVES = 60
"""Leaves that one branch of the tree shows; the rest is a number."""

OPEN_LEVELS = 2
"""Levels of the tree that are open at first."""


@dataclass(frozen=True)
class Picture:
    """What the report shows.

    Attributes:
        plant: Where the rows came from, in words.
        content: What CDF holds at the end.
        counts: How many of each kind.
        calls: The calls of all passes.
        promises: What was promised, and whether it held.
    """

    plant: str
    content: Content
    counts: Mapping[str, int]
    calls: Sequence[Call]
    promises: Sequence[Promise]


def render(picture: Picture) -> str:
    """The whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>A Plex factory in CDF</title><style>\n{STYLE.read_text(encoding='utf-8')}</style></head><body><main>\n"
        f"{_head(picture)}\n{_figures(picture.counts)}\n{_promises(picture.promises)}\n{_calls(picture.calls)}\n"
        f"{_jobs(picture.content)}\n{_hierarchy(picture.content)}\n</main></body></html>\n"
    )


def _head(picture: Picture) -> str:
    broken = sum(not promise.held for promise in picture.promises)
    total = len(picture.promises)
    css, verdict = (
        ("broken", f"{broken} of {total} promises broken") if broken else ("kept", f"all {total} promises kept")
    )
    return (
        "<header><h1>A Plex factory in Cognite Data Fusion</h1>"
        f'<p class="soft">{escape(picture.plant)}</p><p class="verdict {css}">{verdict}</p></header>'
    )


def _figures(counts: Mapping[str, int]) -> str:
    tiles = (f"<div><b>{counts[key]:,}</b><span>{label}</span></div>" for key, label in FIGURES.items())
    return f'<section class="figures" aria-label="What CDF holds">{"".join(tiles)}</section>'


def _promises(promises: Sequence[Promise]) -> str:
    items = (
        f'<li class="{"kept" if promise.held else "broken"}"><span class="mark">{"✓" if promise.held else "✗"}</span>'
        f"<span>{escape(promise.name)}<small>{escape(promise.detail)}</small></span></li>"
        for promise in promises
    )
    return f'<section><h2>Promises</h2><ul class="promises">{"".join(items)}</ul></section>'


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
        f'<section><h2>Function calls</h2><div class="wide">{table}</div><p class="soft">'
        "Pass 1 loads the plant, pass 2 finds nothing changed, pass 3 follows the plant's clock.</p></section>"
    )


def _jobs(content: Content) -> str:
    bars = timeline.bars_of(content.events, content.assets)
    undated = sum(event.get("type") == "job" and event.get("startTime") is None for event in content.events)
    if not bars:
        return '<section><h2>Jobs</h2><p class="soft">CDF holds no job with a start.</p></section>'
    drawn = timeline.sample(bars)
    order = timeline.statuses(drawn)
    key = "".join(f'<span><i class="{timeline.colour(status, order)}"></i>{escape(status)}</span>' for status in order)
    still_open = "; a point means still open" if any(bar.end is None for bar in drawn) else ""
    shown = f"{len(drawn):,} jobs" if len(drawn) == len(bars) else f"a sample of {len(drawn):,} of {len(bars):,} jobs"
    if undated:
        shown += f", {undated:,} more have no start,"
    return (
        "<section><h2>Jobs on a time line</h2>"
        f'<p class="key">{key}<span>{shown} by part, times in UTC{still_open}</span></p>'
        f'<div class="wide">{timeline.svg(drawn)}</div></section>'
    )


def _hierarchy(content: Content) -> str:
    roots = build_tree(content.assets)
    return f"<section><h2>Asset hierarchy</h2>{''.join(_branch(root, depth=0) for root in roots)}</section>"


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
    is_open = " open" if depth < OPEN_LEVELS else ""
    summary = f'<summary>{_name(branch)}<span class="count">{branch.leaves:,}</span></summary>'
    return f"<details{is_open}>{summary}{''.join(below)}</details>"


def _name(branch: Branch) -> str:
    return f'<span title="{escape(branch.external_id)}">{escape(branch.name)}</span>'
