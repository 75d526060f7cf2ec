"""What CDF should hold of a plant's rows, by plain loops: an independent reading of the data contract."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIX = "PCN340884_"
RANKS = {"Breakdown": 4, "Lunch": 3, "Production": 2}
CLASSES = {"run": ["Production"], "plannedDown": ["Lunch"], "unplannedDown": ["Breakdown"]}


def millis(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def shown(name: str, value: Any) -> str:
    if name.endswith(("Date", "DateTime")):
        moment = EPOCH + timedelta(milliseconds=millis(value))
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def event(kind: str, row: Row, begin: str, assets: set[str]) -> Row:
    """An event without its id."""
    start, end = millis(row[begin]), millis(row[begin])
    if kind == "workcenter_status":
        end += round(1000 * row["duration"])
    metadata = {name: shown(name, value) for name, value in row.items() if value is not None}
    if row.get("jobId"):
        metadata["jobExternalId"] = f"{PREFIX}JOB_{row['jobId']}"
    links = {f"{PREFIX}WORKCENTER_{row['workcenterId']}", f"{PREFIX}PARTOPERATION_{row['partOperationId']}"}
    if row.get("partId"):
        links.add(f"{PREFIX}PART_{row['partId']}")
    return {
        "type": kind,
        "subtype": row.get("workcenterStatus"),
        "startTime": start,
        "endTime": end,
        "metadata": metadata,
        "links": sorted(links & assets),
    }


def points(made: list[Row], statuses: list[Row]) -> dict[str, dict[int, float | str]]:
    """Every series with all of its datapoints."""
    series: dict[str, dict[int, float | str]] = defaultdict(dict)
    for row in made:
        if row["quantity"] is not None:
            of = series[f"{PREFIX}WORKCENTER_{row['workcenterId']}_GOOD"]
            instant = millis(row["transactionDate"])
            of[instant] = float(of.get(instant, 0)) + row["quantity"]
    held: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in statuses:
        held[row["workcenterId"], millis(row["logDate"])].append(row["workcenterStatus"])
    for (workcenter, instant), texts in held.items():
        best = sorted(texts, key=lambda text: (RANKS.get(text, 0), text))[-1]
        series[f"{PREFIX}WORKCENTER_{workcenter}_STATUS"][instant] = best
    return dict(series)


def on_hand(containers: dict[str, Row]) -> dict[str, float]:
    """What every place and part holds that holds something."""
    sums: dict[str, float] = defaultdict(float)
    for row in containers.values():
        sums[f"{PREFIX}ONHAND_{row['locationId']}_{row['partId']}"] += row["quantity"]
    return dict(sums)
