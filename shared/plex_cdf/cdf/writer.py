"""Writing resources to CDF so that it ends right from any state of it: repeated, half done, or cleaned by hand.

Requests of at most a thousand items, one at a time, so that it is always known what was acknowledged. What is thought
new is created, what is thought known is updated; where CDF knows better, the request is split by what it says. A
request that CDF refuses for its content is halved until the bad item is alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from plex_cdf.cdf.api import CdfApi
from plex_cdf.cdf.classic import ASSETS, EVENTS, LEVELS, POINTS, READINGS, SEQUENCES, SERIES, WRITE_ORDER, Item, Kind
from plex_cdf.cdf.resolver import Resolver
from plex_cdf.deadline import Deadline
from plex_cdf.errors import RefusedError

ITEMS_PER_CALL = 1000
POINTS_PER_CALL = 10_000
# Of sequences; a cell is a value, an empty one too.
ROWS_PER_CALL, VALUES_PER_CALL = 10_000, 100_000
T = TypeVar("T")
# How often an item may change between create and update before it counts as refused.
_TURNS = 4


@dataclass(slots=True)
class Outcome:
    """What became of the items of a write, by item id.

    Attributes:
        done: Acknowledged items with the links that they lack.
        refused: Items that CDF refused, with its words.
        held: Items that were not sent, with the reason; a later run tries them again.
    """

    done: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)


class Writer:
    """Writes to one data set.

    Args:
        api: The way to CDF.
        resolver: Finds the ids of assets and of the data set.
        data_set: External id.
        deadline: Asked between requests.
    """

    def __init__(self, api: CdfApi, resolver: Resolver, data_set: str, deadline: Deadline) -> None:
        self._api = api
        self._resolver = resolver
        self._data_set = data_set
        self._deadline = deadline

    def write(self, creates: Sequence[Item], updates: Sequence[Item], now: int, outcome: Outcome) -> None:
        """Sends everything, filling the outcome as CDF acknowledges.

        Args:
            creates: Items that are thought to be new.
            updates: Items that are thought to exist.
            now: The timestamp of readings, ms.
            outcome: Filled also when this raises.

        Raises:
            OutOfTimeError: Between two requests; what is not in the outcome was not sent.
            TransientError: CDF cannot be reached; items may have arrived or not.
        """
        for kind in WRITE_ORDER:
            if kind in (READINGS, LEVELS, POINTS):
                self._each(self._insert(now), [*of(kind, creates), *of(kind, updates)], outcome, POINTS_PER_CALL)
                continue
            self._each(self._create, _parents_first(of(kind, creates)), outcome)
            # A table is made anew rather than changed cell by cell.
            update = self._replace if kind is SEQUENCES else self._update
            self._each(update, of(kind, updates), outcome)

    def lacking(self, items: Iterable[Item]) -> dict[str, tuple[str, ...]]:
        """The links of items whose assets are neither in CDF nor sent with them, by item id."""
        sent = list(items)
        coming = {item.external_id for item in of(ASSETS, sent)}
        known = self._resolver.assets({link for item in sent for link in item.links} - coming)
        return {
            item.id: left
            for item in sent
            if (left := tuple(link for link in item.links if link not in known and link not in coming))
        }

    def held(self, items: Iterable[Item]) -> dict[str, str]:
        """Assets whose parent is neither in CDF nor sent with them: item id and reason. Asked before they are sent."""
        assets = _parents_first(of(ASSETS, items))
        coming = {item.external_id for item in assets}
        known = self._resolver.assets({item.body["parentExternalId"] for item in assets} - coming)
        held: dict[str, str] = {}
        for item in assets:
            parent = item.body["parentExternalId"]
            if parent not in known and parent not in coming:
                held[item.id] = f"its parent asset {parent} is not in CDF yet"
                coming.discard(item.external_id)
        return held

    def _each(
        self,
        send: Callable[[list[Item], Outcome, int], None],
        items: Sequence[Item],
        outcome: Outcome,
        at_once: int = ITEMS_PER_CALL,
    ) -> None:
        for chunk in chunks(items, at_once):
            self._deadline.check()
            send(chunk, outcome, _TURNS)

    def _create(self, items: list[Item], outcome: Outcome, turns: int) -> None:
        bodies, lacking = self._with_ids(items)
        data_set = self._resolver.data_set(self._data_set)
        try:
            self._send(items[0].kind, items[0].kind.path, [{**body, "dataSetId": data_set} for body in bodies])
            if items[0].kind is SEQUENCES:
                self._fill(items)
        except RefusedError as error:
            there = named(error.duplicated)
            other = self._replace if items[0].kind is SEQUENCES else self._update
            self._divide(items, there, error, outcome, turns, self._create, other)
            return
        outcome.done.update(lacking)

    def _update(self, items: list[Item], outcome: Outcome, turns: int) -> None:
        bodies, lacking = self._with_ids(items)
        kind = items[0].kind
        updates = [{"externalId": body["externalId"], "update": _as_update(kind, body)} for body in bodies]
        try:
            self._send(kind, f"{kind.path}/update", updates)
        except RefusedError as error:
            gone = named(error.missing)
            self._divide(items, gone, error, outcome, turns, self._update, self._create)
            return
        outcome.done.update(lacking)

    def _replace(self, items: list[Item], outcome: Outcome, turns: int) -> None:
        gone = [{"externalId": item.external_id} for item in items]
        self._api.post("/sequences/delete", {"items": gone, "ignoreUnknownIds": True})
        self._create(items, outcome, turns)

    def _fill(self, items: list[Item]) -> None:
        """The rows of tables that were just created, as many in a request as its limits allow."""
        tables: list[dict[str, Any]] = []
        rows = values = 0
        for item in items:
            columns = [column["externalId"] for column in item.body["columns"]]
            lines = [{"rowNumber": number, "values": cells} for number, cells in enumerate(item.body["rows"])]
            for part in chunks(lines, min(ROWS_PER_CALL, VALUES_PER_CALL // len(columns))):
                more = len(part) * len(columns)
                if rows + len(part) > ROWS_PER_CALL or values + more > VALUES_PER_CALL:
                    self._api.send("/sequences/data", {"items": tables})
                    tables, rows, values = [], 0, 0
                tables.append({"externalId": item.external_id, "columns": columns, "rows": part})
                rows, values = rows + len(part), values + more
        self._api.send("/sequences/data", {"items": tables})

    def _send(self, kind: Kind, path: str, items: list[dict[str, Any]]) -> None:
        """Sends, and notes the ids of assets for links to them, which may have been asked for before they came."""
        if kind is not ASSETS:
            self._api.send(path, {"items": items})
            return
        for row in self._api.post(path, {"items": items})["items"]:
            self._resolver.learn(row["externalId"], row["id"])

    def _insert(self, now: int) -> Callable[[list[Item], Outcome, int], None]:
        def send(items: list[Item], outcome: Outcome, turns: int) -> None:
            points: dict[str, list[dict[str, Any]]] = {}
            for item in items:
                point = {"timestamp": item.body.get("timestamp", now), "value": item.body["value"]}
                points.setdefault(item.external_id, []).append(point)
            body = [{"externalId": series, "datapoints": found} for series, found in points.items()]
            try:
                self._api.send(POINTS.path, {"items": body})
            except RefusedError as error:
                self._divide(items, named(error.missing), error, outcome, turns, send, _refuse(error))
                return
            outcome.done.update((item.id, ()) for item in items)

        return send

    def _divide(
        self,
        items: list[Item],
        otherwise: set[str],
        error: RefusedError,
        outcome: Outcome,
        turns: int,
        again: Callable[[list[Item], Outcome, int], None],
        other: Callable[[list[Item], Outcome, int], None],
    ) -> None:
        """After a refusal: what CDF named goes the other way, the rest again; with nothing named, halves go again."""
        self._deadline.check()
        named = [item for item in items if item.external_id in otherwise]
        rest = [item for item in items if item.external_id not in otherwise]
        if named:
            if rest:
                again(rest, outcome, turns)
            # Without turns: CDF says both that it exists and that it does not. Some other data set may hold its id.
            (other if turns else _refuse(error))(named, outcome, turns - 1)
        elif len(items) == 1:
            _refuse(error)(items, outcome, turns)
        else:
            middle = len(items) // 2
            again(items[:middle], outcome, turns)
            again(items[middle:], outcome, turns)

    def _with_ids(self, items: Sequence[Item]) -> tuple[list[dict[str, Any]], dict[str, tuple[str, ...]]]:
        """Bodies with the ids that only CDF knows, and the links that could not be resolved."""
        ids = self._resolver.assets(link for item in items for link in item.links)
        bodies, lacking = [], {}
        for item in items:
            body = {"externalId": item.external_id, **item.body}
            if item.kind is SEQUENCES:
                del body["rows"]
            found = [ids[link] for link in item.links if link in ids]
            if item.kind is EVENTS and found:
                body["assetIds"] = found
            elif item.kind in (SERIES, SEQUENCES) and found:
                body["assetId"] = found[0]
            bodies.append(body)
            lacking[item.id] = tuple(link for link in item.links if link not in ids)
        return bodies, lacking


def _refuse(error: RefusedError) -> Callable[[list[Item], Outcome, int], None]:
    """What becomes of items that there is nothing more to try with."""

    def note(items: list[Item], outcome: Outcome, _turns: int) -> None:
        outcome.refused.update((item.id, str(error)) for item in items)

    return note


def of(kind: Kind, items: Iterable[Item]) -> list[Item]:
    """The items of one kind."""
    return [item for item in items if item.kind is kind]


def chunks(items: Sequence[T], at_once: int = ITEMS_PER_CALL) -> Iterable[list[T]]:
    """Items in portions that one request may hold."""
    return (list(items[start : start + at_once]) for start in range(0, len(items), at_once))


def named(identifiers: Iterable[Mapping[str, Any]]) -> set[str]:
    """The external ids that an error names."""
    return {identifier["externalId"] for identifier in identifiers if "externalId" in identifier}


def _parents_first(items: list[Item]) -> list[Item]:
    """Assets so that no chunk comes before its parents; all else as it is."""
    by_id = {item.external_id: item for item in items}

    def depth(item: Item) -> int:
        steps, seen = 0, {item.external_id}
        while (parent := by_id.get(item.body.get("parentExternalId", ""))) and parent.external_id not in seen:
            item, steps = parent, steps + 1
            seen.add(parent.external_id)
        return steps

    return sorted(items, key=depth)


def _as_update(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """An update that leaves the resource as a create would: Plex owns these fields, so absent ones are cleared."""
    update: dict[str, Any] = {}
    for name in kind.fields:
        if name in body:
            update[name] = {"set": body[name]}
        elif name == "assetIds":
            update[name] = {"set": []}
        elif name not in kind.required:
            update[name] = {"setNull": True}
    return update
