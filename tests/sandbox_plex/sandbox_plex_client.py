"""The client that the tests of the stand-in for Plex ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.auth import HTTPBasicAuth

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "a" * 32
USER, PASSWORD = "plantWs@plex.com", "pä:ss"
EVER = {"beginDate": "2000-01-01T00:00Z", "endDate": "2100-01-01T00:00Z"}
HISTORY = "/production/v1/production-history"
JOBS = "/scheduling/v1/jobs"
PARTS = "/mdm/v1/parts"

Value = str | int | list[str]


def login(user: str, password: str) -> HTTPBasicAuth:
    """Credentials as the vendor wants them, in UTF-8; requests would take Latin-1."""
    return HTTPBasicAuth(user.encode(), password.encode())


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

    def post(self, path: str, body: object) -> requests.Response:
        return self.session.post(self.url + path, json=body, timeout=30)

    def execute(
        self,
        source: int,
        inputs: Mapping[str, object] | None = None,
        *,
        user: str = USER,
        password: str = PASSWORD,
        query: str = "",
    ) -> requests.Response:
        """Execute a data source; `format=2` in the query takes the inputs as they are."""
        body = inputs or {} if "format=2" in query else {"inputs": inputs or {}}
        return self.session.post(
            f"{self.url}/api/datasources/{source}/execute{query}", json=body, auth=login(user, password), timeout=30
        )

    def selected(self, source: int, **inputs: object) -> list[dict[str, Any]]:
        """The rows of a data source as objects."""
        answer = self.execute(source, inputs, query="?format=2")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    def break_by(self, *faults: Mapping[str, object]) -> None:
        answer = self.put("/faults", list(faults))
        assert answer.status_code == 204, answer.text

    def change(self, path: str, *, pcn: int = 340884, **changes: object) -> None:
        answer = self.put(f"/{pcn}/rows", {"path": path, **changes})
        assert answer.status_code == 204, answer.text

    def at(self, instant: str) -> Client:
        assert self.put("/clock", {"now": instant}).status_code == 200
        return self

    def operations_of(self, job: str) -> list[dict[str, Any]]:
        """The operations of the job with this number."""
        return self.rows(f"{JOBS}/{self.rows(JOBS, jobNumber=job)[0]['id']}/operations")
