"""Faults at the token endpoint. How the SDK reacts is in its `credentials.py`."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from cognite.client.credentials import OAuthClientCredentials
from cognite.client.exceptions import CogniteOAuthError, CogniteProjectAccessError
from sandbox_cdf_client import CLIENTS, Cdf, Row, sdk
from sandbox_cdf_faults import put, shown


@pytest.fixture
def login(cdf: Cdf) -> Any:
    """A client that has to log in before its first request."""
    more: Row = {"timeout": 0.5}
    url = f"{cdf.url}/oauth2/token"
    return sdk(cdf.url, OAuthClientCredentials(url, "deployer", CLIENTS["deployer"], ["scope"], **more))


@pytest.mark.source("SDK credentials.py")
@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"kind": "status", "status": 503}, httpx2.HTTPStatusError),
        ({"kind": "stall", "seconds": 30}, httpx2.ReadTimeout),
        ({"kind": "reset"}, httpx2.ReadError),
        ({"kind": "status", "status": 400}, CogniteOAuthError),
    ],
    ids=["503", "slow", "reset", "400"],
)
def test_trouble_at_the_token_endpoint_comes_through_unchanged(
    cdf: Cdf, login: Any, fault: Row, raised: type[Exception]
) -> None:
    put(cdf, fault | {"path": "/oauth2/token", "count": 1})
    with pytest.raises(raised):
        login.events.list()
    assert len(login.events.list()) == 0


@pytest.mark.source("SDK credentials.py")
def test_a_token_that_lives_twenty_seconds_is_fetched_again_for_every_request(cdf: Cdf, login: Any) -> None:
    put(cdf, {"path": "/oauth2/token", "kind": "expiresIn", "seconds": 20})
    for _ in range(2):
        login.events.list()
    # The SDK renews 30 seconds before the end (`token_expiry_leeway_seconds`), so before every use.
    assert shown(cdf)[0]["struck"] >= 3
    put(cdf, {"path": "/oauth2/token", "kind": "expiresIn", "seconds": 0})
    with pytest.raises(CogniteProjectAccessError):
        login.events.list()
