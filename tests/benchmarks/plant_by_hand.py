"""A tiny plant and two of the functions, put into a local CDF by hand: what the `cdf` command line takes longer for."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from cognite.client.data_classes import ClientCredentials

from sandbox.demo.deploying import BUDGET
from sandbox.demo.tenant import OPEN_STATUSES
from sandbox.plex import Clock, Plant
from sandbox.up import ADMINISTRATOR, PROJECT, ROOT, StandIns

DOMAINS = ("master", "scheduling", "production", "inventory", "quality")
BRANCHES = ("PARTS_LIBRARY", "OPERATIONS_LIBRARY", "RESOURCES_LIBRARY", "WORKCENTERS", "PRODUCTION_LINES")
SETTINGS: dict[str, dict[str, Any]] = {
    "master_data": {"bomCallBudget": BUDGET},
    "jobs": {"openStatuses": list(OPEN_STATUSES), "callBudget": BUDGET},
}


@contextmanager
def by_hand(plant: Plant, clock: Clock, folder: Path) -> Iterator[StandIns]:
    """Both stand-ins, with master data and jobs deployed for the plant, everybody an administrator.

    Args:
        plant: What Plex holds.
        clock: Its time.
        folder: Where the functions' code is put together.
    """
    global_config.disable_pypi_version_check = True
    with StandIns([plant], clock=clock, cron=False) as stand_ins:
        login = {
            "grant_type": "client_credentials",
            "client_id": ADMINISTRATOR,
            "client_secret": stand_ins.credentials.clients[ADMINISTRATOR],
        }
        token = requests.post(stand_ins.token_url, data=login, timeout=10).json()["access_token"]
        client = CogniteClient(ClientConfig("tests", PROJECT, Token(token), base_url=stand_ins.cdf_url, timeout=60))
        _skeleton(client, plant)
        for extractor, settings in SETTINGS.items():
            _configure(client, stand_ins, plant, extractor, settings)
            _function(client, stand_ins, plant, extractor, folder)
        yield stand_ins


def _post(client: CogniteClient, path: str, *items: dict[str, Any]) -> Any:
    return client.post(f"/api/v1/projects/{PROJECT}{path}", json={"items": list(items)}).json()["items"]


def _skeleton(client: CogniteClient, plant: Plant) -> None:
    database, root = f"plex_{plant.pcn}", f"PCN{plant.pcn}_FACILITY"
    _post(client, "/datasets", *({"externalId": f"{database}_{name}"} for name in DOMAINS))
    branches = ({"externalId": f"PCN{plant.pcn}_{name}", "name": name, "parentExternalId": root} for name in BRANCHES)
    _post(client, "/assets", {"externalId": root, "name": "Plant"}, *branches)
    _post(client, "/raw/dbs", {"name": database})
    tables = ("state", "quarantine", *(f"fingerprints_{extractor}" for extractor in SETTINGS))
    _post(client, f"/raw/dbs/{database}/tables", *({"name": name} for name in tables))
    _post(client, "/models/spaces", {"space": "plex_functions"}, {"space": database})
    for kind in ("Container", "View"):
        lease = ROOT / "cognite_modules" / "foundation" / "data_modeling" / f"lease.{kind}.yaml"
        _post(client, f"/models/{kind.lower()}s", yaml.safe_load(lease.read_text(encoding="utf-8")))


def _configure(
    client: CogniteClient, stand_ins: StandIns, plant: Plant, extractor: str, settings: dict[str, Any]
) -> None:
    name = f"plex_{plant.pcn}_{extractor}"
    data_set = client.data_sets.list(limit=1)[0].id
    _post(client, "/extpipes", {"externalId": name, "name": name, "dataSetId": data_set})
    config = {
        "facility": {"pcn": plant.pcn, "tenantId": plant.tenant_id},
        "plex": {"url": stand_ins.plex_url, "callsPerMinute": BUDGET},
        **settings,
    }
    body = {"externalId": name, "config": yaml.safe_dump(config)}
    client.post(f"/api/v1/projects/{PROJECT}/extpipes/config", json=body)


def _function(client: CogniteClient, stand_ins: StandIns, plant: Plant, extractor: str, folder: Path) -> None:
    name, skipped = f"plex_{extractor}", shutil.ignore_patterns("__pycache__")
    code = shutil.copytree(ROOT / "functions" / name, folder / name, ignore=skipped)
    shutil.copytree(ROOT / "shared" / "plex_cdf", code / "plex_cdf", ignore=skipped)
    keys = base64.b64encode(json.dumps({str(plant.pcn): {"apiKey": stand_ins.credentials.plex_key}}).encode()).decode()
    function = client.functions.create(
        name, folder=str(code), external_id=name, secrets={"plex-keys": keys}, skip_folder_validation=True
    )
    while function.status not in {"Ready", "Failed"}:
        function.update()
    principal = f"plex-{plant.pcn}"
    client.functions.schedules.create(
        name,
        "0 0 * * *",
        function_id=function.id,
        client_credentials=ClientCredentials(principal, stand_ins.credentials.clients[principal]),
        data={"pipeline": f"plex_{plant.pcn}_{extractor}"},
    )
