from bench import BRANCHES, PCN, Bench

PARTS = "/mdm/v1/parts"
OPERATIONS = "/mdm/v1/operations"


def _id(kind: str, key: str) -> str:
    return f"PCN{PCN}_{kind}_{key}"


def test_every_definition_of_the_plant_becomes_an_asset_in_its_branch(facility: Bench) -> None:
    answer = facility.run("master_data")

    assets = facility.assets()
    branches = {
        ("PART", "/mdm/v1/parts", "id"): "PARTS_LIBRARY",
        ("OPERATION", OPERATIONS, "id"): "OPERATIONS_LIBRARY",
        ("BUILDING", "/mdm/v1/buildings", "id"): "RESOURCES_LIBRARY",
        ("EQUIPMENT", "/maintenance/v1/equipment", "id"): "RESOURCES_LIBRARY",
        ("SUPPLYITEM", "/mdm/v1/supply-items", "id"): "RESOURCES_LIBRARY",
        ("WORKCENTER", "/production/v1/production-definitions/workcenters", "workcenterId"): "WORKCENTERS",
        ("LINE", "/production/v1/production-definitions/production-lines", "id"): "PRODUCTION_LINES",
    }
    for (kind, path, key), branch in branches.items():
        rows = facility.plex_rows(path)
        assert rows
        for row in rows:
            assert assets[_id(kind, row[key])]["parentExternalId"] == f"PCN{PCN}_{branch}"
    steps = facility.plex_rows("/mdm/v1/part-operations")
    assert all(
        assets[_id("PARTOPERATION", row["id"])]["parentExternalId"] == _id("PART", row["partId"]) for row in steps
    )
    assets_of = [stream for name, stream in answer["streams"].items() if name not in ("approved_workcenters", "boms")]
    created = sum(stream["created"] for stream in assets_of)
    assert created == len(assets) - 1 - len(BRANCHES)


def test_a_part_carries_what_plex_says_of_it(facility: Bench) -> None:
    row = facility.plex_rows(PARTS)[0] | {
        "number": "82695",
        "revision": "AAA",
        "name": "Hex Bolt",
        "description": "7/8-9x16",
        "leadTimeDays": 2.0,
        "modifiedDate": "2024-03-05T09:00:00.1234567Z",
        "note": None,
    }
    facility.rows(PARTS, upsert=[row])

    facility.run("master_data")

    asset = facility.assets()[_id("PART", row["id"])]
    assert (asset["name"], asset["description"], asset["source"]) == ("82695-AAA Hex Bolt", "7/8-9x16", "Plex")
    assert asset["metadata"]["number"] == "82695"
    assert asset["metadata"]["leadTimeDays"] == "2"
    assert asset["metadata"]["modifiedDate"] == "2024-03-05T09:00:00.123Z"
    assert "note" not in asset["metadata"]


def test_between_full_reads_only_changed_parts_are_read(facility: Bench) -> None:
    facility.run("master_data")
    facility.at("2024-03-07T12:00:00Z")
    facility.run("master_data")
    row = facility.plex_rows(PARTS)[0]
    facility.rows(PARTS, upsert=[row | {"name": "New name"}])
    before = len(facility.plex_requests())

    answer = facility.run("master_data")

    assert answer["streams"]["parts"]["rows"] == answer["streams"]["parts"]["updated"] == 1
    assert "New name" in facility.assets()[_id("PART", row["id"])]["name"]
    paths = [request["path"] for request in facility.plex_requests()[before:]]
    assert f"{PARTS}?id={row['id']}" in paths
    assert PARTS not in paths


def test_what_disappears_is_marked_and_what_returns_is_not_marked_any_more(facility: Bench) -> None:
    facility.run("master_data")
    row = facility.plex_rows(OPERATIONS)[0]
    facility.rows(OPERATIONS, remove=[row["id"]])

    gone = facility.run("master_data")["streams"]["operations"]
    asset = facility.assets()[_id("OPERATION", row["id"])]
    assert (gone["retracted"], asset["metadata"]["plexState"], asset["metadata"]["code"]) == (
        1,
        "inactive",
        row["code"],
    )

    assert facility.run("master_data")["streams"]["operations"]["retracted"] == 0
    facility.rows(OPERATIONS, reset=True)
    assert facility.run("master_data")["streams"]["operations"]["updated"] == 1
    assert "plexState" not in facility.assets()[_id("OPERATION", row["id"])]["metadata"]


def test_when_too_much_disappears_nothing_is_marked_and_the_run_says_so(facility: Bench) -> None:
    facility.configure("master_data", vanishLimit={"share": 0.5, "number": 1})
    facility.run("master_data")
    keys = [row["id"] for row in facility.plex_rows(OPERATIONS)]
    facility.rows(OPERATIONS, remove=keys)

    answer = facility.run("master_data")

    assert answer["streams"]["operations"]["retracted"] == 0
    assert any("operations: 3 of 3 are absent" in note for note in answer["notes"])
    assert all("plexState" not in facility.assets()[_id("OPERATION", key)]["metadata"] for key in keys)
    assert "vanishLimit" in facility.runs("master_data")[0]["message"]


def test_a_long_name_is_cut_at_a_character_counted_and_kept_whole_beside(facility: Bench) -> None:
    row = facility.plex_rows(OPERATIONS)[0] | {"code": "é" * 600}
    facility.rows(OPERATIONS, upsert=[row])

    answer = facility.run("master_data")

    asset = facility.assets()[_id("OPERATION", row["id"])]
    assert asset["name"] == "é" * 70
    assert asset["metadata"]["fullName"] == "é" * 600
    assert answer["streams"]["operations"]["truncated"] == 1
    assert answer["streams"]["operations"]["quarantined"] == 0


def test_a_long_text_in_a_table_is_cut_and_counted(facility: Bench) -> None:
    path = "/production/v1/production-definitions/approved-workcenters"
    rows = facility.plex_rows(path)
    for length, truncated in ((127, 0), (128, 1)):
        facility.rows(path, reset=True, upsert=[{**rows[0], "note": "é" * length}])
        assert facility.run("master_data")["streams"]["approved_workcenters"]["truncated"] == truncated


def test_a_step_whose_part_has_not_arrived_waits_and_follows_it(facility: Bench) -> None:
    part = facility.plex_rows(PARTS)[0]
    steps = [row["id"] for row in facility.plex_rows("/mdm/v1/part-operations") if row["partId"] == part["id"]]
    facility.rows(PARTS, remove=[part["id"]])

    early = facility.run("master_data")["streams"]["part_operations"]
    assert early["quarantined"] == len(steps)
    assert all("is not in CDF yet" in row["reason"] for row in facility.raw("quarantine").values())

    facility.rows(PARTS, reset=True)
    later = facility.run("master_data", mode="full")["streams"]["part_operations"]
    assert (later["created"], later["quarantined"]) == (len(steps), 0)
    assert facility.raw("quarantine") == {}
