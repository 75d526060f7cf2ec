from collections.abc import Iterator
from pathlib import Path

import pytest
from bench import Bench, bench
from shop import Shop


@pytest.fixture
def facility(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


@pytest.fixture
def shop(facility: Bench) -> Shop:
    return Shop(facility)
