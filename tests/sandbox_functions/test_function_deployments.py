"""From a zip to a function that can be called, and back to nothing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cognite.client.data_classes import ClientCredentials
from cognite.client.exceptions import CogniteAPIError, CogniteDuplicatedError, CogniteNotFoundError
from functions_bench import REQUIREMENTS, Bench, running_bench, until

FINE = "def handle(data):\n    return data\n"


def runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as bench:
        yield bench


@pytest.mark.source("SDK data_classes/functions.py, _api/functions/__init__.py")
def test_a_function_is_queued_then_ready_and_shows_no_secret(bench: Bench) -> None:
    item = {
        "name": "f",
        "externalId": "shown",
        "fileId": bench.upload(handler__py=FINE, requirements__txt=REQUIREMENTS),
        "secrets": {"api-key": "hush"},
        "envVars": {"SITE": "oslo"},
        "metadata": {"version": "1"},
        "cpu": 0.5,
        "runtime": "py312",
    }
    created = bench.post("/functions", {"items": [item]})
    assert created.status_code == 201
    row = created.json()["items"][0]
    assert row["status"] == "Queued"
    assert row["cpu"] == 1.0
    assert row["functionPath"] == "handler.py"
    assert row.keys() >= {"id", "createdTime", "fileId", "runtime", "runtimeVersion", "memory"}
    until(lambda: bench.client.functions.retrieve(external_id="shown").status == "Ready")  # type: ignore[union-attr]
    function = bench.client.functions.retrieve(external_id="shown")
    assert function is not None
    assert (function.secrets, function.env_vars) == ({"api-key": "***"}, {"SITE": "oslo"})
    assert function.id in {one.id for one in bench.client.functions.list(external_id_prefix="sho", status="Ready")}
    assert function.id not in {one.id for one in bench.client.functions.list(owner="nobody")}


@pytest.mark.source("SDK _api/functions/__init__.py")
@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({"handler__py": "import nowhere"}, "handler.py", "ModuleNotFoundError: No module named 'nowhere'"),
        ({"handler__py": "def handle(data:"}, "handler.py", "SyntaxError"),
        ({"handler__py": "import sys; sys.exit(3)"}, "handler.py", "SystemExit: 3"),
        ({"main__py": FINE}, "handler.py", "No file found at 'handler.py'"),
        ({"handler__py": "x = 1"}, "handler.py", "must contain a function named 'handle'"),
        ({"handler__py": "class handle: ..."}, "handler.py", "must contain a function named 'handle'"),
        ({"handler__py": "async def handle(data): ..."}, "handler.py", "must contain a function named 'handle'"),
        ({"handler__py": "def handle(data, logger): ..."}, "handler.py", "['logger']"),
        ({"handler__py": "import sandbox\n" + FINE}, "handler.py", "No module named 'sandbox'"),
        ({"handler__py": "import plex_cdf\n" + FINE}, "handler.py", "No module named 'plex_cdf'"),
    ],
)
def test_code_that_cannot_be_called_fails_the_deployment(
    bench: Bench, files: dict[str, str], path: str, message: str
) -> None:
    file_id = bench.upload(requirements__txt=REQUIREMENTS, **files)
    created = bench.client.functions.create("broken", file_id=file_id, function_path=path)
    until(lambda: bench.status(created) == "Failed")
    error = bench.retrieved(created).error
    assert error is not None
    assert message in error["message"]
    assert error["trace"]
    refused = bench.post(f"/functions/{created.id}/call", {"data": {}, "nonce": bench.nonce()})
    assert refused.status_code == 400


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_requirements_that_cannot_be_installed_fail_the_deployment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # An index of nothing: quick, and the same everywhere.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with running_bench(environments=tmp_path) as bench:
        function = bench.deploy(FINE, files={"requirements.txt": "cognite-sdk==8.22.0\nno-such-package==1\n"})
    assert function.status == "Failed"
    assert function.error is not None
    assert "requirements.txt" in function.error["message"]
    assert "No matching distribution found" in function.error["trace"]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and not path.name.endswith(".partial")] == []


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_a_file_that_is_no_zip_fails_the_deployment(bench: Bench) -> None:
    file = bench.client.files.upload_bytes(b"no zip", name="no.zip")
    created = bench.client.functions.create("no zip", file_id=file.id)
    until(lambda: bench.status(created) == "Failed")
    assert "zip" in json.dumps(bench.retrieved(created).error)


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_a_handler_may_lie_in_a_folder_beside_its_package(bench: Bench) -> None:
    function = bench.deploy(
        "raise RuntimeError",
        files={
            "app/main.py": "from vendored.names import name\ndef handle():\n    return name\n",
            "vendored/__init__.py": "",
            "vendored/names.py": "name = 'vendored'",
        },
        function_path="app/main.py",
    )
    assert function.status == "Ready", function.error
    call = function.call()
    assert json.dumps(call.get_response()) == '"vendored"'


@pytest.mark.source("SDK _api/functions/__init__.py; Toolkit yaml_classes/functions.py")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"fileId": 1}, "File 1"),
        ({"secrets": {"API_KEY": "x"}}, "secrets"),
        ({"secrets": {"a-key-of-16-chars": "x"}}, "secrets"),
        ({"secrets": {f"k{n}": "x" for n in range(31)}}, "secrets"),
        ({"envVars": {"A-B": "x"}}, "envVars"),
        ({"metadata": {"k": "x" * 513}}, "metadata"),
        ({"runtime": "py27"}, "runtime"),
        ({"functionPath": "../handler.py"}, "functionPath"),
        ({"functionPath": "handler"}, "functionPath"),
        ({"cpu": 64}, "cpu"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_a_function_may_not_have_is_refused(bench: Bench, change: dict[str, object], field: str) -> None:
    item = {"name": "f", "fileId": bench.upload(handler__py=FINE)} | change
    refused = bench.post("/functions", {"items": [item]})
    assert refused.status_code == 400
    assert field in refused.json()["error"]["message"]


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_one_function_per_request_and_per_external_id(bench: Bench) -> None:
    function = bench.deploy(FINE)
    with pytest.raises(CogniteDuplicatedError):
        bench.client.functions.create("again", file_id=function.file_id, external_id=function.external_id)
    item = {"name": "f", "fileId": function.file_id}
    assert bench.post("/functions", {"items": [item, item]}).status_code == 400


@pytest.mark.source("SDK _api/functions/__init__.py")
def test_unknown_functions_are_missing(bench: Bench) -> None:
    functions = bench.client.functions
    assert functions.retrieve(external_id="nowhere") is None
    assert functions.retrieve_multiple(external_ids=["nowhere"], ignore_unknown_ids=True) == []
    with pytest.raises(CogniteNotFoundError) as missing:
        functions.delete(external_id="nowhere")
    assert missing.value.missing == [{"externalId": "nowhere"}]
    with pytest.raises(CogniteAPIError):
        functions.calls.list(function_id=1)


@pytest.mark.source("Toolkit resource_ios/_function.py")
def test_deleting_a_function_ends_its_calls_and_schedules(bench: Bench, tmp_path: Path) -> None:
    function = bench.deploy(
        "import os, time\ndef handle(data):\n    open(data['file'], 'w').write(str(os.getpid()))\n    time.sleep(60)\n"
    )
    schedule = bench.client.functions.schedules.create(
        name="s",
        cron_expression="* * * * *",
        function_id=function.id,
        client_credentials=ClientCredentials("runner", "s"),
    )
    file = tmp_path / "pid"
    call = function.call({"file": str(file)}, wait=False)
    until(lambda: file.exists() and file.read_text())
    bench.client.functions.delete(id=function.id)
    until(lambda: not runs(file.read_text()))
    assert bench.client.functions.schedules.retrieve(schedule.id) is None
    assert bench.client.functions.calls.retrieve(call_id=call.id, function_id=function.id) is None


@pytest.mark.source("SDK data_classes/functions.py; Docs: functions, technical details")
def test_limits_and_status_are_those_of_an_activated_project(bench: Bench) -> None:
    limits = bench.client.functions.limits()
    assert (limits.timeout_minutes, limits.response_size_mb) == (9, 1)
    assert {"py311", "py312"} <= set(limits.runtimes)
    assert bench.client.functions.status().status == "activated"
    assert bench.client.functions.activate().status == "activated"


@pytest.mark.source("Ours: python -m sandbox up")
def test_a_stopping_server_kills_what_runs_and_cleans_up(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with running_bench() as bench:
        function = bench.deploy(
            "import os, time\n"
            "def handle(data):\n"
            "    open(data['file'], 'w').write(os.getcwd() + ' ' + str(os.getpid()))\n"
            "    time.sleep(60)\n"
        )
        call = function.call({"file": str(file)}, wait=False)
        until(lambda: file.exists() and len(file.read_text().split()) == 2)
        store = bench.project.functions
    folder, pid = file.read_text().split()
    assert not runs(pid)
    assert not Path(folder).exists()
    assert store.call(function.id, call.id).row["status"] == "Failed"


@pytest.mark.source("Ours: python -m sandbox up --state FILE")
def test_functions_outlive_a_restart_with_a_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running_bench(state_file=state) as bench:
        function = bench.deploy("def handle(secrets):\n    return secrets\n", secrets={"key": "hush"})
        call = function.call()
        schedule = bench.client.functions.schedules.create(
            name="s",
            cron_expression="* * * * *",
            function_id=function.id,
            client_credentials=ClientCredentials("runner", "s"),
            data={"a": 1},
        )
    with running_bench(state_file=state) as bench:
        again = bench.retrieved(function)
        assert bench.call(again, call.id).get_response() == {"key": "hush"}
        assert again.call().get_response() == {"key": "hush"}
        assert bench.client.functions.schedules.get_input_data(schedule.id) == {"a": 1}
