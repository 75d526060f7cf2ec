"""The real Toolkit against the stand-in for CDF: what a deploy does, does again, and refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from cognite.client import CogniteClient
from tools_files import EXTRACTORS, FUNCTIONS, HISTORIES, write

from sandbox.cdf import create_app
from sandbox.serve import Server
from tools import built, client, deploy, keys

pytest_plugins = ["tools_repository"]
PCN = 340884
DEPLOYER, DEPLOYER_SECRET = "deployer", "deployer-secret"
FACILITY, FACILITY_SECRET = "facility", "facility-secret"


@pytest.fixture(scope="module")
def cdf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty CDF project plex-dev."""
    clients = {DEPLOYER: DEPLOYER_SECRET, FACILITY: FACILITY_SECRET}
    folder = tmp_path_factory.mktemp("environments")
    app = create_app(project="plex-dev", clients=clients, environments=folder, cron=False)
    with Server(app) as server:
        yield server.url


@pytest.fixture(scope="module")
def login(cdf: str, environment: dict[str, str]) -> dict[str, str]:
    """What a deploy of config.dev.yaml into that project needs."""
    return {
        **environment,
        "CDF_CLUSTER": "stand-in",
        "CDF_PROJECT": "plex-dev",
        "CDF_URL": cdf,
        "IDP_TOKEN_URL": f"{cdf}/oauth2/token",
        "IDP_CLIENT_ID": DEPLOYER,
        "IDP_CLIENT_SECRET": DEPLOYER_SECRET,
        f"PLEX_{PCN}_CLIENT_ID": FACILITY,
        f"PLEX_{PCN}_CLIENT_SECRET": FACILITY_SECRET,
        "PLEX_KEYS": keys.encode({str(PCN): {"apiKey": "a-key"}}),
    }


def quiet(_: str) -> None:
    """Drop the Toolkit's output."""


def recorded(cdf: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = requests.get(f"{cdf}/__cdf__/requests", timeout=30).json()
    return entries


def test_refuse_plan_deploy_edit_and_clean(
    cdf: str, login: dict[str, str], make_repository: Callable[[Path], Path], tmp_path: Path
) -> None:
    """One story, since each chapter needs the one before."""
    root = make_repository(tmp_path)
    path = root / "config.dev.yaml"
    # The Toolkit would load this file and let it overrule the environment.
    write(root / ".env", "CDF_PROJECT=someone-elses\nIDP_CLIENT_SECRET=wrong\n")

    said = refusal(
        root, login | {"CDF_PROJECT": "plex-prod", "PLEX_KEYS": "", f"PLEX_{PCN}_CLIENT_ID": ""}
    ).splitlines()
    assert len(said) == 3
    assert said[0].startswith("CDF_PROJECT is 'plex-prod', but config.dev.yaml")
    assert said[1].startswith(f"PLEX_{PCN}_CLIENT_ID is unset or empty")
    assert said[2].startswith("PLEX_KEYS is unset or empty")
    assert writes(cdf) == 0
    refused = hashes(root)

    plan = deploy.deploy(path, login, dry_run=True, root=root, echo=quiet)
    assert plan.changed
    assert not client.from_environment(login).data_sets.list()
    assert writes(cdf) == 0
    assert hashes(root) == refused, "the same sources, built again, are the same to the Toolkit"

    first = deploy.deploy_built(path, login, root=root, echo=quiet)
    assert first.counts == plan.counts
    assert first.functions == dict.fromkeys(FUNCTIONS, "Ready")
    check_content(login)

    before = function_ids(login)
    write(root / "shared" / "plex_cdf" / "__init__.py", 'GREETING = "good evening"\n')
    second = deploy.deploy(path, login, root=root, echo=quiet)
    # Functions with a schedule each; CDF cannot change a function, so the Toolkit deletes and creates them.
    everything, functions = first.counts["created"], len(FUNCTIONS)
    assert second.counts == {
        "created": 2 * functions,
        "updated": 0,
        "deleted": functions,
        "unchanged": everything - 2 * functions,
        "skipped": 0,
    }
    after = function_ids(login)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values()), "every function carries the shared package"
    assert second.functions == first.functions
    schedules = client.from_environment(login).functions.schedules.list()
    assert {schedule.function_id for schedule in schedules} == set(after.values())

    deploy._toolkit(["clean", "--cdf-project", "plex-dev"], login, root, quiet)
    remaining = client.from_environment(login)
    assert not remaining.functions.list()
    assert not remaining.functions.schedules.list()
    assert not remaining.extraction_pipelines.list()
    assert not remaining.assets.list()
    assert all(entry["status"] < 500 for entry in recorded(cdf))


def hashes(root: Path) -> dict[str, str]:
    """What the Toolkit recognizes a changed function by."""
    functions = built.read(root).of("function")
    return {each.content["externalId"]: each.content["metadata"]["cognite-toolkit-hash"] for each in functions}


def function_ids(login: dict[str, str]) -> dict[str | None, int | None]:
    return {function.external_id: function.id for function in client.from_environment(login).functions.list()}


def check_content(login: dict[str, str]) -> None:
    cdf = client.from_environment(login)
    assert len(cdf.assets.list(limit=None)) == 14
    root = cdf.assets.retrieve(external_id=f"PCN{PCN}_FACILITY")
    assert root is not None
    assert root.name == "Millbrook"
    assert {table.name for table in cdf.raw.tables.list(f"plex_{PCN}")} == {
        "state",
        "quarantine",
        *(f"fingerprints_{name}" for name in EXTRACTORS),
        *(f"history_{name}" for name in HISTORIES),
    }
    config_text = cdf.extraction_pipelines.config.retrieve(f"plex_{PCN}_jobs").config
    assert config_text is not None
    assert "# Plex calls that a run may spend" in config_text
    assert {group.name for group in cdf.iam.groups.list(all=True)} >= {"plex_deployer", f"plex_{PCN}_extractor"}
    schedules = cdf.functions.schedules.list()
    assert {schedule.name for schedule in schedules} == {f"Millbrook (PCN {PCN})"}
    assert {schedule.cron_expression for schedule in schedules} >= {"7 * * * *", "1-59/5 * * * *"}
    assert len(schedules) == len(FUNCTIONS)


def writes(cdf: str) -> int:
    """How many requests put, deleted or created something."""
    return sum(entry["method"] in {"PUT", "DELETE"} or entry["status"] == 201 for entry in recorded(cdf))


def refusal(root: Path, env: dict[str, str]) -> str:
    with pytest.raises(deploy.DeployError) as raised:
        deploy.deploy(root / "config.dev.yaml", env, root=root, echo=quiet)
    return str(raised.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"IDP_CLIENT_SECRET": ""}, "unset or empty: IDP_CLIENT_SECRET; a deploy needs them to log in"),
        ({"LOGIN_FLOW": "interactive"}, "LOGIN_FLOW is interactive"),
    ],
)
def test_a_deploy_without_a_login_is_refused(
    login: dict[str, str], repository: Path, changed: dict[str, str], words: str
) -> None:
    assert words in refusal(repository, login | changed)


def test_whatever_the_toolkit_finds_ends_the_build(environment: dict[str, str], repository: Path) -> None:
    facility = repository / "cognite_modules" / "facility"
    write(facility / "data_sets" / "warning.DataSet.yaml", "externalId: more\nname: more\ncolour: red\n")
    write(facility / "classic" / "recommendation.Asset.yaml", "externalId: more\nname: more\n")
    asset = "externalId: '{{ nope }}'\nname: more\ndataSetExternalId: plex_functions\n"
    write(facility / "classic" / "error.Asset.yaml", asset)
    said: list[str] = []
    with pytest.raises(deploy.DeployError, match="cdf build ended with exit status 1"):
        deploy.build(repository / "config.dev.yaml", environment, root=repository, echo=said.append)
    assert "Found 3 blocking rule violation(s)" in " ".join(said)


def test_a_value_that_the_toolkit_would_mangle_is_refused_before_it_runs(
    environment: dict[str, str], repository: Path
) -> None:
    path = repository / "config.dev.yaml"
    write(path, path.read_text(encoding="utf-8").replace("facilityName: Millbrook", "facilityName: '4\" drills'"))
    said: list[str] = []
    with pytest.raises(deploy.DeployError, match=r"config\.dev\.yaml: facilityName is '4\" drills' \(pcn 340884\): "):
        deploy.build(path, environment, root=repository, echo=said.append)
    assert said == []


def test_a_build_that_selects_nothing_is_refused(environment: dict[str, str], repository: Path) -> None:
    (repository / "cognite_modules" / "empty").mkdir()
    path = repository / "config.dev.yaml"
    write(path, path.read_text(encoding="utf-8").replace("- modules/", "- modules/empty"))
    with pytest.raises(deploy.DeployError, match=r"selects no module"):
        deploy.build(path, environment, root=repository, echo=quiet)


def test_the_command_builds_and_reports_and_facilities_may_be_called_much(
    repository: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(deploy, "ROOT", repository)
    for name in ("CDF_PROJECT", "CDF_CLUSTER"):
        monkeypatch.delenv(name, raising=False)
    path = repository / "config.prod.yaml"
    names = {"Millbrook": "St. John's: No. 1 # A", "Harlan Creek": "Werk Süd & Co (7), 50%"}
    for old, new in names.items():
        write(path, path.read_text(encoding="utf-8").replace(f"facilityName: {old}", f'facilityName: "{new}"'))
    assert deploy.main(["build", str(path)]) == 0
    assert "found nothing against it" in capsys.readouterr().out
    called = {asset.content["name"] for asset in built.read(repository).of("asset")}
    assert {*names.values(), *(f"{name} Parts Library" for name in names.values())} <= called

    assert deploy.main(["deploy", str(repository / "config.dev.yaml")]) == 1
    assert "deploy: unset or empty: CDF_CLUSTER, CDF_PROJECT" in capsys.readouterr().err

    assert deploy.main(["build", str(repository / "config.test.yaml")]) == 1
    assert "config.test.yaml cannot be read" in capsys.readouterr().err


# --- waiting for functions ---


def project_with(*answers: dict[str, str]) -> CogniteClient:
    """A client whose functions have these statuses, one answer after the other."""
    replies = iter(answers)

    def retrieve_multiple(external_ids: list[str]) -> list[SimpleNamespace]:
        statuses = next(replies)
        return [
            SimpleNamespace(external_id=name, status=status, error="pip failed") for name, status in statuses.items()
        ]

    return cast("CogniteClient", SimpleNamespace(functions=SimpleNamespace(retrieve_multiple=retrieve_multiple)))


def test_a_deploy_waits_until_every_function_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "POLL_SECONDS", 0)
    project = project_with(
        {}, {"a": "Queued", "b": "Ready"}, {"a": "Deploying", "b": "Ready"}, {"a": "Ready", "b": "Ready"}
    )
    assert deploy._await_functions(project, ["a", "b"], quiet) == {"a": "Ready", "b": "Ready"}


def test_a_function_that_cdf_cannot_build_fails_the_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "POLL_SECONDS", 0)
    project = project_with({"a": "Deploying"}, {"a": "Failed"})
    with pytest.raises(deploy.DeployError, match="could not build function a: pip failed"):
        deploy._await_functions(project, ["a"], quiet)


def test_functions_that_never_get_ready_fail_the_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "POLL_SECONDS", 0)
    monkeypatch.setattr(deploy, "READY_SECONDS", -1)
    with pytest.raises(deploy.DeployError, match="not ready"):
        deploy._await_functions(project_with({"a": "Deploying"}), ["a"], quiet)


def test_a_summary_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(deploy.DeployError, match="no summary"):
        deploy._counts("nothing of the kind")


# --- the login ---


@pytest.mark.parametrize(
    ("extra", "token_url", "scopes"),
    [
        (
            {"IDP_TENANT_ID": "t"},
            "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            "https://c.cognitedata.com/.default",
        ),
        ({"IDP_TOKEN_URL": "https://idp/token", "IDP_SCOPES": "a,b"}, "https://idp/token", "a b"),
        ({"PROVIDER": "cdf"}, "https://auth.cognite.com/oauth2/token", ""),
        ({"PROVIDER": "auth0", "IDP_TOKEN_URL": "https://a/t"}, "https://a/t", "IDENTITY user_impersonation"),
    ],
)
def test_the_login_is_the_toolkits(extra: dict[str, str], token_url: str, scopes: str) -> None:
    env = {"CDF_CLUSTER": "c", "CDF_PROJECT": "p", "IDP_CLIENT_ID": "i", "IDP_CLIENT_SECRET": "s", **extra}
    made = client.from_environment(env)
    credentials: Any = made.config.credentials
    assert made.config.base_url == "https://c.cognitedata.com"
    assert credentials.token_url == token_url
    assert " ".join(credentials.scopes or []) == scopes


def test_a_token_is_enough_to_log_in() -> None:
    env = {
        "CDF_CLUSTER": "c",
        "CDF_PROJECT": "p",
        "LOGIN_FLOW": "token",
        "CDF_TOKEN": "t",
        "CDF_URL": "http://127.0.0.1:1",
    }
    made = client.from_environment(env)
    assert made.config.base_url == "http://127.0.0.1:1"
    assert made.config.credentials.authorization_header() == ("Authorization", "Bearer t")


@pytest.mark.parametrize("name", ["CDF_CLUSTER", "CDF_PROJECT", "IDP_CLIENT_ID", "IDP_CLIENT_SECRET", "IDP_TENANT_ID"])
def test_a_login_variable_that_is_missing_is_named(name: str) -> None:
    env = dict.fromkeys(("CDF_CLUSTER", "CDF_PROJECT", "IDP_CLIENT_ID", "IDP_CLIENT_SECRET", "IDP_TENANT_ID"), "x")
    with pytest.raises(client.LoginError, match=f"unset or empty: {name};"):
        client.from_environment(env | {name: ""})


def test_an_address_that_nobody_answers_at_is_named_at_once(login: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(deploy.DeployError, match=r"nobody answers at http://127\.0\.0\.1:9 .*CDF_URL"):
        deploy.deploy(tmp_path / "config.dev.yaml", {**login, "CDF_URL": "http://127.0.0.1:9"}, echo=quiet)
