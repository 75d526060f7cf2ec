"""Which tests come first."""

import pytest

FIRST = ("demo", "tools", "contract_cli", "docs")
"""The folders with the longest modules. Whoever begins one of these at the end works on while all others have ended."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these folders first; pytest-xdist hands out modules in this order (`--no-loadscope-reorder`)."""
    items.sort(key=lambda item: FIRST.index(name) if (name := item.path.parent.name) in FIRST else len(FIRST))
