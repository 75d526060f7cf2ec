"""Rows of classic resources that several tests write, and how they are listed."""

from __future__ import annotations

from typing import Any

from sandbox_cdf_client import AnyJson, Cdf

ENDS = {"sourceExternalId": "s", "sourceType": "asset", "targetExternalId": "t", "targetType": "event"}
"""Of a relationship; neither need exist."""


def tree(cdf: Cdf) -> dict[str, dict[str, Any]]:
    """Two trees: root > a > a1, root > b; other > o."""
    parents = {"root": None, "a": "root", "b": "root", "a1": "a", "other": None, "o": "other"}
    items = [
        {"externalId": name, "name": name} | ({"parentExternalId": parent} if parent else {})
        for name, parent in parents.items()
    ]
    return {row["externalId"]: row for row in cdf.items("/assets", *items)}


def listed(cdf: Cdf, path: str, **body: AnyJson) -> list[str]:
    """The external ids of a list."""
    status, answer = cdf.post(f"{path}/list", body)
    assert status == 200, answer
    return [row["externalId"] for row in answer["items"]]
