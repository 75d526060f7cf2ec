"""What the demo says while it works and at its end, as plain lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sandbox.demo.axis import shortened
from sandbox.demo.calls import Call
from sandbox.demo.hierarchy import Branch
from sandbox.demo.promises import Promise

HEADINGS = (
    "pass",
    "facility",
    "function",
    "status",
    "rows",
    "created",
    "updated",
    "unchanged",
    "quarantined",
    "Plex calls",
    "CDF calls",
    "seconds",
)
"""Columns of the table of calls; function and status are words, all others numbers."""

NAMED_LEAVES = 3
"""How many leaves of a branch the tree names."""

LONGEST_NAME = 60
"""Characters of a leaf's name that the tree shows."""


def say(line: str) -> None:
    """Write a line of progress at once, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def show(lines: Sequence[str]) -> None:
    """Write a block of the result, and an empty line after it, on stdout."""
    sys.stdout.write("\n".join([*lines, "", ""]))
    sys.stdout.flush()


def call_cells(call: Call) -> tuple[str, ...]:
    """One row of the table of calls, in the order of `HEADINGS`."""
    figures = (call.total(figure) for figure in ("rows", "created", "updated", "unchanged", "quarantined"))
    costs = (f"{call.plex_calls:,}", f"{call.cdf_calls:,}", f"{call.seconds:.1f}")
    return (str(call.number), str(call.pcn), call.function, call.status, *(f"{figure:,}" for figure in figures), *costs)


def call_line(call: Call) -> str:
    """A call in a few words, as progress."""
    written = f"{call.total('created'):,} created, {call.total('updated'):,} updated"
    figures = f"{call.total('rows'):,} rows, {written}, {call.seconds:.1f} s"
    return f"{call.pcn} {call.function}: {call.status}, {call.error or figures}"


def call_table(calls: Sequence[Call]) -> list[str]:
    """The table of calls."""
    rows = [HEADINGS, *(call_cells(call) for call in calls)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in {2, 3} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return lines


def tree_lines(branch: Branch, indent: str = "") -> list[str]:
    """The asset tree: its branches with the number of leaves below, and a few leaves by name."""
    lines = [f"{indent}{branch.name}{_count(branch)}"]
    deployed, extracted = branch.split()
    for child in deployed:
        lines += tree_lines(child, f"{indent}  ")
    lines += [f"{indent}  · {shortened(leaf.name, LONGEST_NAME)}{_count(leaf)}" for leaf in extracted[:NAMED_LEAVES]]
    if len(extracted) > NAMED_LEAVES:
        lines.append(f"{indent}  · … and {len(extracted) - NAMED_LEAVES:,} more")
    return lines


def _count(branch: Branch) -> str:
    return f"  ({branch.leaves:,})" if branch.children else ""


def promise_lines(promises: Sequence[Promise]) -> list[str]:
    """One line per promise, with its verdict first."""
    return [f"{'kept  ' if promise.held else 'BROKEN'}  {promise.name}: {promise.detail}" for promise in promises]
