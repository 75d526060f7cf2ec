"""The repository as it is: both configurations build, and every bundle holds what it needs and nothing else."""

import zipfile

import pytest
import yaml
from plex_cdf.config import read_settings
from tools_extractors import extractor_of
from tools_files import FUNCTIONS

from tools.built import Build
from tools.config import Config
from tools.stage import ROOT, is_junk

pytest_plugins = ["tools_repository"]
Product = tuple[Config, Build]


def test_every_bundle_holds_the_function_and_the_whole_shared_package(product: Product) -> None:
    for name in FUNCTIONS:
        expected = {
            path.relative_to(source).as_posix() if not prefix else f"{prefix}/{path.relative_to(source).as_posix()}"
            for source, prefix in ((ROOT / "functions" / name, ""), (ROOT / "shared" / "plex_cdf", "plex_cdf"))
            for path in source.rglob("*")
            if path.is_file() and not any(is_junk(part) for part in path.relative_to(source).parts)
        }
        (file,) = (product[1].root / "build" / "functions").glob(f"*-{name}.zip")
        with zipfile.ZipFile(file) as archive:
            names = {name for name in archive.namelist() if not name.endswith("/")}
        assert names == expected
        assert {"handler.py", "requirements.txt", "plex_cdf/__init__.py"} <= names


def test_what_is_declared_is_what_has_code(product: Product) -> None:
    declared = tuple(sorted(function.content["externalId"] for function in product[1].of("function")))
    assert declared == FUNCTIONS


def test_the_extractors_accept_the_configs_that_are_deployed_with_them(product: Product) -> None:
    configs = {config.content["externalId"]: config.content["config"] for config in product[1].of("config")}
    for function in FUNCTIONS:
        settings = extractor_of(function).settings
        texts = {name: text for name, text in configs.items() if name.endswith(function.removeprefix("plex"))}
        assert texts
        for name, text in texts.items():
            assert str(read_settings(settings, name, text).facility.pcn) in name


def test_functions_pin_what_the_lock_pins() -> None:
    locked = set((ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines())
    for name in FUNCTIONS:
        lines = (ROOT / "functions" / name / "requirements.txt").read_text(encoding="utf-8").splitlines()
        assert set(lines) <= locked
        assert "cognite-sdk==8.22.0" in lines


def test_the_toolkit_release_is_the_same_everywhere() -> None:
    toml = (ROOT / "cdf.toml").read_text(encoding="utf-8")
    (locked,) = [
        line.partition("==")[2]
        for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if line.lower().replace("_", "-").startswith("cognite-toolkit==")
    ]
    assert f'version = "{locked}"' in toml


@pytest.mark.parametrize("name", ["ci", "deploy"])
def test_workflows_are_yaml_and_use_the_makefile(name: str) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yaml").read_text(encoding="utf-8"))
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert any("make " in step for step in steps)
    assert workflow["permissions"] == {"contents": "read"}
