"""Sessions: how they are opened, redeemed, listed and revoked."""

from __future__ import annotations

from typing import Any

import pytest
from cognite.client.data_classes import ClientCredentials
from cognite.client.exceptions import CogniteAPIError
from sandbox_cdf_client import Cdf
from sandbox_cdf_rights import ALL, administrator, give

from sandbox.cdf.api.http import ApiError


@pytest.mark.source("SDK _api/iam/sessions.py; Docs: sessions")
def test_sessions(cdf: Cdf) -> None:
    sessions = cdf.client.iam.sessions
    exchanged = sessions.create(session_type="TOKEN_EXCHANGE")
    assert (exchanged.status, exchanged.client_id) == ("READY", "extractor")
    other = sessions.create(ClientCredentials("deployer", "deployer-secret"))
    assert (other.client_id, other.type) == ("deployer", "CLIENT_CREDENTIALS")
    once = sessions.create(session_type="ONESHOT_TOKEN_EXCHANGE")
    assert len({exchanged.nonce, other.nonce, once.nonce}) == 3
    assert {each.id for each in sessions.list(limit=None)} == {exchanged.id, other.id, once.id}
    assert sessions.retrieve(other.id).type == "CLIENT_CREDENTIALS"
    (revoked,) = sessions.revoke([other.id])
    assert revoked.status in {"CANCELLED", "REVOKED"}
    assert [each.id for each in sessions.list(status="READY")] == [exchanged.id, once.id]
    with pytest.raises(CogniteAPIError) as wrong:
        sessions.create(ClientCredentials("deployer", "wrong"))
    assert wrong.value.code == 400
    assert cdf.refused("/sessions", {"items": [{}]})["code"] == 400


@pytest.mark.source("SDK _api/iam/sessions.py")
def test_unknown_sessions_are_missing(cdf: Cdf) -> None:
    assert cdf.refused("/sessions/byids", {"items": [{"id": 5}]})["missing"] == [{"id": 5}]


@pytest.mark.source("Docs: sessions")
def test_a_nonce_is_redeemed_once(cdf: Cdf) -> None:
    opened = cdf.client.iam.sessions.create(ClientCredentials("deployer", "deployer-secret"))
    session = cdf.project.identities.session_for_nonce(opened.nonce)
    assert (session.id, session.identity.client_id) == (opened.id, "deployer")
    assert cdf.client.iam.sessions.retrieve(opened.id).status == "ACTIVE"
    with pytest.raises(ApiError, match="Nonce"):
        cdf.project.identities.session_for_nonce(opened.nonce)
    revoked = cdf.client.iam.sessions.create(session_type="TOKEN_EXCHANGE")
    cdf.client.iam.sessions.revoke([revoked.id])
    with pytest.raises(ApiError, match="Nonce"):
        cdf.project.identities.session_for_nonce(revoked.nonce)


@pytest.mark.source("SDK tests test_iam.py; SDK _api/iam/sessions.py")
def test_all_sessions_are_listed_page_by_page(cdf: Cdf) -> None:
    sessions = cdf.client.iam.sessions
    made = {sessions.create().id for _ in range(103)}
    assert {each.id for each in sessions.list("READY", limit=-1)} == made
    assert len(sessions.list()) == 25
    assert sessions.list("ACTIVE") == []
    assert cdf.get("/sessions?status=READ")[0] == cdf.get("/sessions?state=READY")[0] == 400


@pytest.mark.source("Docs: sessions, revoke")
def test_a_session_is_revoked_once_and_for_all(cdf: Cdf) -> None:
    ready, active = cdf.client.iam.sessions.create(), cdf.client.iam.sessions.create()
    cdf.project.identities.session_for_nonce(active.nonce)
    for _ in range(2):
        revoked = cdf.client.iam.sessions.revoke([ready.id, active.id])
        assert [each.status for each in revoked] == ["CANCELLED", "REVOKED"]


@pytest.mark.source("SDK _api/iam/sessions.py: revoke")
def test_who_may_not_list_sessions_sees_no_more_than_the_id_of_a_revoked_one(limited: Cdf) -> None:
    admin = administrator(limited)
    (session,) = admin.items("/sessions", {"tokenExchange": True})
    give(admin, sessionsAcl=("DELETE", ALL))
    assert limited.items("/sessions/revoke", {"id": session["id"]}) == [{"id": session["id"]}]
    give(admin, sessionsAcl=("LIST", ALL))
    (seen,) = limited.items("/sessions/revoke", {"id": session["id"]})
    assert seen["status"] == "CANCELLED"


@pytest.mark.source("Docs: sessions, create; Assumed: one way at a time")
@pytest.mark.parametrize(
    "item",
    [
        {"tokenExchange": True, "x": 1},
        {"tokenExchange": False},
        {"tokenExchange": True, "oneshotTokenExchange": True},
        {"clientId": "extractor"},
    ],
)
def test_a_session_is_opened_in_one_of_three_ways(cdf: Cdf, item: dict[str, Any]) -> None:
    assert "tokenExchange" in cdf.refused("/sessions", {"items": [item]})["message"]
    assert cdf.client.iam.sessions.list() == []
