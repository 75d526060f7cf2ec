"""Both stand-ins side by side, with the credentials of everybody who works with them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from starlette.types import ASGIApp

from sandbox import cdf, console, plex
from sandbox.cdf.functions.runner import Runner
from sandbox.cdf.record import Record
from sandbox.serve import Server

ROOT = Path(__file__).resolve().parents[1]

FOLDER = ROOT / ".sandbox"
"""What the sandbox makes: the environments of functions (kept), the demo's config and report."""

PROJECT = "sandbox"

ADMINISTRATOR = "administrator"
"""Client id of whoever prepares the project and looks: may do everything."""

DEPLOYER = "deployer"
"""Client id of whoever deploys."""


@dataclass(frozen=True)
class Credentials:
    """Who may do what at the stand-ins.

    Attributes:
        plex_key: API key of Plex, good for every facility.
        clients: Client secrets of CDF by client id: the administrator, the deployer, and one service principal per
            facility.
        accounts: Passwords of Plex's Data Source API by user: one web service account per facility.
    """

    plex_key: str
    clients: dict[str, str]
    accounts: dict[str, str]

    @classmethod
    def make(cls, pcns: Sequence[int], file: Path | None) -> Credentials:
        """New ones, or those of an earlier start.

        Args:
            pcns: The facilities.
            file: Where earlier ones are and new ones go, readable by the owner alone; without it they live as long as
                the stand-ins.
        """
        known = json.loads(file.read_text(encoding="utf-8")) if file and file.exists() else {}
        clients = known.get("clients", {})
        for client in (ADMINISTRATOR, DEPLOYER, *(f"plex-{pcn}" for pcn in pcns)):
            clients.setdefault(client, secrets.token_urlsafe(24))
        accounts = known.get("accounts", {})
        for pcn in pcns:
            accounts.setdefault(data_source_user(pcn), secrets.token_urlsafe(24))
        # Plex's keys are 32 letters and digits.
        credentials = cls(plex_key=known.get("plexKey", secrets.token_hex(16)), clients=clients, accounts=accounts)
        if file:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
                kept = {"plexKey": credentials.plex_key, "clients": clients, "accounts": accounts}
                json.dump(kept, target, indent=2)
        return credentials


def data_source_user(pcn: int) -> str:
    """The web service account of a facility, named as Plex names them."""
    return f"plex{pcn}Ws@plex.com"


class PortTakenError(Exception):
    """A port cannot be listened on; the message names the option."""


class StandIns:
    """Plex and CDF on this machine, from entering to leaving.

    Args:
        plants: What Plex holds, one plant per facility.
        clock: The plants' time.
        plex_port: Port of Plex, 0 for any.
        cdf_port: Port of CDF, 0 for any.
        state: SQLite file that keeps what CDF holds, and beside it the credentials (`FILE.credentials.json`).
        cron: Whether schedules of functions fire by themselves; else whoever runs the stand-ins runs them.
        memberships: The groups' source ids by client id; clients that are not named may do everything in CDF.

    Attributes:
        plex_url: Base URL of Plex.
        cdf_url: Base URL of CDF.
        token_url: Where CDF's clients get their tokens.
        console_url: The page on what CDF holds.
        credentials: Who may do what.
        runner: What runs the functions of CDF.
        record: The requests to CDF.
    """

    def __init__(
        self,
        plants: Sequence[plex.Plant],
        *,
        clock: plex.Clock,
        plex_port: int = 0,
        cdf_port: int = 0,
        state: Path | None = None,
        cron: bool = True,
        memberships: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.plants = list(plants)
        pcns = [plant.pcn for plant in self.plants]
        kept = state.with_name(f"{state.name}.credentials.json") if state else None
        self.credentials = Credentials.make(pcns, kept)
        users = {data_source_user(pcn): pcn for pcn in pcns}
        self._plex = plex.create_app(
            self.plants,
            api_keys={self.credentials.plex_key: pcns},
            accounts={user: plex.Account(self.credentials.accounts[user], pcn) for user, pcn in users.items()},
            clock=clock,
        )
        app = cdf.create_app(
            project=PROJECT,
            clients=self.credentials.clients,
            state_file=state,
            environments=FOLDER / "environments",
            cron=cron,
            memberships=memberships,
        )
        self._functions = app.state.project.functions
        self.runner: Runner = app.state.functions.runner
        self.record: Record = app.state.record
        self._cdf = console.with_console(app)
        self._ports = {"--plex-port": plex_port, "--cdf-port": cdf_port}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start both, and return once they answer.

        Raises:
            PortTakenError: A port is not free.
        """
        FOLDER.mkdir(exist_ok=True)
        with ExitStack() as stack:
            self.plex_url = stack.enter_context(self._server(self._plex, "--plex-port")).url
            self.cdf_url = stack.enter_context(self._server(self._cdf, "--cdf-port")).url
            # Schedules of an earlier start may be due before anybody calls.
            self._functions.url = self.cdf_url
            self.token_url = f"{self.cdf_url}/oauth2/token"
            self.console_url = f"{self.cdf_url}{console.PATH}"
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _server(self, app: ASGIApp, option: str) -> Server:
        port = self._ports[option]
        try:
            return Server(app, port)
        except OSError as error:
            message = f"argument {option}: {port} cannot be used ({error.strerror}): give a free port, or 0 for any"
            raise PortTakenError(message) from None

    def describe(self) -> dict[str, object]:
        """What somebody needs to work with them: addresses and credentials."""
        return {
            "plex": self.plex_url,
            "cdf": self.cdf_url,
            "project": PROJECT,
            "tokenUrl": self.token_url,
            "clientId": ADMINISTRATOR,
            "clientSecret": self.credentials.clients[ADMINISTRATOR],
            "plexKey": self.credentials.plex_key,
            "console": self.console_url,
            "facilities": [
                {
                    "pcn": plant.pcn,
                    "tenantId": plant.tenant_id,
                    "clientId": f"plex-{plant.pcn}",
                    "clientSecret": self.credentials.clients[f"plex-{plant.pcn}"],
                    "dsUser": data_source_user(plant.pcn),
                    "dsPassword": self.credentials.accounts[data_source_user(plant.pcn)],
                }
                for plant in self.plants
            ],
        }
