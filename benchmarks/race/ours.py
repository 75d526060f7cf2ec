"""The bundle's own function, called as the platform calls it."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Callable

from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import Token

from benchmarks.race.place import PLEX_KEY, PROJECT, Place


def prepared(place: Place) -> Callable[[], None]:
    """A call of `handle()`, with the client that the platform brings."""
    global_config.disable_pypi_version_check = True
    client = CogniteClient(ClientConfig("function", PROJECT, Token(place.token), base_url=place.cdf, timeout=60))
    # Found where the platform finds it: at the root of the function's folder.
    handle = importlib.import_module("handler").handle
    keys = base64.b64encode(json.dumps({str(place.pcn): {"apiKey": PLEX_KEY}}).encode()).decode()

    def run() -> None:
        answer = handle(
            client=client,
            data={"pipeline": f"plex_{place.pcn}_jobs"},
            secrets={"plex-keys": keys},
            function_call_info={"function_id": 1, "call_id": None},
        )
        if answer["status"] != "success":
            raise RuntimeError(f"The run has not come to its end: {answer}")

    return run
