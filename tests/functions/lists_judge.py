"""Compares what CDF holds of a plant's lists with the plain model."""

from typing import Any

import plain_lists as plain
from bench import Bench, Row
from list_plant import KINDS, ListPlant

MARKS = ("plexState", "retractedTime")
ASSET_FIELDS = ("externalId", "name", "parentExternalId", "description", "source")
EVENT_FIELDS = ("externalId", "type", "subtype", "startTime", "endTime", "description")


def kind_of(external_id: str) -> str | None:
    kind = external_id.split("_")[1]
    return kind if kind in KINDS else None


class Judge:
    """Knows every content that the plant has shown, and everything that CDF has held."""

    def __init__(self, facility: Bench, plant: ListPlant) -> None:
        self.facility = facility
        self.plant = plant
        self.shown: dict[str, list[dict[str, str]]] = {}
        self.held: set[str] = set()

    def look(self) -> None:
        """Notes what the plant shows now."""
        for thing in [*self._assets(), *self._events("JOB"), *self._events("JOBOPERATION")]:
            self.shown.setdefault(thing["externalId"], []).append(thing["metadata"])

    def marked(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """The active and the inactive assets of each kind."""
        active: dict[str, set[str]] = {}
        inactive: dict[str, set[str]] = {}
        for name, row in self.facility.assets().items():
            if kind := kind_of(name):
                of = inactive if row["metadata"].get("plexState") else active
                of.setdefault(kind, set()).add(name)
        return active, inactive

    def remember(self) -> None:
        """Notes what CDF holds now."""
        active, inactive = self.marked()
        self.held |= set().union(*active.values(), *inactive.values())
        self.held |= self.facility.events("job").keys() | self.facility.events("job_operation").keys()

    def assert_arrived(self) -> None:
        self._read()
        for name in self.held:
            assert name in self.things, f"{name} was lost"
        for kind, row in self._rows_of(self.things):
            if row["externalId"] not in self.expected:
                self._assert_gone_or_waiting(kind, row)
        for name, wanted in self.expected.items():
            assert name in self.things, f"{name} is missing"
            self._assert_as_wanted(self.things[name], wanted)
        self._assert_relationships()
        self._assert_tables()
        self._assert_progress()

    # --- what should be ---

    def _assets(self) -> list[Row]:
        return [plain.asset(kind, row) for kind in plain.ASSETS for row in self.plant.usable(kind).values()]

    def _events(self, kind: str) -> list[Row]:
        make = plain.job if kind == "JOB" else plain.step
        return [make(row) for row in self.plant.usable(kind).values()]

    def _read(self) -> None:
        facility = self.facility
        assets = facility.assets()
        self.ids = {row["id"]: name for name, row in assets.items()}
        self.things = {name: row for name, row in assets.items() if kind_of(name)}
        self.things |= facility.events("job") | facility.events("job_operation")
        # Of parts and jobs that stand in Plex and in CDF.
        self.parts = {key for key in self.plant.rows["PART"] if self._stands("PART", key)}
        self.jobs = set(self.plant.usable("JOB"))
        self.steps = [row for row in self.plant.usable("JOBOPERATION").values() if row["jobId"] in self.jobs]
        self.operations = [
            row
            for row in self.plant.usable("PARTOPERATION").values()
            if not row["partId"] or plain.named("PART", row["partId"]) in self.things
        ]
        found = [plain.asset(kind, row) for kind in plain.ASSETS for row in self.plant.usable(kind).values()]
        found = [row for row in found if kind_of(row["externalId"]) != "PARTOPERATION"]
        found += [plain.asset("PARTOPERATION", row) for row in self.operations]
        found += self._events("JOB") + [plain.step(row) for row in self.steps]
        self.expected = {row["externalId"]: row for row in found}

    def _stands(self, kind: str, key: str) -> bool:
        found = self.things.get(plain.named(kind, key))
        return found is not None and not found["metadata"].get("plexState")

    def _rows_of(self, things: dict[str, Row]) -> list[tuple[str, Row]]:
        return [(str(kind_of(name)), row) for name, row in things.items()]

    # --- what is ---

    def _assert_as_wanted(self, row: Row, wanted: Row) -> None:
        fields = EVENT_FIELDS if "links" in wanted else ASSET_FIELDS
        assert {name: row.get(name) for name in fields} == {name: wanted[name] for name in fields}
        assert row["metadata"] == wanted["metadata"]
        if "links" in wanted:
            there = [link for link in wanted["links"] if link in self.things]
            assert [self.ids[each] for each in row.get("assetIds", ())] == there, row["externalId"]

    def _assert_gone_or_waiting(self, kind: str, row: Row) -> None:
        """Marked, unless a row is there that cannot be used; with what Plex once said of it."""
        name, marks = row["externalId"], row["metadata"]
        content = {field: text for field, text in marks.items() if field not in MARKS}
        assert content in self.shown[name], f"Plex never said this of {name}"
        if self._waits(kind, name):
            return
        if kind in plain.ASSETS:
            assert marks.get("plexState") == "inactive", f"{name} is not marked"
        else:
            assert (row.get("subtype"), marks.get("plexState")) == ("retracted", "retracted"), f"{name} is not marked"
            assert "retractedTime" in marks

    def _waits(self, kind: str, name: str) -> bool:
        """Whether the plant has a row of it that says nothing clear, or whose parent has none."""
        row = self.plant.rows[kind].get(name.split("_", 2)[2])
        if row is None:
            return False
        return not (kind == "JOBOPERATION" and row["jobId"] not in self.plant.rows["JOB"])

    def _assert_relationships(self) -> None:
        wanted: dict[str, tuple[str, str]] = {}
        for row in self.operations:
            wanted |= plain.routing(row)
        for row in self.plant.usable("APPROVED").values():
            wanted |= plain.approval(row)
        for row in self.steps:
            wanted |= plain.of_job(row)
        for row in self.plant.usable("BOM").values():
            if row["partId"] in self.parts:
                wanted |= plain.component(row)
        rows = self.facility.listed("/relationships/list", {})
        found = {name: (row["sourceExternalId"], row["targetExternalId"]) for name, row in rows.items()}
        assert {name: found.get(name) for name in wanted} == wanted
        for name in found.keys() - wanted.keys():
            kind = str(kind_of(name))
            key = name.split("_", 2)[2].removesuffix("_OF_PART").removesuffix("_OPERATION").removesuffix("_OF_JOB")
            there = self.plant.rows[kind].get(key)
            assert there, f"{name} leads from or to something that is gone"
            assert self._may_be_linked(kind, key, there), f"{name} should be gone"

    def _may_be_linked(self, kind: str, key: str, row: Row) -> bool:
        if kind == "JOBOPERATION":
            return row["jobId"] in self.plant.rows["JOB"] and not (
                row["jobId"] in self.jobs and self.plant.is_usable(kind, key)
            )
        if kind == "BOM":
            return row["partId"] in self.parts and not self.plant.is_usable(kind, key)
        return not self.plant.is_usable(kind, key) or (kind == "PARTOPERATION" and row not in self.operations)

    def _assert_tables(self) -> None:
        tables = self.facility.listed("/sequences/list", {})
        wanted: dict[str, list[Row]] = {}
        uncertain: set[str] = set()
        of = {"BOM": ("_BOM", plain.bom), "APPROVED": ("_RATES", plain.rates)}
        for kind, (suffix, make) in of.items():
            parts = {row["partId"] for row in self.plant.rows[kind].values() if row["partId"]}
            for part in parts if kind == "APPROVED" else parts & self.parts:
                rows = [row for row in self.plant.usable(kind).values() if row["partId"] == part]
                name = plain.named("PART", part, suffix)
                if rows:
                    wanted[name] = make(rows)
            if any(which == kind and how != "same" for (which, _), how in self.plant.wrong.items()):
                # A row that cannot be used may have its line in any of them.
                uncertain |= {name for name in tables if name.endswith(suffix) and name not in wanted}
        assert tables.keys() - uncertain == wanted.keys()
        for name, lines in wanted.items():
            assert self._lines(name) == lines
            part = name.rpartition("_")[0]
            assert self.ids.get(tables[name].get("assetId")) == (part if part in self.things else None)

    def _lines(self, sequence: str) -> list[Row]:
        read = self.facility.post("/sequences/data/list", {"externalId": sequence, "limit": 1000})
        names = [column["externalId"] for column in read["columns"]]
        return [
            {name: value for name, value in zip(names, row["values"], strict=True) if value is not None}
            for row in read["rows"]
        ]

    def _assert_progress(self) -> None:
        series: dict[str, Any] = self.facility.series()
        for key, row in self.plant.usable("JOB").items():
            name, done = plain.named("JOB", key, "_PROGRESS"), plain.progress(row)
            if row["jobStatus"] == "Open" and done is not None:
                assert (series[name]["name"], series[name]["unit"]) == (f"Job {row['jobNumber']} progress", "%")
                assert series[name]["metadata"] == {"jobExternalId": plain.named("JOB", key)}
                part = plain.named("PART", row["partId"])
                assert self.ids.get(series[name].get("assetId")) == (part if part in self.things else None)
            if name in series and done is not None:
                assert list(self.facility.points(name).values())[-1] == done, name
