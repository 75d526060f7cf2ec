"""Schedules, extraction pipelines and their configs that would deploy, and fail or do harm afterwards."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tools_files import FUNCTIONS, edit, write

from tools import keys, preflight
from tools.built import Build
from tools.config import Config

pytest_plugins = ["tools_repository"]
SECRET = "tOp-sEcReT"
MASTER_DATA = "functions/*plex_master_data.Harlan*.Schedule.yaml"


def change_config(repository: Path, extractor: str, old: str, new: str) -> None:
    """Another setting in the config that is deployed for an extractor of facility 340884."""
    (file,) = (repository / "build" / "extraction_pipelines").glob(f"*-plex_340884_{extractor}.Config.yaml")
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert old in content["config"]
    write(file, yaml.safe_dump(content | {"config": content["config"].replace(old, new)}))


def test_a_schedule_without_its_own_credentials(built_repository: Path, findings: Callable[..., str]) -> None:
    file = next((built_repository / "build" / "functions").glob("*.Schedule.yaml"))
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    del content["authentication"]
    write(file, yaml.safe_dump(content))
    found = findings()
    assert "authentication.clientId is missing; it would run as whoever deploys" in found
    assert "authentication.clientSecret is missing" in found


def test_credentials_that_are_written_out(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "functions/*Harlan*.Schedule.yaml", "${PLEX_340885_CLIENT_SECRET}", SECRET)
    found = findings()
    assert "authentication.clientSecret is written out" in found
    assert SECRET not in found


@pytest.mark.parametrize("cron", ["* * * *", "61 * * * *", "0 * * * * *", "@hourly", "hourly"])
def test_crons_that_cdf_refuses(built_repository: Path, findings: Callable[..., str], cron: str) -> None:
    edit(built_repository, MASTER_DATA, "13 * * * *", f"'{cron}'")
    assert f"cronExpression is {cron!r}; CDF takes five fields" in findings()


def test_a_schedule_of_an_unknown_function(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, MASTER_DATA, "Id: plex_master_data", "Id: plex_masterdata")
    assert f"functionExternalId is 'plex_masterdata'; the functions are: {', '.join(FUNCTIONS)}" in findings()


def test_a_schedule_with_an_unknown_pipeline(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, MASTER_DATA, "plex_340885_master_data", "plex_340886_master_data")
    assert "data.pipeline is 'plex_340886_master_data', which no module deploys" in findings()


def test_a_schedule_with_the_pipeline_of_another_function(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, MASTER_DATA, "plex_340885_master_data", "plex_340885_jobs")
    assert "data.pipeline is 'plex_340885_jobs', which plex_master_data does not run" in findings()


# --- extraction pipelines ---


@pytest.mark.parametrize(
    ("cron", "gap"),
    [("30 2 * * *", "1 day, 0:00:00"), ("0 6-18 * * *", "1:00:00"), ("*/5 * * * 1-5", "2 days, 0:05:00")],
)
def test_a_pipeline_that_would_alert_between_two_runs(
    built_repository: Path, findings: Callable[..., str], cron: str, gap: str
) -> None:
    edit(built_repository, "extraction_pipelines/*340885_jobs.ExtractionPipeline.yaml", "4-59/5 * * * *", f'"{cron}"')
    assert findings() == (
        f"extraction pipeline plex_340885_jobs: its schedule {cron!r} lets {gap} pass between two runs, but "
        "allowedNotSeenRangeInMinutes is 20, so it would alert its contact every time: raise it in "
        "cognite_modules/facility/extraction_pipelines/jobs.ExtractionPipeline.yaml"
    )


def test_more_calls_than_plex_allows_a_key(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "extraction_pipelines/*340885_jobs.Config.yaml", "callsPerMinute: 15", "callsPerMinute: 36")
    shared = keys.encode({"default": {"apiKey": SECRET}})
    assert findings() == "", "each facility has a key of its own"
    found = findings(PLEX_KEYS=shared)
    assert "the same API key is 201 together, but Plex allows a key 200 calls a minute" in found
    assert "plex_340885_jobs 36" in found
    assert SECRET not in found
    for config in (built_repository / "build" / "extraction_pipelines").glob("*.Config.yaml"):
        text = config.read_text(encoding="utf-8")
        write(config, text.replace("https://connect.plex.com", "http://127.0.0.1:8000"))
    assert findings(PLEX_KEYS=shared) == "", "a stand-in allows what it likes"


# What is judged is the same in both configurations.
@pytest.mark.parametrize("product", ["config.dev.yaml"], indirect=True)
def test_configs_that_the_extractors_would_refuse(product: tuple[Config, Build], tmp_path: Path) -> None:
    """As wrong settings: the first run would say so, long after the deploy."""
    configuration, built = product
    root = shutil.copytree(built.root, tmp_path / "repository")
    change_config(root, "jobs", "timeZone: 'UTC'", "timeZone: 'Detroit'")
    change_config(root, "jobs", "closedJobs:", "closedJob:")
    change_config(root, "quality", "startDate: '2025-01-01'", "startDate: soon")
    change_config(root, "performance", "run: ['Production']", "run: []")
    found = preflight.preflight(configuration.path, {}, root=root, environment=False)
    assert [finding.partition(":")[0] for finding in sorted(found)] == [
        f"the config of extraction pipeline plex_340884_{name}" for name in ("jobs", "performance", "quality")
    ]
    text = "\n".join(found)
    for words in (
        "timeZone is 'Detroit': not an IANA time zone such as America/Detroit",
        "key closedJob does not exist (accepted here: ",
        "startDate is 'soon': not a day or an instant such as 2026-01-31",
        "run must name at least one status",
        "made from cognite_modules/facility/extraction_pipelines/quality.Config.yaml and the deploy variables",
    ):
        assert words in text
