from __future__ import annotations

from collections.abc import Iterator

import pytest
from console_world import World, fill, server, world_at


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A CDF with something of everything; tests only read it."""
    with server() as running:
        filled = world_at(running.url)
        fill(filled)
        yield filled
