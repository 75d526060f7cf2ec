"""A repository of our own to stage, build and break: the real modules and configurations around two tiny functions."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tools_files import FUNCTIONS, write

from tools import built, config, deploy, keys, preflight
from tools.built import Build
from tools.config import Config
from tools.stage import ROOT, stage

HANDLER = """\
import yaml

from plex_cdf import GREETING


def handle(client, data, secrets, function_call_info):
    return {"greeting": GREETING, "data": yaml.safe_dump(data)}
"""
PROD_PCNS = (340884, 340885)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """This process's environment without anybody's credentials."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CDF_", "IDP_", "PLEX_"))}


@pytest.fixture
def deploy_environment(environment: dict[str, str]) -> dict[str, str]:
    """What a deploy of config.prod.yaml needs beside a login."""
    principals = {
        f"PLEX_{pcn}_CLIENT_{part}": f"facility-{pcn}-{part.lower()}" for pcn in PROD_PCNS for part in ("ID", "SECRET")
    }
    plex_keys = keys.encode({str(pcn): {"apiKey": f"key-of-{pcn}"} for pcn in PROD_PCNS})
    return {**environment, **principals, "CDF_PROJECT": "plex-prod", "PLEX_KEYS": plex_keys}


@pytest.fixture(scope="session")
def make_repository() -> Callable[[Path], Path]:
    """Copy into an empty directory what `_make_repository` says."""
    return _make_repository


def _make_repository(root: Path) -> Path:
    """The modules and configurations of this repository, around functions that need no extractor."""
    shutil.copytree(ROOT / "cognite_modules", root / "cognite_modules")
    for name in ("cdf.toml", "config.dev.yaml", "config.prod.yaml"):
        shutil.copy2(ROOT / name, root / name)
    for name in FUNCTIONS:
        write(root / "functions" / name / "handler.py", HANDLER)
        write(root / "functions" / name / "requirements.txt", "PyYAML==6.0.3\n")
    write(root / "shared" / "plex_cdf" / "__init__.py", 'GREETING = "hello"\n')
    write(root / "shared" / "plex_cdf" / "plex" / "__init__.py", "")
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that stages and builds."""
    return _make_repository(tmp_path)


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is filled once in a test run, by the first of its processes that asks for it; nobody changes it."""
    base = factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own in that of the run.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A repository with config.prod.yaml built by the real Toolkit. Not to be changed; see `built_repository`."""

    def make(root: Path) -> None:
        _make_repository(root)
        deploy.build(root / "config.prod.yaml", environment, root=root, echo=print)

    return _once(tmp_path_factory, "built", make)


@pytest.fixture
def built_repository(built_once: Path, tmp_path: Path) -> Path:
    """The same, to be broken."""
    return shutil.copytree(built_once, tmp_path / "repository")


@pytest.fixture
def findings(built_repository: Path, deploy_environment: dict[str, str]) -> Callable[..., str]:
    """The findings for the built repository, as one text."""

    def judge(*, environment: bool = True, **changed: str | None) -> str:
        env = {name: value for name, value in (deploy_environment | changed).items() if value is not None}
        path = built_repository / "config.prod.yaml"
        return "\n".join(preflight.preflight(path, env, root=built_repository, environment=environment))

    return judge


@pytest.fixture
def staged(repository: Path) -> Callable[[], dict[str, Path]]:
    """Stage the repository."""
    return lambda: stage(repository)


def copy_product(root: Path) -> None:
    """What a build of this repository needs."""
    for name in ("cognite_modules", "functions", "shared"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("cdf.toml", "config.dev.yaml", "config.prod.yaml"):
        shutil.copy2(ROOT / name, root / name)


@pytest.fixture(scope="session", params=["config.dev.yaml", "config.prod.yaml"])
def product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> tuple[Config, Build]:
    """This repository as it is, built without credentials and with the gate's consent. Not to be changed."""

    def make(root: Path) -> None:
        copy_product(root)
        output = deploy.build(root / request.param, environment, root=root, echo=print)
        assert "Ready to deploy" in output

    root = _once(tmp_path_factory, f"product-{request.param}", make)
    return config.load(root / request.param), built.read(root)
