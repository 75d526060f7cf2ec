"""How well Plex's workcenters perform: availability, performance, quality and OEE as series, by hour and by day."""

from typing import Any

from cognite.client import CogniteClient
from performance import PERFORMANCE
from plex_cdf.function import run


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(PERFORMANCE, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
