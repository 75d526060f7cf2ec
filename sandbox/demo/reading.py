"""Plain readers of the two stand-ins: a client like anybody's, beside the product's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import requests

Row = dict[str, Any]

PAGE = 1000
"""Rows per page: the most that CDF's list endpoints give."""

SERIES, POINTS = 100, 10_000
"""Time series per question for their datapoints, and datapoints of each per answer."""

END_OF_TIME = 4_102_444_800_000
"""The first instant that CDF has no datapoints for, in milliseconds."""

TIMEOUT = 60
"""Seconds to wait for an answer of a stand-in on the same machine."""


class Cdf:
    """What CDF holds, page by page, and what was asked of it.

    Args:
        url: Base URL, without `/api/v1`.
        project: The project's name.
        token_url: Where a client id and secret are changed for a token.
        client_id: The client to read as.
        client_secret: Its secret.
    """

    def __init__(self, url: str, project: str, token_url: str, client_id: str, client_secret: str) -> None:
        self._control = f"{url}/__cdf__"
        self._project = f"{url}/api/v1/projects/{quote(project)}"
        self._token_url = token_url
        self._login = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        self._session = _session()

    def __enter__(self) -> Cdf:
        """Log in."""
        answer = self._session.post(self._token_url, data=self._login, timeout=TIMEOUT)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, path: str, **params: Any) -> Any:  # noqa: ANN401 - query values and JSON answers are any
        """The JSON answer of a GET below the project.

        Raises:
            requests.HTTPError: CDF refused it.
        """
        return _json(self._session.get(f"{self._project}{path}", params=params, timeout=TIMEOUT))

    def post(self, path: str, body: Row) -> Any:  # noqa: ANN401 - a JSON answer is any
        """The JSON answer of a POST below the project.

        Raises:
            requests.HTTPError: CDF refused it.
        """
        return _json(self._session.post(f"{self._project}{path}", json=body, timeout=TIMEOUT))

    def rows(self, resource: str) -> list[Row]:
        """Everything of one resource type (`assets`, `events` …)."""
        return list(self._pages(resource))

    def _pages(self, resource: str) -> Iterator[Row]:
        body: Row = {"limit": PAGE}
        while True:
            answer = self.post(f"/{resource}/list", body)
            yield from answer["items"]
            if not answer.get("nextCursor"):
                return
            body["cursor"] = answer["nextCursor"]

    def data_sets(self) -> dict[int, str]:
        """External ids of the data sets by id."""
        return {row["id"]: str(row.get("externalId") or "") for row in self.rows("datasets")}

    def points(self, external_ids: list[str]) -> dict[str, dict[int, float | str]]:
        """All datapoints of some time series, by external id and timestamp."""
        found: dict[str, dict[int, float | str]] = {external_id: {} for external_id in external_ids}
        items: list[Row] = [{"externalId": external_id} for external_id in external_ids]
        while items:
            body = {"items": items[:SERIES], "start": 0, "end": END_OF_TIME, "limit": POINTS}
            items = items[SERIES:]
            for series in self.post("/timeseries/data/list", body)["items"]:
                name = series["externalId"]
                found[name].update((point["timestamp"], point["value"]) for point in series["datapoints"])
                if series.get("nextCursor"):
                    items.append({"externalId": name, "cursor": series["nextCursor"]})
        return found

    def lines(self, external_id: str) -> list[Row]:
        """The rows of a sequence, each with its values by column."""
        body: Row = {"externalId": external_id, "limit": PAGE}
        lines: list[Row] = []
        while True:
            answer = self.post("/sequences/data/list", body)
            columns = [column["externalId"] for column in answer["columns"]]
            lines += [dict(zip(columns, row["values"], strict=True)) for row in answer["rows"]]
            if not answer.get("nextCursor"):
                return lines
            body["cursor"] = answer["nextCursor"]

    def raw_rows(self, database: str, table: str) -> list[Row]:
        """All rows of a RAW table, none when there is no such table."""
        path = f"/raw/dbs/{quote(database, safe='')}/tables/{quote(table, safe='')}/rows"
        rows: list[Row] = []
        params: Row = {"limit": PAGE}
        while True:
            try:
                answer = self.get(path, **params)
            except requests.HTTPError as error:
                if error.response.status_code == 404:
                    return []
                raise
            rows += answer["items"]
            if not answer.get("nextCursor"):
                return rows
            params["cursor"] = answer["nextCursor"]

    def control(self, method: str, path: str) -> Any:  # noqa: ANN401 - a JSON answer is any
        """The JSON answer of one of the stand-in's own endpoints, which real CDF does not have."""
        return _json(self._session.request(method, f"{self._control}{path}", timeout=TIMEOUT))

    def take_requests(self) -> list[Row]:
        """The requests recorded since the last time, which are forgotten with that."""
        record: list[Row] = self.control("GET", "/requests")
        self.control("DELETE", "/requests")
        return record

    def requests_of(self, call_id: int) -> list[Row]:
        """The recorded requests that a function call made."""
        record: list[Row] = self.control("GET", f"/requests?callId={call_id}")
        return record


class Plex:
    """What Plex answers to a client of one tenant, and its clock.

    Args:
        url: Base URL.
        key: The API key.
        pcn: The tenant's customer number, which goes into every request.
        account: User and password for the Data Source API.

    Attributes:
        pcn: The same.
    """

    def __init__(self, url: str, key: str, pcn: int, account: tuple[str, str]) -> None:
        self.pcn = pcn
        self._url = url
        self._account = account
        self._session = _session()
        self._session.headers.update({"X-Plex-Connect-Api-Key": key, "X-Plex-Connect-Customer-Id": str(pcn)})

    def __enter__(self) -> Plex:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, path: str, **params: str) -> Any:  # noqa: ANN401 - a JSON answer is any
        """The JSON answer of a GET.

        Raises:
            requests.HTTPError: Plex refused it.
        """
        return _json(self._session.get(f"{self._url}{path}", params=params, timeout=TIMEOUT))

    def execute(self, source: int, **inputs: str) -> tuple[list[Row], bool]:
        """The rows of a data source, and whether it has more than it gives.

        Raises:
            requests.HTTPError: Plex refused it.
        """
        url = f"{self._url}/api/datasources/{source}/execute?format=2"
        answer = _json(self._session.post(url, json=inputs, auth=self._account, timeout=TIMEOUT))
        return answer["rows"], answer["rowLimitedExceeded"]

    def set_clock(self, now: str) -> None:
        """Move the plant to an instant (ISO 8601, with zone)."""
        _json(self._session.put(f"{self._url}/__plex__/clock", json={"now": now}, timeout=TIMEOUT))

    def take_requests(self) -> list[Row]:
        """The requests to this tenant recorded since the last time, which are forgotten with that."""
        url = f"{self._url}/__plex__/requests?pcn={self.pcn}"
        record: list[Row] = _json(self._session.get(url, timeout=TIMEOUT))
        _json(self._session.delete(url, timeout=TIMEOUT))
        return record


def _session() -> requests.Session:
    """One that connects anew for each request: a connection that waits for a call to end may be closed meanwhile."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return session


def _json(response: requests.Response) -> Any:  # noqa: ANN401 - a JSON answer is any
    if not response.ok:
        message = f"{response.request.method} {response.url} answered {response.status_code}: {response.text[:300]}"
        raise requests.HTTPError(message, response=response)
    return response.json() if response.content else None
