"""Deploy the bundle with the real `cdf` command line, as a pipeline would, into the stand-in."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

import tools.deploy
from sandbox.demo import data_sources
from sandbox.demo.reading import Cdf, Row
from sandbox.demo.tenant import OPEN_STATUSES
from sandbox.demo.writes import READS
from sandbox.plex import Plant
from sandbox.up import DEPLOYER, PROJECT, ROOT, StandIns, data_source_user
from tools.deploy import Deployment

BUDGET = 100_000
"""For every limit of the config: the stand-in for Plex limits nothing, so nobody has to wait or to come again."""

LIMITS = re.compile(r"\w*(CallsPerMinute|[cC]allBudget)")
"""The config's variables that hold the extractors back."""

SOURCES = ("cognite_modules", "functions", "shared")
"""What is deployed."""

SHOWN_LINES = 40
"""Lines of a failed deploy that are shown."""

Config = dict[str, Any]
"""The content of a `config.*.yaml`."""


class DeployError(Exception):
    """The deploy failed; the message is the end of what it printed, and why."""


def read_config(plants: Sequence[Plant]) -> Config:
    """The repository's config that deploys so many facilities: development has one, production two."""
    name = "config.dev.yaml" if len(plants) == 1 else "config.prod.yaml"
    content: Config = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


def demo_config(source: Config, plex_url: str, plants: Sequence[Plant]) -> Config:
    """A config, pointed at the stand-ins and told to read everything.

    Args:
        source: Content of a `config.*.yaml`.
        plex_url: Base URL of the stand-in for Plex.
        plants: What Plex holds, one plant per facility of the config.
    """
    shared = dict(source["variables"]["modules"])
    shared |= {name: BUDGET for name in shared if LIMITS.fullmatch(name)}
    shared |= {"plexUrl": plex_url, "openStatuses": list(OPEN_STATUSES), "closedJobs": True}
    begins = {plant.pcn: f"{plant.begins:%Y-%m-%d}" for plant in plants}
    shared["facility"] = [
        facility | {"timeZone": "UTC", "startDate": begins[facility["pcn"]]} for facility in shared["facility"]
    ]
    environment = source["environment"] | {"project": PROJECT}
    return source | {"environment": environment, "variables": {"modules": shared}}


def workspace(folder: Path, config: Config, *, with_data_sources: bool = True) -> Path:
    """Copy what is deployed into a folder, beside a config, and return the config's path; data sources are added.

    Building leaves its output where the sources are; so demos do not disturb each other, nor a build in the repository.
    """
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "cdf.toml", folder)
    if with_data_sources:
        data_sources.describe(folder, config["variables"]["modules"]["plexUrl"], BUDGET)
    file = folder / "config.demo.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return file


def facilities(config: Config) -> dict[int, str]:
    """The names of the facilities that a config deploys, by PCN."""
    return {each["pcn"]: each["facilityName"] for each in config["variables"]["modules"]["facility"]}


def memberships(config: Config) -> dict[str, list[str]]:
    """The groups' source ids by client id, as a config names them: everybody gets what the bundle grants, no more."""
    modules = config["variables"]["modules"]
    principals = {f"plex-{each['pcn']}": [str(each["groupSourceId"])] for each in modules["facility"]}
    return {DEPLOYER: [str(modules["foundation"]["deployerGroupSourceId"])]} | principals


def admit_deployer(cdf: Cdf, config: Config) -> None:
    """Create the deployer's group and the data set that it names, as an administrator does before the first deploy.

    Args:
        cdf: An administrator's client.
        config: Names the group's members.
    """
    foundation = ROOT / "cognite_modules" / "foundation"
    data_set = yaml.safe_load((foundation / "data_sets" / "plex_functions.DataSet.yaml").read_text(encoding="utf-8"))
    created = cdf.post("/datasets", {"items": [{"externalId": data_set["externalId"], "name": data_set["name"]}]})
    group = yaml.safe_load((foundation / "auth" / "plex_deployer.Group.yaml").read_text(encoding="utf-8"))
    group["sourceId"] = memberships(config)[DEPLOYER][0]
    for capability in group["capabilities"]:
        for granted in capability.values():
            if "datasetScope" in granted["scope"]:
                granted["scope"]["datasetScope"]["ids"] = [created["items"][0]["id"]]
    cdf.post("/groups", {"items": [group]})


def environment(stand_ins: StandIns) -> dict[str, str]:
    """The environment variables of a deploy: who deploys, and the secrets of each facility."""
    credentials = stand_ins.credentials
    pcns = [plant.pcn for plant in stand_ins.plants]
    users = {pcn: data_source_user(pcn) for pcn in pcns}
    keys = {
        str(pcn): {"apiKey": credentials.plex_key, "dsUser": user, "dsPassword": credentials.accounts[user]}
        for pcn, user in users.items()
    }
    variables = {
        "CDF_CLUSTER": "sandbox",
        "CDF_URL": stand_ins.cdf_url,
        "CDF_PROJECT": PROJECT,
        "PROVIDER": "other",
        "LOGIN_FLOW": "client_credentials",
        "IDP_TOKEN_URL": stand_ins.token_url,
        "IDP_AUDIENCE": stand_ins.cdf_url,
        "IDP_CLIENT_ID": DEPLOYER,
        "IDP_CLIENT_SECRET": credentials.clients[DEPLOYER],
        "PLEX_KEYS": base64.b64encode(json.dumps(keys).encode()).decode(),
    }
    for pcn in pcns:
        client = f"plex-{pcn}"
        variables[f"PLEX_{pcn}_CLIENT_ID"] = client
        variables[f"PLEX_{pcn}_CLIENT_SECRET"] = credentials.clients[client]
    return {name: value for name, value in os.environ.items() if not name.startswith(("CDF_", "IDP_"))} | variables


def deploy(config: Path, variables: dict[str, str]) -> dict[str, int]:
    """Stage, build and deploy, and wait until the functions are ready.

    Returns:
        How many resources were created, updated, deleted, unchanged.

    Raises:
        DeployError: It failed; the message ends with what was printed.
    """
    return _counted(tools.deploy.deploy, config, variables)


def deploy_again(config: Path, variables: dict[str, str]) -> dict[str, int]:
    """Deploy once more what an earlier `deploy` has built, and count as that does.

    Raises:
        DeployError: It failed; the message ends with what was printed.
    """
    return _counted(tools.deploy.deploy_built, config, variables)


def _counted(run: Callable[..., Deployment], config: Path, variables: dict[str, str]) -> dict[str, int]:
    printed: list[str] = []
    try:
        return dict(run(config, variables, root=config.parent, echo=printed.append).counts)
    except tools.deploy.DeployError as error:
        raise DeployError("\n".join([*printed[-SHOWN_LINES:], str(error)])) from error


def differences(requests: list[Row]) -> list[str]:
    """What a deploy wrote, by method and path below the project.

    Args:
        requests: What CDF recorded meanwhile.
    """
    wrote = [row for row in requests if row["method"] != "GET" and not READS.search(row["path"])]
    return [f"{row['method']} {row['path'].partition(f'/projects/{PROJECT}')[2] or row['path']}" for row in wrote]
