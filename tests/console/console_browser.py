"""Chromium, to look at the console."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from console_world import World

from sandbox.console import PATH

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="the console's views are tested in Debian's Chromium: apt-get install chromium"
)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No name is resolved, so nothing can leave this machine whatever the page tries.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--virtual-time-budget=4000",
)


@dataclass
class Seen:
    """A view as Chromium shows it.

    Attributes:
        dom: The page at its end, as HTML.
        text: What can be read in it.
        hosts: To which hosts the page sent requests.
    """

    dom: str
    text: str
    hosts: set[str]


def look(world: World, path: str, folder: Path, *options: str) -> Seen:
    """Open a view in Chromium."""
    log = folder / "net.json"
    command = [
        str(CHROMIUM),
        *OPTIONS,
        *options,
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={log}",
        "--dump-dom",
    ]
    dom = subprocess.run(
        [*command, f"{world.url}{PATH}#/{path}"], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    shutil.rmtree(folder / "profile")
    main = dom[dom.index("<main") :]
    text = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))
    return Seen(dom, text, _hosts(log, world.url))


def _hosts(log: Path, origin: str) -> set[str]:
    """Hosts of the requests that a page made, or that opened it; the browser's own have no such initiator."""
    found = set()
    for event in json.loads(log.read_text(encoding="utf-8"))["events"]:
        parameters = event.get("params", {})
        ours = parameters.get("initiator") == origin or str(parameters.get("url", "")).startswith(origin)
        if "url" in parameters and ours:
            found.add(urlsplit(parameters["url"]).netloc)
    return found
