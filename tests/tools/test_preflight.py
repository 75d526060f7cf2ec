"""Each trap of the Toolkit, set in a real build, is refused with words that say what to change."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tools_files import FUNCTIONS, edit, write

from tools import keys, preflight

pytest_plugins = ["tools_repository"]
SECRET = "tOp-sEcReT"
TENANT, OTHER_TENANT = "97016117-143c-5059-babf-7d1e7b3a8e7e", "6aa8693f-4d65-5cc9-90d4-d72de90ba8ab"


def rewrite_zip(repository: Path, change: Callable[[dict[str, bytes]], object], function: str = "plex_jobs") -> None:
    file = next((repository / "build" / "functions").glob(f"*-{function}.zip"))
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def change_handler(repository: Path, handler: str) -> None:
    """Another handler, in the sources as in the zip."""
    write(repository / "functions" / "plex_jobs" / "handler.py", handler)
    rewrite_zip(repository, lambda entries: entries.update({"handler.py": handler.encode()}))


def test_a_clean_build_in_a_complete_environment_may_be_deployed(findings: Callable[..., str]) -> None:
    assert findings() == ""


def test_without_credentials_only_what_was_built_is_judged(
    built_once: Path, environment: dict[str, str], findings: Callable[..., str]
) -> None:
    path = built_once / "config.prod.yaml"
    assert preflight.preflight(path, environment, root=built_once, environment=False) == []
    assert "environment.project 'plex-prod'" in findings(environment=False, CDF_PROJECT="another")


# --- the configuration and the build ---


def test_nothing_built(built_repository: Path, findings: Callable[..., str]) -> None:
    shutil.rmtree(built_repository / "build")
    assert "run `make build CONFIG=config.prod.yaml`" in findings()


def test_zero_modules(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "lineage.yaml", "processed: 4", "processed: 0")
    assert "config.prod.yaml: environment.selected selects no module" in findings()


def test_a_build_from_another_configuration(built_repository: Path, findings: Callable[..., str]) -> None:
    with (built_repository / "config.prod.yaml").open("a") as file:
        file.write("# touched\n")
    assert "build/ was not made from config.prod.yaml as it is now" in findings()


@pytest.mark.parametrize("kind", ["Error", "Warning", "Recommendation"])
def test_insights(built_repository: Path, findings: Callable[..., str], kind: str) -> None:
    with (built_repository / "build" / "insights.csv").open("a") as file:
        file.write(f'"{kind}","INVALID-FIELD","field x is wrong","a.yaml","1","1","Remove it.","False"\n')
    assert f"cdf build: {kind} INVALID-FIELD in a.yaml: field x is wrong Remove it." in findings()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("project: plex-prod", "project:", "environment.project is None"),
        ("pcn: 340884", "pcn: '340884'", "pcn is '340884'; it must be a positive number without quotes"),
        ("pcn: 340885", "pcn: 340884", "pcn 340884 is there more than once"),
        (OTHER_TENANT, TENANT.upper(), f"tenantId {TENANT} is there more than once"),
        ("    facility:\n", "    facilities:\n", "variables.modules.facility must list"),
        ("timeZone:", "timezone:", "no module uses the variable timezone"),
        ("environment:", "environment: [", "config.prod.yaml cannot be read"),
    ],
)
def test_mistakes_in_the_configuration(
    built_repository: Path, findings: Callable[..., str], old: str, new: str, words: str
) -> None:
    file = built_repository / "config.prod.yaml"
    write(file, file.read_text(encoding="utf-8").replace(old, new))
    assert words in findings()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('version = "0.9.28"', 'version = "0.9.27"', "modules.version is 0.9.27, installed is cognite-toolkit 0.9.28"),
        ("enforce = true", "enforce = false", "rules.enforce must be true"),
    ],
)
def test_cdf_toml(built_repository: Path, findings: Callable[..., str], old: str, new: str, words: str) -> None:
    file = built_repository / "cdf.toml"
    write(file, file.read_text(encoding="utf-8").replace(old, new))
    assert words in findings()


# --- the environment ---


@pytest.mark.parametrize("value", [None, "another-project"])
def test_the_wrong_project(findings: Callable[..., str], value: str | None) -> None:
    assert f"CDF_PROJECT is {value!r}, but config.prod.yaml is for environment.project 'plex-prod'" in findings(
        CDF_PROJECT=value
    )


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", ["PLEX_KEYS", "PLEX_340885_CLIENT_SECRET"])
def test_unset_variables(findings: Callable[..., str], name: str, value: str | None) -> None:
    found = findings(**{name: value})
    assert f"{name} is unset or empty" in found
    assert found.count("\n") == 0


def test_placeholders_in_an_extractors_own_config_are_its_own(
    built_repository: Path, findings: Callable[..., str]
) -> None:
    edit(built_repository, "extraction_pipelines/*.Config.yaml", "fullReadAt: '02:00'", "fullReadAt: ${NOT_OURS}")
    assert findings() == ""


@pytest.mark.parametrize("value", [f"{SECRET} # 1", f"{SECRET}: 1", f"'{SECRET}", f"*{SECRET}", "0042", f"{SECRET}\n"])
def test_secrets_that_yaml_reads_differently(findings: Callable[..., str], value: str) -> None:
    found = findings(PLEX_340884_CLIENT_SECRET=value)
    assert "PLEX_340884_CLIENT_SECRET would read differently" in found
    assert SECRET not in found
    assert "0042" not in found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (SECRET, "PLEX_KEYS: the value is not base64 of JSON"),
        (keys.encode({"340884": {"apiKey": SECRET}}), 'PLEX_KEYS has no entry "340885"'),
        (keys.encode({"340884": {"key": SECRET}, "340885": {"apiKey": SECRET}}), '"340884" has an unknown field "key"'),
    ],
)
def test_plex_keys(findings: Callable[..., str], value: str, words: str) -> None:
    found = findings(PLEX_KEYS=value)
    assert words in found
    assert "make keys" in found
    assert SECRET not in found


def test_a_default_key_serves_every_facility(findings: Callable[..., str]) -> None:
    assert findings(PLEX_KEYS=keys.encode({"default": {"apiKey": SECRET}})) == ""


# --- functions and their bundles ---


def test_a_runtime_that_is_too_old(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "functions/*plex_jobs.Function.yaml", "py312", "py310")
    assert "function plex_jobs: runtime is py310, which cannot run it; set runtime to one of py311" in findings()


def test_the_names_of_secrets(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "functions/*plex_jobs.Function.yaml", "plex-keys:", "PLEX_KEYS_OF_ALL:")
    assert "function plex_jobs: secret 'PLEX_KEYS_OF_ALL': CDF accepts at most 15" in findings()


def test_a_secret_that_is_written_out(built_repository: Path, findings: Callable[..., str]) -> None:
    edit(built_repository, "functions/*plex_jobs.Function.yaml", "${PLEX_KEYS}", SECRET)
    found = findings()
    assert "function plex_jobs: secret 'plex-keys' is written out" in found
    assert SECRET not in found


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("__pycache__/handler.cpython-312.pyc", "__pycache__/handler"),
        (".env", ".env"),
        ("tests/test_x.py", "tests/test_x.py"),
        ("plex_cdf/.DS_Store", ".DS_Store"),
    ],
)
def test_junk_in_a_bundle(built_repository: Path, findings: Callable[..., str], name: str, shown: str) -> None:
    rewrite_zip(built_repository, lambda entries: entries.update({name: b""}))
    found = findings()
    assert "function plex_jobs: " in found
    assert shown in found
    assert "does not belong in a bundle" in found


def test_a_bundle_without_the_shared_package(built_repository: Path, findings: Callable[..., str]) -> None:
    def drop(entries: dict[str, bytes]) -> None:
        for name in [name for name in entries if "plex_cdf" in name]:
            del entries[name]

    rewrite_zip(built_repository, drop)
    found = findings()
    assert "function plex_jobs: its bundle lacks plex_cdf/" in found
    assert "does not import" in found
    assert "No module named 'plex_cdf'" in found


def test_a_stale_bundle(built_repository: Path, findings: Callable[..., str]) -> None:
    write(built_repository / "shared" / "plex_cdf" / "plex" / "__init__.py", "CHANGED = 1\n")
    found = findings()
    for function in FUNCTIONS:
        assert f"function {function}: shared/plex_cdf/plex/__init__.py is newer than the bundle" in found


def test_a_missing_bundle(built_repository: Path, findings: Callable[..., str]) -> None:
    next((built_repository / "build" / "functions").glob("*-plex_jobs.zip")).unlink()
    assert "function plex_jobs has no bundle" in findings()


def test_a_symlink_in_a_bundle(built_repository: Path, findings: Callable[..., str]) -> None:
    file = next((built_repository / "build" / "functions").glob("*-plex_jobs.zip"))
    link = zipfile.ZipInfo("plex_cdf/link.py")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/hostname")
    assert "function plex_jobs: plex_cdf/link.py is a symlink" in findings()


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        ("import tools\n\ndef handle(): ...\n", "No module named 'tools'"),
        ("import pytest\n\ndef handle(): ...\n", "No module named 'pytest'"),
        ("1 / 0\n\ndef handle(): ...\n", "ZeroDivisionError"),
        ("def handle(client, data, logger): ...\n", "handle takes logger"),
        ("def handle(**arguments): ...\n", "may not take"),
        ("async def handle(data): ...\n", "has no `def handle(…)`"),
        ("def run(data): ...\n", "has no `def handle(…)`"),
        ("def handle(:\n", "is not Python"),
    ],
)
def test_handlers_that_would_not_run(
    built_repository: Path, findings: Callable[..., str], handler: str, words: str
) -> None:
    change_handler(built_repository, handler)
    found = findings()
    assert "function plex_jobs: " in found
    assert words in found
    assert "plex_master_data" not in found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("PyYAML", "pin it with =="),
        ("PyYAML==6.0.1", "installed is 6.0.3; align them"),
        ("no-such-package==1.0", "no-such-package==1.0 is not installed here"),
        ("./wheels/x.whl", "write lines such as"),
    ],
)
def test_requirements(built_repository: Path, findings: Callable[..., str], line: str, words: str) -> None:
    write(built_repository / "functions" / "plex_jobs" / "requirements.txt", f"{line}\n")
    rewrite_zip(built_repository, lambda entries: entries.update({"requirements.txt": f"{line}\n".encode()}))
    found = findings()
    assert "function plex_jobs: " in found
    assert words in found


# --- assets ---


def test_too_many_assets(built_repository: Path, findings: Callable[..., str]) -> None:
    for number in range(1000):
        write(
            built_repository / "build" / "classic" / f"{100 + number}-x.Asset.yaml", f"externalId: A{number}\nname: A\n"
        )
    assert "1028 assets would be deployed; below 1000 is safe" in findings()


def test_a_missing_parent(built_repository: Path, findings: Callable[..., str]) -> None:
    next((built_repository / "build" / "classic").glob("*PCN340884_QUALITY.Asset.yaml")).unlink()
    found = findings()
    assert "asset PCN340884_CONTROL_PLANS" in found
    assert "parentExternalId is 'PCN340884_QUALITY', which no module deploys" in found


# --- the command ---


def test_all_findings_are_printed_at_once_with_exit_status_1(
    built_repository: Path,
    deploy_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(preflight, "ROOT", built_repository)
    for name in ("PLEX_KEYS", "CDF_PROJECT", "PLEX_340884_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)

    assert preflight.main([str(built_repository / "config.prod.yaml")]) == 1

    printed = capsys.readouterr().err
    for words in ("PLEX_KEYS is unset", "CDF_PROJECT is None", "PLEX_340884_CLIENT_ID is unset"):
        assert words in printed
    assert all(line.startswith("preflight: ") for line in printed.splitlines())


def test_without_a_configuration_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main([]) == 2
    assert "usage" in capsys.readouterr().err
