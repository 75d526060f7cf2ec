"""A running stand-in with its SDK client, and plain HTTP for what the SDK hides."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

import requests
from cognite.client import ClientConfig, CogniteClient
from cognite.client.credentials import CredentialProvider

from sandbox.cdf.project import Project

AnyJson = Any
Row = dict[str, Any]
PROJECT = "factory"
CLIENTS = {"extractor": "extractor-secret", "deployer": "deployer-secret"}


def sdk(url: str, credentials: CredentialProvider) -> CogniteClient:
    return CogniteClient(ClientConfig("tests", PROJECT, credentials, base_url=url, timeout=10))


def token(url: str, client_id: str = "extractor") -> str:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": CLIENTS[client_id]}
    answer = requests.post(f"{url}/oauth2/token", data=form, timeout=10)
    return str(answer.json()["access_token"])


@dataclass
class Cdf:
    """The SDK's client is of no type here: it answers Optional everywhere, which would hide the tests in asserts."""

    url: str
    client: Any
    token: str
    project: Project

    def send(self, method: str, path: str, body: AnyJson = None, **headers: str) -> requests.Response:
        """One request below the project, its body zipped as the SDK zips it."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Encoding": "gzip"} | headers
        payload = None if body is None else gzip.compress(json.dumps(body).encode())
        return requests.request(
            method, f"{self.url}/api/v1/projects/{PROJECT}{path}", data=payload, headers=sent, timeout=10
        )

    def post(self, path: str, body: AnyJson) -> tuple[int, Any]:
        answer = self.send("POST", path, body)
        return answer.status_code, answer.json()

    def get(self, path: str) -> tuple[int, Any]:
        answer = self.send("GET", path)
        return answer.status_code, answer.json()

    def refused(self, path: str, body: AnyJson) -> dict[str, Any]:
        """The error of a request that must fail."""
        status, answer = self.post(path, body)
        error: dict[str, Any] = answer["error"]
        assert status == error["code"]
        assert error["message"]
        return error

    def items(self, path: str, *items: dict[str, Any], **more: AnyJson) -> list[dict[str, Any]]:
        """The items of an answer to a request that must succeed."""
        status, answer = self.post(path, {"items": list(items), **more})
        assert status in {200, 201}, answer
        found: list[dict[str, Any]] = answer["items"]
        return found

    def record(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.url}/__cdf__/requests", timeout=10).json()
        return found
