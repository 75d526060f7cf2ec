"""The time axis of the pictures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Scale = Callable[[datetime], float]
"""From an instant to where it stands in the picture."""

STEPS = [timedelta(hours=h) for h in (1, 3, 6, 12)] + [timedelta(days=d) for d in (1, 2, 7, 14, 28, 91, 182, 364)]
"""Distances between the dates of the axis, of which the first that gives at most so many as are wanted is taken."""


def ticks(begin: datetime, end: datetime, most: int) -> list[datetime]:
    """The instants that the axis names, at most `most` and one more."""
    step = next((step for step in STEPS if (end - begin) / step <= most), (end - begin) / most)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * -(-(begin - midnight) // step)
    return [first + step * index for index in range(most + 1) if first + step * index <= end]


def svg(instants: list[datetime], x: Scale, top: float, bottom: float) -> str:
    """Lines from `top` to `bottom` with their dates above, the first of them with its year.

    Args:
        instants: As `ticks` gives them.
        x: Where an instant stands.
        top: Where the lines begin.
        bottom: Where they end.
    """
    return "".join(_tick(each, x(each), top, bottom, first=not index) for index, each in enumerate(instants))


def _tick(instant: datetime, x: float, top: float, bottom: float, *, first: bool) -> str:
    on_midnight = instant.hour == instant.minute == 0
    text = f"{instant:%d %b %Y}" if first else f"{instant:%d %b}" if on_midnight else f"{instant:%H:%M}"
    line = f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.0f}" y2="{bottom:.0f}"/>'
    return f'{line}<text class="tick{" start" * first}" x="{x:.1f}" y="{top - 6:.0f}">{text}</text>'


def moment(milliseconds: int) -> datetime:
    """CDF's instant, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def shortened(text: str, most: int = 28) -> str:
    """A text of at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
