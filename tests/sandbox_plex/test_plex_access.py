from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sandbox_plex_client import KEY

from sandbox.plex import Clock, create_app, csv_plant, generated_plants

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox_plex_client import Client

TENANTS = "/mdm/v1/tenants"
OTHER_KEY = "b" * 32
FIRST, SECOND = "97016117-143c-5059-babf-7d1e7b3a8e7e", "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"
REFUSED = {"code": "REQUEST_NOT_AUTHENTICATED", "message": "The request could not be authenticated."}


@pytest.fixture(scope="module")
def served(serve: Callable[..., Client]) -> Client:
    return serve(generated_plants(2), api_keys={KEY: [340884, 340885], OTHER_KEY: [340885]})


def first_job(plex: Client, **headers: str) -> str:
    return str(plex.get("/scheduling/v1/jobs", headers=headers).json()[0]["id"])


def test_tenants_are_those_of_the_key(plex: Client) -> None:
    assert [row["id"] for row in plex.rows(TENANTS)] == [FIRST, SECOND]
    answer = plex.get(TENANTS, headers={"X-Plex-Connect-Api-Key": OTHER_KEY})
    assert [row["id"] for row in answer.json()] == [SECOND]


def test_a_request_without_tenant_is_the_keys_first_tenants(plex: Client) -> None:
    assert first_job(plex) == first_job(plex, **{"X-Plex-Connect-Tenant-Id": FIRST})
    assert first_job(plex) != first_job(plex, **{"X-Plex-Connect-Tenant-Id": SECOND})


def test_uuid_and_number_name_the_same_tenant(plex: Client) -> None:
    by_uuid = first_job(plex, **{"X-Plex-Connect-Tenant-Id": SECOND.upper()})
    by_number = first_job(plex, **{"x-plex-connect-customer-id": "340885"})
    assert by_uuid == by_number


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Plex-Connect-Api-Key": None},
        {"X-Plex-Connect-Api-Key": "A" * 32},
        {"X-Plex-Connect-Tenant-Id": "340884"},
        {"X-Plex-Connect-Customer-Id": "340999"},
        {"X-Plex-Connect-Api-Key": OTHER_KEY, "X-Plex-Connect-Tenant-Id": FIRST},
        {"X-Plex-Connect-Tenant-Id": FIRST, "X-Plex-Connect-Customer-Id": "340885"},
    ],
)
@pytest.mark.parametrize("path", [TENANTS, "/scheduling/v1/jobs", "/no/such/thing"])
def test_wrong_key_or_tenant_is_refused_in_the_vendors_words(
    plex: Client, path: str, headers: dict[str, str | None]
) -> None:
    answer = plex.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_a_key_in_the_url_does_not_count(plex: Client) -> None:
    answer = plex.get(f"{TENANTS}?X-Plex-Connect-Api-Key={KEY}", headers={"X-Plex-Connect-Api-Key": None})
    assert answer.status_code == 401


def test_unknown_paths(plex: Client) -> None:
    answer = plex.get("/mdm/v9/parts")
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_FOUND")
    assert plex.session.post(f"{plex.url}/mdm/v1/parts", timeout=30).status_code == 405


def test_every_answer_carries_the_plants_time_once(plex: Client) -> None:
    plex.at("2021-07-04T05:06:07.89+02:00")
    unknown_job = f"/scheduling/v1/jobs/{FIRST}"
    for path, status in [
        (TENANTS, 200),
        ("/nothing", 404),
        (unknown_job, 404),
        ("/mdm/v1/parts?id=x", 400),
        ("/__plex__/clock", 200),
    ]:
        answer = plex.get(path)
        assert (answer.status_code, answer.headers["Date"]) == (status, "Sun, 04 Jul 2021 03:06:07 GMT"), path
    refused = plex.get(TENANTS, headers={"X-Plex-Connect-Api-Key": None})
    assert refused.headers["Date"] == "Sun, 04 Jul 2021 03:06:07 GMT"


def test_calls_over_the_limit_wait_for_the_oldest_to_pass(serve: Callable[..., Client], log_file: Path) -> None:
    time = [1000.0]
    plants = [csv_plant(log_file)]
    keys = {KEY: [340884], OTHER_KEY: [340884]}
    plex = serve(plants, api_keys=keys, calls_per_minute=3, timer=lambda: time[0])
    for _ in range(3):
        assert plex.get(TENANTS).status_code == 200
        time[0] += 10
    answer = plex.get(TENANTS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert plex.get(TENANTS, headers={"X-Plex-Connect-Api-Key": OTHER_KEY}).status_code == 200
    time[0] += 30
    assert plex.get(TENANTS).status_code == 200
    assert plex.get(TENANTS).status_code == 429


def test_the_limit_can_keep_silent_about_when_to_come_back(serve: Callable[..., Client], log_file: Path) -> None:
    plex = serve([csv_plant(log_file)], calls_per_minute=1, retry_after=False)
    assert plex.get(TENANTS).status_code == 200
    answer = plex.get(TENANTS)
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("pcns", [[], [1]])
def test_a_key_needs_plants(log_file: Path, pcns: list[int]) -> None:
    plant = csv_plant(log_file)
    with pytest.raises(ValueError, match="340884"):
        create_app([plant], api_keys={KEY: pcns}, clock=Clock(plant.ends))
