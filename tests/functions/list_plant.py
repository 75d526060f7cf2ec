"""A plant of a few parts, operations and jobs whose rows come, change, go bad, double and go."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import PCN

from sandbox.plex.plants.plant import Life, Plant

Row = dict[str, Any]
BEGIN = datetime(2024, 5, 6, 12, tzinfo=UTC)
DEFINITIONS = "/production/v1/production-definitions"
PATHS = {
    "PART": "/mdm/v1/parts",
    "OPERATION": "/mdm/v1/operations",
    "PARTOPERATION": "/mdm/v1/part-operations",
    "BUILDING": "/mdm/v1/buildings",
    "WORKCENTER": f"{DEFINITIONS}/workcenters",
    "LINE": f"{DEFINITIONS}/production-lines",
    "EQUIPMENT": "/maintenance/v1/equipment",
    "SUPPLYITEM": "/mdm/v1/supply-items",
    "APPROVED": f"{DEFINITIONS}/approved-workcenters",
    "JOB": "/scheduling/v1/jobs",
}
BOMS, STEPS = "/engineering/v1/boms", "/scheduling/v1/jobs/{id}/operations"
KINDS = (*PATHS, "BOM", "JOBOPERATION")
# The fields of the key; a field, what nobody can use in it, and what makes another row of it.
FIELDS = {
    "PART": (("id",), "leadTimeDays", "soon", 99.0),
    "OPERATION": (("id",), "code", ["?"], "Twin"),
    "PARTOPERATION": (("id",), "operationNumber", "last", 99),
    "BUILDING": (("id",), "name", ["?"], "Twin"),
    "WORKCENTER": (("workcenterId",), "name", ["?"], "Twin"),
    "LINE": (("id",), "code", ["?"], "Twin"),
    "EQUIPMENT": (("id",), "description", ["?"], "Twin"),
    "SUPPLYITEM": (("id",), "minQuantity", "few", 99.0),
    "APPROVED": (("partOperationId", "workcenterId"), "idealRate", "fast", 99.0),
    "BOM": (("id",), "quantity", "some", 99.0),
    "JOB": (("id",), "quantity", "some", 99.0),
    "JOBOPERATION": (("jobOperationId",), "quantity", "some", 99.0),
}
STATUSES = ("Open", "Complete", "On Hold")


def key(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}"))


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.1234567Z")


@dataclass
class Shown:
    """A row, whatever the time."""

    row: Row

    def at(self, instant: str) -> Row | None:
        return self.row


@dataclass
class Live(Iterable[Life]):
    """The rows of a list as they are when it is read."""

    plant: "ListPlant"
    kind: str

    def __iter__(self) -> Iterator[Life]:
        return map(Shown, self.plant.answered(self.kind))


class ListPlant:
    """Rows by kind and key. `wrong` says what is odd about some: they are `bad`, `twin`, `same` or `keyless`."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.rows: dict[str, dict[str, Row]] = {kind: {} for kind in KINDS}
        self.wrong: dict[tuple[str, str], str] = {}
        self._revision = 0

    def plant(self) -> Plant:
        """What a stand-in of Plex takes."""
        return Plant(
            PCN,
            "LISTS",
            BEGIN,
            BEGIN,
            {path: Live(self, kind) for kind, path in PATHS.items()},
            {
                BOMS: lambda part: map(Shown, self.answered("BOM", partId=part)),
                STEPS: lambda job: map(Shown, self.answered("JOBOPERATION", jobId=job)),
            },
        )

    def answered(self, kind: str, **parent: str) -> list[Row]:
        """The rows as Plex shows them."""
        names, field, bad, other = FIELDS[kind]
        answer: list[Row] = []
        for which, row in self.rows[kind].items():
            how = self.wrong.get((kind, which))
            answer.append({**row, field: bad} if how == "bad" else row)
            more = {"twin": {field: other}, "same": {}, "keyless": dict.fromkeys(names)}
            if how in more:
                answer.append(row | more[how])
        return [row for row in answer if row.items() >= parent.items()]

    def is_usable(self, kind: str, which: str) -> bool:
        return which in self.rows[kind] and self.wrong.get((kind, which)) not in ("bad", "twin")

    def usable(self, kind: str) -> dict[str, Row]:
        """The rows that say clearly what is."""
        return {which: row for which, row in self.rows[kind].items() if self.is_usable(kind, which)}

    # --- what happens ---

    def put(self, kind: str, number: int, value: int, one: int, other: int) -> None:
        """A new row, or a changed one; `one` and `other` choose what it refers to."""
        which, row = getattr(self, f"_{kind.lower()}")(number, value, one, other)
        self._touch(kind, which)
        self.rows[kind][which] = row
        self.wrong.pop((kind, which), None)
        self._touch(kind, which)

    def delete(self, kind: str, at: int) -> None:
        if which := self._one(kind, at):
            self._touch(kind, which)
            del self.rows[kind][which]
            self.wrong.pop((kind, which), None)

    def clear(self, kind: str) -> None:
        for _ in list(self.rows[kind]):
            self.delete(kind, 0)

    def spoil(self, kind: str, at: int, how: str | None) -> None:
        """Makes a row odd, or puts it right."""
        if which := self._one(kind, at):
            self.wrong.pop((kind, which), None)
            if how:
                self.wrong[kind, which] = how
            self._touch(kind, which)

    def step(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def _one(self, kind: str, at: int) -> str | None:
        known = sorted(self.rows[kind])
        return known[at % len(known)] if known else None

    def _touch(self, kind: str, which: str) -> None:
        """Plex notes when a part changes; a closed job changes with its operations."""
        if kind == "PART" and which in self.rows[kind]:
            self.rows[kind][which] = self.rows[kind][which] | {"modifiedDate": stamp(self.now)}
        if kind == "JOBOPERATION" and which in self.rows[kind]:
            kind, which = "JOB", self.rows[kind][which]["jobId"]
            if self.rows["JOB"].get(which, {"jobStatus": "Open"})["jobStatus"] == "Open":
                return
        if kind == "JOB" and which in self.rows[kind]:
            self._revision += 1
            self.rows[kind][which] = self.rows[kind][which] | {"externalJobCode": f"revision {self._revision}"}

    # --- rows ---

    def _part(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row: Row = {"id": key("PART", number), "number": f"N{number}", "revision": "AB"[value % 2]}
        row |= {
            "name": f"Shaft {value}",
            "description": f"of steel {value}" if value else None,
            "leadTimeDays": value / 2,
        }
        return row["id"], row

    def _operation(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row = {"id": key("OPERATION", number), "code": f"Turn {value}", "type": "Make" if value else None}
        return str(row["id"]), row

    def _partoperation(self, number: int, value: int, one: int, other: int) -> tuple[str, Row]:
        row: Row = {"id": key("PARTOPERATION", number), "operationNumber": 10 * value, "type": "Make"}
        row |= {"partId": _or_none("PART", one), "operationId": _or_none("OPERATION", other)}
        return row["id"], row

    def _building(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row = {"id": key("BUILDING", number), "buildingCode": f"B{number}", "name": f"Hall {value}"}
        return row["id"], row | {"buildingType": "Plant"}

    def _workcenter(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row = {"workcenterId": key("WORKCENTER", number), "workcenterCode": f"W{number}", "name": f"Lathe {value}"}
        return row["workcenterId"], row | {"workcenterType": "Machine"}

    def _line(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row: Row = {"id": key("LINE", number), "code": f"L{value}", "description": "Line", "active": value > 1}
        return row["id"], row

    def _equipment(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row = {"id": key("EQUIPMENT", number), "equipmentId": f"E{number}", "description": f"Pump {value}"}
        return row["id"], row | {"equipmentType": "Pump"}

    def _supplyitem(self, number: int, value: int, _one: int, _other: int) -> tuple[str, Row]:
        row: Row = {
            "id": key("SUPPLYITEM", number),
            "supplyItemNumber": f"S{number}",
            "briefDescription": f"Oil {value}",
        }
        return row["id"], row | {"description": "Oil for machines" if value else None, "minQuantity": float(value)}

    def _approved(self, number: int, value: int, one: int, other: int) -> tuple[str, Row]:
        row: Row = {"partOperationId": key("PARTOPERATION", number), "workcenterId": key("WORKCENTER", one % 2)}
        row |= {"workcenterCode": f"W{one % 2}", "partId": _or_none("PART", other), "partNo": f"N{other}"}
        row |= {"operationNo": 10 * number, "idealRate": value / 2, "note": "fast" if value else None}
        return f"{row['partOperationId']}_{row['workcenterId']}", row

    def _bom(self, number: int, value: int, one: int, other: int) -> tuple[str, Row]:
        row: Row = {"id": key("BOM", number), "partId": key("PART", one), "partNumber": f"N{one}"}
        row |= {"componentPartId": _or_none("PART", other), "componentPartNumber": f"N{other}"}
        row["componentSupplyItemId"] = key("SUPPLYITEM", 0) if value == 2 else None
        row |= {"quantity": value / 2, "sortOrder": float(value) if value else None, "note": None}
        return row["id"], row | {"active": (True, False, None)[value % 3]}

    def _job(self, number: int, value: int, one: int, other: int) -> tuple[str, Row]:
        status = STATUSES[other % 3]
        created = BEGIN + timedelta(days=value)
        row: Row = {"id": key("JOB", number), "jobNumber": f"J{number}", "jobStatus": status}
        row |= {"partId": _or_none("PART", one), "partNumber": f"N{one}" if one < 3 else None}
        row |= {"quantity": (10.0, 30.0, 0.0, None)[value % 4], "quantityCompleted": float(value) if one else None}
        row |= {"createdDate": stamp(created), "dueDate": stamp(created) if value else None}
        return row["id"], row | {"completedDate": stamp(self.now) if status == "Complete" else None}

    def _joboperation(self, number: int, value: int, one: int, other: int) -> tuple[str, Row]:
        row: Row = {"jobOperationId": key("JOBOPERATION", number), "jobId": key("JOB", one)}
        row |= {"jobOperationNumber": 10 * number, "operationCode": f"Turn {value}", "quantity": float(value)}
        row |= {"jobOperationStatus": "Open", "workcenterId": _or_none("WORKCENTER", other)}
        done = {"completedDate": stamp(BEGIN + timedelta(days=2)) if value == 2 else None}
        return row["jobOperationId"], row | {"scheduledStartDate": stamp(BEGIN + timedelta(days=value))} | done


def _or_none(kind: str, number: int) -> str | None:
    """What a row refers to, nothing for the last number."""
    return key(kind, number) if number < 3 else None
