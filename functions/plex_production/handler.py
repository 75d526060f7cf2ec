"""Plex's shop floor as events and series: pieces made and scrapped, statuses and set-ups of workcenters."""

from typing import Any

from cognite.client import CogniteClient
from plex_cdf.function import run
from production import PRODUCTION


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(PRODUCTION, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
