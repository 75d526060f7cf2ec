"""Faults of a running stand-in, set and shown, and a client that sends again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from cognite.client import global_config
from sandbox_cdf_client import Cdf, Row


def put(cdf: Cdf, *faults: Row) -> None:
    requests.put(f"{cdf.url}/__cdf__/faults", json=list(faults), timeout=10).raise_for_status()


def shown(cdf: Cdf) -> list[Row]:
    found: list[Row] = requests.get(f"{cdf.url}/__cdf__/faults", timeout=10).json()
    return found


def events(cdf: Cdf) -> set[str]:
    return {row["externalId"] for row in cdf.items("/events/list")}


@contextmanager
def retries(most: int) -> Iterator[None]:
    before, pause = global_config.max_retries, global_config.max_retry_backoff
    global_config.max_retries, global_config.max_retry_backoff = most, 0
    try:
        yield
    finally:
        global_config.max_retries, global_config.max_retry_backoff = before, pause
