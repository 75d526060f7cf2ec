"""The documented rate limits: https://docs.cognite.com/api-reference/concepts/20230101/rate-limits."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from sandbox_cdf_client import Cdf, Row, token


def limit(cdf: Cdf, **setting: object) -> None:
    requests.put(f"{cdf.url}/__cdf__/limits", json={"enabled": True} | setting, timeout=10).raise_for_status()


def refusals(cdf: Cdf, path: str, times: int) -> list[str]:
    """The messages of the requests that are too many."""
    answers = [cdf.post(path, {"items": [{"externalId": f"e{n}"}]}) for n in range(times)]
    assert all(status in {200, 201, 429} for status, _ in answers)
    return [answer["error"]["message"] for status, answer in answers if status == 429]


@pytest.mark.source("Ours: PUT /__cdf__/limits")
def test_there_is_no_limit_until_somebody_wants_it(cdf: Cdf) -> None:
    assert requests.get(f"{cdf.url}/__cdf__/limits", timeout=10).json() == {"enabled": False, "scale": 1.0}
    assert refusals(cdf, "/assets/aggregate", 20) == []


@pytest.mark.source("Ours: PUT /__cdf__/limits")
@pytest.mark.parametrize("bad", [{}, {"enabled": True, "scale": 0}, {"enabled": "yes"}, {"enabled": True, "more": 1}])
def test_a_bad_setting_is_refused(cdf: Cdf, bad: Row) -> None:
    assert requests.put(f"{cdf.url}/__cdf__/limits", json=bad, timeout=10).status_code == 400


@pytest.mark.source("Docs: rate limits")
def test_the_message_says_which_budget_is_spent(cdf: Cdf) -> None:
    # A tenth of 12 per second for one identity, of 15 for the project.
    limit(cdf, scale=0.1)
    messages = refusals(cdf, "/assets/aggregate", 6)
    assert messages[0] == "Rate limit exceeded: assets aggregation, 1.2 requests per 1 s for one identity"
    assert refusals(cdf, "/events/list", 2) == []


@pytest.mark.source("Docs: rate limits")
def test_budgets_are_nested(cdf: Cdf) -> None:
    # A tenth: 2.3 analytical requests of assets, of which 1.2 aggregations.
    limit(cdf, scale=0.1)
    assert refusals(cdf, "/assets/list", 3)[0].startswith("Rate limit exceeded: assets analytical, 2.3 requests")
    assert refusals(cdf, "/assets/aggregate", 1)[0].startswith("Rate limit exceeded: assets analytical")


@pytest.mark.source("Docs: rate limits")
def test_identities_have_their_own_and_share_the_projects(cdf: Cdf) -> None:
    limit(cdf, scale=0.1)
    other = Cdf(cdf.url, None, token(cdf.url, "deployer"), cdf.project)
    assert refusals(cdf, "/events/list", 2) == refusals(other, "/events/list", 1) == []
    assert refusals(other, "/events/list", 1) == [
        "Rate limit exceeded: events analytical, 3 requests per 1 s for the project"
    ]


@pytest.mark.source("Docs: rate limits")
def test_a_budget_fills_up_again(cdf: Cdf) -> None:
    limit(cdf, scale=0.1)
    assert refusals(cdf, "/assets/aggregate", 2)
    give_up = time.monotonic() + 10
    # Refused requests spend their share as well: who never pauses stays refused.
    limit(cdf, scale=100.0)
    while refusals(cdf, "/assets/aggregate", 1):
        assert time.monotonic() < give_up


@pytest.mark.source("Docs: rate limits")
def test_the_sdk_gives_up_with_429(cdf: Cdf) -> None:
    limit(cdf, scale=0.001)
    assert refusals(cdf, "/events", 2) == [
        "Rate limit exceeded: events, 1 requests per 1 s for one identity",
    ]


@pytest.mark.source("Docs: data modeling limits")
def test_how_much_may_run_at_once(cdf: Cdf) -> None:
    # Half of the two deletes of instances that may run at once.
    limit(cdf, scale=0.5)
    stall = [{"path": "/models/instances/delete", "kind": "stall", "seconds": 30, "count": 1}]
    requests.put(f"{cdf.url}/__cdf__/faults", json=stall, timeout=10).raise_for_status()
    body = {"items": [{"instanceType": "node", "space": "s", "externalId": "n"}]}

    def hang() -> None:
        with pytest.raises(requests.Timeout):
            requests.post(
                f"{cdf.url}/api/v1/projects/factory/models/instances/delete",
                json=body,
                headers={"Authorization": f"Bearer {cdf.token}"},
                timeout=2,
            )

    hanging = threading.Thread(target=hang)
    hanging.start()
    give_up = time.monotonic() + 10
    while requests.get(f"{cdf.url}/__cdf__/faults", timeout=10).json()[0]["struck"] == 0:
        assert time.monotonic() < give_up
    error = cdf.refused("/models/instances/delete", body)
    assert error["message"] == "Rate limit exceeded: data modeling delete, 1 concurrent requests for the project"
    hanging.join()
    while cdf.post("/models/instances/delete", body)[0] == 429:
        assert time.monotonic() < give_up


@pytest.mark.source("Docs: rate limits")
def test_raw_is_limited_by_its_bytes(cdf: Cdf) -> None:
    rows = {"items": [{"key": f"k{n}", "columns": {"text": "x" * 100}} for n in range(100)]}
    path = "/raw/dbs/db/tables/t/rows"
    assert cdf.post(f"{path}?ensureParent=true", rows)[0] == 200
    limit(cdf, scale=1e-6)
    # A read may answer 6,600 bytes within ten minutes, a write send 1,300, zipped as they are.
    sent = {"Content-Encoding": "identity"}
    statuses = []
    for _ in range(2):
        answer = requests.post(
            f"{cdf.url}/api/v1/projects/factory{path}",
            json=rows,
            headers={"Authorization": f"Bearer {cdf.token}"} | sent,
            timeout=10,
        )
        statuses.append((answer.status_code, answer.json()["error"]["message"]))
    assert statuses == [(429, "Rate limit exceeded: RAW, 1300 bytes sent per 600 s for one identity")] * 2
    assert cdf.get(f"{path}?limit=100")[0] == 200
    status, answer = cdf.get(f"{path}?limit=100")
    assert (status, answer["error"]["message"]) == (
        429,
        "Rate limit exceeded: RAW, 6600 bytes read per 600 s for one identity",
    )
