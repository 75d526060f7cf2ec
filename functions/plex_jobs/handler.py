"""Plex's schedule as events: jobs, their operations, and how far the open ones are."""

from typing import Any

from cognite.client import CogniteClient
from jobs import JOBS
from plex_cdf.function import run


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(JOBS, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
