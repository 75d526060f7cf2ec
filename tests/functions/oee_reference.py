"""OEE as anybody can compute it from the log, or from Plex's rows: every workcenter, hour and day.

It paints minutes, or cuts time at everything that happens, and shares no code with the product.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from bench import PCN, Bench

LOG = Path(__file__).parents[3] / "shared" / "data" / "factory_log.csv"
HISTORY = "/production/v1/production-history"
APPROVED = "/production/v1/production-definitions/approved-workcenters"
CLASSES = {"run": ["Production"], "plannedDown": ["Setup"], "unplannedDown": ["Breakdown", "Idle"], "off": ["Off"]}
# The higher wins. Other statuses count for nothing.
RANKS = {"Off": 1, "Production": 2, "Setup": 3, "Breakdown": 4, "Idle": 4}
MINUTE = timedelta(minutes=1)
LOOKBACK = timedelta(hours=72)
Spot = tuple[str, str, datetime]
"""Workcenter id, `hour` or `day`, begin."""
Points = dict[str, dict[datetime, float]]


class Book:
    """What one workcenter's bucket holds, exactly."""

    def __init__(self) -> None:
        self.seconds: dict[int, Fraction | int] = defaultdict(int)
        self.good = self.scrap = self.due = Fraction()
        self.without_rate = False

    def add(self, good: float, scrap: float, rate: float | None) -> None:
        self.good += Fraction(good)
        self.scrap += Fraction(scrap)
        if good + scrap:
            self.without_rate = self.without_rate or not rate
            self.due += Fraction(good + scrap) * 3600 / Fraction(rate) if rate else 0

    def figures(self) -> dict[str, float]:
        run, down = self.seconds[2], self.seconds[4]
        exact: dict[str, Fraction] = {}
        if run + down > 0:
            exact["AVAILABILITY"] = Fraction(run) / (run + down)
        if run > 0 and not self.without_rate:
            exact["PERFORMANCE"] = self.due / run
        if self.good + self.scrap > 0:
            exact["QUALITY"] = self.good / (self.good + self.scrap)
        if len(exact) == 3:
            exact["OEE"] = exact["AVAILABILITY"] * exact["PERFORMANCE"] * exact["QUALITY"]
        # Values have six decimals.
        return {name: round(float(value), 6) for name, value in exact.items()}


class Calendar:
    """To which hour and production day every minute belongs, read off a clock of the plant."""

    def __init__(self, zone: str, day_start: time, first: datetime, last: datetime) -> None:
        shift = timedelta(hours=day_start.hour, minutes=day_start.minute)
        self.hours: dict[datetime, datetime] = {}
        self.days: dict[datetime, datetime] = {}
        opened: dict[Any, datetime] = {}
        minute = first - timedelta(days=3)
        while minute < last:
            local = minute.astimezone(ZoneInfo(zone))
            self.hours[minute] = minute - timedelta(minutes=local.minute)
            self.days[minute] = opened.setdefault((local.replace(tzinfo=None) - shift).date(), minute)
            minute += MINUTE

    def spots(self, workcenter: str, moment: datetime) -> tuple[Spot, Spot]:
        minute = moment.replace(second=0, microsecond=0)
        return (workcenter, "hour", self.hours[minute]), (workcenter, "day", self.days[minute])


def expected(books: dict[Spot, Book], begin: datetime, end: datetime, pcn: int = PCN) -> Points:
    """The series of buckets that begin in a time range."""
    points: Points = defaultdict(dict)
    for (workcenter, kind, instant), book in books.items():
        if begin <= instant < end:
            for name, value in book.figures().items():
                suffix = "_DAY" if kind == "day" else ""
                points[f"PCN{pcn}_WORKCENTER_{workcenter}_{name}{suffix}"][instant] = value
    return dict(points)


def held(facility: Bench) -> Points:
    """All series of the facility with their points."""
    names = [str(each.external_id) for each in facility.client.time_series.list(limit=None)]
    series = [name for name in names if name.startswith(f"PCN{facility.pcn}_")]
    points: Points = {}
    for start in range(0, len(series), 100):
        chosen: Any = series[start : start + 100]
        for each in facility.client.time_series.data.retrieve(
            external_id=chosen, start=0, end=datetime(2099, 1, 1, tzinfo=UTC), limit=None
        ):
            points[str(each.external_id)] = {
                datetime.fromtimestamp(at / 1000, UTC): float(value)
                for at, value in zip(each.timestamp, each.value, strict=True)
            }
    return {name: found for name, found in points.items() if found}


def window(facility: Bench, name: str, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    return facility.plex_rows(f"{HISTORY}/{name}?beginDate={begin:%Y-%m-%dT%H:%MZ}&endDate={end:%Y-%m-%dT%H:%MZ}")


def moment(text: str) -> datetime:
    """Plex's text, cut to the millisecond."""
    return datetime.fromisoformat(text[:23]).replace(tzinfo=UTC)


def books_of_log(calendar: Calendar, workcenters: dict[str, str]) -> dict[Spot, Book]:
    """The log, minute by minute."""
    reports = list(csv.DictReader(LOG.read_text(encoding="utf-8").splitlines()))
    hourly: dict[tuple[str, ...], list[float]] = defaultdict(list)
    minutes: dict[tuple[str, datetime], int] = {}
    for report in reports:
        ends, length = moment(report["completed_at"] + ":00.000"), int(report["duration_minutes"])
        place, rank = workcenters[report["workcenter"]], {"D": 2, "S": 3, "B": 4}[report["report_type"]]
        for back in range(1, length + 1):
            minutes[place, ends - back * MINUTE] = max(rank, minutes.get((place, ends - back * MINUTE), 0))
        if report["report_type"] == "D" and float(report["qty_completed"]) > 0 and length > 0:
            hourly[routing(report)].append(float(report["qty_completed"]) / length * 60)
    books: dict[Spot, Book] = defaultdict(Book)
    for (place, minute), rank in minutes.items():
        for spot in calendar.spots(place, minute):
            books[spot].seconds[rank] += 60
    for report in reports:
        rate = median(hourly[routing(report)]) if hourly.get(routing(report)) else None
        for spot in calendar.spots(workcenters[report["workcenter"]], moment(report["completed_at"] + ":00.000")):
            books[spot].add(float(report["qty_completed"]) if report["report_type"] == "D" else 0.0, 0.0, rate)
            books[spot].add(0.0, float(report["qty_for_mrb"] or 0), rate)
    return books


def routing(report: dict[str, str]) -> tuple[str, ...]:
    return report["part"], report["operation"], report["workcenter"]


def books_of_rows(facility: Bench, calendar: Calendar, begin: datetime, now: datetime) -> dict[Spot, Book]:
    """Plex's rows, each workcenter's time cut at every instant at which anything begins or ends."""
    statuses: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    rows = window(facility, "workcenter-status-entries", begin - LOOKBACK, now + MINUTE)
    for row in rows:
        starts = moment(row["logDate"])
        after = [moment(each["logDate"]) for each in rows if each["workcenterId"] == row["workcenterId"]]
        following = min((at for at in after if at > starts), default=now)
        ends = following if row["duration"] is None else starts + timedelta(seconds=row["duration"])
        ends = min(ends, now, starts + LOOKBACK)
        statuses[row["workcenterId"]].append((starts, ends, RANKS.get(row["workcenterStatus"], 0)))
    books: dict[Spot, Book] = defaultdict(Book)
    borders = {*calendar.hours.values(), *calendar.days.values()}
    for workcenter, known in statuses.items():
        cuts = sorted({now, *borders, *(starts for starts, _, _ in known), *(ends for _, ends, _ in known)})
        for left, right in pairwise(cuts):
            ranks = [rank for starts, ends, rank in known if starts <= left and right <= ends]
            if ranks and right <= now:
                for spot in calendar.spots(workcenter, left):
                    books[spot].seconds[max(ranks)] += Fraction((right - left) // timedelta(microseconds=1), 10**6)
    rates = {(row["workcenterId"], row["partOperationId"]): row["targetRate"] for row in facility.plex_rows(APPROVED)}
    for name in ("production-entries", "scrap-entries"):
        for row in window(facility, name, begin, now + MINUTE):
            at, pieces = moment(row["transactionDate"]), row["quantity"] or 0.0
            if not begin <= at < now:
                continue
            rate = rates.get((row["workcenterId"], row["partOperationId"]))
            good, scrap = (pieces, 0.0) if name == "production-entries" else (0.0, pieces)
            for spot in calendar.spots(row["workcenterId"], at):
                books[spot].add(good, scrap, rate)
    return books


def names_of_workcenters(facility: Bench) -> dict[str, str]:
    rows = facility.plex_rows("/production/v1/production-definitions/workcenters")
    return {row["workcenterCode"]: row["workcenterId"] for row in rows}
