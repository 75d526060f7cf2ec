"""Python environments of functions: built once, by one, and with the SDK that the platform adds."""

import os
import threading
from pathlib import Path

import pytest

from sandbox.cdf.functions.environment import python_for, requirements_of
from sandbox.cdf.functions.processes import Processes


@pytest.mark.source("Ours: environments are kept between runs")
def test_an_environment_is_built_once_and_by_one(tmp_path: Path) -> None:
    pythons: list[Path] = []

    def build() -> None:
        # Requirements of nothing: only venv works here.
        pythons.append(python_for("# empty\n", indexes=(), folder=tmp_path, processes=Processes()))

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(pythons)) == 1
    built = (pythons[0].parent.parent / "pyvenv.cfg").stat().st_mtime_ns
    build()
    assert (pythons[0].parent.parent / "pyvenv.cfg").stat().st_mtime_ns == built
    assert os.access(pythons[0], os.X_OK)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [pythons[0].parent.parent]


@pytest.mark.source("SDK _api/functions/__init__.py")
@pytest.mark.parametrize(
    ("requirements", "effective"),
    [
        (None, "cognite-sdk\n"),
        ("requests==2.34.2\n", "requests==2.34.2\ncognite-sdk\n"),
        ("# cognite-sdk is pinned elsewhere\n", "# cognite-sdk is pinned elsewhere\ncognite-sdk\n"),
        ("requests\nCognite_SDK==8.22.0", "requests\nCognite_SDK==8.22.0"),
    ],
)
def test_requirements_without_the_sdk_get_the_newest(tmp_path: Path, requirements: str | None, effective: str) -> None:
    if requirements is not None:
        (tmp_path / "requirements.txt").write_text(requirements)
    assert requirements_of(tmp_path) == effective
