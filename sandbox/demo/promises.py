"""What the demo promises of calls and writes, and whether it held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.demo.calls import Call
from sandbox.demo.content import Content, pcn_of
from sandbox.demo.reading import Row
from sandbox.demo.writes import OTHER, Write, count_writes

NAMED = 5
"""How many offenders a message names; the rest it counts."""

MAX_CDF_CALLS = 10
"""What a function call may ask of CDF when nothing has changed."""


@dataclass(frozen=True)
class Promise:
    """One promise: what it says, whether it held, and the figures or offenders that show it."""

    name: str
    held: bool
    detail: str


def judged(name: str, offenders: Sequence[str], proof: str) -> Promise:
    """A promise that holds when nothing offends against it.

    Args:
        name: What it says.
        offenders: What offends.
        proof: The figures that show it otherwise.
    """
    return Promise(name, not offenders, named(offenders) or proof)


def together(each: Mapping[str, Promise]) -> Promise:
    """The same promise of several facilities, by their names: it holds when it holds in all of them."""
    promises = list(each.values())
    if len(promises) == 1:
        return promises[0]
    shown = {name: promise for name, promise in each.items() if not promise.held} or each
    detail = "; ".join(f"{name}: {promise.detail}" for name, promise in shown.items())
    return Promise(promises[0].name, all(promise.held for promise in promises), detail)


def calls_succeeded(calls: Sequence[Call]) -> Promise:
    """No call failed or was skipped, and unfinished ones were finished by a later call."""
    bad: dict[str, list[str]] = {}
    for call in calls:
        if not call.is_good:
            bad.setdefault(f"{call.function}: {call.error or call.status}", []).append(str(call.number))
    offenders = [f"{what} (pass {', '.join(numbers)})" for what, numbers in bad.items()]
    return judged("Every call succeeded", offenders, f"{len(calls)} function calls")


def nothing_written(calls: Sequence[Call]) -> Promise:
    """A pass with nothing changed did its work and wrote nothing but the upkeep of its runs."""
    writes = [write for call in calls for write in call.writes]
    wrong = [f"{count} {kind}" for kind, count in count_writes(writes).items() if count]
    wrong += sorted({write.path for write in writes if write.kind == OTHER})
    return judged(
        "Nothing written for nothing, pass 2",
        _not_done(calls) + wrong,
        "0 writes of every kind, beside each run's state row, lease and pipeline run",
    )


def cheap_when_unchanged(calls: Sequence[Call]) -> Promise:
    """A call with nothing changed did its work at the cost of few CDF calls."""
    wrong = _not_done(calls) + [f"{one.function}: {one.cdf_calls}" for one in calls if one.cdf_calls > MAX_CDF_CALLS]
    most = max((call.cdf_calls for call in calls), default=0)
    return judged(f"At most {MAX_CDF_CALLS} CDF calls when nothing changed", wrong, f"{most} at the most")


def only_changes_written(calls: Sequence[Call], before: Content, after: Content) -> Promise:
    """Everything that a pass wrote reads differently in CDF than before it.

    Args:
        calls: The calls of the pass.
        before: What CDF held before it.
        after: What CDF holds after it.
    """
    old, new = readings(before), readings(after)
    written = {name for call in calls for write in call.writes for name in write.ids if name and _is_data(write)}
    needless = sorted(name for name in written if old.get(name) == new.get(name))
    proof = f"{len(written):,} resources and datapoints, each of them changed"
    return judged("Only what changed was written, pass 3", _not_done(calls) + needless, proof)


def readings(content: Content) -> dict[str, object]:
    """What CDF holds under each name that a write may have: external ids, and `series@timestamp` of datapoints."""
    known: dict[str, object] = {}
    for rows in (content.assets, content.events, content.time_series, content.relationships, content.sequences):
        known |= {str(row.get("externalId")): {**row, "lastUpdatedTime": None} for row in rows}
    known |= {name: (known.get(name), lines) for name, lines in content.lines.items()}
    for series, points in content.points.items():
        known |= {f"{series}@{when}": value for when, value in points.items()}
    return known


def kept_apart(content: Content, data_sets: Mapping[int, str], calls: Sequence[Call]) -> Promise:
    """Every resource belongs to one facility, refers to things of it alone, and was written by its own calls.

    Args:
        content: All that CDF holds, of all facilities.
        data_sets: External ids of the data sets by id.
        calls: All calls.
    """
    owners = {row["id"]: pcn_of(row.get("externalId")) for row in content.assets}
    kinds = (content.assets, content.events, content.time_series, content.relationships, content.sequences)
    rows = [row for kind in kinds for row in kind]
    wrong = []
    for row in rows:
        pcn, name = pcn_of(row.get("externalId")), row.get("externalId")
        if pcn is None or any(other != pcn for other in _owners_named(row, owners)):
            wrong.append(f"{name} refers to another facility")
        if not data_sets.get(row.get("dataSetId", 0), "").startswith(f"plex_{pcn}_"):
            wrong.append(f"{name} is not in a data set of its facility")
    for call in calls:
        wrong += [f"{call.function} of {call.pcn} wrote {name}" for name in _foreign(call)]
    return judged("No facility reaches into another", wrong, f"{len(rows):,} resources, {len(calls)} calls")


def second_deploy_unchanged(differences: Sequence[str]) -> Promise:
    """A second deploy finds nothing to do.

    Args:
        differences: What it would create, change or delete, in words.
    """
    return judged("A second deploy changes nothing", differences, "all unchanged")


def named(offenders: Sequence[str]) -> str:
    """Some offenders by name, and the number of the others; nothing when there are none."""
    more = f" and {len(offenders) - NAMED} more" if len(offenders) > NAMED else ""
    return ", ".join(offenders[:NAMED]) + more


def _not_done(calls: Iterable[Call]) -> list[str]:
    """Calls that did not do their work: what they left undone is no proof of anything."""
    return [f"{call.function} ended as {call.status}" for call in calls if not call.is_good]


def _is_data(write: Write) -> bool:
    """Whether a write was accepted and what it wrote can be read again by its external id."""
    return write.is_accepted and write.kind not in {"fingerprints", OTHER}


def _owners_named(row: Row, owners: Mapping[int, int | None]) -> Iterator[int | None]:
    """The facilities of all that a resource refers to."""
    assets = [row.get("parentId"), row.get("assetId"), *(row.get("assetIds") or [])]
    yield from (owners.get(asset) for asset in assets if asset is not None)
    yield from (pcn_of(row[end]) for end in ("sourceExternalId", "targetExternalId") if end in row)
    for key, value in (row.get("metadata") or {}).items():
        if key.endswith(("ExternalId", "ExternalIds")):
            yield from (pcn_of(each) for each in value.split(", "))


def _foreign(call: Call) -> Iterator[str]:
    for write in call.writes:
        if "/raw/dbs/" in write.path and f"/raw/dbs/plex_{call.pcn}/" not in write.path:
            yield write.path
        yield from (name for name in write.ids if name and pcn_of(name) != call.pcn)
