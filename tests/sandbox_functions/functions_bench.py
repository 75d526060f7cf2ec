"""A local CDF with the real SDK in front of it, for tests of functions."""

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import requests
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token
from cognite.client.data_classes import Function, FunctionCall

from sandbox.cdf import create_app
from sandbox.cdf.access.identity import Identity
from sandbox.serve import Server

# Kept between test runs: the first one builds them.
ENVIRONMENTS = Path(__file__).parents[2] / ".sandbox" / "environments"
REQUIREMENTS = "cognite-sdk==8.22.0\n"
SECONDS = 120


@dataclass
class Bench:
    """A running CDF.

    Attributes:
        client: The SDK, logged in as client `deployer`.
        project: The state of the project.
        runner: What runs its functions.
        url: The server's address.
    """

    client: CogniteClient
    project: Any
    runner: Any
    url: str

    def deploy(self, handler: str, *, files: Mapping[str, str] | None = None, **options: Any) -> Function:
        """Deploy a folder with a handler by the SDK and wait until it is ready or failed."""
        name = f"f-{uuid4()}"
        with TemporaryDirectory() as folder:
            for path, text in ({"handler.py": handler, "requirements.txt": REQUIREMENTS} | dict(files or {})).items():
                Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, path).write_text(text, encoding="utf-8")
            # The SDK's own check would import the handler into a fork of this process.
            function = self.client.functions.create(
                name, folder=folder, external_id=name, skip_folder_validation=True, **options
            )
        until(lambda: self.status(function) in {"Ready", "Failed"})
        return self.retrieved(function)

    def retrieved(self, function: Function) -> Function:
        """The function as it is now."""
        found = self.client.functions.retrieve(id=function.id)
        assert found is not None
        return found

    def status(self, function: Function) -> str:
        """The function's status now."""
        return self.retrieved(function).status

    def call(self, function: Function, call_id: int) -> FunctionCall:
        """A call as it is now."""
        call = self.client.functions.calls.retrieve(call_id=call_id, function_id=function.id)
        assert call is not None
        return call

    def upload(self, **files: str) -> int:
        """Upload a zip and return its id; dots in names are written as two underscores."""
        content = BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in files.items():
                archive.writestr(name.replace("__", "."), text)
        return self.client.files.upload_bytes(content.getvalue(), name=f"{uuid4()}.zip").id

    def post(self, path: str, body: object) -> requests.Response:
        """A request to the project as the SDK would not make it."""
        token = self.project.identities.issue_token(Identity("deployer", "deployer"))
        url = f"{self.url}/api/v1/projects/{self.project.name}{path}"
        return requests.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def nonce(self) -> str:
        """A fresh nonce of the deployer's."""
        nonce = self.client.iam.sessions.create().nonce
        assert nonce is not None
        return nonce


@contextmanager
def running_bench(
    *, state_file: Path | None = None, environments: Path = ENVIRONMENTS, cron: bool = False
) -> Iterator[Bench]:
    """Start a CDF of one's own."""
    global_config.disable_pypi_version_check = True
    clients = {"runner": "s"}
    app = create_app(project="p", clients=clients, state_file=state_file, environments=environments, cron=cron)
    project = app.state.project
    token = project.identities.issue_token(Identity("deployer", "deployer"))
    with Server(app) as server:
        config = ClientConfig(client_name="tests", project="p", base_url=server.url, credentials=Token(token))
        yield Bench(CogniteClient(config), project, app.state.functions.runner, server.url)


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; two minutes cover the build of an environment."""
    give_up = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < give_up, "waited too long"
        time.sleep(0.02)
