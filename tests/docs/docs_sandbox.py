"""The sandbox as its page says to start it, use it and deploy into it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml
from docs_markdown import ROOT, blocks

from sandbox.demo import deploying
from tools import deploy

PAGE = ROOT / "docs" / "sandbox.md"
START, VARIABLES, DEPLOY, ASK = blocks(PAGE, "sh")
SECONDS = 60
SHOW = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"


class Reader:
    """Somebody who does what the pages say, in a folder that looks like the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("CDF_", "IDP_", "PLEX_"))
        } | {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
        (folder / ".venv").symlink_to(sys.prefix)

    def shell(self, script: str) -> str:
        """What a shell prints that stops at the first error."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        ).stdout

    def python(self, *snippets: str) -> str:
        """What a script of these snippets prints; the first of the sandbox's page gives them the client."""
        script = self.folder / "snippets.py"
        script.write_text("\n".join([blocks(PAGE, "python")[0], *snippets]), encoding="utf-8")
        ended = subprocess.run(
            [sys.executable, str(script)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def deploy(self) -> None:
        """The page's deploy, by the command that `make deploy` runs, and with Plex's limit out of the way."""
        self.environment = json.loads(self.shell(f"{VARIABLES}\n{SHOW}"))
        config = yaml.safe_load((ROOT / "config.dev.yaml").read_text(encoding="utf-8"))
        deploying.workspace(self.folder, config)
        shutil.copy(ROOT / "config.dev.yaml", self.folder)
        configure, make = DEPLOY.strip().splitlines()
        self.shell(configure)
        file = self.folder / make.rpartition("=")[2]
        text = re.sub(r"CallsPerMinute: \d+", "CallsPerMinute: 60000", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        printed: list[str] = []
        done = deploy.deploy(file, self.environment, root=self.folder, echo=printed.append)
        functions = [handler.parent.name for handler in (ROOT / "functions").glob("*/handler.py")]
        assert done.functions == dict.fromkeys(functions, "Ready"), printed


@contextmanager
def started(folder: Path) -> Iterator[tuple[Reader, dict[str, Any]]]:
    """The stand-ins, started in the background as the page says, and what they print."""
    reader = Reader(folder)
    with subprocess.Popen(
        ["bash", "-c", f"{START}\nwait"],
        cwd=folder,
        env=reader.environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        try:
            yield reader, _line(folder / ".sandbox" / "up.json", shell)
        finally:
            os.killpg(shell.pid, signal.SIGTERM)


def _line(file: Path, shell: subprocess.Popen[bytes]) -> dict[str, Any]:
    give_up = time.monotonic() + SECONDS
    while not (file.exists() and file.read_text(encoding="utf-8").endswith("\n")):
        assert shell.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.05)
    line: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return line


def cdf_requests(where: dict[str, Any]) -> list[str]:
    """Method and path of the requests to CDF that function calls made since the last time."""
    url, project = f"{where['cdf']}/__cdf__/requests", f"/api/v1/projects/{where['project']}"
    record = requests.get(url, timeout=SECONDS).json()
    requests.delete(url, timeout=SECONDS)
    return [f"{row['method']:<4} {row['path'].removeprefix(project)}" for row in record if row["callId"]]
