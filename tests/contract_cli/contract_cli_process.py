"""The command line `cdf` in the folder of a bundle, logged in at a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from contract_cli_bundle import CLIENTS, FILES, PROJECT

CHILD = Path(__file__).with_name("contract_cli_child.py")
ALWAYS = "--no-override-env"
CONFIG = f"""
environment:
  name: dev
  project: {PROJECT}
  validation-type: dev
  selected:
    - modules/
variables:
  modules:
    site: oslo
"""
SETTINGS = """
[cdf]
default_config_yaml = "config.dev.yaml"
[modules]
version = "0.9.28"
[plugins]
dev = true
dump = true
data = true
"""


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    output: str

    def counts(self) -> dict[str, dict[str, int]]:
        """The summary: for each kind, how many resources were created, updated, deleted and unchanged."""
        names = ("created", "updated", "deleted", "unchanged")
        rows = re.findall(
            r"^\W*(\w[\w -]*?)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+\d+\b", self.output, re.MULTILINE
        )
        return {row[0]: dict(zip(names, map(int, row[1:5]), strict=True)) for row in rows}

    def purged(self) -> dict[str, int]:
        """The summary of a purge: how many resources of each kind were, or would have been, deleted."""
        rows = re.findall(r"^\W*(\w[\w -]*?)\s+│\s+(\d+|-)\s+│\s+(\d+|-)\s+│$", self.output, re.MULTILINE)
        return {kind: int(deleted) for kind, deleted, _ in rows if deleted != "-"}


class Toolkit:
    """The command line: one process that runs one command after the other, and others beside it.

    Args:
        root: where the bundle is, or will be.
        url: the server's.
    """

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self._environment = _environment(url)
        _write_bundle(root)
        self._child = subprocess.Popen(
            [sys.executable, CHILD],
            cwd=root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # What is asked of the child ends, and with that it does.
        self._child.communicate(timeout=60)

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> Ended:
        """Run `cdf`; it must end as expected.

        Args:
            arguments: of the command line.
            typed: what a person types when asked.
            code: the exit code to expect.
        """
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        print(json.dumps([[ALWAYS, *arguments], typed]), file=self._child.stdin, flush=True)
        ended = Ended(**json.loads(self._child.stdout.readline()))
        assert ended.code == code, f"{arguments}: {ended.output}"
        return ended

    def run_beside(self, *arguments: str) -> Ended:
        """Run `cdf` in a process of its own, beside the others; it must end well."""
        ended = subprocess.run(
            [os.fspath(Path(sys.executable).with_name("cdf")), ALWAYS, *arguments],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout
        return Ended(ended.returncode, ended.stdout)


def _environment(url: str) -> Mapping[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CDF_", "IDP_"))},
        "CDF_CLUSTER": "stand-in",
        "CDF_PROJECT": PROJECT,
        "CDF_URL": url,
        "IDP_TOKEN_URL": f"{url}/oauth2/token",
        "IDP_CLIENT_ID": "deployer",
        "IDP_CLIENT_SECRET": CLIENTS["deployer"],
        "RUNNER_ID": "runner",
        "RUNNER_SECRET": CLIENTS["runner"],
        "DEMO_API_KEY": "k123",
        # Usage tracking has no switch; this is what the Toolkit's tracker looks at.
        "PYTEST_CURRENT_TEST": "no usage tracking",
        "SENTRY_ENABLED": "false",
        # The packages of a local run are used once.
        "PIP_NO_COMPILE": "1",
        "COLUMNS": "160",
        "PYTHONIOENCODING": "utf-8",
    }


def _write_bundle(root: Path) -> None:
    """Write the bundle and its configuration."""
    for path, text in FILES.items():
        file = root / "modules" / "ingest" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), encoding="utf-8")
    (root / "config.dev.yaml").write_text(CONFIG, encoding="utf-8")
    (root / "cdf.toml").write_text(SETTINGS, encoding="utf-8")
