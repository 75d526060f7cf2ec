"""What is on hand at every location, as inline SVG: one bar per location, one piece of it per part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from sandbox.demo.axis import shortened
from sandbox.demo.content import Content
from sandbox.demo.hierarchy import in_order

WIDTH, LABEL, RIGHT = 1200, 196, 130
ROW, BAR, TOP = 22, 14, 4

Stock = Mapping[str, Mapping[str, float]]
"""Quantity by the names of location and part."""


def read_stock(content: Content) -> Stock:
    """What is on hand by location and part; locations that are empty have nothing in them."""
    found: dict[str, dict[str, float]] = {_name(content, "locations", key): {} for key in content.present["locations"]}
    for (location, part), quantity in content.on_hand().items():
        parts = found.setdefault(_name(content, "locations", location), {})
        name = _name(content, "parts", part)
        if quantity:
            parts[name] = parts.get(name, 0) + quantity
    return {name: found[name] for name in sorted(found, key=in_order)}


def total(stock: Stock) -> float:
    """All that is on hand."""
    return sum(sum(parts.values()) for parts in stock.values())


def svg(stock: Stock) -> str:
    """The picture of the locations that have something."""
    filled = {name: parts for name, parts in stock.items() if parts}
    highest = max((sum(parts.values()) for parts in filled.values()), default=0) or 1
    marks: list[str] = []
    for number, (name, parts) in enumerate(filled.items()):
        marks += _row(name, parts, TOP + ROW * number, (WIDTH - LABEL - RIGHT) / highest)
    height = TOP + ROW * len(filled) + 4
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="On hand by location">{"".join(marks)}</svg>'


def _row(name: str, parts: Mapping[str, float], top: float, scale: float) -> Iterator[str]:
    middle, x = top + ROW / 2 + 4, float(LABEL)
    yield f'<text class="part" x="8" y="{middle}">{escape(shortened(name))}<title>{escape(name)}</title></text>'
    for number, (part, quantity) in enumerate(sorted(parts.items(), key=lambda item: -item[1])):
        width = max(quantity, 0) * scale
        title = f"<title>{escape(name)}\n{escape(part)}\n{quantity:,.0f}</title>"
        size = f'x="{x:.1f}" y="{top + (ROW - BAR) / 2}" width="{max(width - 1, 0.5):.1f}" height="{BAR}"'
        yield f'<rect class="cell stock{number % 2}" {size}>{title}</rect>'
        x += width
    held = f"{len(parts)} part{'s' * (len(parts) > 1)}"
    yield f'<text class="figure start" x="{x + 8:.1f}" y="{middle}">{sum(parts.values()):,.0f}</text>'
    yield f'<text class="tick end" x="{WIDTH - 4}" y="{middle}">{held}</text>'


def _name(content: Content, stream: str, key: str) -> str:
    row = content.present[stream].get(key, {})
    return str(row.get("name") or key)
