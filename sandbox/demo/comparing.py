"""What CDF holds of a facility against what Plex answers to a plain reader at the same instant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import isclose
from typing import TypeVar

from sandbox.demo.content import ASSETS, DAY, EVENTS, HISTORY_EVENTS, Content, key_of
from sandbox.demo.counting import linking, unlinked
from sandbox.demo.promises import Promise, judged
from sandbox.demo.reading import Row
from sandbox.demo.tenant import HISTORIES, OPEN_STATUSES, History, Tenant, milliseconds

PERCENT_TOLERANCE = 0.01
"""How far a progress in percent may be off for having been rounded."""

PIECES_TOLERANCE = 1e-6
"""How far a sum of quantities may be off for the order of its summands."""

SHARE_TOLERANCE = 1e-4
"""How far a product of three rounded shares may be off."""

RATE_FIGURES = ("targetRate", "setupTime")
"""What is compared of how fast a workcenter is to work, as columns here and fields there."""

Told = tuple[object, ...]
"""What something is recognized by on both sides."""

KeyT = TypeVar("KeyT")


def holds_what_plex_holds(content: Content, tenant: Tenant, number: int) -> Promise:
    """The same keys on both sides, apart from rows that wait in quarantine.

    Args:
        content: What CDF holds.
        tenant: What Plex answered, read at the same instant.
        number: The pass after which they were read.
    """
    quarantine = content.quarantine_text
    wrong = []
    for stream in (*EVENTS, *ASSETS):
        inside, expected = content.present[stream].keys(), tenant[stream].keys()
        wrong += [f"{stream} {key} is missing" for key in sorted(expected - inside) if key not in quarantine]
        wrong += [f"{stream} {key} is not in Plex" for key in sorted(inside - expected)]
    total = sum(len(content.present[stream]) for stream in (*EVENTS, *ASSETS))
    rows = sum(len(waiting) for waiting in content.quarantine.values())
    waiting = f", {rows:,} in quarantine" if rows else ""
    return judged(f"CDF holds what Plex holds, pass {number}", wrong, f"{total:,} rows{waiting}")


def histories_told(content: Content, tenant: Tenant) -> Promise:
    """Every entry of a history is an event, as often as Plex has it: none is missing, none is there twice."""
    wrong, total = [], 0
    for stream, history in HISTORIES.items():
        entries = Counter(_told(row, milliseconds(row[history.instant]), history) for row in tenant[stream].values())
        events = Counter(
            _told(event.get("metadata") or {}, event.get("startTime"), history)
            for event in content.events_of(HISTORY_EVENTS[stream])
        )
        wrong += [f"{stream} {told} is missing" for told in (entries - events).elements()]
        wrong += [f"{stream} {told} is not in Plex" for told in (events - entries).elements()]
        total += entries.total()
    return judged("Every entry of Plex's histories is one event", wrong, f"{total:,} entries")


def pieces_add_up(content: Content, tenant: Tenant) -> Promise:
    """Of every workcenter at every instant, CDF has as many good and scrapped pieces as Plex has in all its entries."""
    wrong, said = [], []
    for stream, figure, word in (("production", "GOOD", "good"), ("scrap", "SCRAP", "scrapped")):
        made = pieces(tenant, stream)
        series = {
            (workcenter, when): value
            for workcenter, points in content.figures(figure).items()
            for when, value in points.items()
        }
        wrong += _differences(made, series, PIECES_TOLERANCE, word)
        said.append(f"{sum(made.values()):,.0f} {word} at {len(made):,} instants")
    return judged("Pieces in CDF are the pieces in Plex", wrong, ", ".join(said))


def pieces(tenant: Tenant, stream: str) -> dict[tuple[str, int], float]:
    """Pieces by Plex's key of the workcenter and timestamp, summed over all entries that have both.

    Args:
        tenant: What Plex answers.
        stream: `production` or `scrap`.
    """
    made: dict[tuple[str, int], float] = defaultdict(float)
    for row in tenant[stream].values():
        if row["workcenterId"] and row["quantity"] is not None:
            made[row["workcenterId"], milliseconds(row[HISTORIES[stream].instant])] += row["quantity"]
    return made


def stock_adds_up(content: Content, tenant: Tenant) -> Promise:
    """What is on hand of each part at each location is the sum of its containers there, and 0 where there are none."""
    stored: dict[tuple[str, str], float] = defaultdict(float)
    for row in tenant["containers"].values():
        if row["locationId"] and row["partId"] and row["quantity"] is not None:
            stored[row["locationId"], row["partId"]] += row["quantity"]
    wrong = _differences(stored, content.on_hand(), PIECES_TOLERANCE, "on hand")
    proof = f"{sum(stored.values()):,.0f} pieces in {len(tenant['containers']):,} containers"
    return judged("On hand in CDF is what Plex's containers hold", wrong, proof)


def oee_holds(content: Content, tenant: Tenant) -> Promise:
    """Every OEE is availability x performance x quality, and a day's quality is that of its pieces in Plex."""
    wrong, total = [], 0
    for suffix in ("", "_DAY"):
        parts = [content.figures(f"{name}{suffix}") for name in ("AVAILABILITY", "PERFORMANCE", "QUALITY")]
        for workcenter, points in content.figures(f"OEE{suffix}").items():
            for when, value in points.items():
                product = 1.0
                for part in parts:
                    product *= part.get(workcenter, {}).get(when, float("nan"))
                if not isclose(value, product, rel_tol=SHARE_TOLERANCE, abs_tol=SHARE_TOLERANCE):
                    wrong.append(f"{workcenter} at {when}: {value} instead of {product:.4f}")
            total += len(points)
    qualities = {
        (workcenter, when): value
        for workcenter, points in content.figures("QUALITY_DAY").items()
        for when, value in points.items()
    }
    wrong += _differences(_qualities(tenant), qualities, SHARE_TOLERANCE, "quality")
    if not total:
        wrong.append("there is no OEE")
    return judged("OEE is availability × performance × quality", wrong, f"{total:,} hours and days")


def _qualities(tenant: Tenant) -> dict[tuple[str, int], float]:
    """Good pieces of all pieces, by workcenter and day in UTC; no value where there are none, or fewer than none."""
    good: dict[tuple[str, int], float] = defaultdict(float)
    every: dict[tuple[str, int], float] = defaultdict(float)
    for stream in ("production", "scrap"):
        for (workcenter, when), quantity in pieces(tenant, stream).items():
            place = workcenter, when - when % DAY
            every[place] += quantity
            good[place] += quantity if stream == "production" else 0
    return {place: good[place] / total for place, total in every.items() if total > PIECES_TOLERANCE}


def everything_linked(content: Content, tenant: Tenant) -> Promise:
    """Every event is linked to all that its row names: part, workcenter, part operation, container, location."""
    events = [event for _, event in linking(content)]
    without = sum(not event.get("assetIds") for event in events)
    proof = f"{len(events) - without:,} events" + (f"; {without:,} name nothing that Plex lists" if without else "")
    return judged("Every link that Plex names stands", unlinked(content, tenant), proof)


def operations_related(content: Content, tenant: Tenant) -> Promise:
    """A relationship leads from each job to each of its operations."""
    ends = ("sourceExternalId", "targetExternalId")
    related = {tuple(_key(row[end]) for end in ends) for row in content.relationships}
    jobs, operations = content.present["jobs"], tenant["jobOperations"]
    wanted = {(operations[key].get("jobId"), key) for key in content.present["jobOperations"] if key in operations}
    missing = [f"{key} to {job}" for job, key in sorted(wanted - related, key=str) if job in jobs]
    return judged("Every operation is related to its job", missing, f"{len(wanted):,} operations")


def components_listed(content: Content, tenant: Tenant) -> Promise:
    """Every line of a bill of material is a row of its part's sequence, with its component and quantity."""
    wanted = {key: row["quantity"] for key, row in tenant["components"].items() if row.get("partId")}
    boms = [lines for name, lines in content.lines.items() if name.endswith("_BOM")]
    listed = {str(line["bomId"]): line["quantity"] for lines in boms for line in lines}
    wrong = [f"{key}: {listed.get(key)}" for key, quantity in wanted.items() if listed.get(key, "") != quantity]
    wrong += [f"{key} is not in Plex" for key in sorted(listed.keys() - wanted.keys())]
    proof = f"{len(wanted):,} lines of {len(boms):,} parts"
    return judged("Every bill of material is a sequence", wrong, proof)


def rates_listed(content: Content, tenant: Tenant) -> Promise:
    """Every approved workcenter is a row of its part's table of rates, with its target rate and setup time."""
    wanted: Counter[Told] = Counter(
        (row["partId"], row["partOperationId"], row["workcenterId"], row["targetRate"], row["setupTime"])
        for row in tenant["approvedWorkcenters"].values()
        if row["partId"]
    )
    tables = {name.removesuffix("_RATES"): lines for name, lines in content.lines.items() if name.endswith("_RATES")}
    listed: Counter[Told] = Counter(
        (*map(_key, (part, line["operationExternalId"], line["workcenterExternalId"])), *map(line.get, RATE_FIGURES))
        for part, lines in tables.items()
        for line in lines
    )
    wrong = [f"{rate} is missing" for rate in (wanted - listed).elements()]
    wrong += [f"{rate} is not in Plex" for rate in (listed - wanted).elements()]
    proof = f"{wanted.total():,} approved workcenters of {len(tables):,} parts"
    return judged("Every approved workcenter is in its part's table of rates", wrong, proof)


def progress_kept(content: Content, seen: Tenant, now: Tenant) -> Promise:
    """Jobs that were seen open have a series whose last reading is their progress.

    Args:
        content: What CDF holds.
        seen: What Plex answered when they were open.
        now: What Plex answers at the same instant as CDF.
    """
    shown = {
        _key(name.removesuffix("_PROGRESS")): float(points[max(points)])
        for name, points in content.points.items()
        if name.endswith("_PROGRESS") and points
    }
    wanted = {
        key: 100 * row["quantityCompleted"] / row["quantity"]
        for key, row in now["jobs"].items()
        if seen["jobs"].get(key, {}).get("jobStatus") in OPEN_STATUSES
        if row.get("quantity") and row.get("quantityCompleted") is not None
    }
    wrong = [
        f"{key}: {shown.get(key)} instead of {value:.2f} %"
        for key, value in wanted.items()
        if abs(shown.get(key, -1) - value) > PERCENT_TOLERANCE
    ]
    return judged("Open jobs have their progress", wrong, f"{len(wanted):,} series")


def _key(external_id: str) -> str:
    return key_of({"externalId": external_id})


def _differences(plex: Mapping[KeyT, float], cdf: Mapping[KeyT, float], tolerance: float, word: str) -> list[str]:
    """Where the two differ; what one of them does not have is 0."""
    return [
        f"{place}: {cdf.get(place, 0):g} {word} instead of {plex.get(place, 0):g}"
        for place in sorted(plex.keys() | cdf.keys(), key=str)
        if abs(cdf.get(place, 0) - plex.get(place, 0)) > tolerance
    ]


def _told(fields: Row, instant: int | None, history: History) -> Told:
    """What an entry is recognized by: its instant and its fields as text."""
    return (instant, *(_text(fields.get(name)) for name in history.told))


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
