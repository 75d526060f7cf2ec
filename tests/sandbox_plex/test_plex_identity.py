"""From integer keys to UUIDs and back: the documented join between the two APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import PARTS, PASSWORD, USER

from sandbox.plex import Account, csv_plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox_plex_client import Client

IDS, KEYS = (f"/platform/identity-mappings/v1/{name}" for name in ("keys-to-ids", "ids-to-keys"))


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client], log_file: Path) -> Client:
    return serve([csv_plant(log_file)], accounts={USER: Account(PASSWORD, 340884)})


def test_a_data_sources_key_leads_to_the_rest_apis_id(plex: Client) -> None:
    row = plex.selected(4142, Checksheet_No=1)[0]
    body = {"standardObjectName": "Part", "recordIdentifiers": [{"Part_Key": row["Part_Key"]}, {"Part_Key": 5}]}
    answer = plex.post(IDS, body).json()
    part = plex.rows(PARTS, number=row["Part_No"])[0]["id"]
    assert answer == {
        "standardObject": {"name": "Part", "keys": ["Part_Key"]},
        "recordIdentifiers": [{"id": part, "Part_Key": row["Part_Key"]}, {"id": None, "Part_Key": 5}],
    }
    back = plex.post(KEYS, {"standardObjectName": "Part", "ids": [part.upper(), USERLESS]}).json()
    assert back["recordIdentifiers"] == [{"id": part, "Part_Key": row["Part_Key"]}, {"id": USERLESS, "Part_Key": None}]


USERLESS = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"standardObjectName": "Thing", "ids": [], "recordIdentifiers": []},
        {"standardObjectName": "Part", "ids": [USERLESS] * 5001, "recordIdentifiers": [{}] * 5001},
        {"standardObjectName": "Part", "ids": {}, "recordIdentifiers": 5},
    ],
)
def test_requests_without_sense(plex: Client, body: object) -> None:
    assert [plex.post(path, body).status_code for path in (IDS, KEYS)] == [400, 400]
    assert plex.post(KEYS, {"standardObjectName": "Part", "ids": ["x"]}).status_code == 400
