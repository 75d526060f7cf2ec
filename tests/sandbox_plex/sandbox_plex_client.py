"""The client that the tests of the stand-in for Plex ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "a" * 32
JOBS = "/scheduling/v1/jobs"
PARTS = "/mdm/v1/parts"

Value = str | int | list[str]


class Client:
    """Asks one server with one key."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["X-Plex-Connect-Api-Key"] = KEY

    def get(
        self, path: str, *, params: Mapping[str, Value] | None = None, headers: Mapping[str, str | None] | None = None
    ) -> requests.Response:
        """Ask; a header of None is left out."""
        return self.session.get(self.url + path, params=params, headers=headers, timeout=30)

    def rows(self, path: str, **parameters: Value) -> list[dict[str, Any]]:
        answer = self.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def put(self, path: str, body: object) -> requests.Response:
        return self.session.put(f"{self.url}/__plex__{path}", json=body, timeout=30)

    def change(self, path: str, *, pcn: int = 340884, **changes: object) -> None:
        answer = self.put(f"/{pcn}/rows", {"path": path, **changes})
        assert answer.status_code == 204, answer.text

    def at(self, instant: str) -> Client:
        assert self.put("/clock", {"now": instant}).status_code == 200
        return self

    def operations_of(self, job: str) -> list[dict[str, Any]]:
        """The operations of the job with this number."""
        return self.rows(f"{JOBS}/{self.rows(JOBS, jobNumber=job)[0]['id']}/operations")
