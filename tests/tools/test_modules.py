"""What both configurations deploy, as the real Toolkit builds it."""

from pathlib import Path
from typing import Any

import yaml

from tools import config
from tools.built import Build
from tools.stage import ROOT

pytest_plugins = ["tools_repository"]
DATA_SETS = ("master", "scheduling", "production", "inventory", "quality")
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
    assert sorted(function["externalId"] for function in functions) == ["plex_jobs", "plex_master_data"]
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
    assert {asset["dataSetExternalId"] for asset in assets.values()} <= data_sets
    assert len({asset["name"] for asset in assets.values()}) == len(assets), "names tell facilities apart"


def test_raw_tables_and_the_space_of_leases(product: Product) -> None:
    configuration, build = product
    tables = {(table["dbName"], table["tableName"]) for table in rows(build, "table")}
    names = ("state", "quarantine", "fingerprints_master_data", "fingerprints_jobs")
    assert tables == {(f"plex_{pcn}", name) for pcn in configuration.pcns for name in names}
    spaces = {space["space"] for space in rows(build, "space")}
    assert spaces == {"plex_functions"} | {f"plex_{pcn}" for pcn in configuration.pcns}
    (lease,) = rows(build, "container")
    assert (lease["space"], lease["externalId"]) == ("plex_functions", "Lease")
    assert {name: value["type"]["type"] for name, value in lease["properties"].items()} == {
        "holder": "text",
        "expiresAt": "timestamp",
    }


def test_schedules_run_as_their_facilitys_principal_and_never_together(product: Product) -> None:
    configuration, build = product
    schedules = rows(build, "schedule")
    assert {(schedule["functionExternalId"], schedule["data"]["pipeline"]) for schedule in schedules} == {
        (f"plex_{name}", f"plex_{pcn}_{name}") for pcn in configuration.pcns for name in ("master_data", "jobs")
    }
    for schedule in schedules:
        pcn = schedule["data"]["pipeline"].split("_")[1]
        assert schedule["authentication"] == {
            "clientId": f"${{PLEX_{pcn}_CLIENT_ID}}",
            "clientSecret": f"${{PLEX_{pcn}_CLIENT_SECRET}}",
        }
        assert schedule["data"] == {"pipeline": schedule["data"]["pipeline"]}
    crons = [schedule["cronExpression"] for schedule in schedules]
    assert len(set(crons)) == len(crons)


def test_pipelines_say_who_to_ask_and_when_to_worry(product: Product) -> None:
    configuration, build = product
    pipelines = {pipeline["externalId"]: pipeline for pipeline in rows(build, "extractionpipeline")}
    owners = {"master_data": "master", "jobs": "scheduling"}
    assert {name: pipeline["dataSetExternalId"] for name, pipeline in pipelines.items()} == {
        f"plex_{pcn}_{name}": f"plex_{pcn}_{owner}" for pcn in configuration.pcns for name, owner in owners.items()
    }
    for pipeline in pipelines.values():
        assert pipeline["contacts"][0]["sendNotification"] is True
        assert pipeline["notificationConfig"]["allowedNotSeenRangeInMinutes"] > 0
        assert "{{" not in pipeline["documentation"]
        assert "Settings" in pipeline["documentation"]


def test_pipeline_configs_hold_every_setting_with_its_type(product: Product) -> None:
    configuration, build = product
    configs = {item["externalId"]: yaml.safe_load(item["config"]) for item in rows(build, "config")}
    for pcn in configuration.pcns:
        tenant = next(f["tenantId"] for f in facilities(configuration.path) if f["pcn"] == pcn)
        common = {
            "facility": {"pcn": pcn, "tenantId": tenant},
            "timeZone": "UTC",
            "fullReadAt": "02:00",
            "timeLimitMinutes": 7,
        }
        jobs = {"openStatuses": ["Open"], "closedJobs": False, "callBudget": 60}
        for name, own in (("master_data", {}), ("jobs", jobs)):
            found = dict(configs[f"plex_{pcn}_{name}"])
            plex = found.pop("plex")
            assert found == common | own
            assert plex["url"].startswith("https://")
            assert plex["timeoutSeconds"] == 120
            assert plex["callsPerMinute"] * 2 * len(configuration.pcns) < 200


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
        pipelines = [f"plex_{pcn}_master_data", f"plex_{pcn}_jobs"]
        tables = ["state", "quarantine", "fingerprints_master_data", "fingerprints_jobs"]
        both = ["READ", "WRITE"]
        assert capabilities(groups[f"plex_{pcn}_extractor"]) == {
            **{acl: {"actions": both, "scope": {"datasetScope": {"ids": own}}} for acl in DATA_ACLS},
            "datasetsAcl": {"actions": ["READ"], "scope": {"idScope": {"ids": own}}},
            "rawAcl": {"actions": both, "scope": {"tableScope": {"dbsToTables": {f"plex_{pcn}": tables}}}},
            "extractionPipelinesAcl": {"actions": ["READ"], "scope": {"datasetScope": {"ids": own}}},
            "extractionConfigsAcl": {"actions": ["READ"], "scope": {"extractionPipelineScope": {"ids": pipelines}}},
            "extractionRunsAcl": {"actions": ["WRITE"], "scope": {"extractionPipelineScope": {"ids": pipelines}}},
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
        assert names == [f"{facility['facilityName']} (PCN {own})"] * 2
