"""Plex's quality: control plans and inspection points as assets, deviations as events."""

from typing import Any

from cognite.client import CogniteClient
from plex_cdf.function import run
from quality import QUALITY


def handle(
    client: CogniteClient, data: dict[str, Any], secrets: dict[str, str], function_call_info: dict[str, Any]
) -> dict[str, Any]:
    """One run for one facility; see `plex_cdf.function.run`."""
    return run(QUALITY, client=client, data=data, secrets=secrets, function_call_info=function_call_info)
