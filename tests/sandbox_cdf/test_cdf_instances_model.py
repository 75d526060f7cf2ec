"""Any sequence of requests on nodes does what a dictionary would."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from sandbox.cdf import create_app
from sandbox.cdf.access.identity import Identity

pytestmark = pytest.mark.source("SDK _api/data_modeling/instances.py")

NAMES = ("a", "b", "c")
CONTAINER = {"type": "container", "space": "sp", "externalId": "Lease"}
VIEW = {"type": "view", "space": "sp", "externalId": "Lease", "version": "v1"}
HOLDER = {"type": {"type": "text"}, "nullable": False}
COUNT = {"type": {"type": "int32"}, "defaultValue": 1}

Json = dict[str, Any]


class Api:
    """The application without a server: requests go in by hand."""

    def __init__(self, folder: Path) -> None:
        self.app: Starlette = create_app(project="p", clients={"tests": "s"}, environments=folder)
        token = self.app.state.project.identities.issue_token(Identity("tests", "tests"))
        self._headers = [(b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json")]

    def post(self, path: str, body: Json) -> tuple[int, Json]:
        """Status and answer of one request."""
        sent: list[Any] = []
        payload = json.dumps(body).encode()

        async def receive() -> Json:
            return {"type": "http.request", "body": payload, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "server": ("test", 80),
            "path": f"/api/v1/projects/p{path}",
            "raw_path": b"",
            "root_path": "",
            "query_string": b"",
            "headers": self._headers,
        }
        asyncio.run(self.app(scope, receive, send))
        answer: Json = json.loads(b"".join(message.get("body", b"") for message in sent[1:]))
        return sent[0]["status"], answer

    def begin(self) -> None:
        """Forget all nodes; the schema stays."""
        items = [{"instanceType": "node", "space": "sp", "externalId": name} for name in NAMES]
        assert self.post("/models/instances/delete", {"items": items})[0] == 200


@dataclass
class Model:
    """What should be: version and properties by name."""

    nodes: dict[str, tuple[int, Json]] = field(default_factory=dict)

    def apply(self, items: list[Json], *, replace: bool, skip: bool) -> tuple[int, list[tuple[str, int, bool]]]:
        """Status, and name, version and whether it was modified of each."""
        after, answers = dict(self.nodes), []
        for item in items:
            name, expected, sent = item["externalId"], item.get("existingVersion"), item["sources"][0]["properties"]
            version, before = self.nodes.get(name, (0, {}))
            if version and expected is not None and expected < version:
                if not skip:
                    return 409, []
                answers.append((name, version, False))
                continue
            # The API reference of instances: what a replacement leaves out takes its default.
            merged = ({"count": 1} if replace or not version else before) | sent
            properties = {key: value for key, value in merged.items() if value is not None}
            if "holder" not in properties:
                return 400, []
            modified = not version or properties != before
            after[name] = (version + modified, properties)
            answers.append((name, version + modified, modified))
        self.nodes = after
        return 200, answers


PROPERTIES = st.fixed_dictionaries(
    {}, optional={"holder": st.sampled_from(["x", "y", None]), "count": st.sampled_from([1, 2, None])}
)


def node(name: str, properties: Json, version: int | None) -> Json:
    item = {"instanceType": "node", "space": "sp", "externalId": name}
    item["sources"] = [{"source": CONTAINER, "properties": properties}]  # type: ignore[assignment]  # JSON
    return item if version is None else item | {"existingVersion": version}


ITEMS = st.lists(
    st.builds(node, st.sampled_from(NAMES), PROPERTIES, st.none() | st.integers(0, 3)),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item["externalId"],
)
REQUESTS = st.lists(
    st.tuples(ITEMS, st.booleans(), st.booleans()) | st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
    min_size=1,
    max_size=8,
)


def test_nodes_agree_with_a_dictionary(tmp_path: Path) -> None:
    """Versions, conflicts, patch and replace as in SDK `_api/data_modeling/instances.py` `apply`."""
    api = Api(tmp_path)
    api.post("/models/spaces", {"items": [{"space": "sp"}]})
    container = {"space": "sp", "externalId": "Lease", "properties": {"holder": HOLDER, "count": COUNT}}
    assert api.post("/models/containers", {"items": [container]})[0] == 200
    properties = {name: {"container": CONTAINER, "containerPropertyIdentifier": name} for name in ("holder", "count")}
    view = {"space": "sp", "externalId": "Lease", "version": "v1", "properties": properties}
    assert api.post("/models/views", {"items": [view]})[0] == 200

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(REQUESTS)
    def agree(requests: list[Any]) -> None:
        api.begin()
        model = Model()
        for request in requests:
            if isinstance(request, list):
                names = [{"instanceType": "node", "space": "sp", "externalId": name} for name in request]
                status, answer = api.post("/models/instances/delete", {"items": names})
                gone = [name for name in dict.fromkeys(request) if model.nodes.pop(name, None)]
                assert (status, [row["externalId"] for row in answer["items"]]) == (200, gone)
                continue
            items, replace, skip = request
            expected, answers = model.apply(items, replace=replace, skip=skip)
            body = {"items": items, "replace": replace, "skipOnVersionConflict": skip}
            status, answer = api.post("/models/instances", body)
            assert status == expected
            found = [(row["externalId"], row["version"], row["wasModified"]) for row in answer.get("items", ())]
            assert found == answers
        _, listed = api.post("/models/instances/list", {"sources": [{"source": VIEW}]})
        held = {row["externalId"]: (row["version"], row["properties"]["sp"]["Lease/v1"]) for row in listed["items"]}
        assert held == model.nodes

    agree()
