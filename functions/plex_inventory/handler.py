"""Plex's inventory: locations and containers as assets, what happens to them as events, what is on hand as series."""

from typing import Any

from cognite.client import CogniteClient
from inventory import INVENTORY
from plex_cdf.function import run


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(INVENTORY, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
