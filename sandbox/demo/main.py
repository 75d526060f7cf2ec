"""The demo, step by step."""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.demo import deploying, promises, terminal
from sandbox.demo.calls import Call
from sandbox.demo.counting import Content, count_writes
from sandbox.demo.hierarchy import build_tree
from sandbox.demo.passes import Pass, run_schedules, total_calls
from sandbox.demo.promises import Promise
from sandbox.demo.reading import Cdf, Plex
from sandbox.demo.report import FIGURES, Picture, render
from sandbox.demo.tenant import Tenant, changed_keys, read_tenant, size
from sandbox.demo.terminal import say, show
from sandbox.plex import Clock, Plant, generated_plants
from sandbox.up import ADMINISTRATOR, FOLDER, PROJECT, StandIns

FIRST_INSTANT = 0.6
"""How much of the plant's time has passed at pass 1: enough for closed jobs, open ones, and some still to come."""

SEED = 1


@dataclass
class Findings:
    """What the demo finds out on its way."""

    plant: str
    passes: list[Pass] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    tenants: list[Tenant] = field(default_factory=list)
    content: Content | None = None

    @property
    def calls(self) -> list[Call]:
        """The calls of all passes."""
        return total_calls(self.passes)

    def as_json(self) -> dict[str, Any]:
        """The JSON file: counted from what CDF holds and recorded, but for the calls' own figures."""
        assert self.content is not None  # noqa: S101 - the last step but one reads it
        first, _, third = self.passes
        before, after = self.tenants
        rows, changed = size(after), len(changed_keys(before, after))
        return {
            "counts": self.content.counts(after),
            "firstPass": {"writes": acknowledged_writes(first)},
            "secondPass": {"writes": all_writes(self.passes[1])},
            "thirdPass": {
                "writes": acknowledged_writes(third),
                "rows": rows,
                "changedRows": changed,
                "changedShare": round(changed / rows, 4) if rows else 0.0,
            },
            "promises": [{"name": one.name, "held": one.held, "detail": one.detail} for one in self.promises],
            "calls": [call.as_json() for call in self.calls],
        }


def demo(*, plant: Plant | None, json_file: Path | None, report: Path, keep: bool) -> int:
    """Do the whole job and report.

    Args:
        plant: The plant of a log; None generates one.
        json_file: Where the figures go, None for nowhere.
        report: Where the picture goes.
        keep: Whether to leave the stand-ins running at the end, until Ctrl-C.

    Returns:
        The exit code: 0 when every promise held.
    """
    chosen = plant or generated_plants(1, SEED)[0]
    begin, end = instants(chosen)
    FOLDER.mkdir(exist_ok=True)
    everybody = deploying.memberships()
    with StandIns([chosen], clock=Clock(begin), cron=False, memberships=everybody) as stand_ins:
        say(f"Plex at {stand_ins.plex_url}, CDF at {stand_ins.cdf_url}")
        findings = Findings(f"{chosen.code} (PCN {chosen.pcn}), {chosen.begins:%Y-%m-%d} to {end:%Y-%m-%d}")
        with reader(stand_ins) as cdf, Plex(stand_ins.plex_url, stand_ins.credentials.plex_key, chosen.pcn) as plex:
            try:
                _work(findings, stand_ins, cdf, plex, end)
            except deploying.DeployError as error:
                say(f"The demo ends early: {error}")
                return 1
        code = conclude(findings, json_file, report)
        if keep:
            say(f"Both keep running until Ctrl-C:\n{json.dumps(stand_ins.describe())}")
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
    return code


def instants(plant: Plant) -> tuple[datetime, datetime]:
    """The plants' time at the first and at the last pass: well inside the plant's history, and after its end."""
    begin = plant.begins + (plant.ends - plant.begins) * FIRST_INSTANT
    return begin.replace(second=0, microsecond=0), plant.ends + timedelta(minutes=1)


def reader(stand_ins: StandIns) -> Cdf:
    """A client of CDF beside the product's own, for looking."""
    secret = stand_ins.credentials.clients[ADMINISTRATOR]
    return Cdf(stand_ins.cdf_url, PROJECT, stand_ins.token_url, ADMINISTRATOR, secret)


def _work(findings: Findings, stand_ins: StandIns, cdf: Cdf, plex: Plex, end: datetime) -> None:
    pcn = stand_ins.plants[0].pcn
    _deploy_twice(findings, stand_ins, cdf)
    _run_pass(findings, cdf, plex, "the plant as it is")
    findings.tenants.append(read_tenant(plex))
    findings.promises.append(promises.holds_what_plex_holds(Content.read(cdf, pcn), findings.tenants[0], 1))
    second = _run_pass(findings, cdf, plex, "nothing has changed")
    plex.set_clock(end.isoformat())
    third = _run_pass(findings, cdf, plex, f"the plant's clock moved on to {end:%Y-%m-%d %H:%M}")
    before, after = findings.tenants[0], read_tenant(plex)
    findings.tenants.append(after)
    findings.content = content = Content.read(cdf, pcn)
    findings.promises += [
        promises.nothing_written(second.calls, all_writes(second)),
        promises.cheap_when_unchanged(second.calls),
        promises.only_changes_written(third.calls, third.requests, before, after),
        promises.holds_what_plex_holds(content, after, 3),
        promises.everything_linked(content, after),
        promises.operations_related(content, after),
        promises.progress_kept(content, before, after),
        promises.calls_succeeded(findings.calls),
    ]


def _deploy_twice(findings: Findings, stand_ins: StandIns, cdf: Cdf) -> None:
    with tempfile.TemporaryDirectory(prefix="demo-", dir=FOLDER) as folder:
        config = deploying.workspace(Path(folder), stand_ins.plex_url)
        variables = deploying.environment(stand_ins, deploying.facilities(config))
        deploying.admit_deployer(cdf)
        say("Staging, building and deploying with the cdf command line; the first time the functions' Python")
        say("environment is built too, which takes a minute …")
        _say_counts(deploying.deploy(config, variables))
        cdf.take_requests()
        say("Deploying once more …")
        _say_counts(deploying.deploy(config, variables))
        differences = deploying.differences(cdf.take_requests())
        findings.promises.append(promises.second_deploy_unchanged(differences))


def _say_counts(counts: dict[str, int]) -> None:
    say("  " + (", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing"))


def _run_pass(findings: Findings, cdf: Cdf, plex: Plex, what: str) -> Pass:
    number = len(findings.passes) + 1
    say(f"Pass {number}: {what} …")
    result = run_schedules(cdf, plex, number, lambda call: say(f"  {terminal.call_line(call)}"))
    findings.passes.append(result)
    return result


def conclude(findings: Findings, json_file: Path | None, report: Path) -> int:
    """Show what was found, write the files, and judge: the exit code."""
    assert findings.content is not None  # noqa: S101 - the work is done
    counts = findings.content.counts(findings.tenants[-1])
    show(terminal.call_table(findings.calls))
    show([line for root in build_tree(findings.content.assets) for line in terminal.tree_lines(root)])
    show(["In CDF: " + ", ".join(f"{count:,} {FIGURES[name]}" for name, count in counts.items())])
    show(terminal.promise_lines(findings.promises))
    if json_file:
        json_file.write_text(json.dumps(findings.as_json(), indent=2) + "\n", encoding="utf-8")
        say(f"Figures: {json_file}")
    picture = Picture(findings.plant, findings.content, counts, findings.calls, findings.promises)
    report.write_text(render(picture), encoding="utf-8")
    say(f"Report: {report}")
    broken = [promise.name for promise in findings.promises if not promise.held]
    if broken:
        say(f"Broken: {'; '.join(broken)}")
    return 1 if broken else 0


def all_writes(one: Pass) -> dict[str, int]:
    """Items in all write requests of a pass, refused ones included: where nothing changed, none may be tried."""
    return count_writes(one.requests, [call.call_id for call in one.calls])


def acknowledged_writes(one: Pass) -> dict[str, int]:
    """Items in the write requests of a pass that CDF accepted."""
    accepted = [request for request in one.requests if request["status"] < 300]
    return count_writes(accepted, [call.call_id for call in one.calls])
