import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tools_files import FUNCTIONS, write

from tools.stage import STAGED, StagingError, stage

pytest_plugins = ["tools_repository"]
Stage = Callable[[], dict[str, Path]]


def content(root: Path) -> dict[str, bytes]:
    return {
        file.relative_to(root).as_posix(): file.read_bytes() for file in sorted(root.rglob("*")) if not file.is_dir()
    }


def test_code_and_the_shared_package_lie_beside_the_function_yaml(repository: Path, staged: Stage) -> None:
    targets = staged()
    functions = repository / STAGED / "modules" / "extractors" / "functions"
    assert targets == {name: functions / name for name in FUNCTIONS}
    for name, target in targets.items():
        assert (functions / f"{name}.Function.yaml").is_file()
        assert content(target) == content(repository / "functions" / name) | {
            f"plex_cdf/{path}": data for path, data in content(repository / "shared" / "plex_cdf").items()
        }


def test_all_modules_are_copied_as_they_are(repository: Path, staged: Stage) -> None:
    staged()
    source, copy = content(repository / "cognite_modules"), content(repository / STAGED / "modules")
    assert source.items() <= copy.items()


def test_junk_is_left_out(repository: Path, staged: Stage) -> None:
    clean = {name: content(target) for name, target in staged().items()}
    for folder in (repository / "functions" / "plex_jobs", repository / "shared" / "plex_cdf"):
        write(folder / "__pycache__" / "x.cpython-312.pyc", "x")
        write(folder / "x.pyc", "x")
        write(folder / ".env", "PLEX_KEYS=secret")
        write(folder / ".env.local", "PLEX_KEYS=secret")
        write(folder / ".DS_Store", "x")
        write(folder / ".pytest_cache" / "README.md", "x")
        write(folder / "tests" / "test_x.py", "x")
        write(folder / "test_handler.py", "x")
    assert {name: content(target) for name, target in staged().items()} == clean


def test_two_runs_give_the_same_tree_and_leave_nothing_behind(repository: Path, staged: Stage) -> None:
    staged()
    first = content(repository / STAGED)
    write(repository / STAGED / "modules" / "left" / "over.yaml", "x: 1")
    staged()
    assert content(repository / STAGED) == first


def test_the_shared_package_may_change_between_runs(repository: Path, staged: Stage) -> None:
    staged()
    write(repository / "shared" / "plex_cdf" / "added.py", "NEW = 1\n")
    (repository / "shared" / "plex_cdf" / "plex" / "__init__.py").unlink()
    for target in staged().values():
        assert (target / "plex_cdf" / "added.py").is_file()
        assert not (target / "plex_cdf" / "plex" / "__init__.py").exists()


def test_a_function_without_code_is_refused(repository: Path, staged: Stage) -> None:
    shutil.rmtree(repository / "functions" / "plex_jobs")
    with pytest.raises(StagingError, match=r"function plex_jobs needs functions/plex_jobs/handler\.py"):
        staged()


@pytest.mark.parametrize("name", ["handler.py", "requirements.txt"])
def test_code_without_handler_or_requirements_is_refused(repository: Path, staged: Stage, name: str) -> None:
    (repository / "functions" / "plex_jobs" / name).unlink()
    with pytest.raises(StagingError, match=f"plex_jobs needs .*{name}"):
        staged()


def test_code_without_a_function_is_refused(repository: Path, staged: Stage) -> None:
    staged()
    write(repository / "functions" / "plex_extra" / "handler.py", "")
    with pytest.raises(StagingError, match=r"functions/plex_extra has no \*\.Function\.yaml"):
        staged()
    assert not (repository / STAGED).exists(), "what was staged before must not be built"


def test_a_function_that_is_declared_twice_is_refused(repository: Path, staged: Stage) -> None:
    functions = repository / "cognite_modules" / "extractors" / "functions"
    shutil.copy(functions / "plex_jobs.Function.yaml", functions / "again.Function.yaml")
    with pytest.raises(StagingError, match="plex_jobs is declared twice"):
        staged()


def test_functions_in_one_file_are_all_staged(repository: Path, staged: Stage) -> None:
    functions = repository / "cognite_modules" / "extractors" / "functions"
    files = sorted(functions.glob("*.Function.yaml"))
    listed = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    for file in files:
        file.unlink()
    write(functions / "all.Function.yaml", yaml.safe_dump(listed))
    assert tuple(sorted(staged())) == FUNCTIONS


@pytest.mark.parametrize(
    "place", ["functions/plex_jobs/plex_cdf", "shared/plex_cdf/linked", "cognite_modules/extractors/functions/linked"]
)
def test_a_symlink_is_refused(repository: Path, staged: Stage, place: str) -> None:
    (repository / place).symlink_to(repository / "shared" / "plex_cdf" / "plex")
    with pytest.raises(StagingError, match=f"{place} is a symlink"):
        staged()


def test_a_copy_of_the_shared_package_in_a_function_is_refused(repository: Path, staged: Stage) -> None:
    shutil.copytree(repository / "shared" / "plex_cdf", repository / "functions" / "plex_jobs" / "plex_cdf")
    with pytest.raises(StagingError, match="in the way"):
        staged()


def test_without_the_shared_package_nothing_is_staged(tmp_path: Path) -> None:
    with pytest.raises(StagingError, match="shared/plex_cdf is not a package"):
        stage(tmp_path)
