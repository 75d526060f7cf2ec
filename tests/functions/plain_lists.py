"""What CDF should hold of a plant's lists, by plain loops: an independent reading of the data contract."""

from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIX = "PCN340884_"
# Each list that makes one asset a row: its key's field, the branch, the name's fields, the description's.
ASSETS = {
    "PART": ("id", "PARTS_LIBRARY", ("name",), ("description", "name")),
    "OPERATION": ("id", "OPERATIONS_LIBRARY", ("code",), ("type",)),
    "PARTOPERATION": ("id", "OPERATIONS_LIBRARY", (), ("type",)),
    "BUILDING": ("id", "RESOURCES_LIBRARY", ("buildingCode", "name"), ("buildingType",)),
    "WORKCENTER": ("workcenterId", "WORKCENTERS", ("workcenterCode", "name"), ("workcenterType",)),
    "LINE": ("id", "PRODUCTION_LINES", ("code",), ("description",)),
    "EQUIPMENT": ("id", "RESOURCES_LIBRARY", ("equipmentId", "description"), ("equipmentType",)),
    "SUPPLYITEM": ("id", "RESOURCES_LIBRARY", ("supplyItemNumber", "briefDescription"), ("description",)),
}
# Their description is no metadata, since it stands whole beside.
DESCRIBED = ("PART", "LINE", "SUPPLYITEM")


def named(kind: str, key: object, suffix: str = "") -> str:
    return f"{PREFIX}{kind}_{key}{suffix}"


def millis(text: str | None) -> int | None:
    return None if text is None else (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def shown(name: str, value: Any) -> str:
    if name.endswith("Date"):
        return f"{value[:23]}Z"
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def metadata(row: Row, *without: str) -> dict[str, str]:
    return {name: shown(name, value) for name, value in row.items() if value is not None and name not in without}


def asset(kind: str, row: Row) -> Row:
    key, branch, names, descriptions = ASSETS[kind]
    name, parent = " ".join(row[each] for each in names), PREFIX + branch
    if kind == "PART":
        name = f"{row['number']}-{row['revision']} {name}"
    if kind == "PARTOPERATION":
        name = f"Operation {row['operationNumber']}"
        parent = named("PART", row["partId"]) if row["partId"] else parent
    found = [row[each] for each in descriptions if row[each]]
    return {
        "externalId": named(kind, row[key]),
        "name": name,
        "parentExternalId": parent,
        "description": found[0] if found else None,
        "source": "Plex",
        "metadata": metadata(row, *(["description"] if kind in DESCRIBED else [])),
    }


def _event(kind: str, key: str, row: Row, status: str, begin: str, link: str | None) -> Row:
    start, end = millis(row[begin]), millis(row["completedDate"])
    return {
        "externalId": named(kind, key),
        "type": {"JOB": "job", "JOBOPERATION": "job_operation"}[kind],
        "subtype": row[status],
        "startTime": start if start is None or end is None else min(start, end),
        "endTime": end,
        "metadata": metadata(row),
        "links": [link] if link else [],
    }


def job(row: Row) -> Row:
    made = _event("JOB", row["id"], row, "jobStatus", "createdDate", row["partId"] and named("PART", row["partId"]))
    return made | {"description": f"Job {row['jobNumber']}: {row['partNumber'] or 'no part'}"}


def step(row: Row) -> Row:
    link = row["workcenterId"] and named("WORKCENTER", row["workcenterId"])
    made = _event("JOBOPERATION", row["jobOperationId"], row, "jobOperationStatus", "scheduledStartDate", link)
    made["metadata"]["jobExternalId"] = named("JOB", row["jobId"])
    number, code = row["jobOperationNumber"], row["operationCode"]
    return made | {"description": f"Job {row['jobId']}, operation {number}: {code}"}


def progress(row: Row) -> float | None:
    """How much of a job is done, in percent."""
    if not row["quantity"] or row["quantityCompleted"] is None:
        return None
    return float(round(100 * row["quantityCompleted"] / row["quantity"], 3))


def routing(row: Row) -> dict[str, tuple[str, str]]:
    made, links = named("PARTOPERATION", row["id"]), {}
    if row["partId"]:
        links[f"{made}_OF_PART"] = (named("PART", row["partId"]), made)
    if row["operationId"]:
        links[f"{made}_OPERATION"] = (made, named("OPERATION", row["operationId"]))
    return links


def approval(row: Row) -> dict[str, tuple[str, str]]:
    step_, workcenter = named("PARTOPERATION", row["partOperationId"]), named("WORKCENTER", row["workcenterId"])
    return {named("APPROVED", f"{row['partOperationId']}_{row['workcenterId']}"): (step_, workcenter)}


def of_job(row: Row) -> dict[str, tuple[str, str]]:
    made = named("JOBOPERATION", row["jobOperationId"])
    return {f"{made}_OF_JOB": (named("JOB", row["jobId"]), made)}


def component(row: Row) -> dict[str, tuple[str, str]]:
    target = _component(row)
    if target is None or row["active"] is False:
        return {}
    return {named("BOM", row["id"]): (named("PART", row["partId"]), target)}


def _component(row: Row) -> str | None:
    if row["componentPartId"]:
        return named("PART", row["componentPartId"])
    return named("SUPPLYITEM", row["componentSupplyItemId"]) if row["componentSupplyItemId"] else None


def bom(rows: list[Row]) -> list[Row]:
    """The lines of a table of components, in order; without the cells that are empty."""
    last = float("inf")
    lines = [
        {
            "component": row["componentPartNumber"],
            "componentExternalId": _component(row),
            "quantity": row["quantity"],
            "sortOrder": row["sortOrder"],
            "active": None if row["active"] is None else shown("", row["active"]),
            "bomId": row["id"],
            "note": row["note"],
        }
        for row in sorted(rows, key=lambda row: (last if row["sortOrder"] is None else row["sortOrder"], row["id"]))
    ]
    return [_filled(line) for line in lines]


def rates(rows: list[Row]) -> list[Row]:
    """The lines of a table of rates, in order; without the cells that are empty."""
    lines = [
        {
            "operationNumber": row["operationNo"],
            "operationExternalId": named("PARTOPERATION", row["partOperationId"]),
            "workcenter": row["workcenterCode"],
            "workcenterExternalId": named("WORKCENTER", row["workcenterId"]),
            "idealRate": row["idealRate"],
            "note": row["note"],
        }
        for row in sorted(rows, key=lambda row: (row["operationNo"], row["workcenterCode"]))
    ]
    return [_filled(line) for line in lines]


def _filled(line: Row) -> Row:
    return {name: value for name, value in line.items() if value is not None}
