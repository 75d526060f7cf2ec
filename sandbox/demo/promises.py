"""What the demo promises, and whether it held."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.demo.calls import Call
from sandbox.demo.counting import ASSETS, EVENTS, Content, key_of, kind_of_write
from sandbox.demo.reading import Row
from sandbox.demo.tenant import OPEN_STATUSES, Tenant, changed_keys, referring_keys

NAMED = 5
"""How many offenders a message names; the rest it counts."""

MAX_CDF_CALLS = 10
"""What a function call may ask of CDF when nothing has changed."""

PERCENT_TOLERANCE = 0.01
"""How far a progress in percent may be off for having been rounded."""

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Promise:
    """One promise: what it says, whether it held, and the figures or offenders that show it."""

    name: str
    held: bool
    detail: str


def calls_succeeded(calls: Sequence[Call]) -> Promise:
    """No call failed or was skipped, and unfinished ones were finished by a later call."""
    bad: dict[str, list[str]] = {}
    for call in calls:
        if not call.is_good:
            bad.setdefault(f"{call.function}: {call.error or call.status}", []).append(str(call.number))
    detail = _named([f"{what} (pass {', '.join(numbers)})" for what, numbers in bad.items()])
    return Promise("Every call succeeded", not bad, detail or f"{len(calls)} function calls")


def holds_what_plex_holds(content: Content, tenant: Tenant, number: int) -> Promise:
    """The same keys on both sides, apart from rows that wait in quarantine.

    Args:
        content: What CDF holds.
        tenant: What Plex answered, read at the same instant.
        number: The pass after which they were read.
    """
    quarantine = json.dumps(content.quarantine)
    wrong = []
    for stream in (*EVENTS, *ASSETS):
        inside, expected = content.present[stream].keys(), tenant[stream].keys()
        wrong += [f"{stream} {key} is missing" for key in sorted(expected - inside) if key not in quarantine]
        wrong += [f"{stream} {key} is not in Plex" for key in sorted(inside - expected)]
    total = sum(len(content.present[stream]) for stream in (*EVENTS, *ASSETS))
    waiting = f", {len(content.quarantine):,} rows in quarantine" if content.quarantine else ""
    return Promise(f"CDF holds what Plex holds, pass {number}", not wrong, _named(wrong) or f"{total:,} rows{waiting}")


def everything_linked(content: Content, tenant: Tenant) -> Promise:
    """Every job event whose row names a part is linked to it, every job-operation event likewise to its workcenter."""
    unlinked = content.unlinked(tenant)
    events = [event for stream in EVENTS for event in content.present[stream].values()]
    without = sum(not event.get("assetIds") for event in events)
    said = f"{len(events) - without:,} events" + (f"; {without} name no part or workcenter" if without else "")
    return Promise("Every link that Plex names stands", not unlinked, _named(unlinked) or said)


def operations_related(content: Content, tenant: Tenant) -> Promise:
    """A relationship leads from each job to each of its operations."""
    ends = ("sourceExternalId", "targetExternalId")
    related = {tuple(key_of({"externalId": row[end]}) for end in ends) for row in content.relationships}
    jobs, operations = content.present["jobs"], tenant["jobOperations"]
    wanted = {(operations[key].get("jobId"), key) for key in content.present["jobOperations"] if key in operations}
    missing = [f"{key} to {job}" for job, key in sorted(wanted - related, key=str) if job in jobs]
    return Promise(
        "Every operation is related to its job", not missing, _named(missing) or f"{len(wanted):,} operations"
    )


def progress_kept(content: Content, seen: Tenant, now: Tenant) -> Promise:
    """Jobs that were seen open have a series whose last reading is their progress.

    Args:
        content: What CDF holds.
        seen: What Plex answered when they were open.
        now: What Plex answers at the same instant as CDF.
    """
    shown = {key_of({"externalId": name.removesuffix("_PROGRESS")}): value for name, value in content.latest.items()}
    wanted = {
        key: 100 * row["quantityCompleted"] / row["quantity"]
        for key, row in now["jobs"].items()
        if seen["jobs"].get(key, {}).get("jobStatus") in OPEN_STATUSES
        if row.get("quantity") and row.get("quantityCompleted") is not None
    }
    wrong = [
        f"{key}: {shown.get(key)} instead of {value:.2f} %"
        for key, value in wanted.items()
        if abs(shown.get(key, -1) - value) > PERCENT_TOLERANCE
    ]
    return Promise("Open jobs have their progress", not wrong, _named(wrong) or f"{len(wanted):,} series")


def nothing_written(calls: Sequence[Call], writes: Mapping[str, int]) -> Promise:
    """A pass with nothing changed did its work and wrote nothing."""
    wrong = _not_done(calls) + [f"{count} {kind}" for kind, count in writes.items() if count]
    return Promise("Nothing written for nothing, pass 2", not wrong, _named(wrong) or "0 writes of every kind")


def cheap_when_unchanged(calls: Sequence[Call]) -> Promise:
    """A call with nothing changed did its work at the cost of few CDF calls."""
    wrong = _not_done(calls) + [f"{one.function}: {one.cdf_calls}" for one in calls if one.cdf_calls > MAX_CDF_CALLS]
    most = max((call.cdf_calls for call in calls), default=0)
    name = f"At most {MAX_CDF_CALLS} CDF calls when nothing changed"
    return Promise(name, not wrong, _named(wrong) or f"{most} at the most")


def only_changes_written(calls: Sequence[Call], requests: Sequence[Row], before: Tenant, after: Tenant) -> Promise:
    """Every item that was written belongs to a row of Plex that changed, or that refers to one.

    Args:
        calls: The calls of the pass.
        requests: The records of the requests of the pass.
        before: What Plex answered before the pass that came first.
        after: What Plex answered at this pass.
    """
    changed = changed_keys(before, after)
    accepted = changed | referring_keys(after, changed)
    needless: set[str] = set()
    for request in requests:
        if kind_of_write(request) in {"assets", "events", "timeSeries", "datapoints", "relationships"}:
            items = [str(item.get("externalId")) for item in (request.get("body") or {}).get("items", [])]
            needless |= {item for item in items if not accepted & {key.lower() for key in UUID.findall(item)}}
    wrong = _not_done(calls) + sorted(needless)
    detail = _named(wrong) or f"{len(changed):,} changed rows of Plex"
    return Promise("Only what changed was written, pass 3", not wrong, detail)


def second_deploy_unchanged(differences: Sequence[str]) -> Promise:
    """A second deploy finds nothing to do.

    Args:
        differences: What it would create, change or delete, in words.
    """
    return Promise("A second deploy changes nothing", not differences, _named(differences) or "all unchanged")


def _not_done(calls: Sequence[Call]) -> list[str]:
    """Calls that did not do their work: what they left undone is no proof of anything."""
    return [f"{call.function} ended as {call.status}" for call in calls if not call.is_good]


def _named(offenders: Sequence[str]) -> str:
    more = f" and {len(offenders) - NAMED} more" if len(offenders) > NAMED else ""
    return ", ".join(offenders[:NAMED]) + more
