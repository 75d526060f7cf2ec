"""What a run does to things that CDF holds already: look for them, complete their links, mark what has left Plex."""

from collections.abc import Iterable, Sequence
from typing import Any

from plex_cdf.cdf.api import CdfApi
from plex_cdf.cdf.classic import (
    ASSETS,
    BY_LETTER,
    EVENTS,
    POINTS,
    RELATIONSHIPS,
    SEQUENCES,
    SERIES,
    WRITE_ORDER,
    Item,
    Kind,
)
from plex_cdf.cdf.resolver import Resolver
from plex_cdf.cdf.writer import POINTS_PER_CALL, chunks, named, of
from plex_cdf.deadline import Deadline
from plex_cdf.errors import RefusedError
from plex_cdf.naming import iso


class Upkeep:
    """Changes to what was written before, known by its item id.

    Args:
        api: The way to CDF.
        resolver: Finds the ids of assets.
        deadline: Asked between requests.
    """

    def __init__(self, api: CdfApi, resolver: Resolver, deadline: Deadline) -> None:
        self._api = api
        self._resolver = resolver
        self._deadline = deadline

    def existing(self, item_ids: Iterable[str]) -> set[str]:
        """Which items are in CDF, whatever their content."""
        found: set[str] = set()
        by_kind: dict[Kind, list[str]] = {}
        for item_id in item_ids:
            by_kind.setdefault(BY_LETTER[item_id[0]], []).append(item_id[2:])
        for kind, external_ids in by_kind.items():
            if kind.path != POINTS.path:
                found |= {f"{kind.letter}:{row['externalId']}" for row in self._by_ids(kind, external_ids)}
        return found

    def link(self, lacking: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
        """Completes links whose assets are known to have arrived meanwhile; nothing is looked for.

        Args:
            lacking: Item ids with the external ids of the assets that they lack.

        Returns:
            The items that were completed, at least in part, with what they still lack.
        """
        ids = self._resolver.known(asset for assets in lacking.values() for asset in assets)
        completed: dict[str, tuple[str, ...]] = {}
        for kind in (SERIES, SEQUENCES, EVENTS):
            changes: dict[str, dict[str, Any]] = {}
            for item_id, assets in lacking.items():
                found = [ids[asset] for asset in assets if asset in ids]
                if found and BY_LETTER[item_id[0]] is kind:
                    changes[item_id] = (
                        {"assetIds": {"add": found}} if kind is EVENTS else {"assetId": {"set": found[0]}}
                    )
                    completed[item_id] = tuple(asset for asset in assets if asset not in ids)
            refused: dict[str, str] = {}
            self._change(kind, changes, refused)
            completed = {item_id: left for item_id, left in completed.items() if item_id not in refused}
        return completed

    def retire(self, item_ids: Iterable[str], now: int) -> dict[str, str]:
        """Marks what is no longer in Plex: events as retracted, assets as inactive; links, tables and datapoints go.

        Returns:
            The items whose marking CDF refused, with its words.
        """
        by_kind: dict[Kind, dict[str, dict[str, Any]]] = {}
        retracted = {"plexState": "retracted", "retractedTime": iso(now)}
        changes: dict[Kind, dict[str, Any]] = {
            ASSETS: {"metadata": {"add": {"plexState": "inactive"}}},
            EVENTS: {"metadata": {"add": retracted}, "subtype": {"set": "retracted"}},
        }
        for item_id in item_ids:
            kind = BY_LETTER[item_id[0]]
            by_kind.setdefault(kind, {})[item_id] = changes.get(kind, {})
        refused: dict[str, str] = {}
        self._change(ASSETS, by_kind.get(ASSETS, {}), refused)
        self._change(EVENTS, by_kind.get(EVENTS, {}), refused)
        for kind in (RELATIONSHIPS, SEQUENCES):
            for chunk in chunks(list(by_kind.get(kind, {}))):
                self._deadline.check()
                items = [{"externalId": item_id[2:]} for item_id in chunk]
                try:
                    self._api.post(f"{kind.path}/delete", {"items": items, "ignoreUnknownIds": True})
                except RefusedError as error:
                    refused.update(dict.fromkeys(chunk, str(error)))
        for chunk in chunks(list(by_kind.get(POINTS, {})), POINTS_PER_CALL):
            self._deadline.check()
            self._remove_points(chunk, refused)
        return refused

    def current(self, items: Sequence[Item]) -> dict[str, dict[str, Any]]:
        """What CDF holds of the items now, by item id."""
        return {
            f"{kind.letter}:{row['externalId']}": row
            for kind in WRITE_ORDER
            if kind.path != POINTS.path
            for row in self._by_ids(kind, [item.external_id for item in of(kind, items)])
        }

    def _change(self, kind: Kind, changes: dict[str, dict[str, Any]], refused: dict[str, str]) -> None:
        """Sends changes to known items; what is no longer in CDF is left out, what CDF refuses is noted."""
        for chunk in chunks(list(changes)):
            self._deadline.check()
            self._change_some(kind, {item_id: changes[item_id] for item_id in chunk}, refused)

    def _change_some(self, kind: Kind, changes: dict[str, dict[str, Any]], refused: dict[str, str]) -> None:
        items = [{"externalId": item_id[2:], "update": update} for item_id, update in changes.items()]
        if not items:
            return
        try:
            self._api.send(f"{kind.path}/update", {"items": items})
        except RefusedError as error:
            gone = {f"{kind.letter}:{external_id}" for external_id in named(error.missing)} & changes.keys()
            left = [(item_id, update) for item_id, update in changes.items() if item_id not in gone]
            self._deadline.check()
            if gone:
                self._change_some(kind, dict(left), refused)
            elif len(left) == 1:
                refused[left[0][0]] = str(error)
            else:
                self._change_some(kind, dict(left[: len(left) // 2]), refused)
                self._change_some(kind, dict(left[len(left) // 2 :]), refused)

    def _remove_points(self, item_ids: list[str], refused: dict[str, str]) -> None:
        """Removes datapoints; those of a series that is no longer in CDF are gone."""
        items = []
        for item_id in item_ids:
            series, _, instant = item_id[2:].rpartition("@")
            items.append({"externalId": series, "inclusiveBegin": int(instant), "exclusiveEnd": int(instant) + 1})
        if not items:
            return
        try:
            self._api.post(f"{POINTS.path}/delete", {"items": items})
        except RefusedError as error:
            gone = named(error.missing)
            left = [item_id for item_id in item_ids if item_id[2:].rpartition("@")[0] not in gone]
            if len(left) < len(item_ids):
                self._remove_points(left, refused)
            else:
                refused.update(dict.fromkeys(item_ids, str(error)))

    def _by_ids(self, kind: Kind, external_ids: Sequence[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for chunk in chunks(external_ids):
            self._deadline.check()
            items = [{"externalId": external_id} for external_id in chunk]
            rows += self._api.post(f"{kind.path}/byids", {"items": items, "ignoreUnknownIds": True})["items"]
        return rows
