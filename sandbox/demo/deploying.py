"""Deploy the bundle with the real `cdf` command line, as a pipeline would, into the stand-in."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

import tools.deploy
from sandbox.demo.reading import Cdf, Row
from sandbox.demo.tenant import OPEN_STATUSES
from sandbox.up import DEPLOYER, PROJECT, ROOT, StandIns

CALLS_PER_MINUTE = 100_000
"""The stand-in for Plex does not limit its calls, so nobody has to wait."""

CALL_BUDGET = 100_000
"""Enough for the operations of every job in one call."""

SOURCES = ("cognite_modules", "functions", "shared")
"""What is deployed."""

SHOWN_LINES = 40
"""Lines of a failed deploy that are shown."""

READS = re.compile(r"/(byids|list|search|filter|inspect|aggregate|latest|token)$")
"""Ends of the paths whose POST changes nothing."""


class DeployError(Exception):
    """The deploy failed; the message is the end of what it printed, and why."""


def demo_config(source: dict[str, Any], plex_url: str) -> dict[str, Any]:
    """The development config, pointed at the stand-ins and told to read everything.

    Args:
        source: Content of `config.dev.yaml`.
        plex_url: Base URL of the stand-in for Plex.
    """
    shared = source["variables"]["modules"] | {
        "plexUrl": plex_url,
        "masterDataCallsPerMinute": CALLS_PER_MINUTE,
        "jobsCallsPerMinute": CALLS_PER_MINUTE,
        "openStatuses": list(OPEN_STATUSES),
        "closedJobs": True,
        "callBudget": CALL_BUDGET,
    }
    shared["facility"] = [facility | {"timeZone": "UTC"} for facility in shared["facility"]]
    environment = source["environment"] | {"project": PROJECT}
    return source | {"environment": environment, "variables": {"modules": shared}}


def workspace(folder: Path, plex_url: str) -> Path:
    """Copy what is deployed into a folder, beside the demo's config, and return the config's path.

    Building leaves its output where the sources are; so demos do not disturb each other, nor a build in the repository.
    """
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cdf.toml", folder)
    config = folder / "config.demo.yaml"
    config.write_text(yaml.safe_dump(demo_config(_source(), plex_url), sort_keys=False), encoding="utf-8")
    return config


def _source() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "config.dev.yaml").read_text(encoding="utf-8"))
    return content


def facilities(config: Path) -> list[int]:
    """The PCNs of the facilities that a config deploys."""
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    return [facility["pcn"] for facility in content["variables"]["modules"]["facility"]]


def memberships() -> dict[str, list[str]]:
    """The groups' source ids by client id, as the config names them: everybody gets what the bundle grants, no more."""
    modules = _source()["variables"]["modules"]
    facilities = {f"plex-{each['pcn']}": [str(each["groupSourceId"])] for each in modules["facility"]}
    return {DEPLOYER: [str(modules["foundation"]["deployerGroupSourceId"])]} | facilities


def admit_deployer(cdf: Cdf) -> None:
    """Create the deployer's group and the data set that it names, as an administrator does before the first deploy.

    Args:
        cdf: An administrator's client.
    """
    foundation = ROOT / "cognite_modules" / "foundation"
    data_set = yaml.safe_load((foundation / "data_sets" / "plex_functions.DataSet.yaml").read_text(encoding="utf-8"))
    created = cdf.post("/datasets", {"items": [{"externalId": data_set["externalId"], "name": data_set["name"]}]})
    group = yaml.safe_load((foundation / "auth" / "plex_deployer.Group.yaml").read_text(encoding="utf-8"))
    group["sourceId"] = memberships()[DEPLOYER][0]
    for capability in group["capabilities"]:
        for granted in capability.values():
            if "datasetScope" in granted["scope"]:
                granted["scope"]["datasetScope"]["ids"] = [created["items"][0]["id"]]
    cdf.post("/groups", {"items": [group]})


def environment(stand_ins: StandIns, pcns: list[int]) -> dict[str, str]:
    """The environment variables of a deploy: who deploys, and the secrets of each facility."""
    keys = {str(pcn): {"apiKey": stand_ins.credentials.plex_key} for pcn in pcns}
    variables = {
        "CDF_CLUSTER": "sandbox",
        "CDF_URL": stand_ins.cdf_url,
        "CDF_PROJECT": PROJECT,
        "PROVIDER": "other",
        "LOGIN_FLOW": "client_credentials",
        "IDP_TOKEN_URL": stand_ins.token_url,
        "IDP_AUDIENCE": stand_ins.cdf_url,
        "IDP_CLIENT_ID": DEPLOYER,
        "IDP_CLIENT_SECRET": stand_ins.credentials.clients[DEPLOYER],
        "PLEX_KEYS": base64.b64encode(json.dumps(keys).encode()).decode(),
    }
    for pcn in pcns:
        client = f"plex-{pcn}"
        variables[f"PLEX_{pcn}_CLIENT_ID"] = client
        variables[f"PLEX_{pcn}_CLIENT_SECRET"] = stand_ins.credentials.clients[client]
    return {name: value for name, value in os.environ.items() if not name.startswith(("CDF_", "IDP_"))} | variables


def deploy(config: Path, variables: dict[str, str]) -> dict[str, int]:
    """Stage, build and deploy, and wait until the functions are ready.

    Returns:
        How many resources were created, updated, deleted, unchanged.

    Raises:
        DeployError: It failed; the message ends with what was printed.
    """
    printed: list[str] = []
    try:
        return dict(tools.deploy.deploy(config, variables, root=config.parent, echo=printed.append).counts)
    except tools.deploy.DeployError as error:
        raise DeployError("\n".join([*printed[-SHOWN_LINES:], str(error)])) from error


def differences(requests: list[Row]) -> list[str]:
    """What a deploy wrote, by method and path below the project.

    Args:
        requests: What CDF recorded meanwhile.
    """
    wrote = [row for row in requests if row["method"] != "GET" and not READS.search(row["path"])]
    return [f"{row['method']} {row['path'].partition(f'/projects/{PROJECT}')[2] or row['path']}" for row in wrote]
