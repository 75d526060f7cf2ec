"""Why a dry run would update something: the values that differ."""

from typing import Any

from plex_cdf.cdf.classic import DATAPOINTS, Item


def explain_update(item: Item, current: dict[str, Any] | None) -> dict[str, Any]:
    """The item's id with each value that would change: what CDF holds now, and what it would hold."""
    if item.kind is DATAPOINTS:
        return {"externalId": item.external_id, "why": {"value": ["another", item.body["value"]]}}
    if current is None:
        return {"externalId": item.external_id, "why": "it is no longer in CDF"}
    now, then = _flat(item, current), _flat(item, item.body)
    changes = {
        key: [now.get(key), then.get(key)] for key in sorted(now.keys() | then.keys()) if now.get(key) != then.get(key)
    }
    return {"externalId": item.external_id, "why": changes or "its links"}


def _flat(item: Item, body: dict[str, Any]) -> dict[str, Any]:
    fields = {
        name: body[name]
        for name in item.kind.fields
        if name in body and name not in ("metadata", "assetIds", "assetId")
    }
    return fields | {f"metadata.{key}": value for key, value in body.get("metadata", {}).items()}
