"""What both configurations deploy, as the real Toolkit builds it."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from croniter import croniter
from tools_files import EXTRACTORS, FUNCTIONS, HISTORIES

from tools import config
from tools.built import Build
from tools.stage import ROOT

pytest_plugins = ["tools_repository"]
DATA_SETS = ("master", "scheduling", "production", "inventory", "quality")
OWNERS = {
    "master_data": "master",
    "jobs": "scheduling",
    "production": "production",
    "inventory": "inventory",
    "quality": "quality",
    "performance": "production",
}
"""The data set of each extractor's pipeline."""
PERIODS = {"master_data": 60, "jobs": 5, "production": 5, "inventory": 10, "quality": 15, "performance": 15}
"""Minutes between two runs."""
TABLES = (
    "state",
    "quarantine",
    *(f"fingerprints_{name}" for name in EXTRACTORS),
    *(f"history_{name}" for name in HISTORIES),
)
DATA_ACLS = {"assetsAcl", "eventsAcl", "timeSeriesAcl", "sequencesAcl", "relationshipsAcl"}
Product = tuple[config.Config, Build]
SKELETON = {
    "FACILITY": None,
    "MASTER_DATA": "FACILITY",
    "PARTS_LIBRARY": "MASTER_DATA",
    "OPERATIONS_LIBRARY": "MASTER_DATA",
    "RESOURCES_LIBRARY": "MASTER_DATA",
    "PRODUCTION": "FACILITY",
    "WORKCENTERS": "PRODUCTION",
    "PRODUCTION_LINES": "PRODUCTION",
    "INVENTORY": "FACILITY",
    "LOCATIONS": "INVENTORY",
    "CONTAINERS": "INVENTORY",
    "QUALITY": "FACILITY",
    "INSPECTION_POINTS": "QUALITY",
    "CONTROL_PLANS": "QUALITY",
}


def rows(build: Build, kind: str) -> list[dict[str, Any]]:
    return [resource.content for resource in build.of(kind)]


def test_both_configurations_set_the_same_variables() -> None:
    dev, prod = (config.load(ROOT / f"config.{name}.yaml") for name in ("dev", "prod"))
    assert dev.variables == prod.variables
    assert dev.pcns == (340884,)
    assert prod.pcns == (340884, 340885)
    assert dev.project != prod.project


def test_functions_carry_one_secret_and_no_metadata_of_their_own(product: Product) -> None:
    _, build = product
    functions = rows(build, "function")
    assert tuple(sorted(function["externalId"] for function in functions)) == FUNCTIONS
    for function in functions:
        assert function["secrets"] == {"plex-keys": "${PLEX_KEYS}"}
        assert function["runtime"] == "py312"
        assert function["dataSetExternalId"] == "plex_functions"
        assert list(function["metadata"]) == ["cognite-toolkit-hash"]


def test_each_facility_has_the_whole_skeleton_under_one_root(product: Product) -> None:
    configuration, build = product
    assets = {asset["externalId"]: asset for asset in rows(build, "asset")}
    expected = {
        f"PCN{pcn}_{name}": f"PCN{pcn}_{parent}" if parent else None
        for pcn in configuration.pcns
        for name, parent in SKELETON.items()
    }
    assert {name: asset.get("parentExternalId") for name, asset in assets.items()} == expected
    data_sets = {data_set["externalId"] for data_set in rows(build, "dataset")}
    assert data_sets == {"plex_functions"} | {f"plex_{pcn}_{name}" for pcn in configuration.pcns for name in DATA_SETS}
    for pcn in configuration.pcns:
        for branch, domain in {"LOCATIONS": "inventory", "CONTAINERS": "inventory", "CONTROL_PLANS": "quality"}.items():
            assert assets[f"PCN{pcn}_{branch}"]["dataSetExternalId"] == f"plex_{pcn}_{domain}"
    assert {asset["dataSetExternalId"] for asset in assets.values()} <= data_sets
    assert len({asset["name"] for asset in assets.values()}) == len(assets), "names tell facilities apart"


def test_raw_tables_and_the_space_of_leases(product: Product) -> None:
    configuration, build = product
    tables = {(table["dbName"], table["tableName"]) for table in rows(build, "table")}
    assert tables == {(f"plex_{pcn}", name) for pcn in configuration.pcns for name in TABLES}
    for pipeline in rows(build, "extractionpipeline"):
        _, pcn, name = pipeline["externalId"].split("_", maxsplit=2)
        own = {table for table in TABLES if table.partition("_")[2] in {"", name}}
        assert {(table["dbName"], table["tableName"]) for table in pipeline["rawTables"]} == {
            (f"plex_{pcn}", table) for table in own
        }
    spaces = {space["space"] for space in rows(build, "space")}
    assert spaces == {"plex_functions"} | {f"plex_{pcn}" for pcn in configuration.pcns}
    (lease,) = rows(build, "container")
    assert (lease["space"], lease["externalId"]) == ("plex_functions", "Lease")
    assert {name: value["type"]["type"] for name, value in lease["properties"].items()} == {
        "holder": "text",
        "expiresAt": "timestamp",
    }


def test_schedules_run_as_their_facilitys_principal(product: Product) -> None:
    configuration, build = product
    schedules = rows(build, "schedule")
    assert {(schedule["functionExternalId"], schedule["data"]["pipeline"]) for schedule in schedules} == {
        (f"plex_{name}", f"plex_{pcn}_{name}") for pcn in configuration.pcns for name in EXTRACTORS
    }
    for schedule in schedules:
        pcn = schedule["data"]["pipeline"].split("_")[1]
        assert schedule["authentication"] == {
            "clientId": f"${{PLEX_{pcn}_CLIENT_ID}}",
            "clientSecret": f"${{PLEX_{pcn}_CLIENT_SECRET}}",
        }
        assert schedule["data"] == {"pipeline": schedule["data"]["pipeline"]}


def minutes(cron: str) -> set[int]:
    """The minutes of an hour at which it runs."""
    times = croniter(cron, datetime(2024, 1, 1) - timedelta(seconds=1))  # noqa: DTZ001 - no zone is read from it
    return {times.get_next(datetime).minute for _ in range(60)}


def test_runs_are_spread_over_the_hour(product: Product) -> None:
    """Two facilities have 78 runs an hour, so some minutes have two; never of one facility, nor of one function."""
    _, build = product
    starts = [
        (minute, schedule["data"]["pipeline"].split("_")[1], schedule["functionExternalId"])
        for schedule in rows(build, "schedule")
        for minute in minutes(schedule["cronExpression"])
    ]
    for facility in {facility for _, facility, _ in starts}:
        assert Counter(function for _, pcn, function in starts if pcn == facility) == {
            f"plex_{name}": 60 // period for name, period in PERIODS.items()
        }
    assert max(Counter((minute, facility) for minute, facility, _ in starts).values()) == 1
    assert max(Counter((minute, function) for minute, _, function in starts).values()) == 1
    assert sum(count - 1 for count in Counter(minute for minute, _, _ in starts).values()) == max(0, len(starts) - 60)


def test_pipelines_say_who_to_ask_and_when_to_worry(product: Product) -> None:
    configuration, build = product
    pipelines = {pipeline["externalId"]: pipeline for pipeline in rows(build, "extractionpipeline")}
    assert {name: pipeline["dataSetExternalId"] for name, pipeline in pipelines.items()} == {
        f"plex_{pcn}_{name}": f"plex_{pcn}_{owner}" for pcn in configuration.pcns for name, owner in OWNERS.items()
    }
    for pipeline in pipelines.values():
        assert pipeline["contacts"][0]["sendNotification"] is True
        period = 60 // len(minutes(pipeline["schedule"]))
        assert 3 * period <= pipeline["notificationConfig"]["allowedNotSeenRangeInMinutes"] <= 4 * period
        assert "{{" not in pipeline["documentation"]
        assert "Settings" in pipeline["documentation"]


def test_pipeline_configs_hold_what_is_asked_for_with_its_type(product: Product) -> None:
    configuration, build = product
    configs = {item["externalId"]: yaml.safe_load(item["config"]) for item in rows(build, "config")}
    statuses = {"run": ["Production"], "plannedDown": ["Setup"], "unplannedDown": ["Breakdown"], "off": []}
    dev = len(configuration.pcns) == 1
    start = {"startDate": "2025-01-01"}
    owned: dict[str, dict[str, Any]] = {
        "master_data": {"bomCallBudget": 120 if dev else 80},
        "jobs": {"openStatuses": ["Open"], "closedJobs": False, "callBudget": 60},
        "production": start | {"statusClasses": statuses},
        "inventory": start,
        "quality": start | {"callBudget": 60, "dataSources": []},
        "performance": start | {"dayStart": "00:00", "statusClasses": statuses, "dataSources": []},
    }
    calls = 0
    for pcn in configuration.pcns:
        tenant = next(f["tenantId"] for f in facilities(configuration.path) if f["pcn"] == pcn)
        common = {"facility": {"pcn": pcn, "tenantId": tenant}, "timeZone": "UTC", "fullReadAt": "02:00"}
        for name, own in owned.items():
            found = configs.pop(f"plex_{pcn}_{name}")
            plex = found.pop("plex")
            assert found == common | own
            assert plex["url"].startswith("https://")
            calls += plex["callsPerMinute"]
    assert not configs
    assert calls == 180, "Plex allows an API key about 200, and others use it too"


@pytest.mark.parametrize("name", EXTRACTORS)
def test_all_configs_begin_alike(name: str) -> None:
    folder = ROOT / "cognite_modules" / "facility" / "extraction_pipelines"

    def common(extractor: str) -> str:
        text = (folder / f"{extractor}.Config.yaml").read_text(encoding="utf-8")
        head, _, _ = text.partition("config:\n")[2].partition("  fullReadAt:")
        variable = "".join(word.capitalize() for word in extractor.split("_"))
        return head.replace(variable[0].lower() + variable[1:], "this")

    assert common(name) == common("jobs")


def facilities(path: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["variables"]["modules"]["facility"]
    return content


def capabilities(group: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: value for capability in group["capabilities"] for name, value in capability.items()}


def test_a_facilitys_group_reaches_that_facility_and_nothing_else(product: Product) -> None:
    configuration, build = product
    groups = {group["name"]: group for group in rows(build, "group")}
    assert set(groups) == {"plex_deployer"} | {f"plex_{pcn}_extractor" for pcn in configuration.pcns}
    for pcn in configuration.pcns:
        own = [f"plex_{pcn}_{name}" for name in DATA_SETS]
        both = ["READ", "WRITE"]
        granted = capabilities(groups[f"plex_{pcn}_extractor"])
        tables = granted["rawAcl"]["scope"]["tableScope"]["dbsToTables"]
        assert {database: sorted(names) for database, names in tables.items()} == {f"plex_{pcn}": sorted(TABLES)}
        assert granted == {
            **{acl: {"actions": both, "scope": {"datasetScope": {"ids": own}}} for acl in DATA_ACLS},
            "datasetsAcl": {"actions": ["READ"], "scope": {"idScope": {"ids": own}}},
            "rawAcl": {"actions": both, "scope": {"tableScope": {"dbsToTables": tables}}},
            "extractionPipelinesAcl": {"actions": ["READ"], "scope": {"datasetScope": {"ids": own}}},
            "extractionConfigsAcl": {"actions": ["READ"], "scope": {"datasetScope": {"ids": own}}},
            "extractionRunsAcl": {"actions": ["WRITE"], "scope": {"datasetScope": {"ids": own}}},
            "dataModelsAcl": {"actions": ["READ"], "scope": {"spaceIdScope": {"spaceIds": ["plex_functions"]}}},
            "dataModelInstancesAcl": {"actions": both, "scope": {"spaceIdScope": {"spaceIds": [f"plex_{pcn}"]}}},
        }


def test_the_deployer_reads_no_event_and_no_reading(product: Product) -> None:
    _, build = product
    (deployer,) = [group for group in rows(build, "group") if group["name"] == "plex_deployer"]
    granted = capabilities(deployer)
    assert not granted.keys() & {"eventsAcl", "timeSeriesAcl", "sequencesAcl", "relationshipsAcl"}
    assert granted["functionsAcl"]["actions"] == ["READ", "WRITE"]
    assert granted["sessionsAcl"]["actions"] == ["CREATE"]


def test_names_that_people_read_carry_the_facilitys_name(product: Product) -> None:
    configuration, build = product
    for facility in facilities(configuration.path):
        own = f"{facility['pcn']}"
        for kind in ("dataset", "asset", "space", "extractionpipeline"):
            for resource in build.of(kind):
                identifier = resource.content.get("externalId") or resource.content["space"]
                if own in identifier:
                    assert facility["facilityName"] in resource.content["name"]
        names = [schedule["name"] for schedule in rows(build, "schedule") if own in schedule["data"]["pipeline"]]
        assert names == [f"{facility['facilityName']} (PCN {own})"] * len(EXTRACTORS)
