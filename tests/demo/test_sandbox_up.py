"""`python -m sandbox up`: one line that says everything, and a clean end."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.__main__ import main

HEADER = (
    "work_order,part,order_qty,operation,workcenter,worker,report_type,"
    "qty_completed,qty_for_mrb,rework,duration_minutes,completed_at"
)
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "sandbox"]
SECONDS = 60


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [*COMMAND, "up", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=SECONDS)
    return process.returncode, stdout, stderr


def said(where: dict[str, Any]) -> str:
    """What a start tells people, beside the line of JSON."""
    return f"What CDF holds, to look at: {where['console']}\n"


def token(where: dict[str, Any], client: str, secret: str) -> requests.Response:
    login = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    return requests.post(where["tokenUrl"], data=login, timeout=SECONDS)


@pytest.fixture
def complaint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What is said of options that are refused, by the command's own `main`, in this process."""
    monkeypatch.chdir(ROOT)

    def said_of(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["sandbox", *options])
        with pytest.raises(SystemExit) as ended:
            sys.exit(main())
        assert ended.value.code == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1
        return printed.err

    return said_of


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_as_it_says_and_ends_cleanly(number: int) -> None:
    with running() as (process, where):
        assert list(where)[:7] == ["plex", "cdf", "project", "tokenUrl", "clientId", "clientSecret", "plexKey"]
        tenants = requests.get(
            f"{where['plex']}/mdm/v1/tenants",
            headers={"X-Plex-Connect-Api-Key": where["plexKey"]},
            timeout=SECONDS,
        )
        assert [tenant["id"] for tenant in tenants.json()] == ["97016117-143c-5059-babf-7d1e7b3a8e7e"]
        assert Client(where)("/assets/list", {})["items"] == []
        assert not token(where, where["clientId"], "wrong").ok
        assert requests.get(f"{where['console']}api/overview", timeout=SECONDS).json()["project"] == where["project"]
        assert stopped(process, number) == (0, "", said(where))


class Client:
    """A client of the CDF that is up."""

    def __init__(self, where: dict[str, Any]) -> None:
        self._url = f"{where['cdf']}/api/v1/projects/{where['project']}"
        bearer = token(where, where["clientId"], where["clientSecret"]).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {bearer}"}

    def __call__(self, path: str, body: dict[str, Any] | None = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = requests.request(method, self._url + path, json=body, headers=self._headers, timeout=SECONDS)
        assert answer.ok, answer.text
        return answer.json()

    def deploy(self, handler: str) -> int:
        """Deploy a function that needs what the product's own need, so that its environment is there already."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("handler.py", handler)
            file.write(ROOT / "functions" / "plex_jobs" / "requirements.txt", "requirements.txt")
        stored = self("/files", {"name": "f.zip", "mimeType": "application/zip"})
        requests.put(stored["uploadUrl"], data=archive.getvalue(), timeout=SECONDS).raise_for_status()
        body = {"items": [{"name": "f", "externalId": "f", "fileId": stored["id"]}]}
        function = self("/functions", body)["items"][0]
        wait_for(lambda: self(f"/functions/{function['id']}")["status"] == "Ready", seconds=300)
        return int(function["id"])


def wait_for(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_running_function_ends_with_it() -> None:
    handler = "import os, time\n\n\ndef handle():\n    print(os.getpid())\n    time.sleep(600)\n"
    with running() as (process, where):
        client = Client(where)
        function = client.deploy(handler)
        nonce = client("/sessions", {"items": [{"tokenExchange": True}]})["items"][0]["nonce"]
        call = client(f"/functions/{function}/call", {"data": {}, "nonce": nonce})
        logs = f"/functions/{function}/calls/{call['id']}/logs"
        wait_for(lambda: bool(client(logs)["items"]))
        pid = int(client(logs)["items"][0]["message"])
        assert is_alive(pid)
        assert stopped(process, signal.SIGTERM) == (0, "", said(where))
        wait_for(lambda: not is_alive(pid))


def test_every_facility_has_its_own_principal_and_the_ports_are_as_asked(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [str(each.getsockname()[1]) for each in (one, two)]
    options = ("--facilities", "3", "--seed", "7", "--plex-port", ports[0], "--cdf-port", ports[1])
    with running(*options) as (process, where):
        assert (where["plex"], where["cdf"]) == tuple(f"http://127.0.0.1:{port}" for port in ports)
        assert [facility["pcn"] for facility in where["facilities"]] == [340884, 340885, 340886]
        for facility in where["facilities"]:
            assert token(where, facility["clientId"], facility["clientSecret"]).ok
        assert stopped(process, signal.SIGTERM)[0] == 0


def test_state_keeps_the_content_and_the_credentials(tmp_path: Path) -> None:
    state = tmp_path / "cdf.sqlite"
    secrets = set()
    for number in range(2):
        with running("--state", str(state)) as (process, where):
            secrets.add((where["clientSecret"], where["plexKey"]))
            path = "/assets" if number == 0 else "/assets/list"
            body = {"items": [{"externalId": "kept", "name": "kept"}]} if number == 0 else {}
            assert [asset["externalId"] for asset in Client(where)(path, body)["items"]] == ["kept"]
            assert stopped(process, signal.SIGTERM)[0] == 0
    assert len(secrets) == 1
    kept = tmp_path / "cdf.sqlite.credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_secrets_are_new_at_every_start_without_state() -> None:
    with running() as (_, one), running() as (_, other):
        assert one["clientSecret"] != other["clientSecret"]
        assert one["plexKey"] != other["plexKey"]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["up", "--plex-port", "70000"], ["--plex-port", "'70000'", "from 0 to 65535"]),
        (["up", "--cdf-port", "http"], ["--cdf-port", "'http'", "from 0 to 65535"]),
        (["up", "--facilities", "0"], ["--facilities", "'0'", "from 1 to"]),
        (["up", "--seed", "x"], ["--seed", "'x'", "whole number"]),
        (["up", "--plant", "nosuch.csv"], ["--plant", "nosuch.csv", "CSV"]),
        (["up", "--state", "no/such/folder/file"], ["--state", "no/such/folder/file", "a folder that exists"]),
        (["up", "--state", "pyproject.toml"], ["--state", "pyproject.toml", "SQLite"]),
        (["demo", "--json", "no/such/folder/file"], ["--json", "no/such/folder/file", "a folder that exists"]),
        (["down"], ["down", "up", "demo"]),
    ],
)
def test_a_bad_option_is_one_line_that_says_what_is_accepted(
    complaint: Callable[..., str], options: list[str], parts: list[str]
) -> None:
    said = complaint(*options)
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n", f"{HEADER}\n", f"{HEADER}\nJ1,P,10,O,W,me,D,1,0,,5,yesterday\n", "\udcff"],
    ids=["columns", "empty", "date", "encoding"],
)
def test_a_file_that_is_no_log_is_refused_with_the_columns_of_one(
    complaint: Callable[..., str], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "plant.csv"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    said = complaint("demo", "--plant", str(file))
    assert "--plant" in said
    assert str(file) in said
    assert "completed_at" in said


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ("--plex-port", "--cdf-port"):
            command = [*COMMAND, "up", option, port]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
            assert (ended.returncode, ended.stdout) == (2, "")
            (line,) = ended.stderr.splitlines()
            assert all(part in line for part in (option, port, "free port"))
