"""Who may call: API keys, tenants, and the calls that a key may make in a minute."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from starlette.datastructures import Headers

    from sandbox.plex.plants.plant import Plant

WINDOW_SECONDS = 60.0


class NotAuthenticatedError(Exception):
    """Key missing, unknown, or without access to the tenant: Plex says the same of all three."""


class TooManyCallsError(Exception):
    """The key has used up its calls of the last minute.

    Args:
        seconds: Until the next call would be let through.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Access:
    """The keys and their tenants.

    Args:
        plants: All plants of the server.
        api_keys: API key to the PCNs that it may use; the first is its default tenant.

    Raises:
        ValueError: A key names a PCN that is no plant's, or none at all.
    """

    def __init__(self, plants: Sequence[Plant], api_keys: Mapping[str, Collection[int]]) -> None:
        by_pcn = {plant.pcn: plant for plant in plants}
        self._plants: dict[str, list[Plant]] = {}
        for key, pcns in api_keys.items():
            if not pcns or not set(pcns) <= set(by_pcn):
                raise ValueError(f"An API key needs PCNs among {sorted(by_pcn)}, not {list(pcns)}")
            self._plants[key] = [by_pcn[pcn] for pcn in pcns]

    def plants(self, headers: Headers) -> list[Plant]:
        """The plants that the request's key may use.

        Raises:
            NotAuthenticatedError: No key, or an unknown one.
        """
        plants = self._plants.get(headers.get("x-plex-connect-api-key", ""))
        if plants is None:
            raise NotAuthenticatedError
        return plants

    def plant(self, headers: Headers) -> Plant:
        """The plant that a request works in: the one that its tenant headers name, or the key's default.

        Raises:
            NotAuthenticatedError: The key may not use the tenant, or the two tenant headers name different ones.
        """
        allowed = self.plants(headers)
        tenant, customer = headers.get("x-plex-connect-tenant-id"), headers.get("x-plex-connect-customer-id")
        named = [
            plant
            for plant in allowed
            if (tenant is None or tenant.strip().lower() == plant.tenant_id)
            and (customer is None or customer.strip() == str(plant.pcn))
        ]
        if not named:
            raise NotAuthenticatedError
        return named[0]


class Limiter:
    """At most so many calls per key in any 60 seconds of real time.

    Args:
        calls: How many; None switches the limit off.
        timer: Seconds that only go up.
    """

    def __init__(self, calls: int | None, timer: Callable[[], float]) -> None:
        self._calls = calls
        self._timer = timer
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str) -> None:
        """Count one call of a key.

        Raises:
            TooManyCallsError: It was one too many; it isn't counted.
        """
        if self._calls is None:
            return
        now = self._timer()
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - WINDOW_SECONDS:
            taken.popleft()
        if len(taken) >= self._calls:
            raise TooManyCallsError(max(1, math.ceil(taken[0] + WINDOW_SECONDS - now)))
        taken.append(now)
