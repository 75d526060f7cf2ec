"""In the demo nobody but the administrator may do more than the bundle's groups grant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandbox.demo import deploying
from sandbox.demo.main import reader
from sandbox.plex import Clock, generated_plants
from sandbox.up import DEPLOYER, PROJECT, StandIns

ROOT = Path(__file__).resolve().parents[2]
FACILITY = "plex-340884"


@pytest.fixture
def stand_ins() -> Iterator[StandIns]:
    (plant,) = generated_plants(1, 1)
    everybody = deploying.memberships(deploying.read_config([plant]))
    with StandIns([plant], clock=Clock(plant.ends), cron=False, memberships=everybody) as started:
        yield started


def ask(stand_ins: StandIns, client: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
    secret = stand_ins.credentials.clients[client]
    login = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    token = requests.post(stand_ins.token_url, data=login, timeout=10).json()["access_token"]
    url = f"{stand_ins.cdf_url}/api/v1/projects/{PROJECT}{path}"
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request("POST" if body else "GET", url, json=body, headers=headers, timeout=10)


@pytest.mark.parametrize(("facilities", "name"), [(1, "config.dev.yaml"), (2, "config.prod.yaml")])
def test_principals_are_in_the_groups_that_the_config_names(facilities: int, name: str) -> None:
    modules = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))["variables"]["modules"]
    expected = {DEPLOYER: [modules["foundation"]["deployerGroupSourceId"]]}
    expected |= {f"plex-{one['pcn']}": [one["groupSourceId"]] for one in modules["facility"]}
    config = deploying.read_config(generated_plants(facilities, 1))
    assert deploying.memberships(config) == expected
    assert list(deploying.facilities(config)) == [one["pcn"] for one in modules["facility"]]


def test_the_demo_deploys_the_repository_s_config_with_nothing_that_holds_the_extractors_back() -> None:
    plants = generated_plants(2, 1)
    source = deploying.read_config(plants)
    config = deploying.demo_config(source, "http://plex.test", plants)
    modules, original = config["variables"]["modules"], source["variables"]["modules"]
    changed = {name for name, value in modules.items() if value != original[name]}
    limits = {name for name in original if name.endswith(("PerMinute", "allBudget"))}
    assert len(limits) > 6
    assert changed == limits | {"plexUrl", "openStatuses", "closedJobs", "facility"}
    assert {modules[name] for name in limits} == {deploying.BUDGET}
    assert [one["startDate"] for one in modules["facility"]] == [f"{plant.begins:%Y-%m-%d}" for plant in plants]


def test_the_deployer_gets_its_rights_from_an_administrator(stand_ins: StandIns) -> None:
    for client in (DEPLOYER, FACILITY):
        assert ask(stand_ins, client, "/functions").status_code == 403
    with reader(stand_ins) as administrator:
        deploying.admit_deployer(administrator, deploying.read_config(stand_ins.plants))
    assert ask(stand_ins, DEPLOYER, "/functions").status_code == 200
    assert ask(stand_ins, DEPLOYER, "/events").status_code == 403
    assert ask(stand_ins, DEPLOYER, "/functions/1/call", {"nonce": "n"}).status_code == 403
    assert ask(stand_ins, FACILITY, "/functions").status_code == 403
