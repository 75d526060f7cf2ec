"""Plex's definitions as assets: parts, operations, workcenters and what else a plant is made of."""

from typing import Any

from cognite.client import CogniteClient
from master_data import MASTER_DATA
from plex_cdf.function import run


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(MASTER_DATA, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
